// node swagger-ui-all.mjs CHROMIUM BASE_URL KEY: authorizes with the key as a visitor would, then executes every operation as Swagger UI fills it in; prints the status of each.
import { open } from './browser.mjs';

const [, , chromium, baseUrl, key] = process.argv;
const { page, complaints, foreign, shoot, close } = await open(chromium, baseUrl);
const contract = await (await fetch(`${baseUrl}/openapi.json`)).json();
const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** Swagger UI looks through the whole document with each action: of one operation and what it refers to, this costs little. */
function documentOf({ path, method }) {
  const item = contract.paths[path];
  const paths = { [path]: Object.fromEntries(Object.entries(item).filter(([name]) => name === method || !methods.includes(name))) };
  const components = { securitySchemes: contract.components.securitySchemes };
  (function add(node) {
    if (node === null || typeof node !== 'object') return;
    if (typeof node.$ref === 'string') {
      const [, , kind, name] = node.$ref.split('/');
      components[kind] ??= {};
      if (!components[kind][name]) add(components[kind][name] = contract.components[kind][name]);
    }
    Object.values(node).forEach(add);
  })(paths);
  return JSON.stringify({ ...contract, tags: contract.tags.filter(({ name }) => item[method].tags.includes(name)), paths, components });
}

const operations = Object.entries(contract.paths).flatMap(([path, item]) => methods.filter((method) => item[method])
  .map((method) => ({ path, method, id: item[method].operationId, tag: item[method].tags[0] })))
  // It would end the survey that the others post to.
  .filter(({ id }) => id !== 'closeSurveyVersion');
// In the order in which Swagger UI shows them.
const place = ({ tag }) => contract.tags.findIndex(({ name }) => name === tag);
operations.sort((a, b) => place(a) - place(b));

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
  const lighter = `Object.assign(configObject, { plugins: [${withoutProse}], deepLinking: false, defaultModelsExpandDepth: -1 });`;
  await route.fulfill({ response, body: script.replace(start, `${lighter}\n    ${start}`) });
});
await page.route('**/openapi.yaml', (route) => route.fulfill({ contentType: 'application/json', body: documentOf(operations[0]) }));

/** Runs in the page: lets Swagger UI show the document, opens its one operation, executes it, and returns the status shown. */
async function execute({ text, path, method, id }) {
  const system = window.ui.getSystem();
  const shown = (selector) => document.querySelector(`.opblock[id$="-${id}"] ${selector}`);
  const drawn = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const until = async (what, find) => {
    for (const end = performance.now() + 60_000; performance.now() < end; await drawn()) {
      const found = find();
      if (found) return found;
    }
    throw new Error(`${id}: no ${what} within a minute`);
  };
  system.specActions.updateSpec(text);
  const summary = await until('operation', () => document.querySelectorAll('.opblock').length === 1 && shown('.opblock-summary-control'));
  summary.click();
  const button = await until('button', () => shown('.execute'));
  // An operation takes its values in only when its references are resolved, shortly after it was opened.
  await until('resolved references', () => system.specSelectors.specResolvedSubtree(['paths', path, method]));
  await drawn();
  await drawn();
  (button.isConnected ? button : shown('.execute')).click();
  // Either an answer, or what Swagger UI itself has against the values.
  const outcome = await until('answer', () => shown('.live-responses-table tbody .response-col_status') ?? shown('.validation-errors'));
  return outcome.textContent.trim().match(/^\w+/)?.[0] ?? '';
}

try {
  await page.goto(`${baseUrl}/swagger/index.html`);
  await page.locator('.opblock').first().waitFor();
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  const dialog = page.locator('.dialog-ux .auth-container', { hasText: 'apiKey' });
  await dialog.locator('input').fill(key);
  await shoot('swagger-ui-authorize');
  await dialog.getByRole('button', { name: 'Apply credentials' }).click();
  await page.locator('.dialog-ux').getByRole('button', { name: 'Close' }).first().click();
  // Nobody looks at the page from here on: layout and painting would take as long as everything else.
  await page.addStyleTag({ content: '#swagger-ui { display: none }' });

  const answers = {};
  for (const operation of operations) answers[operation.id] = await page.evaluate(execute, { ...operation, text: documentOf(operation) });
  if (process.env.ANKERORTE_BROWSER_TIMES) {
    const { processInfo } = await (await page.context().browser().newBrowserCDPSession()).send('SystemInfo.getProcessInfo');
    console.error(performance.now(), processInfo.map(({ type, cpuTime }) => `${type} ${cpuTime.toFixed(1)}`).join(', '));
  }
  console.log(JSON.stringify({ answers, complaints, foreign }));
} finally {
  await close();
}
