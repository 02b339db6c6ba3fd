/** `<chat-banner>`: notices above everything else: connection lost, seat gained, newer version. */

import { announce, fill, h, icon, write } from './dom.js';
import { span } from './time.js';

/** A connection that is back sooner than this is not mentioned. */
const QUIET_MILLISECONDS = 600;
const BACK_SECONDS = 3;
const CALL_SECONDS = 12;
const SAY_SECONDS = 8;
const OFFER_SECONDS = 60;

export class ChatBanner extends HTMLElement {
  /** @type {import('./chat.js').Chat} */
  chat;

  #timer = 0;
  #shown = false;
  #backTimer = 0;

  connectedCallback() {
    this.connection = h('div', { class: 'note offline', hidden: true });
    this.words = h('span', null);
    this.retry = h('button', { class: 'quiet', on: { click: () => this.chat.retry() } }, 'Try now');
    this.call = h('div', { class: 'note call', hidden: true });
    this.said = h('div', { class: 'note said', hidden: true });
    this.newer = h(
      'div',
      { class: 'note newer', hidden: true },
      icon('refresh'),
      h('span', null, 'The server has a newer version.'),
      h('button', { class: 'quiet', on: { click: () => location.reload() } }, 'Reload'),
      h('button', { class: 'quiet', on: { click: () => (this.newer.hidden = true) } }, 'Later'),
    );
    this.append(this.call, this.connection, this.newer, this.said);
    this.chat.addEventListener('online', () => this.#changed());
    this.chat.addEventListener('version', () => (this.newer.hidden = false));
    this.chat.addEventListener('phase', () => this.#changed());
    this.chat.addEventListener('refusal', ({ detail }) => this.chat.phase !== 'seated' && this.say(detail.text));
    this.#changed();
  }

  #changed() {
    const { chat } = this;
    if (chat.online) {
      clearInterval(this.#timer);
      this.#timer = 0;
      if (this.#shown) this.#back();
      return;
    }
    this.#timer ||= setInterval(() => this.#tick(), 250);
    this.#tick();
  }

  #tick() {
    const { chat } = this;
    if (!chat.downAt || Date.now() - chat.downAt < QUIET_MILLISECONDS) return;
    clearTimeout(this.#backTimer);
    const text = `${this.#what()} ${this.#next()}`;
    if (!this.#shown) {
      this.#shown = true;
      this.connection.className = 'note offline';
      fill(this.connection, icon('offline'), this.words, this.retry);
      this.connection.hidden = false;
      announce(this.#what(), { assertive: true });
    }
    write(this.words, text);
    this.retry.hidden = chat.retryAt - Date.now() < 1000;
  }

  #what() {
    const { chat } = this;
    if (chat.trouble) return chat.trouble;
    if (chat.downReason === 'slow') return 'Your connection could not keep up. Coming back.';
    const what = chat.downReason === 'shutdown' ? 'The server is restarting.' : chat.knowsChannels ? 'The connection is lost.' : 'The server does not answer.';
    return `${what}${this.#kept()}`;
  }

  /** Return a sentence about how long the seat or place is still held, as far as this page can tell. */
  #kept() {
    const { phase, limits, downAt } = this.chat;
    const [what, seconds] = { seated: ['seat', limits.seatHoldSeconds], waiting: ['place', limits.placeHoldSeconds] }[phase] ?? [];
    if (!(seconds > 0)) return '';
    const left = seconds - (Date.now() - downAt) / 1000;
    return left > 0 ? ` Your ${what} is kept for ${span(left > 60 ? left : Math.ceil(left))}.` : ` Your ${what} may be gone by now.`;
  }

  #next() {
    const seconds = Math.ceil((this.chat.retryAt - Date.now()) / 1000);
    return this.chat.retryAt && seconds > 0 ? `Next try in ${seconds} s.` : 'Trying …';
  }

  #back() {
    this.#shown = false;
    this.connection.className = 'note back';
    const text = this.chat.phase === 'seated' || this.chat.phase === 'waiting' ? 'You are back.' : 'Connected again.';
    fill(this.connection, icon('check'), h('span', null, text));
    announce(text);
    this.#backTimer = setTimeout(() => (this.connection.hidden = true), BACK_SECONDS * 1000);
  }

  /**
   * Announce the new seat, for long enough to be noticed.
   * @param {string} channel
   */
  seatCame(channel) {
    const idle = this.chat.limits.idleSeconds;
    const soon = idle > 0 ? ` Say something within ${span(idle)}, or it goes to the next.` : '';
    fill(
      this.call,
      icon('seat'),
      h('span', null, h('strong', null, 'Your seat is here. '), 'Welcome to ', h('bdi', null, channel), `.${soon}`),
      h('button', { class: 'quiet square', 'aria-label': 'Close', on: { click: () => (this.call.hidden = true) } }, icon('close')),
    );
    this.call.hidden = false;
    announce(`Your seat is here. Welcome to ${channel}.${soon}`, { assertive: true });
    this.#hideOnceSeen();
  }

  #hideOnceSeen() {
    const seen = () => {
      if (document.visibilityState !== 'visible') return;
      document.removeEventListener('visibilitychange', seen);
      setTimeout(() => (this.call.hidden = true), CALL_SECONDS * 1000);
    };
    document.addEventListener('visibilitychange', seen);
    seen();
  }

  /** Hide the announcement of a seat that is gone. */
  seatLeft() {
    this.call.hidden = true;
  }

  /**
   * Show why something was not done, or an offer with its button.
   * @param {string} text
   * @param {Element} [button]
   */
  say(text, button) {
    fill(this.said, icon(button ? 'bell' : 'warning'), h('span', null, text), button);
    this.said.hidden = false;
    announce(text, { assertive: true });
    clearTimeout(this.saidTimer);
    this.saidTimer = setTimeout(() => (this.said.hidden = true), (button ? OFFER_SECONDS : SAY_SECONDS) * 1000);
  }
}

customElements.define('chat-banner', ChatBanner);
