/** Texts for what happened in a channel. */

import { countdown } from '../time.js';

const LEFT = {
  quit: 'left',
  switched: 'went to another channel',
  idle: 'lost the seat after a long silence',
  lost: 'lost the connection',
  closed: 'left because the channel closed',
};
/** Texts for changes of modes and roles, where … stands for the parameter. */
const MODES = {
  '+o': 'made … an operator',
  '-o': 'took the operator’s role from …',
  '+v': 'gave a voice to …',
  '-v': 'took the voice from …',
  '+b': 'banned …',
  '-b': 'lifted the ban on …',
  '+m': 'let only members with a role talk',
  '-m': 'let everyone talk',
  '+t': 'let only operators set the topic',
  '-t': 'let everyone set the topic',
  '+i': 'let in only invited people',
  '-i': 'let everyone in',
  '+k': 'locked the channel with a key',
  '-k': 'took the key away',
  '+l': 'limited the channel to …',
  '-l': 'took the limit away',
};

/**
 * Describe an event, as the rest of a sentence after the member's name; null if the room does not show it.
 * @param {any} event
 * @param {boolean} mine whether it is about this member, shown as "You"
 * @param {string} me
 * @returns {string | null}
 */
export function happening(event, mine, me) {
  const who = (name) => (name === me ? 'you' : apart(name));
  const { by, text = '', to } = event;
  switch (event.type) {
    case 'seated':
      return mine ? 'have a seat now' : 'took a seat';
    case 'left':
      return event.seated === false ? null : leaving(event, mine, by ? who(by) : 'the operator', text.replace(/^Quit: /u, ''));
    case 'muted':
      return `${mine ? 'have' : 'has'} been muted for ${countdown(event.seconds)}`;
    case 'emptied':
      return 'The operator emptied the channel';
    case 'renamed':
      return `${mine ? 'are' : 'is'} now called ${apart(to)}`;
    case 'invited':
      return `invited ${who(to)}`;
    case 'topic-set':
      return event.topic ? `set the topic: ${apart(event.topic)}` : 'restored the usual topic';
    case 'modes-set':
      return event.changes
        .map(([mode, of]) => (MODES[mode] ?? `set the mode ${mode} …`).replace(' …', () => of && ` ${who(of)}`))
        .join(', ');
    default:
      return null;
  }
}

function leaving({ reason }, mine, by, why) {
  const kicked = reason === 'kicked';
  const words = kicked ? `${mine ? 'were' : 'was'} kicked by ${by}` : mine ? 'left' : (LEFT[reason] ?? 'left');
  return why && (kicked || reason === 'quit') ? `${words}: ${apart(why)}` : words;
}

/** Isolate a text, so it cannot change the direction of the text around it. */
const apart = (text) => `\u2068${text}\u2069`;
