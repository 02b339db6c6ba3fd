import { h, write } from '../dom.js';
import { carryOut } from './telling.js';
import { apart, count, some } from './words.js';

/**
 * Confirm emptying a channel, with a live list of who will leave and who will get a seat.
 * @param {import('./desk.js').Desk} desk
 * @param {string} channel
 */
export function confirmEmpty(desk, channel) {
  const goes = h('p');
  const comes = h('p');
  const dialog = modal(
    'Empty ',
    channel,
    goes,
    comes,
    h('p', {}, 'What was said stays in the log. This cannot be undone.'),
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', autofocus: true, on: { click: () => dialog.close() } }, 'Cancel'),
      h(
        'button',
        {
          type: 'button',
          class: 'danger primary',
          on: {
            click: ({ currentTarget }) => {
              dialog.close();
              carryOut(currentTarget, () => desk.ask({ type: 'empty', channel }), `${apart(channel)} was emptied.`);
            },
          },
        },
        'Empty the channel',
      ),
    ),
  );
  const show = () => {
    const seated = desk.rosters.get(channel)?.seated.map((member) => member.name) ?? [];
    const line = desk.line(channel).map((member) => member.name);
    const next = line.slice(0, desk.channels.get(channel)?.seats ?? 0);
    const loses = count(seated.length, 'person loses the seat and is', 'people lose their seats and are');
    write(
      goes,
      seated.length ? `${loses} disconnected: ${some(seated)}.` : 'Nobody is seated here, so nothing would happen.',
    );
    write(
      comes,
      next.length
        ? `Then ${some(next)} ${next.length === 1 ? 'gets a seat' : 'get seats'} from the line.`
        : `Nobody waits, so ${seated.length === 1 ? 'the seat stays' : 'the seats stay'} free.`,
    );
  };
  show();
  live(dialog, desk, 'roster', show);
}

let dialogs = 0;

/**
 * Show a modal dialog; it is removed once closed.
 * @param {string} words its title
 * @param {string} name a name that ends the title as a question, or ''
 * @param {...any} children
 * @returns {HTMLDialogElement}
 */
export function modal(words, name, ...children) {
  const id = `dialog-${(dialogs += 1)}`;
  const dialog = h(
    'dialog',
    { 'aria-labelledby': id, on: { close: () => dialog.remove() } },
    h('h2', { id }, words, name && h('bdi', {}, name), name && '?'),
    ...children,
  );
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Call `show` at each such event while the dialog is open.
 * @param {HTMLDialogElement} dialog
 * @param {EventTarget} desk
 * @param {string} type
 * @param {() => void} show
 */
export function live(dialog, desk, type, show) {
  desk.addEventListener(type, show);
  dialog.addEventListener('close', () => desk.removeEventListener(type, show));
}
