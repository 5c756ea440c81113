'use strict';
// The decision guide as a form. It calls the public interface only: GET /v1/decision-guide describes the questions.
// Text from outside is inserted as text, never as HTML.
const texts = {
  de: {
    title: 'Welcher Ankerort passt zu uns?', other: 'English',
    lead: 'Zwölf Fragen, etwa drei Minuten. Sie können jede Frage offen lassen. '
      + 'Das Ergebnis zeigt, was offene Fragen daran ändern könnten. Wir fragen und speichern nichts Persönliches.',
    back: 'Zurück', next: 'Weiter', finish: 'Ergebnis zeigen', step: 'Schritt', of: 'von',
    municipality: 'Gemeinde (freiwillig)',
    municipalityHelp: 'Name oder amtlicher Gemeindeschlüssel (AGS). Das Formular schlägt bekannte Angaben als Antwort vor.',
    found: 'Bekannt', open: 'Offen lassen', weight: 'Wie wichtig ist das?', weights: ['egal', 'normal', 'wichtig', 'sehr wichtig'],
    must: 'Unverzichtbar', mustNumber: 'Das ist unsere Grenze (sie ändert die Punkte nicht)',
    result: 'Ergebnis', ranking: 'Rangfolge der Typen', near: 'Ankerorte, die Ihren Antworten am ähnlichsten sind',
    nearHelp: 'Das sind wirkliche Ankerorte aus dem Bestand. Die Karte zeigt die Nummern der Liste. '
      + 'Ankerorte ohne bekannte Lage stehen nur in der Liste.',
    keep: 'Speichern und weitergeben', copy: 'Link kopieren', copied: 'Der Link ist kopiert.', print: 'Drucken', again: 'Neu beginnen',
    remove: 'Ergebnis löschen',
    removed: 'Das Ergebnis ist gelöscht.', paper: 'Als Vorlage für den Rat', data: 'Als Daten (JSON)',
    failed: 'Der Dienst ist gerade nicht erreichbar. Ihre Antworten sind noch da. Bitte versuchen Sie es noch einmal.',
    score: 'Übereinstimmung', between: 'je nach offenen Fragen', known: 'von', sites: 'Ankerorten bekannt', share: 'Platz 1 bei',
    shareOf: 'der zufällig veränderten Gewichtungen',
    question: 'Frage', contribution: 'Beitrag', fit: 'Passung', chart: 'Beitrag jeder Frage zur Übereinstimmung', forIt: 'Dafür spricht',
    against: 'Dagegen spricht', musts: 'Unverzichtbares',
    status: { met: 'erfüllt', conditional: 'bedingt erfüllt', 'not-met': 'nicht erfüllt', unknown: 'nicht bekannt' },
    early: 'Früh entscheiden', mistakes: 'Typische Fehler', advice: 'Empfehlungen dazu', costs: 'Kosten, Personal und Fläche', evidence: 'Belege', distance: 'Abstand',
    figures: { budgetEurPerYear: 'Betrieb im Jahr', budgetEurNetworkTotal: 'Planrahmen eines Verbunds', staffFte: 'Stellen', staffHoursPerWeek: 'Arbeitszeit je Woche', staffPersons: 'Personen', floorAreaSqm: 'Fläche', setupCostEur: 'Einrichtung', leadTimeMonths: 'Vorlauf' },
    more: 'Mehr zu diesem Typ', mapTitle: 'Karte der ähnlichsten Ankerorte',
  },
  en: {
    title: 'Which anchor site fits us?', other: 'Deutsch',
    lead: 'Twelve questions, about three minutes. You can leave any question open. '
      + 'The result shows what open questions could change. We ask for and store nothing personal.',
    back: 'Back', next: 'Next', finish: 'Show result', step: 'Step', of: 'of',
    municipality: 'Municipality (optional)', municipalityHelp: 'Name or official key (AGS). The form suggests known facts as answers.',
    found: 'Known', open: 'Leave open', weight: 'How important is this?', weights: ['not at all', 'normal', 'important', 'very important'],
    must: 'Indispensable', mustNumber: 'This is our limit (it does not change the score)',
    result: 'Result', ranking: 'Ranking of the types', near: 'Anchor sites most similar to your answers',
    nearHelp: 'These are real anchor sites of the inventory. The map shows the numbers of the list. '
      + 'Sites without a known location are in the list only.',
    keep: 'Save and share', copy: 'Copy link', copied: 'The link is copied.', print: 'Print', again: 'Start again', remove: 'Delete result',
    removed: 'The result is deleted.', paper: 'As a council paper', data: 'As data (JSON)',
    failed: 'The service cannot be reached at the moment. Your answers are still here. Please try again.',
    score: 'Match', between: 'depending on open questions', known: 'of', sites: 'sites known', share: 'rank 1 in',
    shareOf: 'of randomly varied weightings',
    question: 'Question', contribution: 'Contribution', fit: 'Fit', chart: 'Contribution of each question to the match',
    forIt: 'Reasons for it', against: 'Reasons against it', musts: 'Indispensable',
    status: { met: 'met', conditional: 'met with conditions', 'not-met': 'not met', unknown: 'not known' },
    early: 'Decide early', mistakes: 'Common mistakes', advice: 'Recommendations', costs: 'Costs, staff and area', evidence: 'evidence', distance: 'distance',
    figures: { budgetEurPerYear: 'Operation per year', budgetEurNetworkTotal: 'Budget of a network', staffFte: 'Posts',
    staffHoursPerWeek: 'Hours per week', staffPersons: 'Persons', floorAreaSqm: 'Area', setupCostEur: 'Set-up',
    leadTimeMonths: 'Lead time' },
    more: 'More about this type', mapTitle: 'Map of the most similar anchor sites',
  },
};
const perStep = 3;
const $ = (id) => document.getElementById(id);
let language = (navigator.languages ?? [navigator.language]).map((name) => name.slice(0, 2)).find((name) => name in texts) ?? 'en';
let guide = null, step = 0, assessment = null, token = null, message = null, sites = {};
const state = { ags: '', place: '', answers: {}, weights: {}, musts: {} };

