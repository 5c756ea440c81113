// node map.mjs CHROMIUM FILE: opens the page with a map in FILE, with a stand-in for Leaflet; prints how many markers it shows and the first label.
import { readFile } from 'node:fs/promises';
import { open } from './browser.mjs';

const [, , chromium, file] = process.argv;
const html = await readFile(file, 'utf8');
const { page, complaints, close } = await open(chromium, 'http://localhost');
const leaflet = `window.L = {
  map: (id) => ({ element: document.getElementById(id), setView() { return this; } }),
  geoJSON: ({ features }, { onEachFeature }) => {
    const labels = [];
    features.forEach((feature) => onEachFeature(feature, { bindPopup: (label) => labels.push(label.textContent) }));
    return { addTo: (map) => { map.element.textContent = labels.length + ' markers, first: ' + labels[0]; } };
  },
};`;
try {
  await page.route('https://unpkg.com/**', (route) => route.fulfill(route.request().url().endsWith('.js')
    ? { contentType: 'text/javascript', body: leaflet } : { contentType: 'text/css', body: '' }));
  await page.setContent(html);
  await page.locator('#map:not(:empty)').waitFor();
  console.log(await page.locator('#map').innerText());
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
} finally {
  await close();
}
