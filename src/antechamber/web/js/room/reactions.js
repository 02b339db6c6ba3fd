/** Reactions and replies to messages, both carried by IRC's client-only tags. */

import { h, rowsFor, write } from '../dom.js';

const REACT = '+draft/react';
const UNREACT = '+draft/unreact';
const REPLY = '+draft/reply';
/** How many messages are remembered, and how many characters of a reaction are shown. */
const KEPT_MAX = 2_000;
const CHARACTERS_MAX = 16;

/**
 * Return the sequence number of the message that tags refer to; 0 if it is not in this channel.
 * @param {Record<string, string> | undefined} tags
 * @param {string} channel
 */
export function aboutOf(tags, channel) {
  const id = tags?.[REPLY] ?? '';
  const sequence = Number(id.slice(id.lastIndexOf('-') + 1));
  return id === `${channel}-${sequence}` ? sequence : 0;
}

/** The newest messages read, in any order. */
export class Reactions {
  /** By message and reaction: who reacted, and in which entry; negative if that entry withdrew it. */
  #of = new Map();
  #said = new Map();

  clear() {
    this.#of.clear();
    this.#said.clear();
  }

  /** Return the message of this entry, if known. @param {number} sequence */
  said(sequence) {
    return this.#said.get(sequence);
  }

  /**
   * @param {any} entry
   * @returns {number} the message whose reactions changed; 0 for none
   */
  take({ channel, sequence, event: { type, name, tags, text } }) {
    if (type === 'said') keep(this.#said, sequence, { name, text });
    const about = type === 'tagged' && aboutOf(tags, channel);
    const word = about && (tags[REACT] ?? tags[UNREACT]);
    if (!word) return 0;
    const reaction = [...word].slice(0, CHARACTERS_MAX).join('');
    if (!this.#of.has(about)) keep(this.#of, about, new Map());
    const by = this.#of.get(about);
    if (!by.has(reaction)) by.set(reaction, new Map());
    const names = by.get(reaction);
    if (sequence > Math.abs(names.get(name) ?? 0)) names.set(name, REACT in tags ? sequence : -sequence);
    return about;
  }

  /**
   * Show a message's reactions under it. Each is a button that adds or withdraws one's own.
   * @param {HTMLElement & {item: any}} row
   * @param {import('../chat.js').Chat} chat
   */
  draw(row, chat) {
    const { sequence } = row.item;
    const shown = [...(this.#of.get(sequence) ?? [])]
      .map(([reaction, by]) => [reaction, [...by.keys()].filter((name) => by.get(name) > 0)])
      .filter(([, names]) => names.length);
    let list = row.querySelector('.reactions');
    if (!list && !shown.length) return;
    if (!list) row.append((list = h('ul', { class: 'reactions', role: 'list', 'aria-label': 'Reactions' })));
    const focused = list.contains(document.activeElement);
    const made = (reaction) => h('li', { dataset: { name: reaction } }, h('button', { on: { click: () => press(reaction) } }));
    const press = (reaction) => {
      const mine = this.#of.get(sequence).get(reaction).get(chat.name) > 0;
      const tags = { [mine ? UNREACT : REACT]: reaction, [REPLY]: `${chat.channel}-${sequence}` };
      chat.ask({ type: 'tag', tags }).catch(({ text }) => chat.tell('refusal', { text }));
    };
    const rows = rowsFor(list, shown.map(([reaction]) => reaction), made);
    shown.forEach(([reaction, names], index) => {
      const [button] = rows[index].children;
      const words = `${reaction} ${names.length}`;
      write(button, words);
      button.title = names.join(', ');
      button.ariaLabel = `${words}: ${button.title}`;
      button.ariaPressed = String(names.includes(chat.name));
    });
    if (focused && !list.contains(document.activeElement)) row.closest('.scroller').focus();
  }
}

function keep(map, key, value) {
  map.set(key, value);
  if (map.size > KEPT_MAX) map.delete(map.keys().next().value);
}
