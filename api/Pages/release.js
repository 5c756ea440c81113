// The page that a one-time link opens. Quotations are inserted as text, never as HTML. Decisions are sent only with the button.
const texts = {
  de: {
    title: 'Was darf von Ihren Worten erscheinen?', other: 'English',
    intro: 'Wir möchten diese Textstellen aus dem Gespräch veröffentlichen. '
      + 'Sie sehen nur, was Sie selbst gesagt haben. Ihr Name erscheint nicht.',
    passage: 'Textstelle', release: 'Darf erscheinen', reject: 'Darf nicht erscheinen', later: 'Jetzt nicht entscheiden',
    released: 'Diese Textstelle ist veröffentlicht.', none: 'Zurzeit gibt es keine Textstelle, über die Sie entscheiden können.',
    end: 'Einwilligungen zurückziehen', withdraw: 'Ich ziehe alle meine Einwilligungen zurück.',
    endHelp: 'Dann entfernen wir alles, was von Ihnen aus dem Gespräch veröffentlicht ist. '
      + 'Sie müssen keinen Grund nennen. Sie haben keine Nachteile.',
    once: 'Dieser Link gilt für eine Antwort. Möchten Sie später etwas ändern? Dann bekommen Sie auf Wunsch einen neuen Link.',
    send: 'Antwort senden', nothing: 'Sie haben noch nichts entschieden.',
    incomplete: 'Der Link ist unvollständig. Bitte öffnen Sie den ganzen Link aus der Nachricht.',
    failed: 'Der Dienst ist gerade nicht erreichbar. Ihre Eingaben sind noch da. Bitte versuchen Sie es noch einmal.',
    done: 'Danke! Ihre Entscheidung gilt ab sofort.',
    withdrawn: 'Sie haben Ihre Einwilligungen zurückgezogen. Von Ihnen ist nichts mehr öffentlich.',
  },
  en: {
    title: 'Which of your words may be published?', other: 'Deutsch',
    intro: 'We would like to publish these passages of the conversation. You see only what you said yourself. Your name does not appear.',
    passage: 'Passage', release: 'May be published', reject: 'May not be published', later: 'Decide later',
    released: 'This passage is published.', none: 'At the moment there is no passage to decide on.',
    end: 'Withdraw consent', withdraw: 'I withdraw all my consents.',
    endHelp: 'We then remove everything of yours from the conversation that is published. '
      + 'You need not give a reason. You have no disadvantage.',
    once: 'This link is valid for one answer. If you want to change something later, ask for a new link.',
    send: 'Send answer', nothing: 'You have not decided anything yet.',
    incomplete: 'The link is incomplete. Please open the whole link from the message.',
    failed: 'The service cannot be reached at the moment. Your entries are still here. Please try again.',
    done: 'Thank you! Your decision applies from now on.',
    withdrawn: 'You have withdrawn your consents. Nothing of yours is public any more.',
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
