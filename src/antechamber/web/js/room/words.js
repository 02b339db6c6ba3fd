/** Numbers and events in words. */

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/**
 * A length of time in at most two units: "45 seconds", "2 minutes 30 seconds", "1 hour".
 * @param {number} seconds
 * @returns {string}
 */
export function duration(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  const first = UNITS.findIndex(([, length]) => whole >= length);
  if (first < 0) return counted(0, 'second');
  const words = [];
  let rest = whole;
  for (const [unit, length] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / length);
    if (count) words.push(counted(count, unit));
    rest -= count * length;
  }
  return words.join(' ');
}

/**
 * A number of things: "1 seat", "2 seats".
 * @param {number} count
 * @param {string} thing
 * @returns {string}
 */
export function counted(count, thing) {
  return `${count.toLocaleString('en')} ${thing}${count === 1 ? '' : 's'}`;
}

/**
 * The size of a file: "312 bytes", "4.2 MB".
 * @param {number} bytes
 * @returns {string}
 */
export function size(bytes) {
  if (bytes < 1024) return counted(bytes, 'byte');
  let [amount, unit] = [bytes, 'bytes'];
  for (unit of ['kB', 'MB', 'GB']) {
    amount /= 1024;
    if (amount < 1000) break;
  }
  return `${amount < 10 ? amount.toFixed(1).replace('.0', '') : Math.round(amount)} ${unit}`;
}

const LEFT = {
  quit: 'left',
  switched: 'went to another channel',
  kicked: 'was removed by the operator',
  idle: 'lost the seat after too long a silence',
  lost: 'lost the connection',
  closed: 'left, as this channel is closed',
};

/**
 * What happened, as a sentence that goes on after the name it begins with; null where it is nothing for the room.
 * @param {{type: string, name?: string, reason?: string, seated?: boolean, seconds?: number}} event
 * @param {boolean} mine whether it is about me, who is "You" then
 * @returns {string | null}
 */
export function happening(event, mine) {
  switch (event.type) {
    case 'seated':
      return mine ? 'have a seat now' : 'took a seat';
    case 'left':
      if (event.seated === false) return null;
      return mine ? 'left' : (LEFT[event.reason] ?? 'left');
    case 'muted':
      return `${mine ? 'have' : 'has'} been muted by the operator for ${duration(event.seconds)}`;
    case 'emptied':
      return 'The operator emptied the channel';
    default:
      return null;
  }
}
