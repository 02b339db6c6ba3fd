import { h, write } from '../dom.js';
import { draw, place } from './drawing.js';
import { MeasureTable } from './measures.js';
import { nearest, points, runs } from './series.js';
import { about, count, timeOfDay } from './words.js';

const RANGES = [
  { hours: 1, words: '1 h', step: 60, spoken: 'hour' },
  { hours: 3, words: '3 h', step: 300, spoken: '3 hours' },
  { hours: 12, words: '12 h', step: 900, spoken: '12 hours' },
];
const FRESH_MILLISECONDS = 55_000;

let charts = 0;
let lastChosen = 0;

/**
 * A channel's last hours: seats taken, the line and the wait, as a drawing, a sentence and a table. It requests its
 * samples when it comes into view, and then every minute.
 */
export class OperatorChart extends HTMLElement {
  /** @type {import('./desk.js').Desk} */
  desk;
  /** The channel's name. */
  channel = '';

  #range = RANGES[lastChosen];
  #answer = null;
  #askedAt = -Infinity;
  #seen = false;
  #at = null;
  #stop = new AbortController();
  #watchers = [];
  #parts = null;

  connectedCallback() {
    this.#stop = new AbortController();
    if (!this.#parts) this.#build();
    const size = new ResizeObserver(() => this.#paint());
    size.observe(this.#parts.plot);
    const view = new IntersectionObserver(([entry]) => {
      this.#seen = entry.isIntersecting;
      this.refresh();
    });
    view.observe(this);
    this.#watchers = [size, view];
    this.desk.addEventListener('state', () => this.refresh(), { signal: this.#stop.signal });
    document.addEventListener('visibilitychange', () => this.refresh(), { signal: this.#stop.signal });
  }

  disconnectedCallback() {
    this.#stop.abort();
    for (const watcher of this.#watchers) watcher.disconnect();
  }

  /** Request the samples again if they may have changed and are visible. */
  async refresh() {
    const due = performance.now() - this.#askedAt >= FRESH_MILLISECONDS;
    if (!due || !this.#seen || document.hidden || this.desk.state !== 'open') return;
    this.#askedAt = performance.now();
    try {
      this.#answer = await this.desk.ask({ type: 'samples', channel: this.channel });
      this.#paint();
    } catch {
      this.#askedAt = -Infinity;
    }
  }

  #build() {
    const plot = h('div', {
      class: 'plot',
      'aria-hidden': 'true',
      on: {
        pointermove: (event) => this.#point(event),
        pointerdown: (event) => this.#point(event),
        // Lifting a finger keeps the chosen time.
        pointerleave: ({ pointerType }) => pointerType === 'mouse' && this.#look(null),
      },
    });
    const slider = h('input', {
      type: 'range',
      class: 'moment',
      'aria-label': 'Choose a time',
      on: { input: () => this.#look(Number(slider.value)) },
    });
    const readout = h('p', { class: 'readout' });
    const summary = h('p', { class: 'summary' });
    const table = new MeasureTable();
    const none = h('p', { class: 'none' }, 'Looking…');
    const measured = h('div', { hidden: true }, legend(), plot, slider, readout, summary, table.element);
    this.#parts = { plot, slider, readout, summary, table, none, measured };
    this.append(
      h(
        'div',
        { class: 'chart-head' },
        h('h3', {}, 'The last hours'),
        ranges(this.#range, (index) => this.#choose(index)),
      ),
      none,
      measured,
    );
  }

  #choose(index) {
    lastChosen = index;
    this.#range = RANGES[index];
    this.#at = null;
    this.#paint();
  }

  #window() {
    const last = this.#answer.samples.at(-1)?.[0] ?? 0;
    // The end is the last sample, unless that is long ago: then it is now, after a gap.
    const to = this.desk.now() - last > 3 * this.#answer.seconds ? this.desk.now() : last;
    return { from: to - this.#range.hours * 3600, to };
  }

  #paint() {
    if (!this.#answer || !this.isConnected) return;
    const { seats, seconds, samples } = this.#answer;
    const { from, to } = this.#window();
    const all = points(samples, from);
    const enough = all.length > 1;
    const { plot, slider, none, measured, summary } = this.#parts;
    none.hidden = enough;
    write(none, 'No data yet. There will be a sample every minute.');
    measured.hidden = !enough;
    if (!enough) return;
    draw(plot, { measured: runs(all, seconds), from, to, seats, seconds });
    Object.assign(slider, { min: String(from), max: String(to), step: String(seconds / 4) });
    write(summary, this.#sentence(all, seats, to - all.at(-1).time < seconds * 2 ? 'now' : 'at last'));
    this.#look(this.#at);
    this.#tabulate();
  }

  #sentence(all, seats, now) {
    const top = (field) => Math.max(...all.map((point) => point[field]));
    const low = Math.min(...all.map((point) => point.seated));
    const span = low === top('seated') ? `${low}` : `${low} to ${top('seated')}`;
    const last = all.at(-1);
    const line = top('waiting') ? `up to ${top('waiting')} waiting, ${now} ${last.waiting}` : 'nobody waiting';
    const wait = top('wait') >= 1 ? `; the longest wait ${about(top('wait'))}` : '';
    const taken = `${span} of ${count(seats, 'seat')} taken, ${now} ${last.seated}`;
    return `Last ${this.#range.spoken}: ${taken}; ${line}${wait}.`;
  }

  // The chosen time, or the newest sample if it is null.
  #look(time) {
    this.#at = time;
    if (!this.#answer) return;
    const { from, to } = this.#window();
    const at = Math.min(to, Math.max(from, time ?? to));
    const { plot, slider, readout } = this.#parts;
    const { seconds, seats, samples } = this.#answer;
    const point = nearest(points(samples, from), at, seconds);
    const measure = point && `${point.seated} of ${seats} seated, ${point.waiting} waiting, wait ${about(point.wait)}`;
    const words = `${timeOfDay(point?.time ?? at)}: ${measure ?? 'not measured'}`;
    write(readout, words);
    slider.value = String(at);
    slider.setAttribute('aria-valuetext', words);
    place(plot, at, point, time !== null);
  }

  #point(event) {
    const { left, width } = this.#parts.plot.getBoundingClientRect();
    const { from, to } = this.#window();
    const [start, end] = [draw.left, width - draw.right];
    this.#look(from + ((event.clientX - left - start) / (end - start)) * (to - from));
  }

  #tabulate() {
    const { step, spoken } = this.#range;
    this.#parts.table.show(points(this.#answer.samples, this.#window().from), step, spoken);
  }
}

function ranges(chosen, choose) {
  const name = `chart-${(charts += 1)}`;
  const radio = (range, index) =>
    h('input', { type: 'radio', name, checked: range === chosen, on: { change: () => choose(index) } });
  const label = (range, index) => h('label', { class: 'range' }, radio(range, index), h('span', {}, range.words));
  return h(
    'fieldset',
    { class: 'ranges' },
    h('legend', { class: 'visually-hidden' }, 'How far back'),
    ...RANGES.map(label),
  );
}

function legend() {
  const sample = (name, words) => h('li', { class: `key key-${name}` }, words);
  return h(
    'ul',
    { class: 'legend', 'aria-hidden': 'true' },
    sample('seats', 'Seats taken'),
    sample('all', 'All seats'),
    sample('waiting', 'Waiting'),
    sample('wait', 'Waiting time'),
  );
}

customElements.define('operator-chart', OperatorChart);
