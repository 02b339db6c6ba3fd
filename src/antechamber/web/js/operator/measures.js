import { h, write } from '../dom.js';
import { highest } from './series.js';
import { about, digits, timeOfDay } from './words.js';

const TITLES = ['From', 'Seats taken', 'Waiting', 'Wait'];

/** A channel's samples as a collapsible table, which is filled when opened. */
export class MeasureTable {
  #rows = h('tbody');
  #caption = h('caption', { class: 'visually-hidden' });
  #shown = null;

  constructor() {
    const head = h('thead', {}, h('tr', {}, ...TITLES.map((title) => h('th', { scope: 'col' }, title))));
    const scrolled = { class: 'table', tabindex: '0', role: 'group', 'aria-label': 'Measures' };
    /** The element to show. */
    this.element = h(
      'details',
      { on: { toggle: () => this.#fill() } },
      h('summary', {}, 'As a table'),
      h('div', scrolled, h('table', {}, this.#caption, head, this.#rows)),
    );
  }

  /**
   * @param {import('./series.js').Point[]} points
   * @param {number} step seconds of one row
   * @param {string} spoken the period, such as "hour"
   */
  show(points, step, spoken) {
    this.#shown = { points, step, spoken };
    this.#fill();
  }

  #fill() {
    if (!this.element.open || !this.#shown) return;
    const { points, step, spoken } = this.#shown;
    const each = step === 60 ? 'each minute' : `the most in each ${step / 60} minutes`;
    write(this.#caption, `The last ${spoken}, ${each}`);
    const row = ({ time, seated, waiting, wait }) =>
      h(
        'tr',
        {},
        h('th', { scope: 'row' }, timeOfDay(time)),
        ...[digits(seated), digits(waiting), about(wait)].map((value) => h('td', {}, value)),
      );
    this.#rows.replaceChildren(...highest(points, step).map(row));
  }
}
