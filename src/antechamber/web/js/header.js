/** `<chat-header>`: the channel and its topic, the menu of channels, the sound button, and the exit. */

import { fill, h, icon, rowsFor, write } from './dom.js';
import { chime, setSound, settings, soundOn, unlockSound } from './notify.js';
import { hasFreeSeat, seatsWords, waitingWords } from './seats.js';
import { waitWords } from './time.js';

export class ChatHeader extends HTMLElement {
  /** @type {import('./chat.js').Chat} */
  chat;
  /** Called with the channel to go to. */
  goTo = () => {};
  /** Called to leave. */
  leave = () => {};

  connectedCallback() {
    this.#build();
    this.chat.addEventListener('phase', () => this.show());
    this.chat.addEventListener('channels', () => this.show());
    this.chat.addEventListener('version', () => this.show());
    settings.addEventListener('sound', () => this.#showSound());
    this.show();
    this.#showSound();
  }

  #build() {
    this.brand = h('a', { class: 'brand' }, h('span', { class: 'mark', 'aria-hidden': 'true' }, icon('seat')), h('span', null, 'Antechamber'));
    this.where = h('h1', { class: 'where', dir: 'auto' });
    this.topic = h('p', { class: 'topic', dir: 'auto' });
    this.list = h('ul', { role: 'list' });
    this.about = h('p', { class: 'about', dir: 'auto' });
    this.warning = h('p', { class: 'hint' });
    this.panel = h('div', { id: 'switcher', class: 'switcher', popover: 'auto', role: 'group', 'aria-label': 'Channels' }, this.about, this.list, this.warning);
    this.open = h(
      'button',
      { class: 'quiet square', popovertarget: 'switcher', 'aria-expanded': 'false', 'aria-label': 'Switch channel', title: 'Switch channel' },
      icon('chevron-down'),
    );
    this.sound = h('button', { class: 'quiet square', on: { click: () => this.#toggleSound() } });
    this.out = h('button', { class: 'quiet out', on: { click: () => this.leave() } }, icon('leave'), h('span', null, 'Leave'));
    this.panel.addEventListener('beforetoggle', ({ newState }) => newState === 'open' && this.#place());
    this.panel.addEventListener('toggle', ({ newState }) => {
      this.open.setAttribute('aria-expanded', String(newState === 'open'));
      if (newState === 'open') this.list.querySelector('button:not([aria-disabled])')?.focus();
    });
    this.append(this.brand, h('div', { class: 'place' }, this.where, this.open, this.panel), this.topic, h('div', { class: 'tools' }, this.sound, this.out));
  }

  /** Show the current channel. */
  show() {
    const { chat } = this;
    const inside = chat.phase === 'waiting' || chat.phase === 'seated' || (chat.phase === 'entering' && chat.server !== '');
    this.classList.toggle('inside', inside);
    for (const part of [this.where.parentElement, this.sound, this.out]) part.hidden = !inside;
    // Within a channel the logo is not a link: leave by the button.
    if (inside) this.brand.removeAttribute('href');
    else this.brand.href = '#/';
    this.topic.hidden = !inside || !chat.topic;
    if (!inside && this.panel.matches(':popover-open')) this.panel.hidePopover();
    if (!inside) return;
    write(this.where, chat.channel);
    write(this.topic, chat.topic);
    this.topic.title = chat.topic;
    const label = chat.phase === 'waiting' ? 'Leave the line' : 'Leave';
    this.out.setAttribute('aria-label', label);
    this.out.title = label;
    this.#showChannels();
  }

  #showChannels() {
    const { chat } = this;
    this.about.hidden = !chat.topic;
    write(this.about, chat.topic);
    const names = chat.channels.map(({ name }) => name);
    const rows = rowsFor(this.list, names, (name) => this.#row(name));
    chat.channels.forEach((info, index) => {
      const here = info.name === chat.channel;
      const [button] = rows[index].children;
      button.ariaDisabled = button.ariaCurrent = here ? 'true' : null;
      button.classList.toggle('free', hasFreeSeat(info));
      const wait = hasFreeSeat(info) || here ? '' : `, wait ${waitWords(info.wait_seconds)}`;
      write(button.lastElementChild, `${here ? 'You are here. ' : ''}${seatsWords(info)}, ${waitingWords(info.waiting).toLowerCase()}${wait}`);
    });
    write(this.warning, chat.phase === 'seated' ? 'When you go, your seat here goes to the next in line.' : 'When you go, you give up your place in this line.');
  }

  #row(name) {
    const go = () => {
      this.panel.hidePopover();
      if (name !== this.chat.channel) this.goTo(name);
    };
    return h('li', { dataset: { name } }, h('button', { class: 'quiet', on: { click: go } }, h('bdi', { class: 'strong' }, name), h('span', { class: 'told' })));
  }

  #place() {
    const { left, bottom } = this.open.getBoundingClientRect();
    const where = this.where.getBoundingClientRect();
    this.panel.style.setProperty('--left', `${Math.min(where.left, left)}px`);
    this.panel.style.setProperty('--top', `${bottom + 6}px`);
  }

  #showSound() {
    const on = soundOn();
    this.sound.setAttribute('aria-pressed', String(on));
    this.sound.setAttribute('aria-label', 'Sound');
    this.sound.title = on ? 'Sound is on' : 'Sound is off';
    fill(this.sound, icon(on ? 'sound' : 'sound-off'));
  }

  #toggleSound() {
    setSound(!soundOn());
    unlockSound();
    chime('note');
  }
}

customElements.define('chat-header', ChatHeader);
