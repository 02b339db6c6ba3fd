/** Formats for times in the viewer's time zone, and for durations. All times are in seconds since the epoch. */

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const DAY_AND_YEAR = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' });

/**
 * Format the time of day, such as "14:05".
 * @param {number} time
 */
export const clock = (time) => CLOCK.format(time * 1000);

/**
 * Format day and time in full.
 * @param {number} time
 */
export const fullTime = (time) => FULL.format(time * 1000);

/**
 * Return a key that times of the same day share, such as "Mon Mar 09 2026".
 * @param {number} time
 */
export const dayKey = (time) => new Date(time * 1000).toDateString();

/**
 * Name the day: "Today", "Yesterday", or its date.
 * @param {number} time
 * @param {number} [now]
 */
export function dayName(time, now = Date.now() / 1000) {
  const day = dayKey(time);
  if (day === dayKey(now)) return 'Today';
  const before = new Date(now * 1000);
  before.setDate(before.getDate() - 1);
  if (day === dayKey(before.getTime() / 1000)) return 'Yesterday';
  const format = day.slice(-4) === dayKey(now).slice(-4) ? DAY : DAY_AND_YEAR;
  return format.format(time * 1000);
}

/**
 * Format a countdown, such as "0:08", "1:40" or "2:05:00".
 * @param {number} seconds
 */
export function countdown(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  const two = (number) => String(number).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

const UNITS = [
  [60, 1, 'second'],
  [3600, 60, 'minute'],
  [86_400, 3600, 'hour'],
  [Infinity, 86_400, 'day'],
];

function inUnit(seconds) {
  const [, size, word] = UNITS.find(([limit]) => seconds < limit);
  return { size, word };
}

const some = (number, word) => `${number} ${word}${number === 1 ? '' : 's'}`;

/**
 * Format a duration, such as "45 seconds" or "2 minutes", rounded to its largest unit.
 * @param {number} seconds
 */
export function span(seconds) {
  const { size, word } = inUnit(seconds < 120 && seconds !== 60 ? Math.min(seconds, 59) : seconds);
  return some(Math.max(1, Math.round(seconds / size)), word);
}

/**
 * Format the expected wait, such as "about 4 to 9 minutes"; without an estimate "not known yet".
 * @param {[number, number] | null | undefined} range in seconds, from and to
 */
export function waitWords(range) {
  if (!range) return 'not known yet';
  const [from, to] = range;
  if (to < 60) return 'less than a minute';
  const { size, word } = inUnit(to);
  const high = Math.max(1, Math.round(to / size));
  const low = from < 60 && size > 60 ? 0 : Math.floor(from / size);
  if (low >= high) return `about ${some(high, word)}`;
  return low < 1 ? `up to about ${some(high, word)}` : `about ${low} to ${some(high, word)}`;
}

/**
 * Format a place in a line, such as "1st" or "12th".
 * @param {number} number
 */
export function ordinal(number) {
  const tens = number % 100;
  const end = tens > 10 && tens < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th');
  return `${number}${end}`;
}
