/** Calls who looks elsewhere when there is something for them. (How much is new in all, the page itself counts.) */

import { callByTitle, chime, notify } from '../notify.js';
import { mentionOf } from './richtext.js';

const BODY_CHARACTERS = 160;

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
   * Call, where nobody looks.
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
