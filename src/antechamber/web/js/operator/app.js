import { Connection, socketUrl } from '../connection.js';
import { announce, write } from '../dom.js';
import { Board } from './board.js';
import { Desk } from './desk.js';
import { openAnnouncement } from './announcing.js';
import { forgetToken, keepToken, takeToken } from './token.js';

const $ = (selector) => document.querySelector(selector);

/** Ask for the token. `problem` says what was wrong with the last one. */
function ask(problem) {
  const gate = $('.gate');
  const field = gate.querySelector('input');
  $('.desk').hidden = true;
  $('.state').hidden = true;
  for (const button of document.querySelectorAll('.top button')) button.hidden = true;
  gate.hidden = false;
  const told = gate.querySelector('.problem');
  told.textContent = problem;
  if (problem) {
    field.setAttribute('aria-invalid', 'true');
    announce(problem, { assertive: true });
  } else field.removeAttribute('aria-invalid');
  field.value = '';
  field.focus();
}

function start(token) {
  $('.gate').hidden = true;
  $('.desk').hidden = false;
  $('.state').hidden = false;
  for (const button of document.querySelectorAll('.top button')) button.hidden = false;
  const connection = new Connection({ url: socketUrl(), first: () => ({ type: 'operate', token, protocol: 1 }) });
  const desk = new Desk(connection);
  new Board(desk, {
    list: $('.channels'),
    filter: $('#filter'),
    order: $('#order'),
    totals: $('.totals'),
    found: $('.found'),
  });
  desk.addEventListener('state', () => showState(desk));
  desk.addEventListener('refused', ({ detail }) => {
    forgetToken();
    ask(detail);
  });
  current = desk;
  showState(desk);
}

let current = null;
let told = '';

// The state is always shown at the top; screen readers hear each change once, and not at every attempt.
function showState(desk) {
  const state = $('.state');
  const words = { connecting: 'Connecting…', open: 'Live', waiting: desk.problem || 'Not connected', refused: '' }[
    desk.state
  ];
  const left = Math.ceil((desk.retryAt - Date.now()) / 1000);
  const next = desk.state === 'waiting' ? (left > 0 ? ` · next try in ${left} s` : ' · trying…') : '';
  write(state, words + next);
  state.dataset.state = desk.state;
  document.body.classList.toggle('stale', desk.state === 'waiting');
  if (desk.state === told) return;
  if (told === 'open' && desk.state === 'waiting') announce('The connection was lost. What you see may be outdated.');
  if (told === 'waiting' && desk.state === 'open') announce('Connected again.');
  told = desk.state;
}

setInterval(() => {
  if (current?.state === 'waiting') showState(current);
}, 500);

$('.gate form').addEventListener('submit', (event) => {
  event.preventDefault();
  const token = event.target.querySelector('input').value.trim();
  // The user may paste the whole link.
  const bare = token.includes('#') ? token.slice(token.indexOf('#') + 1) : token;
  if (!bare) return ask('Enter the token.');
  keepToken(bare);
  // Reloading removes all data of the earlier session.
  if (current) location.reload();
  else start(bare);
});
$('#announce').addEventListener('click', () => current && openAnnouncement(current, ''));
$('#forget').addEventListener('click', () => {
  forgetToken();
  location.reload();
});
addEventListener('hashchange', () => {
  if (location.hash.length > 1 && takeToken()) location.reload();
});

const token = takeToken();
if (token) start(token);
else ask('');
