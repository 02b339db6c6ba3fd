import { h, write } from '../dom.js';
import { arrange } from './keyed.js';
import { digits } from './words.js';

const SHOWN = 100;
const STEADY_MILLISECONDS = 2500;

/** @typedef {{name: string, entered?: number}} Member `entered`: the number of the member's entry, which is unique */

/** Return a row's key, which differs for a later holder of the same name. */
const keyOf = ({ name, entered = 0 }) => `${entered} ${name}`;

/**
 * A list of people in which nothing moves under the pointer. The row of a member who has left stays, dimmed and
 * disabled, while the pointer moves in the list or the row has the focus; then it is removed.
 */
export class Rows {
  #list;
  #make;
  #more;
  #rows = new Map();
  #items = [];
  #limit = SHOWN;
  #movedAt = -Infinity;
  #find = '';

  /**
   * @param {Element} list
   * @param {(item: Member) => {element: Element, update: (item: object, index: number) => void}} make
   */
  constructor(list, make) {
    this.#list = list;
    this.#make = make;
    this.#more = h('button', { type: 'button', class: 'more', hidden: true, on: { click: () => this.#showMore() } });
    list.after(this.#more);
    list.addEventListener('pointermove', (event) => {
      if (event.pointerType === 'mouse') this.#movedAt = performance.now();
    });
    list.addEventListener('pointerleave', () => {
      this.#movedAt = -Infinity;
      this.settle();
    });
    list.addEventListener('focusout', () => setTimeout(() => this.settle()));
  }

  /**
   * Show these people, in this order.
   * @param {Member[]} items
   * @param {(item: Member) => string} gone the text for a member who has left
   */
  show(items, gone) {
    this.#items = items.map((item, index) => ({ item, index }));
    this.#render(gone);
  }

  /**
   * Show only people with these letters in their names.
   * @param {string} letters
   */
  find(letters) {
    this.#find = letters.trim().toLowerCase();
    this.#limit = SHOWN;
    this.#render(() => '');
  }

  /** Update the rows' clocks. */
  tick() {
    for (const { item, index } of this.#items) {
      const row = this.#rows.get(keyOf(item));
      if (row && !row.gone) row.update(item, index);
    }
    this.settle();
  }

  /** Remove the rows of members who have left, if that does not disturb the user. */
  settle() {
    for (const [key, row] of this.#rows) {
      if (row.gone && !this.#held(row)) {
        this.#rows.delete(key);
        row.element.remove();
      }
    }
  }

  #held(row) {
    return performance.now() - this.#movedAt < STEADY_MILLISECONDS || row.element.contains(document.activeElement);
  }

  #render(gone) {
    const found = this.#find
      ? this.#items.filter(({ item }) => item.name.toLowerCase().includes(this.#find))
      : this.#items;
    const shown = found.slice(0, this.#limit);
    const present = new Set(this.#items.map(({ item }) => keyOf(item)));
    const wanted = shown.map(({ item, index }) => {
      const row = this.#row(item);
      this.#mark(row, '');
      row.update(item, index);
      return row;
    });
    const kept = new Set(wanted);
    const before = [...this.#list.children];
    for (const [key, row] of [...this.#rows]) {
      if (kept.has(row)) continue;
      if (!present.has(key) && this.#held(row) && row.element.isConnected) {
        this.#mark(row, row.gone || gone(row.item) || 'left');
        this.#insert(wanted, row, before);
      } else if (!row.element.contains(document.activeElement)) {
        this.#rows.delete(key);
      } else {
        wanted.push(row);
      }
    }
    arrange(
      this.#list,
      wanted.map((row) => row.element),
    );
    const left = found.length - shown.length;
    this.#more.hidden = !left;
    write(this.#more, `Show ${Math.min(left, SHOWN)} more of ${digits(left)}`);
  }

  // Keep its position: after the last earlier row that is still shown.
  #insert(wanted, row, before) {
    const index = before.indexOf(row.element);
    const place = new Map(wanted.map((other, at) => [other.element, at]));
    for (let at = index - 1; at >= 0; at -= 1) {
      if (place.has(before[at])) {
        wanted.splice(place.get(before[at]) + 1, 0, row);
        return;
      }
    }
    wanted.unshift(row);
  }

  #row(item) {
    let row = this.#rows.get(keyOf(item));
    if (!row) {
      row = { ...this.#make(item), item, gone: '' };
      this.#rows.set(keyOf(item), row);
    }
    return row;
  }

  #mark(row, gone) {
    if (row.gone === gone) return;
    row.gone = gone;
    row.element.classList.toggle('gone', Boolean(gone));
    row.element.querySelector('.facts').dataset.gone = gone;
    for (const button of row.element.querySelectorAll('button')) button.ariaDisabled = gone ? 'true' : null;
  }

  #showMore() {
    const last = this.#list.lastElementChild;
    this.#limit += SHOWN;
    this.#render(() => '');
    last?.nextElementSibling?.querySelector('button')?.focus();
  }
}