const words = () => texts[language];
const local = (text) => text[language] ?? text.de;
const percent = (value) => `${Math.round(value * 100)} %`;

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in element && key !== 'list') element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** An element with a text. A text that exists in German only is marked as German for screen readers. */
function said(name, text) {
  return make(name, { textContent: local(text), ...(language !== 'de' && !text.en && { lang: 'de' }) });
}

function say(text, isError = false) {
  message = text;
  $('message').textContent = words()[text] ?? text;
  $('message').classList.toggle('error', isError);
  if (text) $('message').focus();
}

async function call(path, options = {}) {
  const response = await fetch(path, { cache: 'no-store', ...options, headers: { 'Accept-Language': language, ...options.headers } });
  const answer = response.status === 204 ? null : await response.json();
  if (response.ok) return answer;
  throw Object.assign(new Error(), { problem: answer });
}

/** Shows the problem that the service reports, with the labels of the questions that it names. */
function explain(error) {
  if (!error.problem) return say('failed', true);
  const places = (error.problem.errors ?? []).map(({ pointer, detail }) => {
    const question = guide?.questions.find(({ key }) => pointer.split('/').includes(key));
    return question ? `${local(question.label)} ${detail}` : detail;
  });
  say([error.problem.detail ?? error.problem.title, ...places].join(' – '), true);
}

function draw() {
  document.documentElement.lang = language;
  document.title = document.querySelector('h1').textContent = words().title;
  for (const place of document.querySelectorAll('[data-text]')) place.textContent = words()[place.dataset.text];
  $('language').textContent = words().other;
  $('language').lang = language === 'de' ? 'en' : 'de';
  $('message').textContent = words()[message] ?? message ?? '';
  $('form').hidden = !guide || !!assessment;
  $('result').hidden = !assessment;
  if (assessment) drawResult();
  else if (guide) drawStep();
}

