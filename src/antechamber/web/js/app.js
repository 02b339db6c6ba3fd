/** The page: it shows one view at a time, chosen by the chat's phase. */

import './banner.js';
import './ended.js';
import './header.js';
import './line.js';
import './lobby.js';
import './room/chat-room.js';
import { Chat } from './chat.js';
import { confirming, fill, h } from './dom.js';
import { callByTitle, chime, notify, setTitle, setUnread, unlockSound } from './notify.js';
import { routed, setRoute, steppedAside, steppedOut } from './route.js';
import { hasFreeSeat } from './seats.js';
import { ordinal, waitWords } from './time.js';

const main = document.getElementById('main');
const chat = new Chat();
const header = Object.assign(document.createElement('chat-header'), { chat });
const banner = Object.assign(document.createElement('chat-banner'), { chat });
const views = { lobby: 'chat-lobby', waiting: 'waiting-line', seated: 'chat-room', ended: 'chat-ended' };
let view = null;
/** Whether the member waited for the seat that it gets now. */
let waited = false;
let unread = 0;

// Navigation

const goHome = () => fill(main, h('p', { class: 'nothing', tabindex: '-1' }, 'Coming back to ', h('bdi', null, chat.channel), ' …'));

/** Return a sentence about what leaving now costs; '' if it costs nothing. */
function givenUp() {
  // Counts arrive seldom; a seated member knows from the entries themselves whether anybody waits.
  if (chat.phase === 'seated') return chat.waiting.size > 0 ? `Your seat in ${chat.channel} goes to the next in line.` : '';
  const behind = (chat.info()?.waiting ?? 0) - (chat.ahead ?? 0) - 1;
  return chat.phase === 'waiting' && behind > 0 ? `You are ${ordinal((chat.ahead ?? 0) + 1)} in line. Others are behind you, so you would start again at the end.` : '';
}

async function goTo(channel) {
  const target = chat.info(channel);
  if (!target) {
    banner.say(`There is no channel called ${channel}.`);
    setRoute(chat.channel);
    return;
  }
  const free = hasFreeSeat(target);
  const cost = givenUp() || (chat.phase === 'seated' && !free ? `You give up your seat in ${chat.channel}.` : '');
  const then = free ? 'A seat is free there.' : `You would wait there: ${target.waiting} in line, expected wait: ${waitWords(target.wait_seconds)}.`;
  const sure = !cost || (await confirming({ title: `Go to ${channel}?`, text: `${cost} ${then}`, yes: 'Go there', no: 'Stay' }));
  if (!sure) {
    setRoute(chat.channel);
    return;
  }
  unlockSound();
  try {
    await chat.switchTo(channel);
  } catch (refused) {
    if (!refused.code) throw refused;
    banner.say(refused.code === 'cannot-switch' ? `You cannot go to ${channel}: somebody there has your name.` : refused.text);
    setRoute(chat.channel);
  }
}

async function leave() {
  const cost = givenUp();
  const title = chat.phase === 'waiting' ? 'Leave the line?' : `Leave ${chat.channel}?`;
  if (cost && !(await confirming({ title, text: cost, yes: 'Leave', no: 'Stay' }))) {
    setRoute(chat.channel);
    return;
  }
  chat.leave();
}

function followRoute() {
  const channel = routed();
  if (chat.phase === 'lobby') view.only = channel;
  else if (chat.phase === 'ended') {
    chat.toLobby();
    view.only = channel;
  } else if (!channel || steppedOut()) leave();
  else {
    steppedAside();
    if (channel !== chat.channel) goTo(channel);
  }
}

// The view

/** Show the view of the phase, synchronously, because the room must exist before the first entry arrives. */
function show(from) {
  const tag = views[chat.phase];
  if (!tag) {
    // While entering, the previous view stays, except the room of a channel that was left.
    if (!view || from === 'seated' || (from === 'ended' && chat.canTakeBack)) {
      view?.remove();
      view = null;
      goHome();
    }
    return;
  }
  const stays = view?.localName === tag && tag !== 'chat-room';
  if (!stays) {
    view?.remove();
    view = Object.assign(document.createElement(tag), { chat, goTo, leave, entering: unlockSound });
    if (tag === 'chat-lobby') view.only = from === 'waiting' || from === 'seated' ? '' : routed();
    document.body.dataset.view = tag;
    // If nothing has the focus, the room gives it to its composer.
    document.activeElement?.blur();
    fill(main, view);
    focusView();
  }
}

let first = true;

/** Focus a new view, so it is read out. On load that is left to the browser if there is no keyboard. */
function focusView() {
  if (first && !matchMedia('(hover: hover)').matches) return;
  if (view.focusFirst) view.focusFirst();
  else if (!view.contains(document.activeElement)) main.focus();
}

function nameTab() {
  const { phase, channel, ahead } = chat;
  if (phase === 'waiting' && ahead !== null) setTitle(`${ordinal(ahead + 1)} in line, ${channel}`);
  else setTitle(phase === 'seated' || phase === 'waiting' ? channel : routed());
}

chat.addEventListener('phase', ({ detail: { from } }) => {
  const { phase } = chat;
  if (phase === 'waiting') waited = true;
  if (phase === 'seated' || phase === 'waiting') setRoute(chat.channel);
  // A user whom a channel refuses stays at its link.
  if (phase === 'lobby' && from !== 'entering') setRoute('');
  show(from);
  if (phase === 'seated' && waited) seatCame();
  if (phase !== 'seated') banner.seatLeft();
  if (phase !== 'waiting') waited = false;
  if (phase === 'ended' && document.visibilityState === 'hidden') notify(`Your ${chat.ended.sat ? 'seat' : 'place'} is gone`, chat.ended.text);
  noticed();
  nameTab();
});

function seatCame() {
  banner.seatCame(chat.channel);
  chime('seat');
  callByTitle(`★ Your seat is here: ${chat.channel}`);
  notify('Your seat is here', `It is your turn in ${chat.channel}.`);
}

// Events while the page is hidden

function noticed() {
  unread = 0;
  setUnread(0);
}

function missed() {
  if (document.visibilityState === 'visible') return;
  unread += 1;
  setUnread(unread);
}

chat.addEventListener('entry', ({ detail: { event } }) => {
  if (event.type === 'said' && event.name !== chat.name) missed();
});
chat.addEventListener('whisper', ({ detail: { mine, sender } }) => {
  if (mine) return;
  missed();
  if (document.visibilityState === 'hidden') {
    chime('note');
    notify(`${sender} whispers to you`, `In ${chat.channel}`);
  }
});
chat.addEventListener('idling', ({ detail: { seconds } }) => {
  if (document.visibilityState === 'visible') return;
  chime('note');
  callByTitle('⏳ You are about to lose your seat');
  notify('You are about to lose your seat', `Say something in ${chat.channel} within ${Math.round(seconds)} seconds.`);
});
chat.addEventListener('invitation', ({ detail: { channel, by } }) => {
  const text = `${by || 'The operator'} invites you to ${channel}.`;
  banner.say(text, h('button', { class: 'quiet', on: { click: () => goTo(channel) } }, 'Go there'));
  if (document.visibilityState === 'hidden') {
    chime('note');
    notify(text, '');
  }
});
chat.addEventListener('place', nameTab);
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && noticed());

// The page

Object.assign(header, { goTo, leave });
document.getElementById('header').append(header);
document.getElementById('notes').append(banner);
document.querySelector('.skip').addEventListener('click', () => main.focus());
addEventListener('popstate', () => {
  followRoute();
  nameTab();
});
show('');
nameTab();
first = false;
