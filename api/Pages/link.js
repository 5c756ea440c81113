'use strict';
// Shared by the two pages that a link with a token opens. The script of the page follows and defines `texts`.
const $ = (id) => document.getElementById(id);
let language = (navigator.languages ?? [navigator.language]).map((name) => name.slice(0, 2)).find((name) => name === 'de' || name === 'en') ?? 'en';
let token = '', message = null;

/** @param {string} text a key of `texts`, or a text from the service */
function say(text, isError = false) {
  message = text;
  $('message').textContent = texts[language][text] ?? text;
  $('message').classList.toggle('error', isError);
  $('message').focus();
}

/** Shows all texts of the page in the chosen language. */
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
  // Takes the token out of the address, so that neither the history nor a bookmark keeps it.
  history.replaceState(null, '', location.pathname + location.search);
}

/** Sends a request with the token of the link. */
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
  // The browser does not reload the page if only the hash of the address changes.
  addEventListener('hashchange', () => {
    if (location.hash.length > 1) start();
  });
  start();
}
