/** What an operator of the channel may do with one of its people, as buttons beside the name. */

import { confirming } from '../confirming.js';
import { fill, h } from '../dom.js';
import { span } from '../time.js';

const MUTES_SECONDS = [60, 300, 900, 3_600];

/**
 * @param {import("../chat.js").Chat} chat
 * @param {string} name
 * @param {(command: object | null) => void} ask asks the server, where there is something to, and is done
 * @returns {HTMLElement[]}
 */
export function moderating(chat, name, ask) {
  const button = (words, click) => h('button', { on: { click } }, words);
  const role = chat.roleOf(name);
  const toggle = (letter, give, take) => {
    const has = role.includes(letter);
    return button(has ? take : give, () => ask({ type: 'set-modes', changes: [[(has ? '-' : '+') + letter, name]] }));
  };
  const mute = ({ currentTarget }) => {
    const acts = currentTarget.parentElement;
    const times = MUTES_SECONDS.map((seconds) => button(span(seconds), () => ask({ type: 'mute', name, seconds })));
    fill(acts, h('span', { class: 'hint' }, 'Mute for'), times);
    times[0].focus();
  };
  const kick = async () => {
    ask(null);
    const text = 'The seat goes to the next in line.';
    if (await confirming({ title: `Send ${name} out?`, text, yes: 'Send out', no: 'Cancel' })) ask({ type: 'kick', name });
  };
  return [
    button('Mute…', mute),
    button('Send out…', kick),
    toggle('v', 'Give a voice', 'Take the voice'),
    toggle('o', 'Make operator', 'Operator no more'),
  ];
}
