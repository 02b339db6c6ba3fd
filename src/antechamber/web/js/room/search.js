/** `<room-search>`: what was said in the channel, found by its words. Event `jump` with `{sequence, words}`. */

import { h } from '../dom.js';
import { clock, dayName, fullTime } from '../time.js';
import { richText, wordsOf } from './richtext.js';
import { nameOf } from './row.js';
import { counted } from './words.js';

const RESULTS = 20;
const EXCERPT_CHARACTERS = 160;

export class RoomSearch extends HTMLElement {
  /** @type {import("../chat.js").Chat} */
  chat;
  /** @type {import("./questions.js").Questions} */
  questions;

  #words = '';
  #oldest = 0;
  #question = 0;

  connectedCallback() {
    if (!this.field) this.#build();
  }

  #build() {
    this.field = h('input', {
      type: 'search',
      id: 'search-words',
      autocomplete: 'off',
      enterkeyhint: 'search',
      maxlength: '200',
      dir: 'auto',
      placeholder: 'Words, or “a phrase”',
    });
    this.status = h('p', { class: 'hint', role: 'status' });
    this.results = h('ol', { role: 'list', class: 'results', 'aria-label': 'Found' });
    this.more = h('button', { type: 'button', hidden: true, on: { click: () => this.#ask(true) } }, 'Show older ones');
    const submit = (event) => {
      event.preventDefault();
      this.find(this.field.value);
    };
    this.append(
      h(
        'form',
        { role: 'search', 'aria-label': 'This channel', on: { submit } },
        h('label', { class: 'label', for: 'search-words' }, 'Search this channel'),
        this.field,
        h('button', { type: 'submit', class: 'primary' }, 'Search'),
      ),
      this.status,
      this.results,
      this.more,
    );
  }

  /** Find `words`; with none, wait for what is typed. */
  find(words) {
    this.field.value = words;
    this.#words = words.trim().replaceAll(/[“”„]/gu, '"');
    this.results.replaceChildren();
    this.more.hidden = true;
    if (!this.#words) {
      this.status.textContent = '';
      this.#tellMarks();
      return;
    }
    this.#tellMarks();
    this.#ask(false);
  }

  /** Begin anew, as in another channel. */
  clear() {
    if (!this.field) return;
    this.#question += 1;
    this.find('');
  }

  #tellMarks() {
    this.dispatchEvent(new CustomEvent('marks', { detail: this.#words }));
  }

  async #ask(older) {
    const question = (this.#question += 1);
    this.status.textContent = 'Searching…';
    try {
      const which = { before: older ? this.#oldest : 0, limit: RESULTS };
      const answer = await this.questions.ask(
        () => this.chat.search(this.#words, which),
        () => question === this.#question,
      );
      if (answer) this.#show(answer, older);
    } catch (refused) {
      if (!(refused.code && refused.text)) throw refused;
      if (question === this.#question) this.status.textContent = refused.text;
    }
  }

  #show({ entries, more }, older) {
    const expression = wordsOf(this.#words);
    const first = this.results.childElementCount;
    this.results.append(...[...entries].reverse().map((entry) => this.#resultOf(entry, expression)));
    this.#oldest = entries[0]?.sequence ?? this.#oldest;
    this.more.hidden = !more;
    const count = this.results.childElementCount;
    const text = count
      ? `${counted(count, 'message')} found${more ? ', and there are more' : ''}.`
      : 'Nobody said that here.';
    this.status.textContent = text;
    if (older) this.results.children[first]?.querySelector('button').focus();
  }

  #resultOf({ sequence, time, event }, expression) {
    const jump = () => this.dispatchEvent(new CustomEvent('jump', { detail: { sequence, words: this.#words } }));
    const excerpt = h(
      'span',
      { class: 'excerpt', dir: 'auto' },
      ...richText(around(event.text, expression), { words: expression, links: false }),
    );
    return h(
      'li',
      {},
      h(
        'button',
        { type: 'button', class: 'result quiet', on: { click: jump } },
        h(
          'span',
          { class: 'head' },
          nameOf(event.name),
          ' ',
          h(
            'time',
            { datetime: new Date(time * 1000).toISOString(), title: fullTime(time) },
            `${dayName(time)}, ${clock(time)}`,
          ),
        ),
        excerpt,
      ),
    );
  }
}

/** The part of a text that the first hit stands in. */
function around(text, expression) {
  const hit = expression ? Math.max(0, text.search(expression)) : 0;
  const start = hit > EXCERPT_CHARACTERS / 2 ? hit - EXCERPT_CHARACTERS / 4 : 0;
  // Whole characters, and none that lost its first half.
  const part = [...text.slice(start, start + 2 * EXCERPT_CHARACTERS)].slice(0, EXCERPT_CHARACTERS).join('');
  const after = start + part.length < text.length ? '…' : '';
  return `${start ? '…' : ''}${part.replace(/^[\uDC00-\uDFFF]/, '')}${after}`;
}

customElements.define('room-search', RoomSearch);
