// node swagger-ui.mjs CHROMIUM BASE_URL OPERATION [NAME=VALUE | NAME+ ...]: expands the operation, fills in
// (NAME+ adds an item to a list and leaves it as it comes), executes; prints what is shown.
import { open, sections } from './browser.mjs';

const [, , chromium, baseUrl, operation, ...values] = process.argv;
const { page, complaints, foreign, shoot, close } = await open(chromium, baseUrl);
try {
  await page.goto(`${baseUrl}/swagger/index.html`);
  const block = page.locator(`.opblock[id$="-${operation}"]`);
  await page.locator('.opblock').first().waitFor();
  const title = await page.locator('.info .title').innerText();
  await shoot('swagger-ui');
  let operations = 0, home = null;
  for (const section of await sections(page)) {
    await section.click();
    await page.locator('.opblock').first().waitFor();
    operations += await page.locator('.opblock').count();
    if (await block.count() > 0) home = section;
    await section.click();
    await page.locator('.opblock').first().waitFor({ state: 'detached' });
  }
  await home.click();

  await block.locator('.opblock-summary-control').click();
  const execute = block.getByRole('button', { name: 'Execute' });
  await execute.waitFor();
  for (const value of values) {
    const [name, text] = value.split(/=|\+$/);
    const row = block.locator(`tr[data-param-name="${name}"]`);
    if (value.endsWith('+')) await row.getByRole('button', { name: 'Add' }).click();
    else await row.locator('input').fill(text);
  }
  const filled = await block.locator('tr[data-param-name]').evaluateAll((rows) => Object.fromEntries(rows
    .map((row) => [row.dataset.paramName, row.querySelector('input, select, textarea')?.value ?? ''])
    .filter(([, value]) => value !== '')));
  await execute.click();
  const answer = block.locator('.live-responses-table');
  await answer.waitFor();
  const status = await answer.locator('tbody .response-col_status').first().innerText();
  const url = await block.locator('.request-url pre').innerText();
  const body = await answer.locator('tbody .response-col_description .highlight-code code').first().innerText();
  await shoot(`swagger-ui-${operation}`);
  await block.locator('.live-responses-table').scrollIntoViewIfNeeded();
  await shoot(`swagger-ui-${operation}-answer`);
  console.log(JSON.stringify({ title, operations, filled, status: parseInt(status), url, body, complaints, foreign }));
} finally {
  await close();
}
