/** What could be meant at the caret: commands, people, channels. Pure; the list itself is suggestions.js. */

import { COMMANDS } from './commands.js';

const OPTIONS_MAX = 50;

/**
 * @typedef {{value: string, label: string, detail: string, kind: "command" | "person" | "channel"}} Option
 * @typedef {{start: number, end: number, options: Option[]}} Completion from where to where an option goes
 */

/**
 * What the list offers by itself, while a command, a name after it, or an "@" is typed; null where there is nothing.
 * @param {string} text
 * @param {number} caret
 * @param {{names: string[], channels: {name: string, topic?: string}[]}} known
 * @returns {Completion | null}
 */
export function completionAt(text, caret, { names, channels }) {
  const before = text.slice(0, caret);
  let match = /^\/\S*$/u.exec(before);
  if (match) return offered(caret, match[0], COMMANDS.map(commandOption));
  match = /^\/(?:whisper|send)\s+(\S*)$/u.exec(before);
  if (match)
    return offered(
      caret,
      match[1],
      names.map((name) => personOption(name, name)),
    );
  match = /^\/switch\s+(\S*)$/u.exec(before);
  if (match) return offered(caret, match[1], channels.map(channelOption));
  match = /(?:^|\s)(@\S*)$/u.exec(before);
  if (match)
    return offered(
      caret,
      match[1],
      names.map((name) => personOption(name, `@${name}`)),
    );
  return null;
}

/**
 * The names that the word before the caret may become by Tab; null where it is the beginning of none.
 * @param {string} text
 * @param {number} caret
 * @param {string[]} names
 * @returns {{start: number, end: number, names: string[]} | null}
 */
export function namesAt(text, caret, names) {
  const word = /\S+$/u.exec(text.slice(0, caret))?.[0];
  if (!word) return null;
  const found = names.filter((name) => begins(name, word));
  return found.length ? { start: caret - word.length, end: caret, names: found } : null;
}

function offered(caret, word, options) {
  const matching = options.filter((option) => begins(option.value, word)).slice(0, OPTIONS_MAX);
  return matching.length ? { start: caret - word.length, end: caret, options: matching } : null;
}

function begins(whole, word) {
  return whole.toLowerCase().startsWith(word.normalize('NFC').toLowerCase());
}

function commandOption({ name, form, meaning }) {
  return { value: name, label: form, detail: meaning, kind: 'command' };
}

function personOption(name, value) {
  return { value, label: name, detail: '', kind: 'person' };
}

function channelOption({ name, topic = '' }) {
  return { value: name, label: name, detail: topic, kind: 'channel' };
}
