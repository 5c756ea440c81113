// node swagger-ui-all.mjs CHROMIUM BASE_URL KEY: authorizes with the key as a visitor would, then executes every operation as Swagger UI fills it in; prints the status of each.
import { open, sections } from './browser.mjs';

const [, , chromium, baseUrl, key] = process.argv;
const { page, complaints, foreign, shoot, close } = await open(chromium, baseUrl);

/** Swagger UI draws everything again with each action, and the more so the more answers it shows: after so many operations a new page is faster. */
const operationsPerPage = 40;

/** What takes most of the drawing and has no part in filling in and executing: prose, colours, documentation of responses. Other checks see the whole page. */
const withoutProse = `() => ({ wrapComponents: {
  Markdown: () => () => null,
  curl: () => () => null,
  response: () => () => null,
  responseBody: () => () => null,
  HighlightCode: (original, system) => (props) => system.React.createElement('pre', null, props.children),
} })`;
await page.route('**/swagger/index.js', async (route) => {
  const response = await route.fetch();
  const start = 'const ui = SwaggerUIBundle(configObject)';
  const script = await response.text();
  if (!script.includes(start)) throw new Error(`index.js has no "${start}"`);
  await route.fulfill({ response, body: script.replace(start, `configObject.plugins = [${withoutProse}];\n    ${start}`) });
});

/** The element's own click. A mouse click, which other checks make, first waits until a page that is still drawing has come to rest. */
const click = (locator) => locator.evaluate((element) => element.click());

/** An operation takes its values in only when its references are resolved, shortly after it was opened. */
const isResolved = (block) => page.waitForFunction((element) => {
  const path = element.querySelector('.opblock-summary-path').dataset.path;
  const method = element.querySelector('.opblock-summary-method').textContent.toLowerCase();
  return window.ui.getSystem().specSelectors.specResolvedSubtree(['paths', path, method])
    && new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))));
}, block);

async function openAuthorized() {
  // Not from one page to the same page with another fragment, which would load nothing.
  await page.goto('about:blank');
  await page.goto(`${baseUrl}/swagger/index.html`);
  await page.locator('.opblock').first().waitFor();
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  const dialog = page.locator('.dialog-ux .auth-container', { hasText: 'apiKey' });
  await dialog.locator('input').fill(key);
  await shoot('swagger-ui-authorize');
  await dialog.getByRole('button', { name: 'Apply credentials' }).click();
  await page.locator('.dialog-ux').getByRole('button', { name: 'Close' }).first().click();
  return sections(page);
}

try {
  const answers = {};
  let all = await openAuthorized();
  for (let i = 0, onPage = 0; i < all.length; i++) {
    if (onPage > operationsPerPage) [all, onPage] = [await openAuthorized(), 0];
    await click(all[i]);
    await page.locator('.opblock').first().waitFor();
    const ids = await page.locator('.opblock').evaluateAll((blocks) => blocks.map((block) => block.id));
    // It would end the survey that the others post to.
    for (const id of ids.filter((id) => !id.endsWith('-closeSurveyVersion'))) {
      const block = page.locator(`[id="${id}"]`);
      const summary = block.locator('.opblock-summary-control');
      const execute = block.getByRole('button', { name: 'Execute' });
      await click(summary);
      await execute.waitFor();
      await isResolved(await block.elementHandle());
      await click(execute);
      // Either an answer, or what Swagger UI itself has against the values.
      const outcome = block.locator('.live-responses-table tbody .response-col_status, .validation-errors').first();
      await outcome.waitFor();
      answers[id] = (await outcome.innerText()).trim().split(/\s/)[0];
      await click(summary);
      await execute.waitFor({ state: 'detached' });
      onPage++;
    }
    await click(all[i]);
    await page.locator('.opblock').first().waitFor({ state: 'detached' });
  }
  console.log(JSON.stringify({ answers, complaints, foreign }));
} finally {
  await close();
}
