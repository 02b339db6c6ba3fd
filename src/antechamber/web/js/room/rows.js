/** The rows that are in the page: a stretch of the channel's talk from one entry to another, of bounded size. */

import { dayKey } from '../time.js';
import { dress, rowOf } from './row.js';

/** So much is remembered of what no log keeps. */
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

  /** Take one item's row away, where there is one. */
  remove(item) {
    const row = [...this.list.children].find((each) => each.item === item);
    const next = row?.nextElementSibling;
    row?.remove();
    if (next) dress(next, next.previousElementSibling);
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

/** What the server's log does not keep: whispers and the page's own notes, each in its place among the entries. */
export class Locals {
  #items = [];
  #serial = 0;

  clear() {
    this.#items = [];
  }

  /**
   * @param {Omit<Item, 'sequence'>} item
   * @param {number | null} sequence of the entry that it came after; null where that is not known yet
   * @returns {Item}
   */
  add(item, sequence) {
    this.#serial += 1;
    const local = { ...item, local: true, sequence: sequence ?? Infinity, serial: this.#serial };
    this.#items.push(local);
    if (this.#items.length > KEPT_MAX) this.#items.shift();
    return local;
  }

  /** @param {Item} item that is to be no more */
  remove(item) {
    this.#items = this.#items.filter((each) => each !== item);
  }

  /** @returns {Item[]} those whose place was not known, which is after entry `sequence` now */
  place(sequence) {
    const placed = this.#items.filter((local) => local.sequence === Infinity);
    for (const local of placed) local.sequence = sequence;
    return placed;
  }

  /**
   * @param {Item[]} items of the log, in order
   * @param {number} first
   * @param {number} last
   * @returns {Item[]} the same, with those that came after the entries from `first` to `last` among them
   */
  among(items, first, last) {
    const local = this.#items.filter(({ sequence }) => sequence >= first && sequence <= last);
    if (!local.length) return items;
    return [...items, ...local].sort((a, b) => a.sequence - b.sequence || (a.serial ?? 0) - (b.serial ?? 0));
  }
}
