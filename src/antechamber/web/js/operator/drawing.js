import { svg as s } from '../dom.js';
import { countScale, gaps, timeTicks, waitScale } from './series.js';
import { timeOfDay } from './words.js';

const LEFT = 44;
const RIGHT = 10;
const PEOPLE = { top: 20, bottom: 130 };
const WAIT = { top: 162, bottom: 220 };
const HEIGHT = 246;
/** The width of the longest time, such as "10:10 p.m.". */
const TIME_WIDTH = 70;

/**
 * Draw the two panels, people above and waits below, on one time axis, replacing earlier drawings.
 * @param {Element} plot
 * @param {{measured: import('./series.js').Point[][], from: number, to: number, seats: number, seconds: number}} data
 *   of which `measured` is not empty
 */
export function draw(plot, { measured, from, to, seats, seconds }) {
  const width = Math.max(200, plot.clientWidth);
  const x = (time) => LEFT + ((time - from) / (to - from)) * (width - LEFT - RIGHT);
  const all = measured.flat();
  const peak = Math.max(1, ...all.map((point) => Math.max(point.seated, point.waiting)));
  // Include the seats in the scale, unless there are so many that seated members would be invisible.
  const shown = seats <= Math.max(peak, 3) * 4;
  const people = panel(PEOPLE, countScale(shown ? Math.max(peak, seats) : peak));
  const wait = panel(WAIT, waitScale(Math.max(...all.map((point) => point.wait))));
  const root = s('svg', { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, focusable: 'false' });
  root.append(
    ...gaps(measured, from, to, seconds).map(([start, end]) => gap(x(start), x(end))),
    ...people.grid(width, 'people'),
    ...wait.grid(width, `wait (${wait.label})`),
    ...timeTicks(from, to, width / 75).map((time) => timeMark(x(time), width, timeOfDay(time))),
  );
  if (shown) {
    const y = people.y(seats);
    root.append(s('line', { class: 'capacity', x1: LEFT, x2: width - RIGHT, y1: y, y2: y }));
  }
  for (const run of measured) {
    const seated = steps(run, x, (point) => people.y(point.seated));
    const [first, last] = [x(run[0].time), x(run.at(-1).time)];
    root.append(
      s('path', { class: 'area-seats', d: `${seated}V${PEOPLE.bottom}H${first}Z` }),
      s('path', { class: 'series series-seats', d: seated }),
      s('path', { class: 'series series-waiting', d: steps(run, x, (point) => people.y(point.waiting)) }),
      s('path', { class: 'area-wait', d: `${steps(run, x, (point) => wait.y(point.wait))}V${WAIT.bottom}H${first}Z` }),
      s('path', { class: 'series series-wait', d: steps(run, x, (point) => wait.y(point.wait)) }),
    );
    if (last - first < 1)
      root.append(s('circle', { class: 'dot-seats', cx: first, cy: people.y(run[0].seated), r: 2 }));
  }
  const cursor = s('g', { class: 'cursor', visibility: 'hidden' });
  root.append(cursor);
  plot.replaceChildren(root);
  drawn.set(plot, { x, people, wait, cursor });
}

/** The margins of the time axis, in pixels from the left and the right. */
draw.left = LEFT;
draw.right = RIGHT;

const drawn = new WeakMap();

/**
 * Move the cursor to a time, with a dot on each line that has a sample there.
 * @param {Element} plot
 * @param {number} time
 * @param {import('./series.js').Point | null} point
 * @param {boolean} visible
 */
export function place(plot, time, point, visible) {
  const { x, people, wait, cursor } = drawn.get(plot) ?? {};
  if (!cursor) return;
  cursor.setAttribute('visibility', visible ? 'visible' : 'hidden');
  const at = x(point?.time ?? time);
  const dot = (name, y) => s('circle', { class: `dot-${name}`, cx: at, cy: y, r: 4 });
  cursor.replaceChildren(
    s('line', { x1: at, x2: at, y1: PEOPLE.top, y2: WAIT.bottom }),
    ...(point
      ? [dot('seats', people.y(point.seated)), dot('waiting', people.y(point.waiting)), dot('wait', wait.y(point.wait))]
      : []),
  );
}

// One panel with its axis: the scale, the grid lines and the numbers.
function panel({ top, bottom }, scale) {
  const y = (value) => bottom - (Math.min(value, scale.max) / scale.max) * (bottom - top);
  const grid = (width, title) => [
    s('text', { class: 'axis-title', x: 4, y: top - 9 }, title),
    ...scale.ticks.flatMap((tick) => {
      const at = y(tick * scale.unit);
      return [
        s('line', { class: tick ? 'grid' : 'axis', x1: LEFT, x2: width - RIGHT, y1: at, y2: at }),
        s('text', { class: 'tick', x: LEFT - 6, y: at + 4, 'text-anchor': 'end' }, compact(tick)),
      ];
    }),
  ];
  return { y, grid, label: scale.label };
}

// A count stays the same until the next sample, so the line has steps, not slopes.
function steps(run, x, y) {
  const round = (number) => Math.round(number * 10) / 10;
  let path = `M${round(x(run[0].time))} ${round(y(run[0]))}`;
  for (const point of run.slice(1)) path += `H${round(x(point.time))}V${round(y(point))}`;
  return path;
}

function gap(start, end) {
  const group = s(
    'g',
    { class: 'gap' },
    s('rect', { x: start, width: Math.max(1, end - start), y: PEOPLE.top, height: WAIT.bottom - PEOPLE.top }),
  );
  if (end - start > 90) {
    group.append(
      s(
        'text',
        { x: (start + end) / 2, y: (PEOPLE.bottom + WAIT.top) / 2 + 4, 'text-anchor': 'middle' },
        'not measured',
      ),
    );
  }
  return group;
}

// The last label may not have room to be centred under its mark.
function timeMark(x, width, words) {
  const last = width - x < TIME_WIDTH / 2;
  return s(
    'g',
    {},
    s('line', { class: 'axis', x1: x, x2: x, y1: WAIT.bottom, y2: WAIT.bottom + 4 }),
    s('text', { class: 'tick', x: last ? width : x, y: WAIT.bottom + 18, 'text-anchor': last ? 'end' : 'middle' }, words),
  );
}

const compact = (number) => (number >= 10_000 ? `${number / 1000}k` : String(number));
