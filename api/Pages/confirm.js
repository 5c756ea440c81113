'use strict';
// The page behind a confirm link. What comes from outside is shown as text, never as HTML.
const texts = {
  de: {
    title: 'Stimmt dieser Eintrag noch?', other: 'English',
    intro: 'So steht Ihr Ort in der Wissensbasis AnkerOrte:',
    confirm: 'Stimmt so', correct: 'Etwas stimmt nicht?', send: 'Vorschlag senden',
    correctHelp: 'Ändern Sie, was falsch ist. Die Redaktion sieht es sich an, bevor es erscheint.',
    status: 'Status', openingHours: 'Öffnungszeiten', address: 'Adresse', website: 'Website (mit https://)', summary: 'Beschreibung',
    comment: 'Anmerkung, nur für die Redaktion; bitte ohne Namen von Personen',
    unknown: 'nicht bekannt',
    states: { planned: 'geplant', setup: 'im Aufbau', operating: 'in Betrieb', paused: 'pausiert', closed: 'geschlossen', unknown: 'nicht bekannt' },
    incomplete: 'Hier fehlt der Schlüssel. Bitte öffnen Sie den Link aus der Nachricht noch einmal, und zwar ganz.',
    failed: 'Der Dienst ist gerade nicht zu erreichen. Es ging nichts verloren: bitte noch einmal versuchen.',
    wrongWebsite: 'Bitte die ganze Adresse, mit https:// am Anfang.', look: 'Bitte sehen Sie die markierten Felder noch einmal an.',
    nothing: 'Es ist nichts geändert und nichts angemerkt.',
    confirmed: 'Danke! Der Eintrag gilt ab heute als bestätigt.',
    proposed: 'Danke! Ihr Vorschlag liegt jetzt bei der Redaktion.',
    changed: 'Der Eintrag wurde inzwischen geändert. Bitte sehen Sie ihn noch einmal an.',
  },
  en: {
    title: 'Is this entry still right?', other: 'Deutsch',
    intro: 'This is how your site stands in the knowledge base AnkerOrte:',
    confirm: 'It is right', correct: 'Something is wrong?', send: 'Send proposal',
    correctHelp: 'Change what is wrong. An editor looks at it before it appears.',
    status: 'Status', openingHours: 'Opening hours', address: 'Address', website: 'Website (with https://)', summary: 'Description',
    comment: 'Remark, for editors only; please without names of persons',
    unknown: 'not known',
    states: { planned: 'planned', setup: 'being set up', operating: 'operating', paused: 'paused', closed: 'closed', unknown: 'not known' },
    incomplete: 'The key is missing here. Please open the link from the message once more, all of it.',
    failed: 'The service cannot be reached at the moment. Nothing was lost: please try again.',
    wrongWebsite: 'Please give the whole address, with https:// at its beginning.', look: 'Please look at the marked fields again.',
    nothing: 'Nothing is changed and there is no remark.',
    confirmed: 'Thank you! From today the entry counts as confirmed.',
    proposed: 'Thank you! Your proposal is now with the editors.',
    changed: 'The entry was changed meanwhile. Please look at it once more.',
  },
};
const fields = {
  status: (site) => site.status,
  openingHours: (site) => site.facts?.openingHours,
  address: (site) => site.address,
  website: (site) => site.website,
};
const $ = (id) => document.getElementById(id);
let language = (navigator.languages ?? [navigator.language]).map((name) => name.slice(0, 2)).find((name) => name in texts) ?? 'en';
let token = '', site = null, tag = '', message = null, filled = {}, last = {};

function element(name, text, attributes = {}) {
  return Object.assign(document.createElement(name), { textContent: text }, attributes);
}

/** @param {string} text a key of `texts`, or what the service has said */
function say(text, isError = false) {
  message = text;
  $('message').textContent = texts[language][text] ?? text;
  $('message').classList.toggle('error', isError);
  $('message').focus();
}

function clear() {
  for (const error of document.querySelectorAll('form .error')) error.textContent = '';
  for (const field of document.querySelectorAll('[aria-invalid]')) {
    field.removeAttribute('aria-invalid');
    field.removeAttribute('aria-describedby');
  }
}

