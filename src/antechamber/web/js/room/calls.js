/** New messages for users who do not see them: read out by screen readers, or called out while the page is hidden. */

import { callByTitle, chime, notify } from '../notify.js';
import { mentionOf } from './row.js';

const GATHER_MILLISECONDS = 400;
const SPOKEN_MAX = 3;
const CHARACTERS_MAX = 240;
const BODY_CHARACTERS = 160;

/** Reads new messages out: a few at a time, so a busy channel does not drown everything else. */
export class Heralds {
  #announce;
  #waiting = [];
  #timer = 0;

  /** @param {(text: string) => void} announce */
  constructor(announce) {
    this.#announce = announce;
  }

  /**
   * @param {import("./row.js").Item} item
   * @param {RegExp | null} mention
   */
  tell(item, mention) {
    if ((item.mine && item.kind !== 'happened') || item.kind === 'aside') return;
    this.#waiting.push(sentence(item, mention));
    this.#timer ||= setTimeout(() => this.#speak(), GATHER_MILLISECONDS);
  }

  close() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#waiting = [];
  }

  #speak() {
    const sentences = this.#waiting;
    this.close();
    const more = sentences.length - SPOKEN_MAX;
    const spoken = more > 0 ? [`${more} more messages.`, ...sentences.slice(-SPOKEN_MAX)] : sentences;
    this.#announce(spoken.join(' '));
  }
}

function sentence({ kind, name, text, mine, form }, mention) {
  const short = text.length > CHARACTERS_MAX ? `${text.slice(0, CHARACTERS_MAX)}…` : text;
  switch (kind) {
    case 'whisper':
      return `${name} whispers to you alone: ${short}`;
    case 'announced':
      return `Announcement: ${short}`;
    case 'happened':
      return name ? `${mine ? 'You' : name} ${text}.` : `${text}.`;
    default:
      if (form === 'action') return `${name} ${short}`;
      return mention && text.search(mention) >= 0 ? `${name} mentions you: ${short}` : `${name}: ${short}`;
  }
}

/** Calls a user who looks elsewhere. (app.js counts the unread messages.) */
export class Attention {
  #chat;
  #called = false;

  /**
   * @param {import('../chat.js').Chat} chat
   * @param {AbortSignal} signal ends it
   */
  constructor(chat, signal) {
    this.#chat = chat;
    const looked = () => {
      this.#called = false;
    };
    document.addEventListener('visibilitychange', looked, { signal });
  }

  /** @param {import('./row.js').Item | null} item */
  tell(item) {
    if (!item || item.mine) return;
    const { kind, name, text } = item;
    const isMention = kind === 'said' && text.search(mentionOf(this.#chat.name)) >= 0;
    if (isMention) this.call(`${name} mentions you`, text);
    else if (kind === 'announced') this.call('Announcement', text);
  }

  /**
   * Call the user, if the page is hidden.
   * @param {string} words
   * @param {string} text
   */
  call(words, text) {
    if (document.visibilityState === 'visible') return;
    chime('note');
    notify(`${words} in ${this.#chat.channel}`, text.slice(0, BODY_CHARACTERS));
    if (!this.#called) callByTitle(`★ ${words}`);
    this.#called = true;
  }
}
