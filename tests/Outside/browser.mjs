// Opens Debian's (or any) Chromium and keeps a record of everything a visitor would not see.
import { chromium } from 'playwright-core';

/**
 * @param {string} executablePath
 * @param {string} baseUrl  the only address the pages may speak to
 * @param {'light' | 'dark'} colorScheme
 */
export async function open(executablePath, baseUrl, colorScheme = 'light') {
  const browser = await chromium.launch({
    executablePath,
    args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints = [];
  const foreign = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (['http:', 'https:', 'ws:', 'wss:'].includes(protocol) && origin !== new URL(baseUrl).origin) foreign.push(request.url());
  });

  /** With ANKERORTE_SCREENSHOTS=folder a developer can look at what the browser saw. */
  const shoot = async (name, options = {}) => {
    const folder = process.env.ANKERORTE_SCREENSHOTS;
    if (folder) await page.screenshot({ path: `${folder}/${name}.png`, ...options });
  };

  return { page, complaints, foreign, shoot, close: () => browser.close() };
}

/** Closes every section of Swagger UI. With this many operations it draws only what is in sight, and all of it once few are open. */
export async function sections(page) {
  await page.locator('.opblock-tag').first().waitFor();
  const open = page.locator('.opblock-tag[data-is-open="true"]');
  while (await open.count() > 0) await open.first().click();
  return page.locator('.opblock-tag').all();
}
