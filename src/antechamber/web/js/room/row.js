/**
 * One row of the message list: a message, a whisper, an announcement, or a small line for an event.
 *
 * Its text is built from nodes: links, mentions, and search hits. Nothing in it is ever parsed as HTML.
 */

import { h, icon } from '../dom.js';
import { clock, dayKey, dayName, fullTime } from '../time.js';
import { happening } from './happening.js';
import { aboutOf } from './reactions.js';

const FOLD_CHARACTERS = 1_200;
const FOLD_LINES = 14;
const GROUP_SECONDS = 300;
const HUES = 24;
/** No space, no quote, and no direction override. */
const LINK = /https?:\/\/[^\s<>"'`\p{Cc}\u202a-\u202e\u2066-\u2069]+/giu;
const TRAILING = /[.,;:!?…*_~]+$/u;
const NAME_CHARACTER = '[\\p{L}\\p{N}\\p{M}_]';
const SHORT = 3;
const QUOTED_CHARACTERS = 120;

/**
 * What a row shows. `sequence` is its entry's; without an entry, that of the entry before it.
 * @typedef {object} Item
 * @property {"said" | "whisper" | "announced" | "happened" | "aside" | "failed"} kind
 * @property {number} sequence
 * @property {number} time in seconds since the epoch
 * @property {boolean} [local] whether it has no entry in the log
 * @property {string} [name] who speaks
 * @property {number} [entered] the entry by which the speaker entered
 * @property {boolean} [mine]
 * @property {string} [to] the recipient of a whisper
 * @property {string} [text]
 * @property {"notice" | "action"} [form] set if it is not an ordinary message
 * @property {number} [about] the message that it answers
 * @property {HTMLElement} [node] a note's own content
 */

/**
 * Return the item of a log entry; null if the room does not show it.
 * @param {object} entry
 * @param {string} me
 * @returns {Item | null}
 */
export function itemOf({ channel, sequence, time, event }, me) {
  const { type, name = event.by, text, form } = event;
  const mine = name === me || (type === 'renamed' && event.to === me);
  if (type === 'said') return { kind: 'said', sequence, time, name, text, mine, form, about: aboutOf(event.tags, channel) };
  if (type === 'announced') return { kind: 'announced', sequence, time, text };
  const words = happening(event, mine, me);
  if (!words) return null;
  return { kind: 'happened', sequence, time, name, text: name === '' ? `The operator ${words}` : words, mine };
}

/**
 * Make an item's row. `dress` completes it once it has its place.
 * @param {Item} item
 * @param {any} look what `message-list` provides
 * @returns {HTMLLIElement & {item: Item}}
 */
export function rowOf(item, look) {
  const row = h('li', { class: `message ${item.kind} ${item.form ?? ''}` });
  row.classList.toggle('mine', Boolean(item.mine) && item.kind !== 'happened');
  if (item.kind === 'failed' && item.to) row.classList.add('whisper');
  row.item = item;
  row.dataset.sequence = String(item.sequence);
  row.append(bodyOf(item, look));
  if (item.kind === 'said') look.draw(row);
  if (look.mention && !item.mine && item.text?.search(look.mention) >= 0) row.classList.add('mentions-me');
  return row;
}

/**
 * Add the day and the speaker's name to a row, if they differ from the row before it.
 * @param {HTMLElement & {item: Item}} row
 * @param {(HTMLElement & {item: Item}) | null} before
 */
export function dress(row, before) {
  const { item } = row;
  const day = dayKey(item.time);
  const sameDay = before !== null && dayKey(before.item.time) === day;
  const goes =
    sameDay && ['kind', 'name', 'to', 'form'].every((what) => item[what] === before.item[what]);
  const joined = goes && item.kind !== 'announced' && item.time - before.item.time < GROUP_SECONDS;
  row.querySelector(':scope > .day')?.remove();
  row.querySelector(':scope > .head')?.remove();
  row.classList.toggle('joined', joined);
  if (!joined && item.form !== 'action' && (item.kind === 'said' || item.kind === 'whisper')) row.prepend(headOf(item));
  if (!sameDay) row.prepend(h('h3', { class: 'day' }, h('span', {}, dayName(item.time))));
}

/**
 * Return the hue of a name, in degrees. The stylesheet sets lightness and contrast.
 * @param {string} name
 * @returns {number}
 */
function hueOf(name) {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193);
  hash ^= hash >>> 15; // names that differ only in their last letter have similar low bits
  return (Math.abs(Math.imul(hash, 0x2c1b3c6d) >>> 8) % HUES) * (360 / HUES);
}

