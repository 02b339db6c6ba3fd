/** What the server's log does not keep: whispers and the page's own notes, each in its place among the entries. */

const KEPT_MAX = 300;

/** @typedef {import('./row.js').Item} Item */

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
