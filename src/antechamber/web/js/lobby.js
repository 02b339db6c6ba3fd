/** `<chat-lobby>`: a name, and the channels as cards; or only one channel, if a link leads to it. */

import { announce, fill, h, icon, write } from './dom.js';
import { linkTo } from './route.js';
import { drawSeats, hasFreeSeat, seatsDrawing, seatsWords, waitingWords } from './seats.js';
import { recall, remember } from './settings.js';
import { waitWords } from './time.js';

const NAME = 'name';
const NO_NAME = 'Choose a name first.';
/** The number of channels from which on there is a filter. */
const FILTER_FROM = 13;
/** Refusals that concern the name. */
const ABOUT_NAME = new Set(['bad-name', 'name-taken', 'invalid']);

export class ChatLobby extends HTMLElement {
  /** @type {import('./chat.js').Chat} */
  chat;
  /** Called before entering, in the button's click. */
  entering = () => {};

  #only = '';
  #cards = new Map();
  #busy = '';
  /** Whether to enter automatically once the channels arrive. */
  #eager = false;
  /** The channel that could not be entered because the server did not answer. */
  #unanswered = '';
  #heard = null;

  /** The only channel that is shown; '' for all. */
  get only() {
    return this.#only;
  }

  set only(channel) {
    if (this.#only === channel) return;
    this.#only = channel;
    if (this.isConnected) this.#show();
  }

  connectedCallback() {
    if (!this.field) this.#build();
    this.#heard = new AbortController();
    const { signal } = this.#heard;
    this.chat.addEventListener('channels', () => this.#told(), { signal });
    this.chat.addEventListener('online', () => this.#online(), { signal });
    const { pending } = this.chat;
    this.field.value = pending?.name ?? recall(NAME, '');
    this.#show();
    if (pending) this.#enter(pending.channel, false);
  }

  disconnectedCallback() {
    this.#heard.abort();
  }

  /** Focus the next step: the name, or, if there is one, the channel. */
  focusFirst() {
    if (this.field.value) this.heading.focus();
    else this.field.focus();
  }

  #build() {
    this.heading = h('h1', { tabindex: '-1' });
    this.lead = h('p', { class: 'lead' });
    this.field = h('input', {
      id: 'name',
      name: 'name',
      type: 'text',
      autocomplete: 'nickname',
      autocapitalize: 'words',
      spellcheck: 'false',
      dir: 'auto',
      'aria-describedby': 'name-problem name-hint',
      on: { input: () => this.#complain('') },
    });
    this.problem = h('p', { id: 'name-problem', class: 'problem', hidden: true });
    this.form = h(
      'form',
      { class: 'who field', novalidate: true, on: { submit: (event) => this.#submitted(event) } },
      h('label', { for: 'name' }, 'Your name'),
      this.field,
      this.problem,
      h('p', { id: 'name-hint', class: 'hint' }, 'Others see it beside your messages. This browser remembers it.'),
    );
    this.all = h('a', { class: 'button quiet back', href: '#/' }, icon('chevron-left'), 'All channels');
    this.filter = h('input', {
      type: 'search',
      'aria-label': 'Find a channel',
      placeholder: 'Find a channel',
      on: { input: () => this.#show() },
    });
    this.overCards = h('h2', null, 'Channels');
    this.list = h('ul', { role: 'list', class: 'cards' });
    this.nothing = h('p', { class: 'nothing', hidden: true });
    this.append(
      h('div', { class: 'welcome' }, h('div', null, this.all, this.heading, this.lead), this.form),
      h('section', { class: 'channels', 'aria-label': 'Channels' }, h('div', { class: 'over' }, this.overCards, this.filter), this.list, this.nothing),
    );
  }

  #show() {
    const { chat } = this;
    const known = chat.info(this.#only);
    const missing = this.#only && chat.knowsChannels && !known;
    const alone = Boolean(this.#only) && !missing;
    this.classList.toggle('alone', alone);
    this.all.hidden = !alone;
    this.overCards.hidden = alone;
    this.filter.hidden = alone || chat.channels.length < FILTER_FROM;
    this.#greet(alone, missing);
    const sought = this.filter.hidden ? '' : this.filter.value.trim().toLowerCase();
    const shown = chat.channels.filter(({ name, topic = '' }) =>
      alone ? name === this.#only : `${name} ${topic}`.toLowerCase().includes(sought),
    );
    this.#showCards(shown, alone);
    this.nothing.hidden = shown.length > 0;
    write(this.nothing, this.#whyNothing(sought));
    this.classList.toggle('stale', !chat.online && chat.knowsChannels);
  }

  #greet(alone, missing) {
    const words = alone ? ['Take a seat in ', h('bdi', null, this.#only)] : ['Take a seat'];
    if (this.heading.textContent !== (alone ? `Take a seat in ${this.#only}` : 'Take a seat')) fill(this.heading, words);
    const lead = missing
      ? ['There is no channel called ', h('bdi', null, this.#only), ' here. Choose another one.']
      : alone
        ? 'Choose a name, and you are in. If no seat is free, you wait in line, and the next one is yours.'
        : 'Each channel has a set number of seats. If none is free, you wait in line, and the next one is yours.';
    fill(this.lead, lead);
  }

  #whyNothing(sought) {
    const { chat } = this;
    if (chat.knowsChannels) return sought ? 'No channel has this in its name or topic.' : 'There are no channels.';
    return chat.online || !chat.downAt ? 'Looking for the channels …' : 'The channels appear here as soon as the server answers.';
  }

  #showCards(shown, alone) {
    const names = new Set(shown.map(({ name }) => name));
    for (const [name, card] of this.#cards) {
      if (names.has(name)) continue;
      card.remove();
      this.#cards.delete(name);
    }
    shown.forEach((info, index) => {
      let card = this.#cards.get(info.name);
      if (!card) this.#cards.set(info.name, (card = new Card(info.name, () => this.#enter(info.name)).root));
      if (this.list.children[index] !== card) this.list.insertBefore(card, this.list.children[index] ?? null);
      card.card.show(info, { alone, busy: this.#busy === info.name });
    });
  }

  #told() {
    this.#show();
    if (!this.#eager) return;
    this.#complain('');
    this.#goOn();
  }

  #online() {
    this.#show();
    if (!this.chat.online || !this.#unanswered) return;
    this.#complainOf(this.#unanswered, '');
    this.#complain('');
    this.#unanswered = '';
  }

  #submitted(event) {
    event.preventDefault();
    if (!this.field.value.trim()) this.#complain(NO_NAME, true);
    else if (this.chat.knowsChannels) this.#goOn();
    else {
      this.entering();
      if (this.chat.downAt) this.#complain('The server does not answer at the moment. You join as soon as it does.');
      this.#eager = true;
    }
  }

  /** Enter the only channel that is shown, or go on to choose one. */
  #goOn() {
    if (this.chat.info(this.#only)) this.#enter(this.#only);
    else this.list.querySelector('button')?.focus();
  }

  async #enter(channel, pressed = true) {
    if (this.#busy) return;
    const name = this.field.value.trim();
    this.#complain('');
    if (!name) {
      this.#complain(NO_NAME, true);
      return;
    }
    // Before the server's first answer it is only a matter of a moment, and then it enters automatically.
    if (!this.chat.online && this.chat.downAt) {
      this.#unanswered = channel;
      this.#complainOf(channel, 'The server does not answer at the moment. Try again when it is back.');
      return;
    }
    if (pressed) this.entering();
    this.#busy = channel;
    this.#show();
    try {
      await this.chat.enter(channel, name);
      remember(NAME, this.chat.name);
    } catch (refused) {
      if (!refused.code) throw refused;
      this.#refused(channel, name, refused);
    } finally {
      this.#busy = '';
      if (this.isConnected) this.#show();
    }
  }

  #refused(channel, name, { code, text }) {
    if (code === 'name-taken') this.#complain(`Somebody called ${name} is in ${channel} already. Choose another name.`, true);
    else if (ABOUT_NAME.has(code)) this.#complain(text, true);
    else if (code === 'queue-full') this.#complainOf(channel, `The line for ${channel} is full. Try again later, or take another channel.`);
    else if (code === 'no-such-channel') this.#complainOf(channel, `${channel} no longer exists.`);
    else this.#complainOf(channel, text);
  }

  /** Show a problem beside the name; '' clears it. `focus` is set if the name is the problem. */
  #complain(problem, focus = false) {
    complain(this.problem, problem);
    this.#eager = false;
    if (!focus) this.field.removeAttribute('aria-invalid');
    else {
      this.field.setAttribute('aria-invalid', 'true');
      this.field.focus();
      this.field.select();
    }
  }

  /** Show a problem on the channel's card, or beside the name if there is no such card. */
  #complainOf(channel, problem) {
    const place = this.#cards.get(channel)?.card.problem;
    if (place) complain(place, problem);
    else this.#complain(problem);
  }
}

function complain(place, problem) {
  place.hidden = !problem;
  if (!problem) return;
  fill(place, icon('warning'), h('span', null, problem));
  announce(problem, { assertive: true });
}

/** One channel's card: its topic, its seats and its line, and the button to enter. */
class Card {
  constructor(name, enter) {
    this.name = name;
    this.topic = h('p', { class: 'topic', dir: 'auto' });
    this.seats = seatsDrawing();
    this.taken = h('span');
    this.line = h('span');
    this.wait = h('span');
    this.problem = h('p', { class: 'problem', hidden: true });
    this.button = h('button', { class: 'primary', on: { click: enter } });
    this.root = h(
      'li',
      { class: 'card channel' },
      h('h3', null, h('a', { href: linkTo(name) }, h('bdi', null, name))),
      this.topic,
      this.seats,
      h(
        'ul',
        { role: 'list', class: 'facts' },
        h('li', null, icon('seat'), this.taken),
        h('li', null, icon('people'), this.line),
        h('li', { class: 'wait' }, icon('clock'), this.wait),
      ),
      this.problem,
      this.button,
    );
    this.root.card = this;
  }

  /** Write only what has changed, so the focus stays and screen readers do not repeat it. */
  show(info, { alone, busy }) {
    const free = hasFreeSeat(info);
    write(this.topic, info.topic ?? '');
    this.topic.hidden = !info.topic;
    drawSeats(this.seats, info);
    write(this.taken, seatsWords(info));
    write(this.line, waitingWords(info.waiting));
    write(this.wait, free ? 'A seat is free now' : `Wait: ${waitWords(info.wait_seconds)}`);
    this.root.classList.toggle('free', free);
    this.root.querySelector('h3').hidden = alone;
    write(this.button, busy ? 'One moment …' : free ? 'Take a seat' : 'Join the line');
    this.button.setAttribute('aria-label', `${free ? 'Take a seat' : 'Join the line'} in ${info.name}`);
    this.button.setAttribute('aria-disabled', String(busy));
    if (busy) this.problem.hidden = true;
  }
}

customElements.define('chat-lobby', ChatLobby);
