// node guide.mjs CHROMIUM BASE_URL: answers the decision guide by keyboard alone, as a head of department would; prints what is shown.
import { AxeBuilder } from '@axe-core/playwright';
import { open } from './browser.mjs';

const [, , chromium, baseUrl] = process.argv;
const { page, complaints, foreign, shoot, close } = await open(chromium, baseUrl);
const violations = async () => (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
const sideways = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent);
/** Tab until a control has the focus, then press. */
async function reach(id, key) {
  for (let i = 0; i < 200; i++) {
    if (await focused() === id) return key ? page.keyboard.press(key) : undefined;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${id} cannot be reached by keyboard`);
}

try {
  const seen = { steps: [], violations: [] };
  await page.goto(`${baseUrl}/guide`);
  await page.locator('#form').waitFor();
  seen.language = await page.getAttribute('html', 'lang');
  await reach('municipality');
  await page.keyboard.type('16053000');
  await page.locator('#known:not(:empty)').waitFor();
  seen.known = await page.locator('#known').innerText();
  await reach('goals-participation', 'Space');
  await reach('goals-networking', 'Space');
  await reach('target-groups-general-public', 'Space');
  const steps = 4;
  for (let step = 1; step <= steps; step++) {
    seen.steps.push(await page.locator('#progress').innerText());
    seen.violations.push(...await violations());
    if (step === 2) await reach('formats-workshops', 'Space');
    if (step === 2) seen.area = await page.locator('#area-large-city').isChecked();
    if (step === steps) break;
    await reach('next', 'Enter');
    await page.waitForFunction((text) => document.getElementById('progress').textContent !== text, seen.steps.at(-1));
  }
  await shoot('guide-form', { fullPage: true });
  await reach('next', 'Enter');
  await page.locator('#result').waitFor();
  seen.focus = await focused();
  seen.verdict = await page.locator('#verdict').innerText();
  seen.types = await page.locator('#ranking h3').allInnerTexts();
  seen.rows = await page.locator('#ranking > li').first().locator('tbody tr').count();
  seen.near = await page.locator('#near li').count();
  seen.marks = await page.locator('#map g').count();
  seen.violations.push(...await violations());
  seen.sideways = await sideways();
  await page.setViewportSize({ width: 320, height: 640 });
  seen.sidewaysNarrow = await sideways();
  await shoot('guide-result-narrow', { fullPage: true });
  await page.setViewportSize({ width: 1000, height: 900 });
  await page.emulateMedia({ colorScheme: 'dark' });
  seen.violations.push(...await violations());
  await shoot('guide-result', { fullPage: true });

  // The link shows the same to whoever gets it, in either language.
  const link = page.url();
  await page.goto('about:blank');
  await page.goto(link);
  await page.locator('#result').waitFor();
  seen.again = await page.locator('#verdict').innerText();
  await page.getByRole('button', { name: 'Deutsch' }).click();
  seen.german = await page.locator('h1').innerText();
  seen.germanTypes = await page.locator('#ranking h3').count();
  console.log(JSON.stringify({ ...seen, complaints, foreign }));
} finally {
  await close();
}