/**
 * Set the hue of a name on an element, for css/chat.css.
 * @template {HTMLElement} T
 * @param {T} element
 * @param {string} name
 * @returns {T}
 */
function tint(element, name) {
  element.style.setProperty('--hue', String(hueOf(name)));
  return element;
}

/**
 * Make a coloured, isolated element for a name.
 * @param {string} name
 * @returns {HTMLElement}
 */
export function nameOf(name) {
  return tint(h('bdi', { class: 'name' }, name), name);
}

/**
 * Make a message's text with links, folded if it is long.
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
  const button = h('button', { class: 'fold', 'aria-expanded': 'false' }, 'Show all');
  const show = (all) => {
    body.replaceChildren(...richText(all ? text : `${text.slice(0, end).trimEnd()} …`, look));
    button.textContent = all ? 'Show less' : 'Show all';
    button.setAttribute('aria-expanded', String(all));
  };
  button.addEventListener('click', () => show(button.getAttribute('aria-expanded') === 'false'));
  // A search hit may be in the folded part.
  show(hitsOf(text, look.words).some(([, to]) => to > end));
  return h('div', { class: 'folding' }, body, button);
}

function foldAt(text) {
  if (text.length <= FOLD_CHARACTERS && text.split('\n', FOLD_LINES + 1).length <= FOLD_LINES) return text.length;
  let end = 0;
  for (let line = 0; line < FOLD_LINES - 2 && end >= 0; line += 1) end = text.indexOf('\n', end + 1);
  end = Math.min(end < 0 ? text.length : end, FOLD_CHARACTERS - 200);
  // Do not cut a character in half.
  return /[\uD800-\uDBFF]/u.test(text.charAt(end - 1)) ? end - 1 : end;
}

function bodyOf(item, look) {
  switch (item.kind) {
    case 'said':
      return h(
        'div',
        { class: 'bubble', title: fullTime(item.time) },
        quoteOf(item, look),
        item.form === 'action' && [nameOf(item.name), ' '],
        textOf(item.text, look),
      );
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

function quoteOf({ about }, { said, jump }) {
  if (!about) return null;
  const earlier = said(about);
  const words = earlier ? [nameOf(earlier.name), ': ', h('bdi', {}, earlier.text.slice(0, QUOTED_CHARACTERS))] : 'an earlier message';
  return h('button', { class: 'quote', on: { click: () => jump(about) } }, h('span', {}, 'In reply to ', words));
}

function replyTo(item, { reply }) {
  if (item.mine || !reply) return null;
  return h('button', { class: 'reply', on: { click: () => reply(item.name, item.entered) } }, 'Whisper back');
}

function headOf(item) {
  const speaker = speakerOf(item);
  const words = item.kind !== 'whisper' ? [speaker, item.form && h('span', { class: 'hint' }, ' notice')] : whispering(item, speaker);
  return h('p', { class: 'head' }, avatarOf(item.name), ...words, ' ', timeOf(item.time));
}

function speakerOf({ mine, name }) {
  return mine ? h('span', { class: 'name me' }, 'You') : nameOf(name);
}

function whispering(item, speaker) {
  const to = item.mine ? nameOf(item.to) : 'you';
  return [icon('whisper'), speaker, h('span', { class: 'whispers' }, ' whispered to ', to, ' alone')];
}

/**
 * @param {number} time
 * @param {string} [words] for it
 * @returns {HTMLTimeElement}
 */
export function timeOf(time, words = clock(time)) {
  return h('time', { datetime: new Date(time * 1000).toISOString(), title: fullTime(time) }, words);
}

/**
 * Make an avatar: a name's first letter on its colour.
 * @param {string} name
 * @returns {HTMLElement}
 */
export function avatarOf(name) {
  return tint(h('span', { class: 'avatar', 'aria-hidden': 'true' }, [...name][0].toUpperCase()), name);
}

/**
 * Make a button with only an icon.
 * @param {string} picture
 * @param {string} label
 * @param {() => void} click
 * @param {string} [look]
 * @returns {HTMLButtonElement}
 */
export function iconButton(picture, label, click, look = '') {
  return h('button', { class: `quiet square ${look}`, 'aria-label': label, title: label, on: { click } }, icon(picture));
}

/**
 * Format a count: "1 seat", "2 seats".
 * @param {number} count
 * @param {string} thing
 * @returns {string}
 */
