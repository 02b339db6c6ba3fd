/** Parsing and completing what a person types: a message, a whisper, or a command. */

import { announce, h } from '../dom.js';
import { counted, nameOf } from './row.js';

const OPTIONS_MAX = 50;
/** A visible character. */
const VISIBLE = /[^\p{Cc}\p{Cf}\p{Z}\p{DI}]/u;

/**
 * `operators`: for operators of the channel: "*" always, a letter only while the channel has this mode.
 * @typedef {{name: string, form: string, meaning: string, operators: string}} CommandInfo
 */

/** @type {CommandInfo[]} */
export const COMMANDS = [
  ['/whisper NAME TEXT', 'Write to one person only'],
  ['/send NAME', 'Send someone a file'],
  ['/search WORDS', 'Search this channel'],
  ['/list', "See every channel's seats and line"],
  ['/switch CHANNEL', 'Go to another channel'],
  ['/me TEXT', 'Say what you do'],
  ['/nick NAME', 'Change your name'],
  ['/topic TEXT', 'Set the topic', 't'],
  ['/mute NAME TIME', 'Mute someone for a time: 90s, 5m, 2h', '*'],
  ['/kick NAME WHY', 'Kick someone', '*'],
  ['/ban NAME', 'Ban someone, by name or mask', '*'],
  ['/unban NAME', 'Lift a ban', '*'],
  ['/invite NAME', 'Invite someone', 'i'],
  ['/voice NAME', 'Let someone talk where not everyone may', '*'],
  ['/devoice NAME', 'Take the voice away', '*'],
  ['/op NAME', 'Make someone an operator', '*'],
  ['/deop NAME', 'Take that role away', '*'],
  ['/mode CHANGES', 'Set modes as on IRC, such as +m or -t', '*'],
  ['/quit', 'Leave'],
  ['/help', 'See what you can type'],
].map(([form, meaning, operators = '']) => ({ name: form.split(' ')[0], form, meaning, operators }));

/**
 * Return the commands that this member may give here, and those that only operators of the channel may.
 * @param {import("../chat.js").Chat} chat
 * @returns {{may: CommandInfo[], others: CommandInfo[]}}
 */
export function commandsOf({ operates, roster }) {
  const free = ({ operators }) => operates || !(operators === '*' || roster.modes.has(operators));
  return { may: COMMANDS.filter(free), others: COMMANDS.filter((each) => !free(each)) };
}

/** The mode changes behind some commands. */
const CHANGES = { '/op': '+o', '/deop': '-o', '/voice': '+v', '/devoice': '-v', '/ban': '+b', '/unban': '-b' };
const SECONDS = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 };

/**
 * @typedef {{kind: "empty" | "list" | "quit" | "help"} | {kind: "say", text: string}
 *   | {kind: "whisper", to: string, text: string} | {kind: "switch", channel: string} | {kind: "send", to: string}
 *   | {kind: "search", words: string} | {kind: "ask", ask: object} | {kind: "wrong", problem: string}} Typed
 */

/**
 * @param {string} typed
 * @param {string[]} [names] of those here
 * @returns {Typed}
 */
export function read(typed, names = []) {
  const text = typed.trim();
  if (!VISIBLE.test(text)) return { kind: 'empty' };
  if (!text.startsWith('/')) return { kind: 'say', text };
  if (text.startsWith('//')) return { kind: 'say', text: text.slice(1) };
  const [, command, rest] = /^(\S+)\s*([^]*)$/u.exec(text);
  switch (command) {
    case '/whisper':
      return whisper(rest);
    case '/send':
      return /\s/u.test(rest)
        ? wrong('Name one person: /send NAME. Then choose the file.')
        : { kind: 'send', to: rest };
    case '/search':
      return { kind: 'search', words: rest };
    case '/me':
      return VISIBLE.test(rest) ? { kind: 'say', text: rest, form: 'action' } : wrong('Say what you do: /me TEXT.');
    case '/switch':
      return rest && !/\s/u.test(rest)
        ? { kind: 'switch', channel: rest }
        : wrong('Name one channel: /switch CHANNEL.');
    case '/list':
    case '/quit':
    case '/help':
      return rest ? wrong(`Write ${command} alone. Nothing was sent.`) : { kind: command.slice(1) };
    default:
      return asking(command, rest, names);
  }
}

