// Computations on a channel's samples, without drawing. Times are in seconds since the epoch.

/**
 * @typedef {{time: number, seated: number, waiting: number, wait: number}} Point `wait` is in seconds
 * @typedef {{label: string, unit: number, max: number, ticks: number[]}} Scale
 */

/** How many intervals a sample may be late before the server counts as having been down. */
const LATE = 1.9;
const STEPS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800];

/**
 * Convert a `samples` answer to points, from `from` on, oldest first.
 * @param {number[][]} samples
 * @param {number} from
 * @returns {Point[]}
 */
export function points(samples, from) {
  return samples
    .filter(([time]) => time >= from)
    .map(([time, seated, waiting, wait]) => ({ time, seated, waiting, wait }));
}

/**
 * Split the points into runs without gaps.
 * @param {Point[]} all
 * @param {number} seconds the interval between two
 * @returns {Point[][]}
 */
export function runs(all, seconds) {
  const result = [];
  let last = -Infinity;
  for (const point of all) {
    if (point.time - last > seconds * LATE) result.push([]);
    result.at(-1).push(point);
    last = point.time;
  }
  return result;
}

/**
 * Return the gaps: before the first point, between runs, and after the last.
 * @param {Point[][]} measured runs
 * @param {number} from
 * @param {number} to
 * @param {number} seconds the interval between two points
 * @returns {[number, number][]}
 */
export function gaps(measured, from, to, seconds) {
  const result = [];
  let start = from;
  for (const run of measured) {
    if (run[0].time - start > seconds * LATE) result.push([start, run[0].time]);
    start = run.at(-1).time;
  }
  if (to - start > seconds * LATE) result.push([start, to]);
  return result;
}

/**
 * Return the point nearest to a time, or null if there is none near it.
 * @param {Point[]} all
 * @param {number} time
 * @param {number} seconds
 * @returns {Point | null}
 */
export function nearest(all, time, seconds) {
  let best = null;
  for (const point of all) {
    if (!best || Math.abs(point.time - time) < Math.abs(best.time - time)) best = point;
  }
  return best && Math.abs(best.time - time) <= seconds * LATE ? best : null;
}

/**
 * Return the maxima of every `step` seconds, newest first, for a table. Steps without a point are left out.
 * @param {Point[]} all
 * @param {number} step
 * @returns {Point[]}
 */
export function highest(all, step) {
  const rows = new Map();
  for (const { time, seated, waiting, wait } of all) {
    const start = Math.floor(time / step) * step;
    const row = rows.get(start) ?? { time: start, seated: 0, waiting: 0, wait: 0 };
    rows.set(start, {
      time: start,
      seated: Math.max(row.seated, seated),
      waiting: Math.max(row.waiting, waiting),
      wait: Math.max(row.wait, wait),
    });
  }
  return [...rows.values()].sort((one, other) => other.time - one.time);
}

/**
 * Return a scale of counts from 0 to at least `top`, with two to four whole steps.
 * @param {number} top
 * @returns {Scale}
 */
export function countScale(top) {
  const step = roundStep(Math.max(1, Math.ceil(top / 4)));
  return scale('', 1, step, top);
}

/**
 * Return a scale of waits, in seconds, minutes or hours, depending on the longest.
 * @param {number} top in seconds
 * @returns {Scale}
 */
export function waitScale(top) {
  if (top <= 120) return scale('s', 1, top <= 60 ? 30 : 60, Math.max(60, top));
  if (top <= 7200) return scale('min', 60, roundStep(Math.ceil(top / 60 / 2)), top / 60);
  return scale('h', 3600, roundStep(Math.ceil(top / 3600 / 2)), top / 3600);
}

function scale(label, unit, step, top) {
  const steps = Math.max(1, Math.ceil(top / step));
  return {
    label,
    unit,
    max: steps * step * unit,
    ticks: Array.from({ length: steps + 1 }, (_, index) => index * step),
  };
}

function roundStep(least) {
  const ten = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((times) => times * ten).find((step) => step >= least);
}

/**
 * Return round times of day between two times, at most `most` of them.
 * @param {number} from
 * @param {number} to
 * @param {number} most
 * @returns {number[]}
 */
export function timeTicks(from, to, most) {
  const step = STEPS.find((seconds) => (to - from) / seconds <= most) ?? 14_400;
  // Whole hours in the viewer's time zone, which need not be whole hours of UTC.
  const offset = new Date(to * 1000).getTimezoneOffset() * 60;
  const first = Math.ceil((from - offset) / step) * step + offset;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, index) => first + index * step);
}
