// node swagger-ui.mjs CHROMIUM BASE_URL REQUEST...: executes requests, one after the other, on one page; prints what is shown.
// REQUEST: OPERATION [NAME=VALUE | NAME+ ...], separated by spaces; NAME+ adds an item to a list and leaves it as it comes.
import { open, sections } from './browser.mjs';

const [, , chromium, baseUrl, ...requests] = process.argv;
const { page, complaints, foreign, shoot, close } = await open(chromium, baseUrl);
try {
  await page.goto(`${baseUrl}/swagger/index.html`);
  await page.locator('.opblock').first().waitFor();
  const title = await page.locator('.info .title').innerText();
  await shoot('swagger-ui');
  const home = {};
  for (const section of await sections(page)) {
    await section.click();
    await page.locator('.opblock').first().waitFor();
    for (const id of await page.locator('.opblock').evaluateAll((blocks) => blocks.map((block) => block.id))) home[id.split('-').at(-1)] = section;
    await section.click();
    await page.locator('.opblock').first().waitFor({ state: 'detached' });
  }

  const answers = {};
  for (const request of requests) {
    const [operation, ...values] = request.split(' ');
    const complaintsBefore = complaints.length;
    const block = page.locator(`.opblock[id$="-${operation}"]`);
    await home[operation].click();
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
    answers[operation] = { filled, status: parseInt(status), url, body, complaints: complaints.slice(complaintsBefore), foreign };
    await home[operation].click();
    await block.waitFor({ state: 'detached' });
  }
  console.log(JSON.stringify({ title, operations: Object.keys(home).length, answers, complaints, foreign }));
} finally {
  await close();
}
