// node accessible.mjs CHROMIUM BASE_URL PATH...: prints what axe-core finds on each page, by "PATH light" and "PATH dark".
import { AxeBuilder } from '@axe-core/playwright';
import { launch, visit } from './browser.mjs';

const [, , chromium, baseUrl, ...paths] = process.argv;
const browser = await launch(chromium);
try {
  const seen = {};
  for (const path of paths) {
    for (const colorScheme of ['light', 'dark']) {
      const { page, complaints, foreign, shoot } = await visit(browser, baseUrl, colorScheme);
      await page.goto(baseUrl + path);
      await shoot(`page${path.replaceAll('/', '-')}-${colorScheme}`, { fullPage: true });
      const { violations, passes } = await new AxeBuilder({ page }).analyze();
      // At 320 CSS pixels, which is 400 % zoom, nothing may need scrolling sideways (WCAG 1.4.10).
      await page.setViewportSize({ width: 320, height: 800 });
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
      await shoot(`page${path.replaceAll('/', '-')}-${colorScheme}-narrow`, { fullPage: true });
      seen[`${path} ${colorScheme}`] = {
        title: await page.title(),
        language: await page.getAttribute('html', 'lang'),
        passes: passes.length,
        violations: violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`),
        sideways,
        complaints,
        foreign,
      };
      await page.context().close();
    }
  }
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
