// node release.mjs CHROMIUM BASE_URL LINK: decides over a one-time link as a participant would; prints what is shown.
import { AxeBuilder } from '@axe-core/playwright';
import { open } from './browser.mjs';

const [, , chromium, baseUrl, link] = process.argv;
const { page, complaints, foreign, shoot, close } = await open(chromium, baseUrl);
try {
  const message = page.locator('#message');
  const seen = {};
  await page.goto(link);
  await page.locator('#form').waitFor();
  seen.address = page.url();
  seen.quotes = await page.locator('blockquote').allInnerTexts();
  await page.getByRole('button', { name: 'Send answer' }).click();
  seen.nothing = await message.innerText();
  seen.violations = (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
  await page.getByRole('group', { name: 'Passage 1' }).getByLabel('May be published').check();
  await page.getByRole('group', { name: 'Passage 2' }).getByLabel('May not be published').check();
  await page.getByRole('button', { name: 'Deutsch' }).click();
  seen.german = await page.locator('h1').innerText();
  // What was chosen stays chosen in the other language.
  seen.kept = await page.getByRole('group', { name: 'Textstelle 2' }).getByLabel('Darf nicht erscheinen').isChecked();
  await shoot('release', { fullPage: true });
  await page.getByRole('button', { name: 'Antwort senden' }).click();
  await page.getByText('gilt ab sofort').waitFor();
  seen.done = await message.innerText();
  seen.hidden = await page.locator('#form').isHidden();
  // Used up.
  await page.goto('about:blank');
  await page.goto(link);
  await page.locator('#message:not(:empty)').waitFor();
  seen.again = await page.locator('#form').isHidden();
  console.log(JSON.stringify({ ...seen, complaints, foreign }));
} finally {
  await close();
}
