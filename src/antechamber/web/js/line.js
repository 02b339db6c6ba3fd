/** `<waiting-line>`: the place in the line, the expected wait, and the settings for being called. */

import { announce, fill, h, icon, rowsFor, write } from './dom.js';
import { notifications, setSound, settings, soundOn, toggleNotifications, unlockSound, chime } from './notify.js';
import { drawSeats, figure, hasFreeSeat, seatsDrawing, seatsWords, waitingWords } from './seats.js';
import { clock, ordinal, span, waitWords } from './time.js';

/** The most people that are drawn one by one. */
const AHEAD_DRAWN = 11;
const BEHIND_DRAWN = 4;
/** How often to ask for the expected wait, which changes with time. */
const ASK_SECONDS = 15;

export class WaitingLine extends HTMLElement {
  /** @type {import('./chat.js').Chat} */
  chat;
  /** Called with the channel to go to. */
  goTo = () => {};
  /** Called to leave the line. */
  leave = () => {};

  #heard = null;
  #timer = 0;
  #ahead = -1;

  connectedCallback() {
    this.#heard = new AbortController();
    const { signal } = this.#heard;
    this.#build();
    this.chat.addEventListener('place', () => this.#show(), { signal });
    this.chat.addEventListener('channels', () => this.#show(), { signal });
    this.chat.addEventListener('announcement', ({ detail }) => this.#announced(detail), { signal });
    settings.addEventListener('sound', () => this.#showCalls(), { signal });
    settings.addEventListener('notifications', () => this.#showCalls(), { signal });
    this.#timer = setInterval(() => this.#ask(), ASK_SECONDS * 1000);
    this.#show();
    this.#showCalls();
    this.#showNotes();
  }

  disconnectedCallback() {
    this.#heard.abort();
    clearInterval(this.#timer);
  }

  /** Focus the place in line, so it is read out. */
  focusFirst() {
    this.heading.focus();
  }

  #build() {
    const { limits } = this.chat;
    this.heading = h('h2', { tabindex: '-1', class: 'place' });
    this.words = h('p', { class: 'lead' });
    this.row = h('div', { class: 'row', 'aria-hidden': 'true' });
    this.seats = seatsDrawing();
    this.wait = h('dd');
    this.aheadCount = h('dd');
    this.taken = h('dd');
    this.notes = h('ul', { role: 'list', class: 'announcements', 'aria-label': 'Announcements' });
    this.notify = h('button', { on: { click: () => this.#notify() } });
    this.notifyHint = h('p', { class: 'hint' });
    this.sound = h('button', { 'aria-pressed': 'true', on: { click: () => this.#sound() } });
    this.others = h('ul', { role: 'list', class: 'others' });
    this.othersPart = h('section', { class: 'card', 'aria-labelledby': 'others' }, h('h3', { id: 'others' }, 'Or go to another channel'), this.others);
    const idle = limits.idleSeconds;
    const kept = limits.placeHoldSeconds;
    fill(
      this,
      h(
        'section',
        { class: 'card ticket', 'aria-label': 'Your place in the line' },
        this.heading,
        this.words,
        h('div', { class: 'scene' }, this.seats, this.row),
        h('dl', { class: 'figures' }, pair('Ahead of you', this.aheadCount), pair('Expected wait', this.wait), pair('Seats', this.taken)),
        h(
          'p',
          { class: 'hint' },
          idle > 0 ? `Once you have a seat, say something within ${span(idle)}, or the next person gets it. ` : '',
          kept > 0 ? `If your connection drops, your place is kept for ${span(kept)}.` : 'Keep this page open: a lost connection costs you the place.',
        ),
      ),
      this.notes,
      h(
        'section',
        { class: 'card calls', 'aria-labelledby': 'calls' },
        h('h3', { id: 'calls' }, 'You may look elsewhere: you will be called'),
        h('div', { class: 'actions' }, this.sound, this.notify),
        this.notifyHint,
      ),
      this.othersPart,
      h('p', { class: 'away' }, h('button', { class: 'danger', on: { click: () => this.leave() } }, icon('leave'), 'Leave the line')),
    );
  }

  #show() {
    const { ahead, channel } = this.chat;
    const info = this.chat.info();
    const place = ahead === null ? null : ahead + 1;
    const head = place === null ? 'You are in line' : place === 1 ? 'You are next' : `You are ${ordinal(place)} in line`;
    write(this.heading, head);
    fill(this.words, place === 1 ? 'The next free seat in ' : 'You are waiting for a seat in ', h('bdi', null, channel), place === 1 ? ' is yours.' : '.');
    write(this.aheadCount, ahead === null ? '…' : ahead === 0 ? 'Nobody' : ahead === 1 ? '1 person' : `${ahead} people`);
    write(this.wait, sentence(waitWords(this.chat.waitSeconds)));
    write(this.taken, info ? seatsWords(info) : '…');
    if (info) drawSeats(this.seats, info);
    if (ahead !== null) this.#drawLine(ahead, Math.max(0, (info?.waiting ?? 0) - ahead - 1));
    this.#tellPlace(ahead, head);
    this.#showOthers();
  }

  #tellPlace(ahead, head) {
    if (ahead === null || ahead === this.#ahead) return;
    if (this.#ahead >= 0) announce(`${head}. Expected wait: ${waitWords(this.chat.waitSeconds)}.`);
    this.#ahead = ahead;
  }

  #drawLine(ahead, behind) {
    const shown = `${ahead}/${behind}`;
    if (this.row.dataset.shown === shown) return;
    const steps = Number((this.row.dataset.shown ?? shown).split('/')[0]) - ahead;
    this.row.dataset.shown = shown;
    const more = (count) => (count > 0 ? h('span', { class: 'more' }, `+${count}`) : null);
    const figures = (count, most, kind) => Array.from({ length: Math.min(count, most) }, () => figure(kind));
    fill(
      this.row,
      figures(ahead, AHEAD_DRAWN, 'ahead'),
      more(ahead - AHEAD_DRAWN),
      h('span', { class: 'you' }, figure('me'), h('span', null, 'You')),
      figures(behind, BEHIND_DRAWN, 'behind'),
      more(behind - BEHIND_DRAWN),
    );
    if (steps > 0 && !matchMedia('(prefers-reduced-motion: reduce)').matches) {
      this.row.animate([{ transform: 'translateX(2rem)' }, { transform: 'none' }], { duration: 420, easing: 'ease-out' });
    }
  }

  #showOthers() {
    const others = this.chat.channels.filter(({ name }) => name !== this.chat.channel);
    this.othersPart.hidden = others.length === 0;
    const names = others.map(({ name }) => name);
    const rows = rowsFor(this.others, names, (name) => this.#other(name));
    others.forEach((info, index) => {
      const words = hasFreeSeat(info) ? 'A seat is free' : `${waitingWords(info.waiting)}, ${waitWords(info.wait_seconds)}`;
      write(rows[index].querySelector('.told'), words);
      rows[index].classList.toggle('free', hasFreeSeat(info));
    });
  }

  #other(name) {
    const go = h('button', { 'aria-label': `Go to ${name}`, on: { click: () => this.goTo(name) } }, 'Go there');
    return h('li', { dataset: { name } }, h('span', null, h('bdi', { class: 'strong' }, name), h('span', { class: 'told hint' })), go);
  }

  #announced({ text }) {
    announce(`Announcement: ${text}`);
    this.#showNotes();
  }

  #showNotes() {
    const note = ({ text, time }) =>
      h('li', { class: 'card' }, icon('megaphone'), h('p', { dir: 'auto' }, text), h('time', { class: 'hint' }, clock(time)));
    fill(this.notes, this.chat.announcements.map(note));
  }

  async #ask() {
    if (!this.chat.online) return;
    try {
      await this.chat.place();
    } catch (refused) {
      // The member got a seat meanwhile, or the connection is down: both are shown elsewhere.
      if (!refused.code) throw refused;
    }
  }

  // Being called

  #showCalls() {
    const sound = soundOn();
    this.sound.setAttribute('aria-pressed', String(sound));
    fill(this.sound, icon(sound ? 'sound' : 'sound-off'), sound ? 'Sound is on' : 'Sound is off');
    const state = notifications();
    this.notify.hidden = state === 'none' || state === 'blocked';
    const on = state === 'on';
    if (state === 'ask') this.notify.removeAttribute('aria-pressed');
    else this.notify.setAttribute('aria-pressed', String(on));
    const words = { ask: 'Notify me as well', on: 'Notification is on', off: 'Notification is off' };
    fill(this.notify, icon('bell'), words[state] ?? '');
    this.notifyHint.textContent =
      state === 'blocked' ? 'Notifications are blocked for this page in your browser’s settings.' : 'The tab’s title calls you in any case.';
  }

  #sound() {
    setSound(!soundOn());
    if (!soundOn()) return;
    unlockSound();
    chime('note');
  }

  async #notify() {
    await toggleNotifications();
    this.notify.hidden ? this.sound.focus() : this.notify.focus();
  }
}

const pair = (word, value) => h('div', null, h('dt', null, word), value);
const sentence = (words) => words.charAt(0).toUpperCase() + words.slice(1);

customElements.define('waiting-line', WaitingLine);
