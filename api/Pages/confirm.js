// The page that a confirmation link opens. Text from outside is inserted as text, never as HTML.
const texts = {
  de: {
    title: 'Stimmt dieser Eintrag noch?', other: 'English',
    intro: 'So steht Ihr Ankerort in der Wissensbasis AnkerOrte:',
    confirm: 'Stimmt so', correct: 'Etwas stimmt nicht?', send: 'Vorschlag senden',
    correctHelp: 'Bitte ändern Sie, was falsch ist. Die Redaktion prüft Ihren Vorschlag. Erst danach erscheint er.',
    status: 'Status', openingHours: 'Öffnungszeiten', address: 'Adresse', website: 'Website (mit https://)', summary: 'Beschreibung',
    comment: 'Anmerkung (nur für die Redaktion, bitte ohne Namen von Personen)',
    unknown: 'nicht bekannt',
    states: { planned: 'geplant', setup: 'im Aufbau', operating: 'in Betrieb', paused: 'pausiert', closed: 'geschlossen', unknown: 'nicht bekannt' },
    incomplete: 'Der Link ist unvollständig. Bitte öffnen Sie den ganzen Link aus der Nachricht.',
    failed: 'Der Dienst ist gerade nicht erreichbar. Ihre Eingaben sind noch da. Bitte versuchen Sie es noch einmal.',
    wrongWebsite: 'Bitte geben Sie die ganze Adresse an, mit https:// am Anfang.', look: 'Bitte prüfen Sie die markierten Felder.',
    nothing: 'Sie haben nichts geändert und nichts angemerkt.',
    confirmed: 'Danke! Der Eintrag gilt ab heute als bestätigt.',
    proposed: 'Danke! Die Redaktion hat Ihren Vorschlag erhalten.',
    changed: 'Jemand hat den Eintrag inzwischen geändert. Bitte prüfen Sie ihn noch einmal.',
  },
  en: {
    title: 'Is this entry still correct?', other: 'Deutsch',
    intro: 'This is the entry of your anchor site in the AnkerOrte knowledge base:',
    confirm: 'It is correct', correct: 'Is something wrong?', send: 'Send proposal',
    correctHelp: 'Please change what is wrong. An editor checks your proposal before it is published.',
    status: 'Status', openingHours: 'Opening hours', address: 'Address', website: 'Website (with https://)', summary: 'Description',
    comment: 'Remark (for editors only; please do not name persons)',
    unknown: 'not known',
    states: { planned: 'planned', setup: 'being set up', operating: 'operating', paused: 'paused', closed: 'closed', unknown: 'not known' },
    incomplete: 'The link is incomplete. Please open the whole link from the message.',
    failed: 'The service cannot be reached at the moment. Your entries are still here. Please try again.',
    wrongWebsite: 'Please enter the whole address, starting with https://.', look: 'Please check the marked fields.',
    nothing: 'You have changed nothing and written no remark.',
    confirmed: 'Thank you! The entry counts as confirmed from today.',
    proposed: 'Thank you! The editors have received your proposal.',
    changed: 'Somebody has changed the entry in the meantime. Please check it again.',
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
    // The field may change the text, for example join its lines. Later changes are compared with this text.
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

/** The same answer to the same entry gets the same key, so that the service counts a repeated request once. */
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

/** Shows an error that names a field beside that field, and all other errors above the form. */
function explain(problem) {
  const rest = [];
  let first = null;
  for (const { pointer, code, detail } of problem.errors ?? []) {
    const name = pointer.split('/').find((step) => step in fields || step === 'comment');
    if (name) {
      // The text of the service quotes a regular expression, which only programmers understand.
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