/** Parse a command about the channel or its members into one for the server. */
function asking(command, rest, names) {
  const info = COMMANDS.find(({ name }) => name === command);
  if (!info) return wrong(`There is no command ${clipped(command)}. To send it as a message, write / twice.`);
  const [, first, more] = /^(\S*)\s*([^]*)$/u.exec(rest);
  const ask = first && asked(command, rest, meant(first, names), more);
  return ask ? { kind: 'ask', ask } : wrong(`Write it as ${info.form}.`);
}

function asked(command, rest, name, more) {
  switch (command) {
    case '/topic':
      return { type: 'set-topic', topic: rest };
    case '/kick':
      return { type: 'kick', name, text: more };
    case '/mute': {
      const [, number, unit] = /^(\d{1,9})([smhd]?)$/u.exec(more) ?? [];
      return number && { type: 'mute', name, seconds: number * SECONDS[unit] };
    }
    case '/mode':
      return { type: 'set-modes', changes: changesOf(rest) };
  }
  if (more) return null;
  if (command === '/nick') return { type: 'rename', name: rest };
  if (command === '/invite') return { type: 'invite', name };
  const change = CHANGES[command];
  const mask = change[1] === 'b' && !/[!@*?]/u.test(name);
  return { type: 'set-modes', changes: [[change, mask ? `${name}!*@*` : name]] };
}

/** Parse mode changes in IRC notation: signs and letters, then the parameters of some of them. */
function changesOf(rest) {
  const [letters, ...of] = rest.split(/\s+/u);
  let sign = '+';
  const changes = [];
  for (const letter of letters) {
    if (/[+-]/u.test(letter)) sign = letter;
    else changes.push([sign + letter, /[beIkov]|\+l/u.test(sign + letter) ? (of.shift() ?? '') : '']);
  }
  return changes;
}

/**
 * Return the name in a command about a member, or ''; and whether it is a complete name in a whisper.
 * @param {string} typed
 * @returns {{typed: string, whispers: boolean}}
 */
export function personIn(typed) {
  const [, command, name = '', after] =
    /^\s*\/(whisper|send|kick|mute|(?:de)?(?:op|voice))\s+(\S+)(\s?)/u.exec(typed) ?? [];
  return { typed: name, whispers: command === 'whisper' && after !== '' };
}

/**
 * Return which of `names` was meant: itself, or the only one that differs only in case.
 * @param {string} typed
 * @param {Iterable<string>} names
 * @returns {string}
 */
export function meant(typed, names) {
  const name = typed.normalize('NFC');
  const alike = [];
  for (const each of names) {
    if (each === name) return name;
    if (each.toLowerCase() === name.toLowerCase()) alike.push(each);
  }
  return alike.length === 1 ? alike[0] : name;
}

function whisper(rest) {
  const [, to, text] = /^(\S*)\s*([^]*)$/u.exec(rest);
  return to && VISIBLE.test(text) ? { kind: 'whisper', to, text } : wrong('Say to whom, and what: /whisper NAME TEXT.');
}

function wrong(problem) {
  return { kind: 'wrong', problem };
}

function clipped(word) {
  return word.length > 24 ? `${word.slice(0, 23)}…` : word;
}

// Completion at the caret

/**
 * @typedef {{value: string, label: string, detail?: string, person?: boolean}} Option
 * @typedef {{start: number, end: number, options: Option[]}} Completion from where to where an option goes
 */

/**
 * Return suggestions while a command, a name after it, or an "@" is typed; null if there are none.
 * @param {string} text
 * @param {number} caret
 * @param {{names: string[], channels: {name: string, topic?: string}[], commands: CommandInfo[]}} known
 * @returns {Completion | null}
 */
export function completionAt(text, caret, { names, channels, commands }) {
  const before = text.slice(0, caret);
  let match = /^\/\S*$/u.exec(before);
  if (match) return offered(caret, match[0], commands.map(commandOption));
  match = /^\/(?:whisper|send|kick|mute|ban|(?:de)?(?:op|voice))\s+(\S*)$/u.exec(before);
  if (match) return offered(caret, match[1], people(names, match[1]));
  match = /^\/switch\s+(\S*)$/u.exec(before);
  if (match) return offered(caret, match[1], channels.map(channelOption));
  match = /(?:^|\s)(@(\S*))$/u.exec(before);
  if (match) return offered(caret, match[1], people(names, match[2], '@'));
  return null;
}

