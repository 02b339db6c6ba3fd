/** `<idle-warning>`: warns that the idle seat will soon be lost; a click keeps it, and so does typing. */

import { announce, h, icon } from '../dom.js';
import { counted } from './row.js';

/** Seconds left at which screen readers announce the time. */
const TOLD_AT = [10, 5];

export class IdleWarning extends HTMLElement {
  /** @type {import("../chat.js").Chat} */
  chat;

  #endsAt = 0;
  #total = 1;
  #told = [];

  connectedCallback() {
    if (this.words) return;
    this.hidden = true;
    this.words = h('p', {});
    this.bar = h('span', { class: 'left', 'aria-hidden': 'true' });
    this.button = h(
      'button',
      { class: 'primary', on: { click: () => this.#here() } },
      "I'm still here",
    );
    this.append(
      h('div', { role: 'group', 'aria-label': 'Your seat' }, icon('hourglass'), this.words, this.button, this.bar),
    );
  }

  /**
   * Warn that the seat will soon be lost.
   * @param {number} endsAt when, in the server's time
   */
  warn(endsAt) {
    const seconds = Math.max(1, endsAt - this.chat.serverNow());
    this.#endsAt = endsAt;
    this.#total = seconds;
    this.#told = TOLD_AT.filter((each) => each < seconds - 1);
    this.hidden = false;
    this.tick();
    announce(`You lose your seat in ${Math.ceil(seconds)} seconds. Press I'm still here, or write something.`, {
      assertive: true,
    });
  }

  /** Hide the warning after a sign of life. */
  clear() {
    if (this.hidden) return;
    const focused = this.contains(document.activeElement);
    this.hidden = true;
    announce('You keep your seat.');
    if (focused) this.dispatchEvent(new CustomEvent('emptied', { bubbles: true }));
  }

  /** Update the countdown; called once a second. */
  tick() {
    if (this.hidden) return;
    const left = Math.max(0, Math.ceil(this.#endsAt - this.chat.serverNow()));
    this.words.replaceChildren(
      h('strong', {}, left ? `You lose your seat in ${counted(left, 'second')}.` : 'Your seat is going …'),
      ' You have been silent for a while. Writing keeps it too.',
    );
    this.bar.style.setProperty('--left', String(left / this.#total));
    if (this.#told.length && left <= this.#told[0])
      announce(`${this.#told.shift()} seconds left.`, { assertive: true });
  }

  async #here() {
    this.button.disabled = true;
    // The answer hides the warning; after a refusal it stays.
    await this.chat.here().catch(() => {});
    this.button.disabled = false;
  }
}

customElements.define('idle-warning', IdleWarning);
