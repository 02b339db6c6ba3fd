/**
 * `<outgoing-messages>`: messages that are sent but not in the channel yet.
 *
 * It is below the last message. A message that arrives leaves it and gets its own row; one that could not be sent
 * becomes a row that says why, and scrolls away with the others.
 */

import { announce, h } from '../dom.js';
import { nameOf, textOf } from './row.js';

export class OutgoingMessages extends HTMLElement {
  /** @type {import("../chat.js").Chat} */
  chat;

  /** Called with unsent text when this is removed, in the form in which it was typed. */
  unsent = () => {};
  /** Called with the item of a failed message, which stays in its place; returns the item as shown. */
  stays = (item) => item;
  /** Called with such an item to remove it. */
  goes = () => {};

  /** Failed messages. @type {Set<{to: string | null, text: string}>} */
  #failed = new Set();
  #list = h('ol', { role: 'list' });

  connectedCallback() {
    this.append(this.#list);
  }

  disconnectedCallback() {
    for (const message of this.#failed) this.unsent(typed(message));
  }

  /**
   * Send a message, or a whisper if `to` is a name.
   * @param {{to: string | null, text: string, form?: "action", entered?: number}} message
   */
  async send(message) {
    const { to, text, form, entered } = message;
    const state = h('p', { class: 'state' }, 'Sending…');
    const row = h('li', { class: `message mine ${to ? 'whisper' : 'said'} sending` }, this.#body(message, state));
    this.#list.append(row);
    try {
      await (to ? this.chat.whisper(to, text, entered) : this.chat.say(text, form));
    } catch (refused) {
      if (this.isConnected) this.#fail(message, refused);
      else this.unsent(typed(message));
    }
    row.remove();
  }

  #fail(message, { code, text }) {
    const why = code === 'lost' ? 'The connection was lost, so it is not known whether this arrived.' : text;
    const remove = () => this.#forget(message, item, node);
    const again = () => {
      remove();
      this.send(message);
    };
    const button = (words, click) => h('button', { on: { click } }, words);
    const acts = [button('Try again', again), ' ', button('Remove', remove)];
    const state = h('p', { class: 'state' }, h('span', {}, why), ' ', acts);
    const node = h('div', {}, this.#body(message, state));
    this.#failed.add(message);
    const item = this.stays({ kind: 'failed', mine: true, to: message.to, time: this.chat.serverNow(), node });
    announce(`Not sent: ${why}`, { assertive: true });
  }

  #forget(message, item, node) {
    const focused = node.contains(document.activeElement);
    this.#failed.delete(message);
    this.goes(item);
    if (focused) this.dispatchEvent(new CustomEvent('emptied', { bubbles: true }));
  }

  #body({ to, text, form }, state) {
    const head = to && h('p', { class: 'head' }, h('span', { class: 'name me' }, 'You'), ' to ', nameOf(to), ' alone');
    return [head, h('div', { class: 'bubble' }, textOf(form ? `${this.chat.name} ${text}` : text, {})), state];
  }
}

function typed({ to, text, form }) {
  if (form) return `/me ${text}`;
  return to ? `/whisper ${to} ${text}` : text;
}

customElements.define('outgoing-messages', OutgoingMessages);