function drawStep() {
  const steps = Math.ceil(guide.questions.length / perStep);
  $('progress').textContent = `${words().step} ${step + 1} ${words().of} ${steps}`;
  $('back').hidden = step === 0;
  $('next').textContent = step === steps - 1 ? words().finish : words().next;
  const shown = guide.questions.slice(step * perStep, (step + 1) * perStep).map(drawQuestion);
  $('steps').replaceChildren(...(step === 0 ? [drawMunicipality()] : []), ...shown);
}

function drawMunicipality() {
  const input = make('input', { id: 'municipality', value: state.place, autocomplete: 'off', list: 'places', 'aria-describedby': 'municipality-help' });
  let asked = 0;
  input.addEventListener('input', async () => {
    state.place = input.value;
    const key = input.value.match(/\b\d{8}\b/)?.[0];
    if (key) return know(key);
    const mine = ++asked;
    if (input.value.trim().length < 3) return;
    try {
      const { items } = await call(`v1/municipalities?limit=12&fields=ags,name,county&q=${encodeURIComponent(input.value)}`);
      if (mine === asked) $('places').replaceChildren(...items.map(({ ags, name, county }) => make('option', { value: `${name} (${ags})`, label: county })));
    } catch { /* The form works without suggestions. */ }
  });
  return make('fieldset', {}, make('legend', { textContent: words().municipality }),
    make('label', { htmlFor: 'municipality', id: 'municipality-help', textContent: words().municipalityHelp }), input, make('datalist', { id: 'places' }), make('p', { id: 'known', role: 'status' }));
}

/** Fills in what is known about the municipality, but only where the user has not answered. */
async function know(ags) {
  if (state.ags === ags) return;
  state.ags = ags;
  try {
    const { known = [] } = await call(`v1/decision-guide?ags=${ags}`);
    for (const { question, value } of known) state.answers[question] ??= value;
    for (const { question, value } of known) {
      const choice = document.getElementById(`${question}-${value}`);
      if (choice) choice.checked = state.answers[question] === value;
    }
    $('known')?.replaceChildren(...known.map((fact) => make('span', { textContent: `${words().found}: ${local(fact.label)}. ${local(fact.source)}` })));
  } catch (error) {
    state.ags = '';
    explain(error);
  }
}

function drawQuestion(question) {
  const { key, kind } = question;
  const box = make('fieldset', { id: `q-${key}` }, said('legend', question.label));
  if (question.help) box.append(said('p', question.help));
  if (kind === 'number') {
    const input = make('input', { id: key, type: 'number', min: 0, step: 'any', inputMode: 'decimal', value: state.answers[key] ?? '', 'aria-label': local(question.label) });
    input.addEventListener('input', () => {
      if (input.value === '') delete state.answers[key];
      else state.answers[key] = Number(input.value);
    });
    box.append(input);
    if (question.mustHavePossible) box.append(option('checkbox', `${key}-must`, words().mustNumber, !!state.musts[key], (on) => { state.musts[key] = on; }));
    return box;
  }
  if (kind === 'multi') {
    for (const { key: code, label } of question.options) {
      const chosen = state.answers[key] ?? [];
      box.append(option('checkbox', `${key}-${code}`, local(label), chosen.includes(code), (on) => {
        const now = (state.answers[key] ?? []).filter((other) => other !== code);
        state.answers[key] = on ? [...now, code] : now;
        if (state.answers[key].length === 0) delete state.answers[key];
      }));
    }
    if (question.mustHavePossible) box.append(option('checkbox', `${key}-must`, words().must, !!state.musts[key], (on) => { state.musts[key] = on; }));
  } else {
    for (const { key: code, label } of question.options) {
      box.append(option('radio', `${key}-${code}`, local(label), state.answers[key] === code, () => { state.answers[key] = code; }, key));
    }
    box.append(option('radio', `${key}-open`, words().open, state.answers[key] === undefined, () => { delete state.answers[key]; }, key));
  }
  if (question.weightDefault > 0) {
    const select = make('select', { id: `${key}-weight` }, ...words().weights.map((text, value) => make('option', { value: String(value), textContent: text })));
    select.value = String(state.weights[key] ?? question.weightDefault);
    select.addEventListener('change', () => { state.weights[key] = Number(select.value); });
    box.append(make('label', { htmlFor: `${key}-weight`, textContent: words().weight }), select);
  }
  return box;
}

