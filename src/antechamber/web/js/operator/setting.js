import { h } from '../dom.js';
import { modal } from './dialogs.js';
import { carryOut, refusal, tell } from './telling.js';
import { apart } from './words.js';

const TOPIC_CHARACTERS_MAX = 200;
const FLAGS = [
  ['t', 'Only operators of the channel may set the topic'],
  ['m', 'Only members with a role may talk'],
  ['i', 'Only invited people may enter'],
  ['s', 'IRC lists do not show the channel'],
  ['k', 'Entering needs a key'],
];
const ROLES = [
  ['', 'No role'],
  ['v', 'A voice: may talk where not everyone may'],
  ['o', 'Operator of the channel'],
];

/**
 * Open the dialog for a channel's topic and modes, and send the changes.
 * @param {import('./desk.js').Desk} desk
 * @param {string} channel
 */
export function openSettings(desk, channel) {
  const { topic: before = '', modes = '' } = desk.rosters.get(channel) ?? {};
  const topic = h('input', { value: before, maxlength: TOPIC_CHARACTERS_MAX, dir: 'auto', autofocus: true });
  const key = h('input', { autocomplete: 'off', spellcheck: 'false', dir: 'auto' });
  const flags = FLAGS.map(([letter, words]) => {
    const box = h('input', { type: 'checkbox', checked: modes.includes(letter) });
    return { letter, box, label: h('label', { class: 'choice' }, box, words) };
  });
  const problem = h('p', { class: 'problem', role: 'alert' });
  const changed = () =>
    flags.flatMap(({ letter, box: { checked } }) => {
      const was = modes.includes(letter);
      if (letter === 'k' && checked && key.value.trim()) return [['+k', key.value.trim()]];
      return checked === was ? [] : [[(checked ? '+' : '-') + letter, '']];
    });
  const submit = async (event) => {
    event.preventDefault();
    const changes = changed();
    const asks = [];
    if (topic.value.trim() !== before) asks.push({ type: 'set-topic', topic: topic.value.trim() });
    if (changes.length) asks.push({ type: 'set-modes', changes });
    try {
      for (const ask of asks) await desk.ask({ ...ask, channel });
      if (asks.length) tell(`The settings of ${apart(channel)} were changed.`);
      dialog.close();
    } catch (error) {
      problem.textContent = refusal(error);
    }
  };
  const form = h(
    'form',
    { novalidate: true, on: { submit } },
    h('label', {}, 'Topic', topic),
    h('p', { class: 'hint' }, 'If empty, the config’s topic is shown.'),
    h('fieldset', {}, h('legend', {}, 'Modes'), flags.map(({ label }) => label)),
    h('label', {}, modes.includes('k') ? 'New key' : 'Key', key),
    problem,
    actions(() => dialog.close(), h('button', { type: 'submit', class: 'primary' }, 'Set')),
  );
  const dialog = modal('Topic and modes', '', form);
}

/**
 * Open the dialog for a member's role.
 * @param {{desk: import('./desk.js').Desk, channel: string, name: string, entered: number, button: HTMLElement}} which
 */
export function openRole({ desk, channel, name, entered, button }) {
  const member = desk.rosters.get(channel)?.seated.find((each) => each.name === name);
  const has = member?.role ?? '';
  const choose = (letter, words) => {
    const taken = [...has].filter((each) => each !== letter).map((each) => [`-${each}`, name]);
    const changes = letter && !has.includes(letter) ? [[`+${letter}`, name], ...taken] : taken;
    dialog.close();
    if (!changes.length) return;
    const done = `${apart(name)} in ${apart(channel)} now: ${words.toLowerCase()}.`;
    carryOut(button, () => desk.ask({ type: 'set-modes', channel, changes, entered }), done);
  };
  const now = has.includes('o') ? 'o' : has;
  const choices = ROLES.map(([letter, words]) => {
    const here = letter === now;
    return h('button', { 'aria-pressed': String(here), on: { click: () => choose(letter, words) } }, words);
  });
  const dialog = modal('The role of ', name, h('div', { class: 'roles' }, choices), actions(() => dialog.close()));
}

function actions(close, more) {
  return h('div', { class: 'actions' }, h('button', { on: { click: close } }, 'Cancel'), more);
}
