/**
 * `<outgoing-messages>`: what was written here and is not in the channel yet, or could not be sent and why.
 *
 * It stands below the last message. A message that arrives leaves it; its row in the talk takes its place.
 */

import { announce, h } from '../dom.js';
import { nameOf, textOf } from './row.js';

export class OutgoingMessages extends HTMLElement {
  /** @type {import("../chat.js").Chat} */
  chat;

  /** Called with what was not sent when this goes, as it would be typed again. */
  unsent = () => {};

  #waiting = new Map();
  #list = h('ol', { role: 'list' });

  connectedCallback() {
    this.append(this.#list);
  }

  /**
   * Send a message, or a whisper where `to` is a name.
   * @param {{to: string | null, text: string}} message
   */
  send(message) {
    const row = h('li', { class: `message mine ${message.to ? 'whisper' : 'said'} sending` });
    this.#waiting.set(row, message);
    this.#list.append(row);
    this.#try(row, message);
  }

  disconnectedCallback() {
    for (const [row, message] of this.#waiting) if (row.classList.contains('failed')) this.unsent(typed(message));
  }

  async #try(row, message) {
    row.className = row.className.replace('failed', 'sending');
    row.replaceChildren(...this.#body(message, h('p', { class: 'state' }, h('span', {}, 'Sending…'))));
    try {
      await (message.to ? this.chat.whisper(message.to, message.text) : this.chat.say(message.text));
    } catch (refused) {
      if (!this.isConnected) this.unsent(typed(message));
      else if (this.#waiting.has(row)) this.#fail(row, message, refused);
      return;
    }
    this.#forget(row);
  }

  #fail(row, message, { code, text }) {
    const why = code === 'lost' ? 'The connection was lost, so it is not known whether this arrived.' : text;
    const again = h('button', { type: 'button', on: { click: () => this.#try(row, message) } }, 'Try again');
    const remove = h('button', { type: 'button', on: { click: () => this.#forget(row) } }, 'Remove');
    row.className = row.className.replace('sending', 'failed');
    row.replaceChildren(
      ...this.#body(message, h('p', { class: 'state' }, h('span', {}, why), ' ', again, ' ', remove)),
    );
    announce(`Not sent: ${why}`, { assertive: true });
    row.scrollIntoView({ block: 'nearest' });
  }

  #forget(row) {
    const focused = row.contains(document.activeElement);
    this.#waiting.delete(row);
    row.remove();
    if (focused) this.dispatchEvent(new CustomEvent('emptied', { bubbles: true }));
  }

  #body({ to, text }, state) {
    const head = to && h('p', { class: 'head' }, h('span', { class: 'name me' }, 'You'), ' to ', nameOf(to), ' alone');
    return [head, h('div', { class: 'bubble' }, textOf(text, {})), state].filter(Boolean);
  }
}

function typed({ to, text }) {
  return to ? `/whisper ${to} ${text}` : text;
}

customElements.define('outgoing-messages', OutgoingMessages);
