'use strict';
// What pages behind a link with a token share; it stands before the page's own script, which has the `texts`.
const $ = (id) => document.getElementById(id);
let language = (navigator.languages ?? [navigator.language]).map((name) => name.slice(0, 2)).find((name) => name === 'de' || name === 'en') ?? 'en';
let token = '', message = null;

/** @param {string} text a key of `texts`, or what the service has said */
function say(text, isError = false) {
  message = text;
  $('message').textContent = texts[language][text] ?? text;
  $('message').classList.toggle('error', isError);
  $('message').focus();
}

/** Everything that is text in `texts`, in the language chosen. */
function speak() {
  const words = texts[language];
  document.documentElement.lang = language;
  document.title = document.querySelector('h1').textContent = words.title;
  for (const place of document.querySelectorAll('[data-text]')) place.textContent = words[place.dataset.text];
  $('language').textContent = words.other;
  $('language').lang = language === 'de' ? 'en' : 'de';
  $('message').textContent = texts[language][message] ?? message ?? '';
  return words;
}

function takeToken() {
  token = location.hash.slice(1) || token;
  // Neither the history of the browser nor a bookmark needs to know it.
  history.replaceState(null, '', location.pathname + location.search);
}

/** Asks the service as the holder of the link. */
async function callWithToken(address, method, body, headers = {}) {
  const response = await fetch(address, {
    method, cache: 'no-store', body: body && JSON.stringify(body),
    headers: { Authorization: `Bearer ${token}`, 'Accept-Language': language, ...(body && { 'Content-Type': 'application/json' }), ...headers },
  });
  return { response, answer: await response.json() };
}

function run(start, draw) {
  $('language').addEventListener('click', () => {
    language = language === 'de' ? 'en' : 'de';
    draw();
  });
  // Another link pasted into the same window changes nothing but the hash.
  addEventListener('hashchange', () => {
    if (location.hash.length > 1) start();
  });
  start();
}
