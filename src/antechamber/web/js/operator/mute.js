import { h } from '../dom.js';
import { carryOut } from './telling.js';
import { about, apart, exact } from './words.js';

const PRESETS = [60, 300, 900];
const UNITS = [
  ['minutes', 60],
  ['seconds', 1],
  ['hours', 3600],
  ['days', 86_400],
];
const MARGIN = 8;

let popover = null;

/**
 * Ask for the length of a mute, beside the button; Escape and a click elsewhere close it.
 * @param {{desk: import('./desk.js').Desk, channel: string, name: string, entered: number, button: HTMLElement}} which
 */
export function openMute({ desk, channel, name, entered, button }) {
  popover?.remove();
  const home = button.closest('operator-channel')?.querySelector('.toggle');
  const mute = (seconds) => {
    popover.hidePopover();
    carryOut(
      button,
      () => desk.ask({ type: 'mute', channel, name, seconds, entered }),
      `${apart(name)} is muted for ${exact(seconds)} in ${apart(channel)}.`,
    );
  };
  const number = h('input', {
    type: 'number',
    min: '1',
    step: 'any',
    value: '30',
    required: true,
    'aria-label': 'How long',
  });
  const unit = h(
    'select',
    { 'aria-label': 'Unit' },
    ...UNITS.map(([words, seconds]) => h('option', { value: String(seconds) }, words)),
  );
  const problem = h('p', { class: 'problem', role: 'alert' });
  const presets = PRESETS.map((seconds) =>
    h('button', { type: 'button', on: { click: () => mute(seconds) } }, exact(seconds)),
  );
  const own = h(
    'form',
    {
      class: 'own',
      novalidate: true,
      on: {
        submit: (event) => {
          event.preventDefault();
          const seconds = Math.round(Number(number.value) * Number(unit.value));
          if (seconds >= 1 && seconds <= desk.muteSecondsMax) return mute(seconds);
          problem.textContent = `From 1 s to ${about(desk.muteSecondsMax)}.`;
          number.setAttribute('aria-invalid', 'true');
          number.focus();
        },
      },
    },
    number,
    unit,
    h('button', { type: 'submit' }, 'Mute'),
    problem,
  );
  popover = h(
    'div',
    {
      class: 'mute',
      popover: 'auto',
      role: 'dialog',
      'aria-label': `Mute ${apart(name)}`,
      on: {
        toggle: ({ newState, target }) => {
          if (newState === 'open') return;
          if (target.contains(document.activeElement) || document.activeElement === document.body)
            (button.isConnected ? button : home)?.focus();
          target.remove();
        },
      },
    },
    h('p', { class: 'title' }, 'Mute ', h('bdi', {}, name)),
    h('div', { class: 'presets' }, ...presets),
    own,
    h(
      'p',
      { class: 'hint' },
      'No chat or whispers for this time. A new mute replaces the old one; 1 second ends it.',
    ),
  );
  document.body.append(popover);
  popover.showPopover();
  put(popover, button);
  presets[0].focus();
}

// Under the button, or above it if there is no room, and always within the window.
function put(element, button) {
  const { left, top, bottom } = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = element;
  const below = bottom + MARGIN + height <= innerHeight ? bottom + MARGIN : top - MARGIN - height;
  const within = (value, size, room) => Math.max(MARGIN, Math.min(value, room - size - MARGIN));
  element.style.left = `${within(left, width, document.documentElement.clientWidth)}px`;
  element.style.top = `${within(below, height, innerHeight)}px`;
}