function option(type, id, text, isChecked, changed, name = id) {
  const input = make('input', { type, id, name, checked: isChecked });
  input.addEventListener('change', () => changed(input.checked));
  return make('div', { className: 'option' }, input, make('label', { htmlFor: id, textContent: text }));
}

function request() {
  const mustHaves = Object.keys(state.musts).filter((key) => state.musts[key] && state.answers[key] !== undefined)
    .flatMap((question) => [state.answers[question]].flat().map((value) => ({ question, value })));
  return { answers: state.answers, weights: state.weights, mustHaves, strict: false, ...(state.ags && { ags: state.ags }) };
}

async function finish() {
  $('next').disabled = true;
  try {
    const made = await call('v1/assessments', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(request()) });
    token = made.deleteToken;
    await show(made);
  } catch (error) {
    explain(error);
  } finally {
    $('next').disabled = false;
  }
}

async function show(made) {
  assessment = made;
  history.replaceState(null, '', `#${made.id}`);
  const near = made.nearestSites.map(({ id }) => id);
  sites = Object.fromEntries(await Promise.all(near.map(async (id) => [id, await call(`v1/anchor-sites/${id}?fields=id,name,municipality,location`).catch(() => null)])));
  say('');
  draw();
  $('verdict-title').focus();
}

function drawResult() {
  const { verdict, ranking } = assessment;
  $('verdict').textContent = local(verdict.text);
  $('remarks').replaceChildren(...[...(assessment.remarks ?? []), ...(assessment.hints ?? [])].map((remark) => said('span', remark.text ?? remark)));
  $('ranking').replaceChildren(...ranking.map(drawType));
  drawNear();
  $('citation').textContent = assessment.citation;
  $('paper').href = `${assessment.self}?format=html`;
  $('paper').hreflang = language;
  $('data').href = assessment.self;
  $('remove').hidden = !token;
  $('caveat').textContent = local(assessment.caveat);
}

function drawType(type, place) {
  const questions = Object.fromEntries((guide?.questions ?? []).map((question) => [question.key, question.label]));
  const name = (key) => (questions[key] ? local(questions[key]) : key);
  const largest = Math.max(...assessment.ranking.flatMap(({ contributions }) => contributions.map(({ contribution }) => contribution)), 0.01);
  const rows = type.contributions.map((part) => {
    const bar = make('span', { className: 'bar' });
    bar.style.width = `${(part.contribution / largest) * 100}%`;
    return make('tr', {}, make('th', { scope: 'row', textContent: name(part.question) }), make('td', { className: 'number', textContent: percent(part.fit) }),
      make('td', { className: 'number', textContent: percent(part.contribution) }), make('td', { 'aria-hidden': 'true', style: 'width: 30%' }, bar));
  });
  const list = (title, items) => items.length > 0 && [make('h4', { textContent: title }), make('ul', {}, ...items)];
  const details = make('details', { open: place === 0 }, make('summary', { textContent: words().more }),
    make('div', { className: 'scroll', tabIndex: 0, role: 'region', ariaLabel: `${words().chart}: ${local(type.label)}` }, make('table', {}, make('caption', { textContent: words().chart }),
      make('thead', {}, make('tr', {}, ...[words().question, words().fit, words().contribution].map((text) => make('th', { scope: 'col', textContent: text })), make('td'))), make('tbody', {}, ...rows))),
    ...[
      list(words().forIt, type.reasonsFor.map(({ text }) => said('li', text))),
      list(words().against, type.reasonsAgainst.map(({ text }) => said('li', text))),
      list(words().musts, type.mustHaves.map((must) => make('li', {}, make('strong', { textContent: `${name(must.question)} ${words().status[must.status]}. ` }), said('span', must.text)))),
      list(words().early, type.earlyDecisions.map((text) => said('li', text))),
      list(words().mistakes, type.commonMistakes.map(({ text }) => said('li', text))),
      list(words().costs, (type.figures ?? []).map(({ requirement, text }) => make('li', {}, `${words().figures[requirement] ?? requirement}: `, said('span', text)))),
      list(words().advice, type.recommendations.map((advice) => make('li', {}, said('span', advice.title), ' (', make('a', { href: `${advice.evidence}?format=markdown`, textContent: words().evidence }), ')'))),
    ].filter(Boolean).flat());
  return make('li', {}, said('h3', type.label),
    make('p', { textContent: `${words().score} ${percent(type.score)}, ${words().between} ${percent(type.interval.low)} – ${percent(type.interval.high)}; ${words().share} ${percent(type.shareOfWeightings)} ${words().shareOf}.` }), details);
}