function draw() {
  const words = texts[language];
  document.documentElement.lang = language;
  document.title = document.querySelector('h1').textContent = words.title;
  for (const place of document.querySelectorAll('[data-text]')) place.textContent = words[place.dataset.text];
  $('language').textContent = words.other;
  $('language').lang = language === 'de' ? 'en' : 'de';
  $('message').textContent = texts[language][message] ?? message ?? '';
  const chosen = $('status').value;
  $('status').replaceChildren(...Object.entries(words.states).map(([value, text]) => element('option', text, { value })));
  $('status').value = chosen || site?.status || '';
  $('entry').hidden = !site;
  if (!site) return;
  $('name').textContent = site.name;
  const rows = [...Object.keys(fields), 'summary'].map((name) => [words[name], name === 'summary' ? site.summary : fields[name](site), name]);
  $('facts').replaceChildren(...rows.flatMap(([label, value, name]) => [
    element('dt', label),
    name === 'status' ? element('dd', words.states[value]) : value ? element('dd', value, { lang: 'de' }) : element('dd', words.unknown),
  ]));
}

function fill() {
  for (const [name, read] of Object.entries(fields)) {
    $(name).value = read(site) ?? '';
    // As the field has it: one line, say.
    filled[name] = $(name).value;
  }
  $('comment').value = '';
}

async function call(method, body, headers = {}) {
  const response = await fetch('v1/confirmation', {
    method, cache: 'no-store', body: body && JSON.stringify(body),
    headers: { Authorization: `Bearer ${token}`, 'Accept-Language': language, ...(body && { 'Content-Type': 'application/json' }), ...headers },
  });
  return { response, answer: await response.json() };
}

async function load() {
  const { response, answer } = await call('GET');
  if (!response.ok) {
    site = null;
    draw();
    say(answer.detail ?? answer.title, true);
    return false;
  }
  site = answer;
  tag = response.headers.get('ETag');
  draw();
  return true;
}

/** The same answer sent twice, because the first got lost on its way, counts once. */
function idempotencyKey(body) {
  const text = JSON.stringify([body, tag]);
  if (last.text !== text) last = { text, key: [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('') };
  return last.key;
}

async function send(body, thanks) {
  const buttons = document.querySelectorAll('#entry button');
  clear();
  for (const button of buttons) button.disabled = true;
  try {
    const { response, answer } = await call('POST', body, { 'If-Match': tag, 'Idempotency-Key': idempotencyKey(body) });
    if (response.ok) {
      last = {};
      if (await load()) {
        if (!body.confirmed) fill();
        say(thanks);
      }
    } else if (response.status === 412) {
      if (await load()) say('changed', true);
    } else {
      explain(answer);
    }
  } catch {
    say('failed', true);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

/** Beside its field what belongs to one; above everything else. */
function explain(problem) {
  const rest = [];
  let first = null;
  for (const { pointer, code, detail } of problem.errors ?? []) {
    const name = pointer.split('/').find((step) => step in fields || step === 'comment');
    if (name) {
      // A pattern tells a programmer what is wrong, and nobody else.
      $(`${name}-error`).textContent = name === 'website' && ['pattern', 'url', 'length'].includes(code) ? texts[language].wrongWebsite : detail;
      $(name).setAttribute('aria-invalid', 'true');
      $(name).setAttribute('aria-describedby', `${name}-error`);
      first ??= $(name);
    } else {
      rest.push(detail);
    }
  }
  if (first && rest.length === 0) say('look', true);
  else say([problem.detail ?? problem.title, ...rest].join(' – '), true);
  first?.focus();
}

function propose() {
  const changed = Object.keys(fields).filter((name) => $(name).value !== filled[name]);
  const comment = $('comment').value.trim();
  if (changed.length === 0 && !comment) return say('nothing', true);
  const proposal = {};
  for (const name of changed) {
    const value = $(name).value.trim() || null;
    if (name === 'openingHours') proposal.facts = { openingHours: value };
    else proposal[name] = value;
  }
  return send({ ...(changed.length > 0 && { proposal }), ...(comment && { comment }) }, 'proposed');
}

async function start() {
  token = location.hash.slice(1) || token;
  // Neither the history of the browser nor a bookmark needs to know it.
  history.replaceState(null, '', location.pathname + location.search);
  draw();
  if (!token) return say('incomplete', true);
  try {
    if (await load()) fill();
  } catch {
    say('failed', true);
  }
}

$('language').addEventListener('click', () => {
  language = language === 'de' ? 'en' : 'de';
  draw();
});
$('confirm').addEventListener('click', () => send({ confirmed: true }, 'confirmed'));
$('form').addEventListener('submit', (event) => {
  event.preventDefault();
  propose();
});
// Another link pasted into the same window changes nothing but the hash.
addEventListener('hashchange', () => {
  if (location.hash.length > 1) start();
});
start();
