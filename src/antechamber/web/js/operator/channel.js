import { h, write } from '../dom.js';
import { drawSeats, seatsDrawing } from '../seats.js';
import './chart.js';
import { openAnnouncement } from './announcing.js';
import { confirmEmpty } from './dialogs.js';
import { lineRow, seatRow } from './people.js';
import { Rows } from './rows.js';
import { openSettings } from './setting.js';
import { apart, count, digits, expected } from './words.js';

/** Up to this many seats, free ones keep their rows. */
const FREE_ROWS_MAX = 12;
/** From this many people on, there is a filter by name. */
const FIND_PEOPLE_MIN = 20;

/** The most seated, and waiting, members that the server lists. */
const LISTED_MAX = 2000;

let sections = 0;

/**
 * One channel: a line with its counts, and, when open, its members, actions and chart.
 *
 * Event: 'toggle' (bubbles) after the operator has opened or closed it.
 */
export class OperatorChannel extends HTMLElement {
  /** @type {import('./desk.js').Desk} */
  desk;
  /** The channel's name. */
  channel = '';

  #open = false;
  #head = null;
  #body = null;
  #info = null;
  #shown = '';

  connectedCallback() {
    if (!this.#head) this.#build();
  }

  /** Whether its members are shown, and watched. */
  get open() {
    return this.#open;
  }

  set open(open) {
    this.#open = open;
    if (open && !this.#body) this.#buildBody();
    this.#head.toggle.setAttribute('aria-expanded', String(open));
    this.classList.toggle('open', open);
    if (this.#body) this.#body.element.hidden = !open;
  }

  /**
   * Return whether these letters occur in its name, its topic or a member's name.
   * @param {string} letters in lower case
   * @returns {boolean}
   */
  matches(letters) {
    const { seated = [], waiting = [] } = this.desk.rosters.get(this.channel) ?? {};
    const texts = [this.channel, this.#info?.topic ?? '', ...[...seated, ...waiting].map((member) => member.name)];
    return texts.some((text) => text.toLowerCase().includes(letters));
  }

  /** @param {object} info the channel's counts */
  show(info) {
    const shown = JSON.stringify(info);
    if (this.#shown === shown) return;
    this.#shown = shown;
    this.#info = info;
    const { topic = '', seats, seated, waiting } = info;
    const head = this.#head;
    write(head.topic, topic);
    write(head.seats, `${digits(seated)} of ${count(seats, 'seat')}`);
    write(head.waiting, waiting ? `${digits(waiting)} waiting` : 'no line');
    head.waiting.classList.toggle('some', waiting > 0);
    const wait = expected(info.wait_seconds);
    write(head.wait, wait ? `wait ${wait}` : '');
    drawSeats(head.drawn, info);
    if (this.#body) this.#showPeople();
  }

  /** Show its members from the desk's roster. */
  showRoster() {
    if (this.#body) this.#showPeople();
  }

  /** Update its clocks. */
  tick() {
    if (!this.#open || this.hidden) return;
    this.#body.seats.tick();
    this.#body.line.tick();
  }

  /** Refresh its chart. */
  refresh() {
    if (this.#open) this.#body.chart.refresh();
  }

  #build() {
    const id = `channel-${(sections += 1)}`;
    const toggle = h(
      'button',
      {
        type: 'button',
        class: 'toggle',
        'aria-expanded': 'false',
        'aria-controls': id,
        on: {
          click: () => {
            this.open = !this.open;
            this.dispatchEvent(new CustomEvent('toggle', { bubbles: true }));
          },
        },
      },
      h('bdi', {}, this.channel),
    );
    this.#head = {
      id,
      toggle,
      topic: h('p', { class: 'topic', dir: 'auto' }),
      drawn: seatsDrawing(),
      seats: h('span', { class: 'count' }),
      waiting: h('span', { class: 'count line-count' }),
      wait: h('span', { class: 'count' }),
    };
    const { topic, drawn, seats, waiting, wait } = this.#head;
    this.append(
      h(
        'section',
        { class: 'card channel' },
        h(
          'div',
          { class: 'head' },
          h('h2', {}, toggle),
          topic,
          h('div', { class: 'counts' }, drawn, seats, waiting, wait),
        ),
        h('div', { class: 'body', id, hidden: true }),
      ),
    );
  }

  #buildBody() {
    const { desk, channel } = this;
    const element = this.querySelector('.body');
    const seats = h('ul', { class: 'people', role: 'list' });
    const line = h('ol', { class: 'people', role: 'list' });
    const free = h('p', { class: 'free' });
    const nobody = h('p', { class: 'free' });
    const modes = h('span', { class: 'badge', title: 'Modes' });
    const chart = Object.assign(document.createElement('operator-chart'), { desk, channel });
    const field = h('input', {
      type: 'search',
      on: {
        input: () => {
          this.#body.seats.find(field.value);
          this.#body.line.find(field.value);
        },
      },
    });
    const find = h('label', { class: 'find', hidden: true }, 'Find a member', field);
    element.append(
      find,
      h(
        'div',
        { class: 'columns' },
        h(
          'div',
          { class: 'column' },
          h(
            'div',
            { class: 'column-head' },
            h('h3', {}, 'Seats'),
            modes,
            this.#tool('Settings…', 'Settings… of', '', openSettings),
            this.#tool('Announce…', 'Announce… in', '', openAnnouncement),
            this.#tool('Empty…', 'Empty…', 'danger', confirmEmpty),
          ),
          seats,
          free,
        ),
        h('div', { class: 'column' }, h('div', { class: 'column-head' }, h('h3', {}, 'The line')), line, nobody),
        chart,
      ),
    );
    this.#body = {
      element,
      free,
      nobody,
      modes,
      chart,
      find,
      seats: new Rows(seats, (member) => seatRow({ desk, channel }, member)),
      line: new Rows(line, (member) => lineRow({ desk, channel }, member)),
    };
    this.#showPeople();
  }

  #tool(words, label, kind, open) {
    return h(
      'button',
      {
        type: 'button',
        class: kind,
        'aria-label': `${label} ${apart(this.channel)}`,
        on: { click: () => open(this.desk, this.channel) },
      },
      words,
    );
  }

  #showPeople() {
    const { desk, channel } = this;
    const { seats, line, free, nobody, find, modes } = this.#body;
    const roster = desk.rosters.get(channel);
    const { seats: capacity = 0, seated: taken = 0, waiting: queue = 0 } = this.#info ?? {};
    if (!roster) {
      const watched = desk.watched.includes(channel) || desk.state !== 'open';
      write(free, watched ? 'Loading…' : 'Too many open channels to show this one: close another.');
      write(nobody, '');
      seats.show([], () => '');
      line.show([], () => '');
      return;
    }
    write(modes, roster.modes ?? '');
    const waiting = desk.line(channel);
    const seated = new Set(roster.seated.map((member) => member.entered));
    seats.show(roster.seated, () => 'left');
    line.show(waiting, ({ entered }) => (seated.has(entered) ? 'has a seat now' : 'left'));
    const left = Math.max(0, capacity - roster.seated.length);
    write(free, unlisted(taken, roster.seated) || (left ? `${count(left, 'seat')} free` : ''));
    free.style.setProperty('--free', String(capacity <= FREE_ROWS_MAX ? left : Math.min(left, 1)));
    write(nobody, waiting.length ? unlisted(queue, waiting) : 'Nobody waits.');
    find.hidden = roster.seated.length + waiting.length < FIND_PEOPLE_MIN && !find.querySelector('input').value;
  }
}

function unlisted(all, members) {
  const more = members.length >= LISTED_MAX ? all - members.length : 0;
  return more > 0 ? `and ${digits(more)} more, who are not listed` : '';
}

customElements.define('operator-channel', OperatorChannel);