export function counted(count, thing) {
  return `${count.toLocaleString('en')} ${thing}${count === 1 ? '' : 's'}`;
}

// The text

/**
 * Return a pattern for mentions of `name`: the word itself, or with "@"; a very short name needs the "@".
 * @param {string} name
 * @returns {RegExp}
 */
export function mentionOf(name) {
  const escaped = name.replace(
    /[.*+?^${}()|[\]\\/-]/gu,
    (character) => `\\u{${character.codePointAt(0).toString(16)}}`,
  );
  const at = [...name].length < SHORT ? '@' : '@?';
  return new RegExp(`(?<!${NAME_CHARACTER})${at}${escaped}(?!${NAME_CHARACTER})`, 'giu');
}

/**
 * Return a pattern for a search's words as the server understands them, in a text without accents (see `hitsOf`); null
 * if there are none.
 *
 * "Several words" in quotes are a phrase, and a word that ends in * matches its beginning.
 * @param {string} search
 * @returns {RegExp | null}
 */
export function wordsOf(search) {
  const terms = [];
  for (const [, phrase, star, word] of bare(search).matchAll(/"([^"]*)"?(\*?)|([^\s"]+)/gu)) {
    const letters = (phrase ?? word).match(/[\p{L}\p{N}]+/gu);
    if (!letters) continue;
    const open = star || word?.endsWith('*');
    terms.push(letters.join('[^\\p{L}\\p{N}]+') + (open ? '' : '(?![\\p{L}\\p{N}])'));
  }
  return terms.length ? new RegExp(`(?<![\\p{L}\\p{N}])(?:${terms.join('|')})`, 'giu') : null;
}

/** Remove accents: the server's search ignores them too. */
function bare(text) {
  return text.normalize('NFD').replace(/\p{M}/gu, '').normalize('NFC');
}

/**
 * Find a search's words in a text.
 * @param {string} text
 * @param {RegExp | null} words
 * @returns {[number, number][]} start and end of each hit
 */
export function hitsOf(text, words) {
  if (!words) return [];
  let plain = '';
  const places = [];
  let place = 0;
  for (const character of text) {
    const letter = character < '\x80' ? character : bare(character);
    for (let index = 0; index < letter.length; index += 1) places.push(place);
    plain += letter;
    place += character.length;
  }
  places.push(place);
  return [...plain.matchAll(words)].map(({ index, 0: hit }) => [places[index], places[index + hit.length]]);
}

/**
 * @param {string} text
 * @param {{mention?: RegExp | null, words?: RegExp | null, links?: boolean}} [finds] what to mark
 * @returns {(Node | string)[]}
 */
export function richText(text, { mention = null, words = null, links = true } = {}) {
  const nodes = [];
  let end = 0;
  for (const match of links ? text.matchAll(LINK) : []) {
    const address = trimmed(match[0]);
    if (!URL.canParse(address)) continue;
    nodes.push(...emphasised(text.slice(end, match.index), mention, words));
    nodes.push(h('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, ...marked(address, words)));
    end = match.index + address.length;
  }
  nodes.push(...emphasised(text.slice(end), mention, words));
  return nodes;
}

/** Trim a link: remove the sentence's punctuation, and closing brackets without an opening one. */
function trimmed(address) {
  for (;;) {
    const shorter = address.replace(TRAILING, '');
    const last = shorter.at(-1);
    const opening = { ')': '(', ']': '[', '}': '{' }[last];
    const unopened = opening && shorter.split(last).length > shorter.split(opening).length;
    const next = unopened ? shorter.slice(0, -1) : shorter;
    if (next === address) return address;
    address = next;
  }
}

function emphasised(text, mention, words) {
  if (!mention) return marked(text, words);
  const places = [...text.matchAll(mention)].map(({ index, 0: hit }) => [index, index + hit.length]);
  return split(text, places, (part) => h('strong', { class: 'mention' }, part), words);
}

function marked(text, words) {
  return split(text, hitsOf(text, words), (part) => h('mark', {}, part), null);
}

function split(text, places, wrapped, words) {
  const plain = (part) => (words ? marked(part, words) : [part]);
  const nodes = [];
  let end = 0;
  for (const [from, to] of places) {
    nodes.push(...plain(text.slice(end, from)), wrapped(text.slice(from, to)));
    end = to;
  }
  return [...nodes, ...plain(text.slice(end))];
}
