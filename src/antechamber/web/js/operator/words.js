// Formats for times, counts and names.

const DAY = 86_400;

/**
 * Isolate a name, so it cannot change the direction of the text around it, for texts without elements.
 * @param {string} name
 * @returns {string}
 */
export const apart = (name) => `\u2068${name}\u2069`;

const whole = new Intl.NumberFormat('en');

/**
 * @param {number} number
 * @returns {string} such as "1,200"
 */
export const digits = (number) => whole.format(number);

/**
 * @param {number} number
 * @param {string} one
 * @param {string} [many]
 * @returns {string} such as "1 seat" or "1,200 seats"
 */
export const count = (number, one, many = `${one}s`) => `${digits(number)} ${number === 1 ? one : many}`;

/**
 * Format a duration to the second: "0:09", "12:30", "3:07:00", and "2 d 4 h" beyond a day.
 * @param {number} seconds
 * @returns {string}
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole >= DAY) return `${Math.floor(whole / DAY)} d ${Math.floor((whole % DAY) / 3600)} h`;
  const two = (number) => String(number).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const rest = `${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  return hours ? `${hours}:${rest}` : rest.replace(/^0/, '');
}

/**
 * Format a duration to the nearest relevant unit: "40 s", "6 min", "1 h 20 min", "3 d".
 * @param {number} seconds
 * @returns {string}
 */
export function about(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.round(whole / 60)} min`;
  if (whole >= DAY) return `${Math.round(whole / DAY)} d`;
  const minutes = Math.round(whole / 60);
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

/**
 * Format a chosen duration exactly: "90 s", "15 min", "2 h".
 * @param {number} seconds
 * @returns {string}
 */
export function exact(seconds) {
  const [size, unit] = [
    [DAY, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ].find(([size]) => seconds % size === 0) ?? [1, 's'];
  return `${digits(seconds / size)} ${unit}`;
}

/**
 * Format the expected wait.
 * @param {[number, number] | null | undefined} range in seconds
 * @returns {string} such as "2 to 5 min"; '' without an estimate
 */
export function expected(range) {
  if (!range) return '';
  const [low, high] = range.map(about);
  if (low === high) return `about ${low}`;
  const [number, unit, ...more] = low.split(' ');
  return !more.length && high.split(' ').length === 2 && high.endsWith(` ${unit}`)
    ? `${number} to ${high}`
    : `${low} to ${high}`;
}

/**
 * List some names, and how many more: "Ada, Bo and 3 more".
 * @param {string[]} names
 * @param {number} [most] how many names are listed
 * @returns {string}
 */
export function some(names, most = 5) {
  const shown = names.slice(0, names.length === most + 1 ? most + 1 : most).map(apart);
  if (shown.length < names.length) shown.push(`${digits(names.length - shown.length)} more`);
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : shown.join('');
}

const hourMinute = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/**
 * @param {number} seconds since the epoch
 * @returns {string} the viewer's own time of day
 */
export const timeOfDay = (seconds) => hourMinute.format(seconds * 1000);

const dayAndTime = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/**
 * Format a time: today's without the day, an earlier one with it.
 * @param {number} seconds since the epoch
 * @param {number} now the same
 * @returns {string}
 */
export function moment(seconds, now) {
  const date = new Date(seconds * 1000);
  const today = date.toDateString() === new Date(now * 1000).toDateString();
  return today ? timeOfDay(seconds) : dayAndTime.format(date);
}