/**
 * Return the names to which Tab may complete the word before the caret; null if there are none.
 * @param {string} text
 * @param {number} caret
 * @param {string[]} names
 * @returns {{start: number, end: number, names: string[]} | null}
 */
export function namesAt(text, caret, names) {
  const word = /\S+$/u.exec(text.slice(0, caret))?.[0];
  if (!word) return null;
  const found = byLikeness(names, word).filter((name) => begins(name, word));
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
  return { value: name, label: form, detail: meaning };
}

function people(names, word, before = '') {
  return byLikeness(names, word).map((name) => ({ value: before + name, label: name, person: true }));
}

/** Sort names: an exact match first, then one that differs only in case, then shorter ones. */
function byLikeness(names, word) {
  if (!word) return names;
  const exact = meant(word, names);
  return [...names].sort((a, b) => (b === exact) - (a === exact) || a.length - b.length);
}

function channelOption({ name, topic = '' }) {
  return { value: name, label: name, detail: topic };
}

/** The list of suggestions above the composer: arrows choose, and the text field keeps the focus. */
export class Suggestions {
  /** @type {Completion | null} */
  #completion = null;
  #chosen = 0;

  /**
   * @param {HTMLTextAreaElement} field
   * @param {() => void} accept called when an option is clicked
   */
  constructor(field, accept) {
    this.field = field;
    this.accept = accept;
    this.list = h('ul', {
      class: 'suggestions',
      id: 'suggestions',
      role: 'listbox',
      'aria-label': 'Suggestions',
      hidden: true,
    });
    // A click on the list must not take the focus from the text.
    this.list.addEventListener('pointerdown', (event) => event.preventDefault());
    this.list.addEventListener('click', (event) => this.#click(event));
  }

  get open() {
    return this.#completion !== null;
  }

  /** @returns {{start: number, end: number, value: string} | null} what would be inserted now */
  get choice() {
    if (!this.#completion) return null;
    const { start, end, options } = this.#completion;
    return { start, end, value: options[this.#chosen].value };
  }

  /** @param {Completion | null} completion the suggestions; null closes the list */
  show(completion) {
    if (!completion) return this.close();
    const before = this.#completion?.options.map(({ value }) => value).join('\n');
    const same = before === completion.options.map(({ value }) => value).join('\n');
    this.#completion = completion;
    if (same) return undefined;
    this.list.replaceChildren(...completion.options.map(optionOf));
    this.list.hidden = false;
    this.field.setAttribute('aria-controls', 'suggestions');
    this.#choose(0);
    if (before === undefined) announce(`${counted(completion.options.length, 'suggestion')}, arrow keys choose`);
    return undefined;
  }

  close() {
    this.#completion = null;
    this.list.hidden = true;
    this.list.replaceChildren();
    this.field.removeAttribute('aria-activedescendant');
    this.field.removeAttribute('aria-controls');
  }

  /** Move up or down in the list, wrapping around. */
  move(step) {
    const count = this.#completion.options.length;
    this.#choose((this.#chosen + step + count) % count);
  }

  #choose(index) {
    this.list.children[this.#chosen]?.setAttribute('aria-selected', 'false');
    this.#chosen = index;
    const option = this.list.children[index];
    option.setAttribute('aria-selected', 'true');
    this.field.setAttribute('aria-activedescendant', option.id);
    option.scrollIntoView({ block: 'nearest' });
  }

  #click(event) {
    const option = event.target.closest('[role=option]');
    if (!option) return;
    this.#choose([...this.list.children].indexOf(option));
    this.accept();
  }
}

function optionOf({ label, detail, person }, index) {
  const what = person ? nameOf(label) : h('bdi', { class: 'what' }, label);
  const more = detail && h('bdi', { class: 'detail' }, detail);
  return h('li', { id: `suggestion-${index}`, role: 'option', 'aria-selected': 'false' }, what, more && ' ', more);
}
