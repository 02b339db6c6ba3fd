import { h, write } from '../dom.js';
import { live, modal } from './dialogs.js';
import { refusal, tell } from './telling.js';
import { apart, count, digits } from './words.js';

/** The longest announcement, which fits into one line in any encoding. */
const TEXT_MAX = 2000;
/** The fraction of that from which on the remaining length is shown. */
const NEARLY = 0.9;

/**
 * Open the dialog for an announcement, to one channel or to all, with a preview and its readers.
 * @param {import('./desk.js').Desk} desk
 * @param {string} channel '' for all of them
 */
export function openAnnouncement(desk, channel) {
  const names = [...desk.channels.keys()];
  const target = h(
    'select',
    { on: { change: () => show() } },
    h('option', { value: '' }, `All ${count(names.length, 'channel')}`),
    ...names.map((name) => h('option', { value: name }, name)),
  );
  target.value = channel;
  const text = messageField(() => show());
  const who = h('p', { class: 'readers' });
  const preview = h('p', { class: 'message', dir: 'auto' });
  const length = h('p', { class: 'hint', id: 'announced-length' });
  const problem = h('p', { class: 'problem', role: 'alert' });
  const form = h(
    'form',
    { novalidate: true, on: { submit: (event) => send(event) } },
    h('label', {}, 'To', target),
    who,
    h('label', {}, 'Message', text),
    length,
    problem,
    h('div', { class: 'preview' }, h('h3', {}, 'They will read'), preview),
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', on: { click: () => dialog.close() } }, 'Cancel'),
      h('button', { type: 'submit', class: 'primary' }, 'Announce'),
    ),
  );
  const dialog = modal('Announce', '', form);
  const chosen = () => [...desk.channels.values()].filter((one) => !target.value || one.name === target.value);
  const show = () => {
    write(who, readers(chosen()));
    const words = text.value.trim();
    write(preview, words || 'Nothing yet.');
    preview.classList.toggle('nothing', !words);
    write(length, words.length > TEXT_MAX * NEARLY ? `${digits(words.length)} of ${digits(TEXT_MAX)} characters` : '');
    if (words) problem.textContent = tooLong(words);
    text.setAttribute('aria-invalid', String(words.length > TEXT_MAX));
  };
  const send = async (event) => {
    event.preventDefault();
    const words = text.value.trim();
    if (!words || tooLong(words)) {
      problem.textContent = tooLong(words) || 'Write what they should read.';
      text.focus();
      return;
    }
    try {
      await desk.ask({ type: 'announce', channel: target.value, text: words });
      const where = target.value ? apart(target.value) : `all ${count(desk.channels.size, 'channel')}`;
      tell(`Announced in ${where}.`);
      dialog.close();
    } catch (error) {
      problem.textContent = refusal(error);
    }
  };
  show();
  live(dialog, desk, 'channels', show);
}

// Enter sends, Shift+Enter starts a new line.
function messageField(changed) {
  const keydown = (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    text.form.requestSubmit();
  };
  const on = { input: changed, keydown };
  const described = { 'aria-describedby': 'announced-length' };
  const text = h('textarea', { rows: '3', dir: 'auto', autofocus: true, ...described, on });
  return text;
}

const tooLong = (words) => (words.length > TEXT_MAX ? `Too long by ${count(words.length - TEXT_MAX, 'character')}.` : '');

// The text about its readers.
function readers(channels) {
  const sum = (field) => channels.reduce((total, channel) => total + channel[field], 0);
  const seated = sum('seated');
  const waiting = sum('waiting');
  const where = channels.length === 1 ? apart(channels[0].name) : count(channels.length, 'channel');
  if (!seated && !waiting) return `Nobody is in ${where} now, so nobody reads it live.`;
  return `Read by ${digits(seated)} seated and ${digits(waiting)} waiting in ${where}.`;
}
