/** One row of the talk: a message, a whisper, an announcement, or a small line of what happened. */

import { h, icon } from '../dom.js';
import { clock, dayKey, dayName, fullTime } from '../time.js';
import { tint } from './colour.js';
import { richText } from './richtext.js';
import { happening } from './words.js';

const FOLD_CHARACTERS = 1_200;
const FOLD_LINES = 14;
const GROUP_SECONDS = 300;

/**
 * What a row shows. `sequence` is its entry's; for what has no entry, of the entry that it came after.
 * @typedef {object} Item
 * @property {"said" | "whisper" | "announced" | "happened" | "aside"} kind
 * @property {number} sequence
 * @property {number} time in seconds since the epoch
 * @property {boolean} [local] whether no entry of the log is behind it
 * @property {string} [name] who speaks
 * @property {boolean} [mine]
 * @property {string} [to] whom a whisper is for
 * @property {string} [text]
 * @property {HTMLElement} [node] a note's own content
 */

/**
 * The item of a log's entry; null for what is not told in the room.
 * @param {object} entry
 * @param {string} me
 * @returns {Item | null}
 */
export function itemOf({ sequence, time, event }, me) {
  if (event.type === 'said') {
    return { kind: 'said', sequence, time, name: event.name, text: event.text, mine: event.name === me };
  }
  if (event.type === 'announced') return { kind: 'announced', sequence, time, text: event.text };
  const mine = event.name === me;
  const text = happening(event, mine);
  return text && { kind: 'happened', sequence, time, name: event.name, text, mine };
}

/**
 * Make an item's row. `dress` completes it once it has its place.
 * @param {Item} item
 * @param {{mention?: RegExp | null, words?: RegExp | null, reply?: (name: string) => void}} look
 * @returns {HTMLLIElement & {item: Item}}
 */
export function rowOf(item, look) {
  const row = h('li', { class: `message ${item.kind}${item.mine && item.kind !== 'happened' ? ' mine' : ''}` });
  row.item = item;
  row.dataset.sequence = String(item.sequence);
  row.append(bodyOf(item, look));
  if (look.mention && !item.mine && item.text?.search(look.mention) >= 0) row.classList.add('mentions-me');
  return row;
}

/**
 * Give a row the day and the speaker's name, where they are new after the row before it.
 * @param {HTMLElement & {item: Item}} row
 * @param {(HTMLElement & {item: Item}) | null} before
 */
export function dress(row, before) {
  const { item } = row;
  const day = dayKey(item.time);
  const sameDay = before !== null && dayKey(before.item.time) === day;
  const goes =
    sameDay && item.kind === before.item.kind && item.name === before.item.name && item.to === before.item.to;
  const joined = goes && item.kind !== 'announced' && item.time - before.item.time < GROUP_SECONDS;
  row.querySelector(':scope > .day')?.remove();
  row.querySelector(':scope > .head')?.remove();
  row.classList.toggle('joined', joined);
  if (!joined && (item.kind === 'said' || item.kind === 'whisper')) row.prepend(headOf(item));
  if (!sameDay) row.prepend(h('h3', { class: 'day' }, h('span', {}, dayName(item.time))));
}

/**
 * A name in its colour, which nothing in it can break out of.
 * @param {string} name
 * @returns {HTMLElement}
 */
export function nameOf(name) {
  return tint(h('bdi', { class: 'name' }, name), name);
}

/**
 * A message's text with its links, folded where it is long.
 * @param {string} text
 * @param {{mention?: RegExp | null, words?: RegExp | null}} look
 * @returns {HTMLElement}
 */
export function textOf(text, look) {
  const body = h('div', { class: 'text', dir: 'auto' });
  const end = foldAt(text);
  if (end === text.length) {
    body.append(...richText(text, look));
    return body;
  }
  const button = h('button', { type: 'button', class: 'fold', 'aria-expanded': 'false' }, 'Show all');
  const show = (all) => {
    body.replaceChildren(...richText(all ? text : `${text.slice(0, end).trimEnd()} …`, look));
    button.textContent = all ? 'Show less' : 'Show all';
    button.setAttribute('aria-expanded', String(all));
  };
  button.addEventListener('click', () => show(button.getAttribute('aria-expanded') === 'false'));
  // A hit of a search may stand in what is folded away.
  show(Boolean(look.words && text.slice(end).search(look.words) >= 0));
  return h('div', { class: 'folding' }, body, button);
}

function foldAt(text) {
  if (text.length <= FOLD_CHARACTERS && text.split('\n', FOLD_LINES + 1).length <= FOLD_LINES) return text.length;
  let end = 0;
  for (let line = 0; line < FOLD_LINES - 2 && end >= 0; line += 1) end = text.indexOf('\n', end + 1);
  end = Math.min(end < 0 ? text.length : end, FOLD_CHARACTERS - 200);
  // Not through the middle of a character.
  return /[\uD800-\uDBFF]/u.test(text.charAt(end - 1)) ? end - 1 : end;
}

function bodyOf(item, look) {
  switch (item.kind) {
    case 'said':
      return h('div', { class: 'bubble', title: fullTime(item.time) }, textOf(item.text, look));
    case 'whisper':
      return h('div', { class: 'bubble', title: fullTime(item.time) }, textOf(item.text, look), replyTo(item, look));
    case 'announced':
      return h(
        'div',
        { class: 'bubble' },
        h('p', { class: 'from' }, icon('megaphone'), 'Announcement by the operator ', timeOf(item.time)),
        textOf(item.text, look),
      );
    case 'happened':
      return h('p', {}, item.name && [speakerOf(item), ' '], item.text, ' ', timeOf(item.time));
    default:
      return item.node;
  }
}

function replyTo(item, { reply }) {
  if (item.mine || !reply) return null;
  return h('button', { type: 'button', class: 'reply', on: { click: () => reply(item.name) } }, 'Whisper back');
}

function headOf(item) {
  const speaker = speakerOf(item);
  const avatar = tint(h('span', { class: 'avatar', 'aria-hidden': 'true' }, initial(item.name)), item.name);
  const words = item.kind !== 'whisper' ? [speaker] : whispering(item, speaker);
  return h('p', { class: 'head' }, avatar, ...words, ' ', timeOf(item.time));
}

function speakerOf({ mine, name }) {
  return mine ? h('span', { class: 'name me' }, 'You') : nameOf(name);
}

function whispering(item, speaker) {
  const to = item.mine ? nameOf(item.to) : 'you';
  return [icon('whisper'), speaker, h('span', { class: 'whispers' }, ' whispered to ', to, ' alone')];
}

function timeOf(time) {
  return h('time', { datetime: new Date(time * 1000).toISOString(), title: fullTime(time) }, clock(time));
}

function initial(name) {
  return [...name][0]?.toUpperCase() ?? '';
}
