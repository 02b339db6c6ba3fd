/** The list of what could be meant, above the composer: arrows choose, and the text field keeps the focus. */

import { announce, h } from '../dom.js';
import { nameOf } from './row.js';
import { counted } from './words.js';

export class Suggestions {
  /** @type {import("./completion.js").Completion | null} */
  #completion = null;
  #chosen = 0;

  /**
   * @param {HTMLTextAreaElement} field
   * @param {() => void} accept called when an option is clicked
   */
  constructor(field, accept) {
    this.field = field;
    this.accept = accept;
    this.list = h('ul', {
      class: 'suggestions',
      id: 'suggestions',
      role: 'listbox',
      'aria-label': 'Suggestions',
      hidden: true,
    });
    // A press on the list must not take the focus out of the text.
    this.list.addEventListener('pointerdown', (event) => event.preventDefault());
    this.list.addEventListener('click', (event) => this.#click(event));
  }

  get open() {
    return this.#completion !== null;
  }

  /** @returns {{start: number, end: number, value: string} | null} what would be put in now */
  get choice() {
    if (!this.#completion) return null;
    const { start, end, options } = this.#completion;
    return { start, end, value: options[this.#chosen].value };
  }

  /** @param {import("./completion.js").Completion | null} completion what to offer; null closes the list */
  show(completion) {
    if (!completion) return this.close();
    const before = this.#completion?.options.map(({ value }) => value).join('\n');
    const same = before === completion.options.map(({ value }) => value).join('\n');
    this.#completion = completion;
    if (same) return undefined;
    this.list.replaceChildren(...completion.options.map(optionOf));
    this.list.hidden = false;
    this.field.setAttribute('aria-controls', 'suggestions');
    this.#choose(0);
    if (before === undefined) announce(`${counted(completion.options.length, 'suggestion')}, arrow keys choose`);
    return undefined;
  }

  close() {
    this.#completion = null;
    this.list.hidden = true;
    this.list.replaceChildren();
    this.field.removeAttribute('aria-activedescendant');
    this.field.removeAttribute('aria-controls');
  }

  /** Go up or down in the list, and around its ends. */
  move(step) {
    const count = this.#completion.options.length;
    this.#choose((this.#chosen + step + count) % count);
  }

  #choose(index) {
    this.list.children[this.#chosen]?.setAttribute('aria-selected', 'false');
    this.#chosen = index;
    const option = this.list.children[index];
    option.setAttribute('aria-selected', 'true');
    this.field.setAttribute('aria-activedescendant', option.id);
    option.scrollIntoView({ block: 'nearest' });
  }

  #click(event) {
    const option = event.target.closest('[role=option]');
    if (!option) return;
    this.#choose([...this.list.children].indexOf(option));
    this.accept();
  }
}

function optionOf({ label, detail, kind }, index) {
  const what = kind === 'person' ? nameOf(label) : h('bdi', { class: 'what' }, label);
  const more = detail && h('bdi', { class: 'detail' }, detail);
  return h('li', { id: `suggestion-${index}`, role: 'option', 'aria-selected': 'false' }, what, more && ' ', more);
}
