// node confirm.mjs CHROMIUM BASE_URL LINK: answers over a confirm link as the operator of a site would; prints what is shown.
import { AxeBuilder } from '@axe-core/playwright';
import { open } from './browser.mjs';

const [, , chromium, baseUrl, link] = process.argv;
const { page, complaints, foreign, shoot, close } = await open(chromium, baseUrl);
try {
  const answered = () => page.waitForResponse((response) => response.request().method() === 'POST');
  const message = page.locator('#message');
  const errors = async () => Object.fromEntries(await page.locator('form .error').evaluateAll((all) => all.filter((one) => one.textContent).map((one) => [one.id, one.textContent])));
  const seen = {};
  await page.goto(link);
  await page.locator('#entry').waitFor();
  seen.address = page.url();
  seen.name = await page.locator('#name').innerText();
  seen.facts = await page.locator('#facts').innerText();
  seen.language = await page.getAttribute('html', 'lang');

  await page.getByRole('button', { name: 'Send proposal' }).click();
  seen.nothing = await message.innerText();

  await page.getByLabel('Website').fill('example.org');
  await page.getByLabel('Opening hours').fill('<b>Mo–Do</b> 10–16 Uhr');
  await Promise.all([answered(), page.getByRole('button', { name: 'Send proposal' }).click()]);
  await page.locator('#website-error:not(:empty)').waitFor();
  seen.errors = await errors();
  seen.focus = await page.evaluate(() => document.activeElement.id);
  seen.described = await page.getByLabel('Website').getAttribute('aria-describedby');
  await shoot('confirm-errors', { fullPage: true });
  seen.violations = (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);

  await page.getByLabel('Website').fill('https://example.org/laden');
  await page.getByLabel('Status').selectOption('paused');
  await page.getByLabel('Remark').fill('Seit Mai');
  await Promise.all([answered(), page.getByRole('button', { name: 'Send proposal' }).click()]);
  await page.getByText('received your proposal').waitFor();
  seen.proposed = await message.innerText();
  seen.errorsAfterwards = await errors();

  await page.getByRole('button', { name: 'Deutsch' }).click();
  seen.german = await page.locator('h1').innerText();
  await Promise.all([answered(), page.getByRole('button', { name: 'Stimmt so' }).click()]);
  await page.getByText('als bestätigt').waitFor();
  seen.confirmed = await message.innerText();
  await shoot('confirm-done', { fullPage: true });

  // Another link, pasted into the same window.
  await page.evaluate(() => { location.hash = 'aoc_wrong'; });
  await page.getByText('Diesen Link gibt es nicht').waitFor();
  seen.hidden = await page.locator('#entry').isHidden();
  console.log(JSON.stringify({ ...seen, complaints, foreign }));
} finally {
  await close();
}
