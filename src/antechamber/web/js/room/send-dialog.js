/** `<send-dialog>`: chooses files and their recipient. Event `chosen` with `{to, entered, files}`. */

import { h, icon } from '../dom.js';
import { previewOf, size } from './files.js';
import { iconButton } from './row.js';

const FILES_MAX = 4;

export class SendDialog extends HTMLElement {
  /** @type {import("../chat.js").Chat} */
  chat;

  #files = [];
  #urls = [];

  connectedCallback() {
    if (!this.dialog) this.#build();
  }

  disconnectedCallback() {
    this.#forget();
  }

  #build() {
    this.previews = h('ul', { role: 'list', class: 'previews' });
    this.problem = h('p', { class: 'problem', role: 'alert' });
    this.input = h('input', {
      type: 'file',
      multiple: true,
      class: 'visually-hidden',
      tabindex: '-1',
      'aria-label': 'Files',
      on: { change: () => this.#add([...this.input.files]) },
    });
    this.choose = h(
      'button',
      { on: { click: () => this.input.click() } },
      icon('file'),
      'Choose a file',
    );
    this.to = h('select', { id: 'send-to' });
    this.button = h('button', { type: 'submit', class: 'primary' }, icon('send'), 'Send');
    const submit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    this.dialog = h(
      'dialog',
      { 'aria-labelledby': 'send-title', on: { close: () => this.dialog.open || this.#forget() } },
      h(
        'form',
        { on: { submit } },
        h('h2', { id: 'send-title' }, 'Send a file'),
        this.input,
        this.choose,
        this.previews,
        h('div', { class: 'field' }, h('label', { for: 'send-to' }, 'To'), this.to),
        this.problem,
        h(
          'div',
          { class: 'actions' },
          h('button', { on: { click: () => this.dialog.close() } }, 'Cancel'),
          this.button,
        ),
      ),
    );
    this.append(this.dialog);
  }

  /**
   * Open the dialog.
   * @param {{to?: string, entered?: number, files?: File[]}} [known] `entered`: the entry by which `to` entered
   */
  open({ to = '', entered = 0, files = [] } = {}) {
    this.#forget();
    this.to.replaceChildren();
    this.#fillPeople(entered || this.chat.roster.enteredOf(to));
    this.#add(files);
    if (!this.dialog.open) this.dialog.showModal();
    (this.#files.length ? this.to : this.choose).focus();
  }

  /** Update the list of people. */
  changed() {
    if (this.dialog.open) this.#fillPeople(Number(this.to.value));
  }

  /** @param {number} chosen the entry by which the recipient entered: a later holder of the name is not chosen */
  #fillPeople(chosen) {
    const others = [...this.chat.seated.values()].filter(({ name }) => name !== this.chat.name);
    const options = others.map(({ name, away, entered }) => {
      const props = { value: entered, disabled: Boolean(away), selected: entered === chosen && !away };
      return h('option', props, name, away && ' (away)');
    });
    if (options.length !== 1 && !options.some(({ selected }) => selected)) {
      const words = options.length ? 'Choose a person' : 'Nobody else has a seat';
      options.unshift(h('option', { value: '', selected: true }, words));
    }
    // Rebuilding an open list closes it, so do that only if necessary.
    const texts = (each) => [...each].map(({ text, value }) => text + value).join('\n');
    if (texts(options) !== texts(this.to.options)) this.to.replaceChildren(...options);
    this.button.disabled = !others.length;
  }

  #add(files) {
    const most = this.chat.limits.fileBytes;
    const problems = [];
    for (const file of files) {
      if (this.#files.length >= FILES_MAX) problems.push(`At most ${FILES_MAX} files at once.`);
      else if (most && file.size > most)
        problems.push(`${file.name} has ${size(file.size)}; a file has at most ${size(most)}.`);
      else {
        this.#files.push(file);
        this.previews.append(this.#previewOf(file));
      }
    }
    this.problem.textContent = [...new Set(problems)].join(' ');
    this.input.value = '';
  }

  #previewOf(file) {
    const remove = () => {
      this.#files = this.#files.filter((each) => each !== file);
      row.remove();
      this.choose.focus();
    };
    const row = h(
      'li',
      {},
      previewOf(file.name, '', this.#urls, file),
      h('span', { class: 'file' }, h('bdi', {}, file.name), ' ', h('span', { class: 'hint' }, size(file.size))),
      iconButton('close', `Leave ${file.name} out`, remove),
    );
    return row;
  }

  #submit() {
    const entered = Number(this.to.value);
    const to = this.to.selectedOptions[0]?.text;
    if (!this.#files.length) this.problem.textContent = 'Choose a file first.';
    else if (!entered) this.problem.textContent = 'Choose a person.';
    else {
      this.dispatchEvent(new CustomEvent('chosen', { detail: { to, entered, files: this.#files } }));
      this.dialog.close();
    }
  }

  #forget() {
    this.#files = [];
    this.#urls.forEach((url) => URL.revokeObjectURL(url));
    this.#urls = [];
    this.previews.replaceChildren();
    this.problem.textContent = '';
  }
}

customElements.define('send-dialog', SendDialog);
