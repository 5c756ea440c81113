// Opens Debian's (or any) Chromium and keeps a record of everything a visitor would not see.
import { chromium } from 'playwright-core';

/**
 * One browser with one page.
 * @param {string} executablePath
 * @param {string} baseUrl  the only address the pages may speak to
 */
export async function open(executablePath, baseUrl) {
  const browser = await launch(executablePath);
  return { ...await visit(browser, baseUrl), close: () => browser.close() };
}

/** @param {string} executablePath */
export const launch = (executablePath) => chromium.launch({
  executablePath,
  args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/**
 * A page of a new visitor, who has nothing in store.
 * @param {import('playwright-core').Browser} browser
 * @param {string} baseUrl
 * @param {'light' | 'dark'} colorScheme
 */
export async function visit(browser, baseUrl, colorScheme = 'light') {
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

  return { page, complaints, foreign, shoot };
}

/** Closes every section of Swagger UI. With this many operations it draws only what is in sight, and all of it once few are open. */
export async function sections(page) {
  await page.locator('.opblock-tag').first().waitFor();
  const open = page.locator('.opblock-tag[data-is-open="true"]');
  while (await open.count() > 0) await open.first().click();
  return page.locator('.opblock-tag').all();
}
