/** A message's text as nodes: links, mentions of me, and the words of a search. Nothing in it is ever read as HTML. */

import { h } from '../dom.js';

/** No space, no quote, and nothing that turns the direction of the text around it. */
const LINK = /https?:\/\/[^\s<>"'`\p{Cc}\u202a-\u202e\u2066-\u2069]+/giu;
const TRAILING = /[.,;:!?…*_~]+$/u;
const NAME_CHARACTER = '[\\p{L}\\p{N}\\p{M}_]';
const SHORT = 3;

/**
 * What finds mentions of `name`: the word itself, or "@" before it; a very short name needs the "@".
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
 * What finds the words of a search as the server understands them; null where there are none.
 *
 * "Several words" in quotes are a phrase, and a word that ends in * is the beginning of one.
 * @param {string} search
 * @returns {RegExp | null}
 */
export function wordsOf(search) {
  const terms = [];
  for (const [, phrase, star, word] of search.matchAll(/"([^"]*)"?(\*?)|([^\s"]+)/gu)) {
    const letters = (phrase ?? word).match(/[\p{L}\p{N}\p{M}]+/gu);
    if (!letters) continue;
    const open = star || word?.endsWith('*');
    terms.push(letters.join('[^\\p{L}\\p{N}\\p{M}]+') + (open ? '' : '(?![\\p{L}\\p{N}\\p{M}])'));
  }
  return terms.length ? new RegExp(`(?<![\\p{L}\\p{N}\\p{M}])(?:${terms.join('|')})`, 'giu') : null;
}

/**
 * @param {string} text
 * @param {{mention?: RegExp | null, words?: RegExp | null, links?: boolean}} [finds] what to make of it
 * @returns {(Node | string)[]}
 */
export function richText(text, { mention = null, words = null, links = true } = {}) {
  const nodes = [];
  let end = 0;
  for (const match of links ? text.matchAll(LINK) : []) {
    const address = trimmed(match[0]);
    if (!isWebAddress(address)) continue;
    nodes.push(...emphasised(text.slice(end, match.index), mention, words));
    nodes.push(h('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, ...marked(address, words)));
    end = match.index + address.length;
  }
  nodes.push(...emphasised(text.slice(end), mention, words));
  return nodes;
}

function isWebAddress(address) {
  try {
    return ['http:', 'https:'].includes(new URL(address).protocol);
  } catch {
    return false;
  }
}

/** Without the punctuation of the sentence around it, and without a closing bracket that was not opened in it. */
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
  return mention ? split(text, mention, (part) => h('strong', { class: 'mention' }, part), words) : marked(text, words);
}

function marked(text, words) {
  return words ? split(text, words, (part) => h('mark', {}, part), null) : [text];
}

function split(text, expression, wrapped, words) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(expression)) {
    nodes.push(...marked(text.slice(end, match.index), words), wrapped(match[0]));
    end = match.index + match[0].length;
  }
  nodes.push(...marked(text.slice(end), words));
  return nodes;
}
