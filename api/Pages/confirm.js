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
let site = null, tag = '', filled = {}, last = {};

function element(name, text, attributes = {}) {
  return Object.assign(document.createElement(name), { textContent: text }, attributes);
}

function clear() {
  for (const error of document.querySelectorAll('form .error')) error.textContent = '';
  for (const field of document.querySelectorAll('[aria-invalid]')) {
    field.removeAttribute('aria-invalid');
    field.removeAttribute('aria-describedby');
  }
}

function draw() {
  const words = speak();
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

async function load() {
  const { response, answer } = await callWithToken('v1/confirmation', 'GET');
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
    const { response, answer } = await callWithToken('v1/confirmation', 'POST', body, { 'If-Match': tag, 'Idempotency-Key': idempotencyKey(body) });
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
  takeToken();
  draw();
  if (!token) return say('incomplete', true);
  try {
    if (await load()) fill();
  } catch {
    say('failed', true);
  }
}

$('confirm').addEventListener('click', () => send({ confirmed: true }, 'confirmed'));
$('form').addEventListener('submit', (event) => {
  event.preventDefault();
  propose();
});
run(start, draw);
