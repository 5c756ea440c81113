// node swagger-ui-all.mjs CHROMIUM BASE_URL KEY: authorizes with the key as a visitor would, then executes every operation as Swagger UI fills it in; prints the status of each.
import { open, sections } from './browser.mjs';

const [, , chromium, baseUrl, key] = process.argv;
const { page, complaints, foreign, shoot, close } = await open(chromium, baseUrl);
try {
  await page.goto(`${baseUrl}/swagger/index.html`);
  await page.locator('.opblock').first().waitFor();
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  const dialog = page.locator('.dialog-ux .auth-container', { hasText: 'apiKey' });
  await dialog.locator('input').fill(key);
  await shoot('swagger-ui-authorize');
  await dialog.getByRole('button', { name: 'Apply credentials' }).click();
  await page.locator('.dialog-ux').getByRole('button', { name: 'Close' }).first().click();
  const answers = {};
  const ids = [];
  for (const section of await sections(page)) {
    await section.click();
    await page.locator('.opblock').first().waitFor();
    ids.push(...await page.locator('.opblock').evaluateAll((blocks) => blocks.map((block) => block.id)));
    await section.click();
    await page.locator('.opblock').first().waitFor({ state: 'detached' });
  }
  let shown = null;
  for (const id of ids) {
    // It would end the survey that the others post to.
    if (id.endsWith('-closeSurveyVersion')) continue;
    const block = page.locator(`[id="${id}"]`);
    if (await block.count() === 0) {
      if (shown) await shown.click();
      // operations-Name_of_the_section-operation
      shown = page.locator(`[id="operations-tag-${id.split('-').slice(1, -1).join('-')}"]`);
      await shown.click();
      await block.waitFor();
    }
    const summary = block.locator('.opblock-summary-control');
    await summary.click();
    await block.getByRole('button', { name: 'Execute' }).click();
    // Either an answer, or what Swagger UI itself has against the values.
    const outcome = block.locator('.live-responses-table tbody .response-col_status, .validation-errors').first();
    await outcome.waitFor();
    answers[id] = (await outcome.innerText()).trim().split(/\s/)[0];
    await summary.click();
  }
  console.log(JSON.stringify({ answers, complaints, foreign }));
} finally {
  await close();
}
