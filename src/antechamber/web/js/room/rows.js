/** The rows in the page: a bounded range of the channel's entries. */

import { dayKey } from '../time.js';
import { dress, rowOf } from './row.js';

/** The most local items that are remembered. */
const KEPT_MAX = 300;

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
    /** The range of entries that the rows cover, shown or not: from `first` to `last`; empty if `first` is past `last`. */
    this.first = 1;
    this.last = 0;
    this.look = {};
  }

  get count() {
    return this.list.childElementCount;
  }

  /** Remove all rows. The range is then empty, just before `sequence`. */
  clear(sequence = 1) {
    this.list.replaceChildren();
    this.first = sequence;
    this.last = sequence - 1;
  }

  /**
   * Prepend items.
   * @param {Item[]} items
   * @param {number} first the range's new start
   */
  prepend(items, first) {
    this.first = first;
    const seam = this.list.firstElementChild;
    this.list.prepend(...this.#made(items, null));
    if (seam) dress(seam, seam.previousElementSibling);
  }

  /**
   * Append items.
   * @param {Item[]} items
   * @param {number} last the range's new end
   */
  append(items, last) {
    this.last = last;
    this.list.append(...this.#made(items, this.list.lastElementChild));
  }

  /** Remove the oldest rows if there are too many. */
  trimStart() {
    let over = this.count - this.rowsMax;
    if (over <= 0) return;
    let row = this.list.firstElementChild;
    // A local item goes with the entry before it, so both come back together.
    while (row && (over > 0 || row.item.local)) {
      const next = row.nextElementSibling;
      row.remove();
      row = next;
      over -= 1;
    }
    this.first = row ? row.item.sequence : this.last + 1;
    if (row) dress(row, null);
  }

  /** Remove the newest rows if there are too many. */
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

  /** Remove an item's row, if there is one. */
  remove(item) {
    const row = [...this.list.children].find((each) => each.item === item);
    const next = row?.nextElementSibling;
    row?.remove();
    if (next) dress(next, next.previousElementSibling);
  }

  /** @returns {HTMLElement | null} the row of this entry, or of the next shown one */
  at(sequence) {
    for (const row of this.list.children) if (row.item.sequence >= sequence && !row.item.local) return row;
    return null;
  }

  /** Recreate every row, after a change of `look`. */
  redraw() {
    const items = [...this.list.children].map((row) => row.item);
    this.list.replaceChildren(...this.#made(items, null));
  }

  /** Rename the days at midnight: today becomes yesterday. */
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

/** Items that the server's log does not keep: whispers and the page's notes, each in its place among the entries. */
export class Locals {
  #items = [];
  #serial = 0;

  clear() {
    this.#items = [];
  }

  /**
   * @param {Omit<Item, 'sequence'>} item
   * @param {number | null} sequence of the entry before it; null if not known yet
   * @returns {Item}
   */
  add(item, sequence) {
    this.#serial += 1;
    const local = { ...item, local: true, sequence: sequence ?? Infinity, serial: this.#serial };
    this.#items.push(local);
    if (this.#items.length > KEPT_MAX) this.#items.shift();
    return local;
  }

  /** @param {Item} item to remove */
  remove(item) {
    this.#items = this.#items.filter((each) => each !== item);
  }

  /** @returns {Item[]} those whose place was unknown, which is now after entry `sequence` */
  place(sequence) {
    const placed = this.#items.filter((local) => local.sequence === Infinity);
    for (const local of placed) local.sequence = sequence;
    return placed;
  }

  /**
   * @param {Item[]} items of the log, in order
   * @param {number} first
   * @param {number} last
   * @returns {Item[]} the same, merged with the local items after the entries from `first` to `last`
   */
  among(items, first, last) {
    const local = this.#items.filter(({ sequence }) => sequence >= first && sequence <= last);
    if (!local.length) return items;
    return [...items, ...local].sort((a, b) => a.sequence - b.sequence || (a.serial ?? 0) - (b.serial ?? 0));
  }
}