function drawNear() {
  const map = $('map');
  for (const mark of map.querySelectorAll('g')) mark.remove();
  map.querySelector('title').textContent = words().mapTitle;
  const { west, north, x, y } = map.dataset;
  const labels = Object.fromEntries(assessment.ranking.map(({ type, label }) => [type, label]));
  $('near').replaceChildren(...assessment.nearestSites.map((site, i) => {
    const place = sites[site.id]?.location;
    if (place) {
      const group = document.createElementNS('http://www.w3.org/2000/svg', 'g');
      group.setAttribute('transform', `translate(${(place.longitude - west) * x} ${(north - place.latitude) * y})`);
      const circle = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
      circle.setAttribute('r', '28');
      const text = document.createElementNS('http://www.w3.org/2000/svg', 'text');
      text.textContent = i + 1;
      group.append(circle, text);
      map.append(group);
    }
    const type = labels[site.type];
    return make('li', {}, make('a', { href: site.self, textContent: site.name, lang: 'de' }),
      make('span', { textContent: `${sites[site.id]?.municipality ? `, ${sites[site.id].municipality.shortName ?? sites[site.id].municipality.name}` : ''} – ${type ? local(type) : ''}; ${words().distance} ${site.distance.toFixed(2).replace('.', language === 'de' ? ',' : '.')}` }));
  }));
}

function restart() {
  assessment = null;
  token = null;
  step = 0;
  history.replaceState(null, '', location.pathname + location.search);
  say('');
  draw();
  document.querySelector('h1').focus();
}

async function start() {
  draw();
  try {
    guide = await call('v1/decision-guide');
    const id = location.hash.slice(1);
    if (id) await show(await call(`v1/assessments/${encodeURIComponent(id)}`));
    else draw();
  } catch (error) {
    draw();
    explain(error);
  }
}

document.querySelector('h1').tabIndex = -1;
$('language').addEventListener('click', () => {
  language = language === 'de' ? 'en' : 'de';
  draw();
});
$('form').addEventListener('submit', (event) => {
  event.preventDefault();
  if ((step + 1) * perStep >= guide.questions.length) return finish();
  step += 1;
  say('');
  drawStep();
  $('steps').querySelector('input, select').focus();
});
$('back').addEventListener('click', () => {
  step -= 1;
  drawStep();
  $('steps').querySelector('input, select').focus();
});
$('copy').addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(location.href);
    say('copied');
  } catch {
    say(location.href);
  }
});
$('print').addEventListener('click', () => {
  for (const details of document.querySelectorAll('#ranking details')) details.open = true;
  print();
});
$('again').addEventListener('click', restart);
$('remove').addEventListener('click', async () => {
  try {
    await call(assessment.self, { method: 'DELETE', headers: { 'X-Delete-Token': token } });
    restart();
    say('removed');
  } catch (error) {
    explain(error);
  }
});
// The browser does not reload the page if only the hash of the address changes.
addEventListener('hashchange', () => {
  if (location.hash.length > 1 && location.hash.slice(1) !== assessment?.id) start();
});
start();
