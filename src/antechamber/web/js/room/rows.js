/** The rows that are in the page: a stretch of the channel's talk from one entry to another, of bounded size. */

import { dayKey } from '../time.js';
import { dress, rowOf } from './row.js';

/** @typedef {import("./row.js").Item} Item */

export class Rows {
  #today = dayKey(Date.now() / 1000);

  /**
   * @param {HTMLOListElement} list
   * @param {number} rowsMax
   */
  constructor(list, rowsMax) {
    this.list = list;
    this.rowsMax = rowsMax;
    /** The entries that the rows stand for, shown or not: from `first` to `last`; none where `first` is past `last`. */
    this.first = 1;
    this.last = 0;
    this.look = {};
  }

  get count() {
    return this.list.childElementCount;
  }

  /** Take all rows away. The stretch is empty then, just before `sequence`. */
  clear(sequence = 1) {
    this.list.replaceChildren();
    this.first = sequence;
    this.last = sequence - 1;
  }

  /**
   * Add items that end just before `first`.
   * @param {Item[]} items
   * @param {number} first the stretch's new one
   */
  prepend(items, first) {
    this.first = first;
    const seam = this.list.firstElementChild;
    this.list.prepend(...this.#made(items, null));
    if (seam) dress(seam, seam.previousElementSibling);
  }

  /**
   * Add items that come after the last row.
   * @param {Item[]} items
   * @param {number} last the stretch's new one
   */
  append(items, last) {
    this.last = last;
    this.list.append(...this.#made(items, this.list.lastElementChild));
  }

  /** Take the oldest rows away where there are too many. */
  trimStart() {
    let over = this.count - this.rowsMax;
    if (over <= 0) return;
    let row = this.list.firstElementChild;
    // What has no entry goes with the one before it, so that both come back together.
    while (row && (over > 0 || row.item.local)) {
      const next = row.nextElementSibling;
      row.remove();
      row = next;
      over -= 1;
    }
    this.first = row ? row.item.sequence : this.last + 1;
    if (row) dress(row, null);
  }

  /** Take the newest rows away where there are too many. */
  trimEnd() {
    let over = this.count - this.rowsMax;
    if (over <= 0) return;
    let cut = null;
    while (this.list.lastElementChild && (over > 0 || cut.local)) {
      cut = this.list.lastElementChild.item;
      this.list.lastElementChild.remove();
      over -= 1;
    }
    this.last = cut.local ? this.first - 1 : cut.sequence - 1;
  }

  /** @returns {HTMLElement | null} the row of this entry, or of the next one that is shown */
  at(sequence) {
    for (const row of this.list.children) if (row.item.sequence >= sequence && !row.item.local) return row;
    return null;
  }

  /** Make every row anew, as after a change of `look`. */
  redraw() {
    const items = [...this.list.children].map((row) => row.item);
    this.list.replaceChildren(...this.#made(items, null));
  }

  /** At midnight, name the days anew: today becomes yesterday. */
  renameDays() {
    const today = dayKey(Date.now() / 1000);
    if (today === this.#today) return;
    this.#today = today;
    for (const row of this.list.children) {
      if (row.querySelector(':scope > .day')) dress(row, row.previousElementSibling);
    }
  }

  #made(items, before) {
    return items.map((item) => {
      const row = rowOf(item, this.look);
      dress(row, before);
      before = row;
      return row;
    });
  }
}
