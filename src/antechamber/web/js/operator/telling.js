import { announce, h } from '../dom.js';
import { timeOfDay } from './words.js';

const SHOWN_MILLISECONDS = { done: 6000, refused: 12_000 };
const TOASTS_MAX = 3;
const JOURNAL_MAX = 100;

const busy = new WeakSet();

/**
 * Report a result: in a toast, in the polite live region for screen readers, and in the journal.
 * @param {string} words
 * @param {'done' | 'refused'} [kind]
 */
export function tell(words, kind = 'done') {
  announce(words);
  const toast = h('p', { class: `toast ${kind}`, dir: 'auto', on: { click: () => toast.remove() } }, words);
  const toasts = document.querySelector('.toasts');
  toasts.append(toast);
  while (toasts.children.length > TOASTS_MAX) toasts.firstElementChild.remove();
  const leave = () => (toast.matches(':hover') ? setTimeout(leave, 1000) : toast.remove());
  setTimeout(leave, SHOWN_MILLISECONDS[kind]);
  const journal = document.querySelector('.journal');
  journal.hidden = false;
  const list = journal.querySelector('ol');
  list.prepend(h('li', { class: kind, dir: 'auto' }, h('time', {}, timeOfDay(Date.now() / 1000)), ` ${words}`));
  if (list.children.length > JOURNAL_MAX) list.lastElementChild.remove();
}

/**
 * Run a command and report its result. Meanwhile `button` does not start another one.
 * @param {Element} button
 * @param {() => Promise<unknown>} command
 * @param {string} done the text for success
 * @returns {Promise<boolean>} whether it succeeded
 */
export async function carryOut(button, command, done) {
  if (busy.has(button)) return false;
  busy.add(button);
  try {
    await command();
    tell(done);
    return true;
  } catch (error) {
    tell(refusal(error), 'refused');
    return false;
  } finally {
    busy.delete(button);
  }
}

/**
 * @param {{code: string, message: string}} error
 * @returns {string}
 */
export function refusal({ code, message }) {
  return code === 'lost' || code === 'offline' ? message : `Refused: ${message}`;
}
