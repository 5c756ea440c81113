// The page behind a one-time link. What was said is shown as text, never as HTML, and nothing is sent before the button is pressed.
const texts = {
  de: {
    title: 'Was darf von Ihren Worten erscheinen?', other: 'English',
    intro: 'Diese Stellen aus dem Gespräch sollen veröffentlicht werden. Sie sehen nur, was Sie selbst gesagt haben. Ihr Name erscheint nicht.',
    passage: 'Stelle', release: 'Darf erscheinen', reject: 'Darf nicht erscheinen', later: 'Jetzt nicht entscheiden',
    released: 'Ist veröffentlicht.', none: 'Im Augenblick ist über keine Stelle zu entscheiden.',
    end: 'Alles beenden', withdraw: 'Ich ziehe alle meine Einwilligungen zurück.',
    endHelp: 'Dann verschwindet alles aus dem Gespräch, was von Ihnen veröffentlicht ist. Gründe brauchen Sie keine, Nachteile haben Sie nicht.',
    once: 'Dieser Link gilt für eine Antwort. Wer später etwas ändern will, bekommt auf Wunsch einen neuen.',
    send: 'Antwort senden', nothing: 'Es ist noch nichts entschieden.',
    incomplete: 'Hier fehlt der Schlüssel. Bitte öffnen Sie den Link aus der Nachricht noch einmal, und zwar ganz.',
    failed: 'Der Dienst ist gerade nicht zu erreichen. Es ging nichts verloren: bitte noch einmal versuchen.',
    done: 'Danke! Ihre Entscheidung gilt ab sofort.', withdrawn: 'Ihre Einwilligungen sind zurückgezogen. Von Ihnen ist nichts mehr öffentlich.',
  },
  en: {
    title: 'Which of your words may appear?', other: 'Deutsch',
    intro: 'These passages of the conversation are to be published. You see what you said yourself and nothing else. Your name does not appear.',
    passage: 'Passage', release: 'May appear', reject: 'May not appear', later: 'Not decided now',
    released: 'Is published.', none: 'There is no passage to decide on at the moment.',
    end: 'End it all', withdraw: 'I withdraw all my consents.',
    endHelp: 'Everything from the conversation that is published of you disappears then. You need no reason, and you have no disadvantage.',
    once: 'This link is good for one answer. Whoever wants to change something later gets a new one on request.',
    send: 'Send answer', nothing: 'Nothing is decided yet.',
    incomplete: 'The key is missing here. Please open the link from the message once more, all of it.',
    failed: 'The service cannot be reached at the moment. Nothing was lost: please try again.',
    done: 'Thank you! Your decision holds from now on.', withdrawn: 'Your consents are withdrawn. Nothing of yours is public any more.',
  },
};
let offer = null;
const chosen = new Map();

function make(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function choice(passage, value) {
  const input = make('input', { type: 'radio', name: passage.id, value, checked: (chosen.get(passage.id) ?? 'later') === value });
  input.addEventListener('change', () => chosen.set(passage.id, value));
  return make('label', { className: 'option' }, input, make('span', { textContent: texts[language][value] }));
}

function draw() {
  const words = speak();
  $('form').hidden = !offer;
  if (!offer) return;
  const shown = offer.passages.filter((passage) => ['under-review', 'released'].includes(passage.state));
  $('passages').replaceChildren(...shown.map((passage, index) => make(
    'fieldset', {}, make('legend', { textContent: `${words.passage} ${index + 1}` }), make('blockquote', { lang: 'de', textContent: passage.quote }),
    ...(passage.state === 'released' ? [make('p', { textContent: words.released })] : ['release', 'reject', 'later'].map((value) => choice(passage, value))))));
  $('none').hidden = shown.some((passage) => passage.state === 'under-review');
}

async function send() {
  const decisions = offer.passages.filter((passage) => ['release', 'reject'].includes(chosen.get(passage.id)))
    .map((passage) => ({ passage: passage.id, release: chosen.get(passage.id) === 'release', textSha256: passage.textSha256 }));
  const withdraw = $('withdraw').checked;
  if (decisions.length === 0 && !withdraw) return say('nothing', true);
  const button = document.querySelector('form button');
  button.disabled = true;
  try {
    const { response, answer } = await callWithToken('v1/release', 'POST', { decisions, withdraw });
    if (!response.ok) return say([answer.detail ?? answer.title, ...(answer.errors ?? []).map((error) => error.detail)].join(' – '), true);
    offer = null;
    token = '';
    draw();
    say(withdraw ? 'withdrawn' : 'done');
  } catch {
    say('failed', true);
  } finally {
    button.disabled = false;
  }
}

async function start() {
  takeToken();
  [offer, message] = [null, null];
  draw();
  if (!token) return say('incomplete', true);
  try {
    const { response, answer } = await callWithToken('v1/release', 'GET');
    if (!response.ok) return say(answer.detail ?? answer.title, true);
    offer = answer;
    draw();
  } catch {
    say('failed', true);
  }
}

$('form').addEventListener('submit', (event) => {
  event.preventDefault();
  send();
});
run(start, draw);
