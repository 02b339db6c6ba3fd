/** What a person types into the composer, read: a message, a whisper, or a command. */

/** @typedef {{name: string, form: string, meaning: string}} CommandInfo */

/** @type {CommandInfo[]} */
export const COMMANDS = [
  { name: '/whisper', form: '/whisper NAME TEXT', meaning: 'Write to one person alone' },
  { name: '/send', form: '/send NAME', meaning: 'Send someone a file' },
  { name: '/search', form: '/search WORDS', meaning: 'Find what was said here' },
  { name: '/list', form: '/list', meaning: "See every channel's seats and line" },
  { name: '/switch', form: '/switch CHANNEL', meaning: 'Go to another channel' },
  { name: '/quit', form: '/quit', meaning: 'Leave' },
  { name: '/help', form: '/help', meaning: 'See what you can type' },
];

/**
 * @typedef {{kind: "empty" | "list" | "quit" | "help"} | {kind: "say", text: string}
 *   | {kind: "whisper", to: string, text: string} | {kind: "switch", channel: string} | {kind: "send", to: string}
 *   | {kind: "search", words: string} | {kind: "wrong", problem: string}} Typed
 */

/**
 * @param {string} typed
 * @returns {Typed}
 */
export function read(typed) {
  const text = typed.trim();
  if (!text) return { kind: 'empty' };
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
    case '/switch':
      return rest && !/\s/u.test(rest)
        ? { kind: 'switch', channel: rest }
        : wrong('Name one channel: /switch CHANNEL.');
    case '/list':
    case '/quit':
    case '/help':
      return rest ? wrong(`${command} stands alone. Nothing was sent.`) : { kind: command.slice(1) };
    default:
      return wrong(`There is no command ${clipped(command)}. To say it as it stands, write / twice.`);
  }
}

/**
 * To whom a whisper that is being typed goes, as soon as a name stands there; null where it is none.
 * @param {string} typed
 * @returns {string | null}
 */
export function whisperTarget(typed) {
  return /^\s*\/whisper\s+(\S+)\s/u.exec(typed)?.[1] ?? null;
}

/**
 * The one of `names` that was meant: itself, or the only one that differs in capital letters alone.
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
  return to && text ? { kind: 'whisper', to, text } : wrong('Say to whom, and what: /whisper NAME TEXT.');
}

function wrong(problem) {
  return { kind: 'wrong', problem };
}

function clipped(word) {
  return word.length > 24 ? `${word.slice(0, 23)}…` : word;
}
