import { write } from '../dom.js';
import './channel.js';
import { arrange } from './keyed.js';
import { count, digits } from './words.js';

const OPEN_AT_FIRST = 20;
const STEADY_MILLISECONDS = 2500;

/** The list of channels: filter, order, and which are open. */
export class Board {
  #desk;
  #parts;
  #sections = new Map();
  #movedAt = -Infinity;
  #opened = false;
  #watching = 0;

  /**
   * @param {import('./desk.js').Desk} desk
   * @param {{list: Element, filter: HTMLInputElement, order: HTMLSelectElement, totals: Element, found: Element}} parts
   */
  constructor(desk, parts) {
    this.#desk = desk;
    this.#parts = parts;
    const { list, filter, order } = parts;
    desk.addEventListener('channels', () => this.#show());
    desk.addEventListener('roster', ({ detail }) => this.#sections.get(detail)?.showRoster());
    list.addEventListener('toggle', ({ target }) => {
      if (this.#sections.has(target.channel)) this.#watch();
    });
    list.addEventListener('pointermove', (event) => {
      if (event.pointerType === 'mouse') this.#movedAt = performance.now();
    });
    filter.addEventListener('input', () => this.#filter());
    order.addEventListener('change', () => this.#arrange());
    setInterval(() => {
      desk.tick();
      this.#each('tick');
    }, 1000);
    setInterval(() => this.#each('refresh'), 5000);
  }

  #show() {
    const { channels } = this.#desk;
    for (const [name, section] of this.#sections) {
      if (channels.has(name)) continue;
      section.remove();
      this.#sections.delete(name);
    }
    let added = false;
    for (const [name, info] of channels) {
      let section = this.#sections.get(name);
      if (!section) {
        section = Object.assign(document.createElement('operator-channel'), { desk: this.#desk, channel: name });
        this.#sections.set(name, section);
        this.#parts.list.append(section);
        added = true;
      }
      section.show(info);
    }
    // Do not move anything under the pointer, or that has the focus.
    const { list, order } = this.#parts;
    const steady = performance.now() - this.#movedAt < STEADY_MILLISECONDS || list.contains(document.activeElement);
    if (added || (order.value !== 'config' && !steady)) this.#arrange();
    this.#filter();
    this.#total();
    if (!this.#opened && channels.size) this.#openFirst();
  }

  #openFirst() {
    this.#opened = true;
    for (const section of [...this.#parts.list.children].slice(0, OPEN_AT_FIRST)) section.open = true;
    this.#watch();
  }

  // Once, however many are opened together.
  #watch() {
    clearTimeout(this.#watching);
    this.#watching = setTimeout(() => {
      this.#desk.watch([...this.#sections].filter(([, section]) => section.open).map(([name]) => name));
    }, 50);
  }

  #arrange() {
    const { list, order } = this.#parts;
    const names = [...this.#desk.channels.values()];
    // A stable sort keeps the config's order among equals.
    if (order.value === 'line') names.sort((one, other) => other.waiting - one.waiting || other.seated - one.seated);
    if (order.value === 'name') names.sort((one, other) => one.name.localeCompare(other.name));
    arrange(
      list,
      names.map(({ name }) => this.#sections.get(name)),
    );
  }

  #filter() {
    const { filter, found } = this.#parts;
    const letters = filter.value.trim().toLowerCase();
    let shown = 0;
    for (const section of this.#sections.values()) {
      const hidden = letters !== '' && !section.matches(letters);
      if (section.hidden !== hidden) section.hidden = hidden;
      shown += hidden ? 0 : 1;
    }
    const words = shown
      ? `${digits(shown)} of ${count(this.#sections.size, 'channel')} shown`
      : 'No channel matches. Closed channels are searched by name and topic only.';
    write(found, letters ? words : '');
  }

  #total() {
    const all = [...this.#desk.channels.values()];
    const sum = (field) => all.reduce((total, channel) => total + channel[field], 0);
    write(
      this.#parts.totals,
      `${count(all.length, 'channel')} · ${digits(sum('seated'))} of ${count(sum('seats'), 'seat')} taken · ` +
        `${digits(sum('waiting'))} waiting`,
    );
  }

  #each(method) {
    if (document.hidden) return;
    for (const section of this.#sections.values()) section[method]();
  }
}
