// node accessible.mjs CHROMIUM BASE_URL PATH light|dark: prints what axe-core finds on the page.
import { AxeBuilder } from '@axe-core/playwright';
import { open } from './browser.mjs';

const [, , chromium, baseUrl, path, colorScheme] = process.argv;
const { page, complaints, foreign, shoot, close } = await open(chromium, baseUrl, colorScheme);
try {
  await page.goto(baseUrl + path);
  await shoot(`page${path.replaceAll('/', '-')}-${colorScheme}`, { fullPage: true });
  const { violations, passes } = await new AxeBuilder({ page }).analyze();
  // At 320 CSS pixels, which is 400 % zoom, nothing may need scrolling sideways (WCAG 1.4.10).
  await page.setViewportSize({ width: 320, height: 800 });
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  await shoot(`page${path.replaceAll('/', '-')}-${colorScheme}-narrow`, { fullPage: true });
  console.log(JSON.stringify({
    title: await page.title(),
    language: await page.getAttribute('html', 'lang'),
    passes: passes.length,
    violations: violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`),
    sideways,
    complaints,
    foreign,
  }));
} finally {
  await close();
}
