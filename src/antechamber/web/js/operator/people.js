import { h, icon, svg, write } from '../dom.js';
import { openMute } from './mute.js';
import { openRole } from './setting.js';
import { carryOut } from './telling.js';
import { apart, clock, moment } from './words.js';

const UP = 'M12 20V5M6 11l6-6 6 6';
/** An arrow up to a line. */
const TO_THE_FRONT = 'M5 4h14M12 21V9M6 14.5l6-6 6 6';

/**
 * Commands about a member address the one shown: by name, and by the entry with which that member entered.
 * @typedef {{desk: import('./desk.js').Desk, channel: string}} Where
 * @typedef {import('./rows.js').Member} Member
 * @typedef {{element: Element, update: (item: object, index: number) => void}} Row
 */

/**
 * Make the row of a seated member: since when, idle time, mute, away or not.
 * @param {Where} where
 * @param {Member} member
 * @returns {Row}
 */
export function seatRow({ desk, channel }, { name, entered }) {
  const since = h('span');
  const quiet = h('span', { class: 'clock' });
  const muted = h('span', { class: 'badge red', hidden: true });
  const away = awayBadge();
  const role = h('span', { class: 'badge', hidden: true });
  const acts = h(
    'div',
    { class: 'acts' },
    act('Role', `Role of ${apart(name)}`, (button) => openRole({ desk, channel, name, entered, button })),
    act('Mute', `Mute ${apart(name)}`, (button) => openMute({ desk, channel, name, entered, button })),
    kick(desk, channel, { name, entered }),
  );
  const element = h(
    'li',
    { class: 'person' },
    h('div', { class: 'who' }, h('bdi', { class: 'name' }, name), role, muted, away),
    h('div', { class: 'facts' }, since, quiet),
    acts,
  );
  return {
    element,
    update(member) {
      const now = desk.now();
      const left = member.mutedUntil - now;
      write(since, `since ${moment(member.since, now)}`);
      // A mute stops the idle clock, so none is shown.
      write(quiet, left > 0 ? '' : `quiet for ${clock(now - member.activeAt)}`);
      write(muted, left > 0 ? `muted ${clock(left)}` : '');
      muted.hidden = left <= 0;
      const { role: has = '' } = member;
      write(role, has.includes('o') ? '@ operator' : has && '+ voice');
      role.hidden = !has;
      away.hidden = !member.away;
    },
  };
}

/**
 * Make the row of a waiting member: place, since when, waiting time, away or not; and buttons to change the place.
 * @param {Where} where
 * @param {Member} member
 * @returns {Row}
 */
export function lineRow({ desk, channel }, { name, entered }) {
  let at = 0;
  const place = h('span', { class: 'place' });
  const since = h('span');
  const waits = h('span', { class: 'clock' });
  const away = awayBadge();
  const move = (button, ahead) => {
    const last = desk.line(channel).length - 1;
    if (element.classList.contains('gone') || ahead < 0 || ahead > last || ahead === at) return;
    const words = ahead
      ? `${apart(name)} is number ${ahead + 1} in the line of ${apart(channel)} now.`
      : `${apart(name)} is first in the line of ${apart(channel)} now.`;
    carryOut({}, () => desk.move(channel, { name, entered }, ahead), words);
  };
  const step = (glyph, label, ahead, keys) =>
    act(glyph, `${label}: ${apart(name)}`, (button) => move(button, ahead()), {
      class: 'step',
      title: `${label} (${keys[0]})`,
      'aria-keyshortcuts': keys[1],
    });
  const first = step(arrow(TO_THE_FRONT), 'To the front', () => 0, ['Alt+Shift+↑', 'Alt+Shift+ArrowUp']);
  const up = step(arrow(UP), 'Up', () => at - 1, ['Alt+↑', 'Alt+ArrowUp']);
  const down = step(icon('arrow-down'), 'Down', () => at + 1, ['Alt+↓', 'Alt+ArrowDown']);
  const element = h(
    'li',
    {
      class: 'person waiting',
      on: {
        keydown: (event) => {
          if (!event.altKey || event.ctrlKey || event.metaKey) return;
          const ahead = { ArrowUp: event.shiftKey ? 0 : at - 1, ArrowDown: at + 1 }[event.key];
          if (ahead === undefined) return;
          event.preventDefault();
          move(event.target, ahead);
        },
      },
    },
    place,
    h('div', { class: 'who' }, h('bdi', { class: 'name' }, name), away),
    h('div', { class: 'facts' }, waits, since),
    h('div', { class: 'acts' }, first, up, down, kick(desk, channel, { name, entered })),
  );
  return {
    element,
    update(member, index) {
      const now = desk.now();
      at = index;
      write(place, String(index + 1));
      write(since, `since ${moment(member.since, now)}`);
      write(waits, `waits ${clock(now - member.since)}`);
      away.hidden = !member.away;
      const last = index >= desk.line(channel).length - 1;
      for (const [button, off] of [
        [first, index === 0],
        [up, index === 0],
        [down, last],
      ]) {
        button.ariaDisabled = off ? 'true' : null;
      }
    },
  };
}

function kick(desk, channel, { name, entered }) {
  return act(
    'Kick',
    `Kick ${apart(name)}`,
    (button) =>
      carryOut(
        button,
        () => desk.ask({ type: 'kick', channel, name, entered }),
        `${apart(name)} was kicked from ${apart(channel)}.`,
      ),
    { class: 'danger' },
  );
}

// Icons that the chat page does not need.
function arrow(d) {
  const path = svg('path', { d });
  return svg('svg', { class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' }, path);
}

function awayBadge() {
  return h(
    'span',
    { class: 'badge away', hidden: true, title: 'The connection was lost; the place is kept for a while' },
    'away',
  );
}

// A disabled button stays focusable, because it would lose the focus otherwise.
function act(words, label, press, props = {}) {
  const button = h(
    'button',
    {
      type: 'button',
      'aria-label': label,
      ...props,
      on: {
        click: () => {
          if (button.ariaDisabled !== 'true') press(button);
        },
      },
    },
    words,
  );
  return button;
}
