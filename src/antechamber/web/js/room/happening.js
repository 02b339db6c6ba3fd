/** What happened in a channel, in words. */

import { countdown } from '../time.js';

const LEFT = {
  quit: 'left',
  switched: 'went to another channel',
  idle: 'lost the seat after too long a silence',
  lost: 'lost the connection',
  closed: 'left, as this channel is closed',
};
/** Changes of modes and roles, where … is what each is of. */
const MODES = {
  '+o': 'made … an operator',
  '-o': 'took the operator’s role from …',
  '+v': 'gave a voice to …',
  '-v': 'took the voice from …',
  '+b': 'banned …',
  '-b': 'lifted the ban on …',
  '+m': 'let only those with a role talk',
  '-m': 'let everyone talk',
  '+t': 'let only operators set the topic',
  '-t': 'let everyone set the topic',
  '+i': 'let only those in who are invited',
  '-i': 'let everyone in',
  '+k': 'locked the channel with a key',
  '-k': 'took the key away',
  '+l': 'limited the channel to …',
  '-l': 'took the limit away',
};

/**
 * What happened, as a sentence that goes on after the name it begins with; null where it is nothing for the room.
 * @param {any} event
 * @param {boolean} mine whether it is about me, who is "You" then
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
      return `${mine ? 'are' : 'is'} called ${apart(to)} now`;
    case 'invited':
      return `invited ${who(to)}`;
    case 'topic-set':
      return event.topic ? `set the topic: ${apart(event.topic)}` : 'brought the usual topic back';
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
  const words = kicked ? `${mine ? 'were' : 'was'} sent out by ${by}` : mine ? 'left' : (LEFT[reason] ?? 'left');
  return why && (kicked || reason === 'quit') ? `${words}: ${apart(why)}` : words;
}

/** A text that cannot turn around or join the words about it. */
const apart = (text) => `\u2068${text}\u2069`;
