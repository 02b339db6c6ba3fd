/** `<chat-ended>`: why the seat or the place is gone, and the way back. */

import { announce, fill, h, icon, write } from './dom.js';
import { drawSeats, hasFreeSeat, seatsDrawing, seatsWords, waitingWords } from './seats.js';
import { recallHere } from './settings.js';
import { waitWords } from './time.js';

/** For each reason of an end: the icon, the heading, and what happened; by default, the server's text. */
const REASONS = {
  idle: ['hourglass', 'You lost your seat'],
  kicked: ['warning', 'You were kicked'],
  emptied: ['info', 'The channel was emptied'],
  closed: ['info', 'The channel is closed'],
  resumed: ['info', 'Open in another tab', 'You are using another tab or window, so this one has stopped.'],
  broken: ['warning', 'The channel has stopped', 'Something went wrong in the server. It is not your fault.'],
  stopped: ['warning', 'The channel has stopped', 'Something went wrong in the server. It is not your fault.'],
  lost: ['offline', 'The connection was lost'],
  shutdown: ['offline', 'The server was shut down'],
  'resume-over': ['clock'],
  'resume-ended': ['info', 'You are not in the channel any more'],
  'bad-token': ['clock', 'The server does not know you any more', 'It was reset, so earlier seats and places are gone.'],
  protocol: ['refresh', 'This page is out of date', 'The server was updated. Reload the page to go on.'],
};
const NO_WAY_BACK = new Set(['closed', 'broken', 'stopped', 'protocol']);

export class ChatEnded extends HTMLElement {
  /** @type {import('./chat.js').Chat} */
  chat;
  /** Called before entering, in the button's click. */
  entering = () => {};

  #heard = null;
  /** Whether the way back was asked for while there is no connection: it is taken as soon as there is one. */
  #eager = false;

  connectedCallback() {
    this.#heard = new AbortController();
    const { signal } = this.#heard;
    this.#build(this.chat.ended);
    this.chat.addEventListener('channels', () => this.#show(), { signal });
    this.chat.addEventListener('online', () => this.#online(), { signal });
    this.chat.addEventListener('phase', () => this.#show(), { signal });
    this.#show();
  }

  disconnectedCallback() {
    this.#heard.abort();
  }

  /** Focus the heading, so it is read out. */
  focusFirst() {
    this.heading.focus();
  }

  #build({ reason, text, channel, name, sat }) {
    this.channel = channel;
    this.member = name;
    const [picture, head = `Your ${sat ? 'seat' : 'place'} is gone`, words] = REASONS[reason] ?? REASONS['resume-ended'];
    this.heading = h('h1', { tabindex: '-1' }, head);
    this.seats = seatsDrawing();
    this.told = h('p', { class: 'hint' });
    this.problem = h('p', { class: 'problem', hidden: true });
    this.back = h('button', { class: 'primary', on: { click: () => this.#enter() } });
    this.here = h('button', { class: 'primary', on: { click: () => this.chat.takeBack() } }, 'Use it here');
    this.all = h('button', { on: { click: () => this.chat.toLobby() } }, 'All channels');
    this.reload = h('button', { class: 'primary', on: { click: () => location.reload() } }, icon('refresh'), 'Reload the page');
    this.taken = reason === 'resumed' && this.chat.canTakeBack;
    this.final = NO_WAY_BACK.has(reason) || reason === 'resumed';
    this.reload.hidden = reason !== 'protocol';
    this.here.hidden = !this.taken;
    const draft = recallHere(`draft.${channel}`) ? h('p', { class: 'hint' }, 'What you were writing is kept until you are back.') : null;
    fill(
      this,
      h(
        'section',
        { class: 'card over', 'aria-label': 'What happened' },
        h('span', { class: 'sign' }, icon(picture)),
        this.heading,
        h('p', { class: 'lead' }, words || text),
        this.final ? null : h('div', { class: 'now' }, this.seats, this.told),
        this.problem,
        h('div', { class: 'actions' }, this.reload, this.here, this.back, this.all),
        this.final ? null : draft,
      ),
    );
  }

  #online() {
    this.#show();
    if (this.#eager && this.chat.online) this.#enter();
  }

  #show() {
    const info = this.chat.info(this.channel);
    this.back.hidden = this.final || !info;
    if (!info || this.final) return;
    const free = hasFreeSeat(info);
    drawSeats(this.seats, info);
    const words = `${this.channel}: ${seatsWords(info).toLowerCase()}, ${waitingWords(info.waiting).toLowerCase()}.`;
    write(this.told, free ? words : `${words} Expected wait: ${waitWords(info.wait_seconds)}.`);
    const label = this.chat.phase === 'entering' || this.#eager ? 'One moment …' : free ? 'Take a seat again' : 'Rejoin the line';
    write(this.back, label);
  }

  async #enter() {
    if (!this.#eager) this.entering();
    this.#eager = !this.chat.online;
    if (this.#eager) {
      this.#show();
      return;
    }
    this.problem.hidden = true;
    try {
      await this.chat.enter(this.channel, this.member);
    } catch (refused) {
      if (!refused.code) throw refused;
      const text = refused.code === 'name-taken' ? `Somebody called ${this.member} is there now. Go to all channels to choose another name.` : refused.text;
      this.problem.hidden = false;
      fill(this.problem, icon('warning'), h('span', null, text));
      announce(text, { assertive: true });
    }
  }
}

customElements.define('chat-ended', ChatEnded);
