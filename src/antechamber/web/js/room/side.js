/**
 * The side panel beside the messages, which shows one of two views.
 *
 * `<room-roster>`: who is seated, with countdowns of idle members, and who waits in the line.
 * `<room-search>`: a search of the channel's messages. Event `jump` with `{sequence, words}`.
 */

import { confirming, fill, h, icon, write } from '../dom.js';
import { drawSeats, seatsDrawing } from '../seats.js';
import { clock, countdown, dayName, span } from '../time.js';
import { avatarOf, counted, hitsOf, nameOf, richText, timeOf, wordsOf } from './row.js';

const SHOWN_MAX = 200;
const MUTES_SECONDS = [60, 300, 900, 3_600];
/** The fraction of the idle time after which countdowns are shown. */
const IDLE_SHOWN = 0.5;
const RESULTS = 20;
const EXCERPT_CHARACTERS = 160;

export class RoomRoster extends HTMLElement {
  /** @type {import("../chat.js").Chat} */
  chat;
  /** Called with a name, and the entry by which that member entered. */
  whisper = () => {};
  /** Called with the same. */
  sendFile = () => {};
  /** Called with an operator's command. */
  ask = () => {};

  #seats = new Map();
  #line = new Map();
  #all = false;
  #due = 0;

  connectedCallback() {
    if (!this.seated) this.#build();
    this.update();
  }

  disconnectedCallback() {
    clearTimeout(this.#due);
    this.#due = 0;
  }

  #build() {
    this.taken = h('span', { class: 'badge' });
    this.drawn = seatsDrawing();
    this.seated = h('ul', {
      role: 'list',
      class: 'people',
      'aria-label': 'Seated',
      on: { keydown: (event) => this.#key(event) },
    });
    this.more = h('button', { class: 'quiet', hidden: true, on: { click: () => this.#showAll() } });
    this.count = h('span', { class: 'badge' });
    this.waiting = h('ol', { role: 'list', class: 'people', 'aria-label': 'Waiting in line' });
    this.lineRest = h('p', { class: 'hint' });
    this.append(
      h('h2', {}, 'Seated ', this.taken),
      this.drawn,
      this.seated,
      this.more,
      h('h2', {}, 'In line ', this.count),
      this.waiting,
      this.lineRest,
    );
  }

  /** Schedule a redraw of the members, so many changes are drawn once. */
  changed() {
    this.#due ||= setTimeout(() => this.update(), 60);
  }

  update() {
    this.#due = 0;
    const { chat } = this;
    const seats = chat.channels.find(({ name }) => name === chat.channel)?.seats ?? 0;
    this.taken.textContent = seats ? `${chat.seated.size} of ${seats}` : String(chat.seated.size);
    this.drawn.hidden = !seats;
    drawSeats(this.drawn, { seats, seated: chat.seated.size });
    const shown = this.#all ? Infinity : SHOWN_MAX;
    // The user's own row is always first.
    const mine = chat.seated.get(chat.name);
    const seated = [...(mine ? [mine] : []), ...[...chat.seated.values()].filter((member) => member !== mine)];
    keep(this.seated, this.#seats, seated.slice(0, shown), (member) => this.#seatOf(member));
    this.more.hidden = chat.seated.size <= shown;
    this.more.textContent = `Show all ${chat.seated.size}`;
    this.tick();
    this.count.textContent = String(chat.waiting.size);
    this.count.hidden = !chat.waiting.size;
    const waiting = [...chat.waiting.values()];
    keep(this.waiting, this.#line, waiting.slice(0, SHOWN_MAX), (member) => h('li', {}, placeOf(member)));
    let place = 0;
    for (const member of waiting.slice(0, SHOWN_MAX)) {
      fill(this.#line.get(member.name), placeOf(member, (place += 1)));
    }
    const rest = waiting.length - SHOWN_MAX;
    this.lineRest.textContent = rest > 0 ? `and ${rest} more` : waiting.length ? '' : 'Nobody waits.';
    this.#rove();
  }

  /** Update the countdowns; called once a second. */
  tick() {
    for (const [name, row] of this.#seats) {
      const member = this.chat.seated.get(name);
      if (member) this.#showSeat(row, member);
    }
  }

  #showAll() {
    this.#all = true;
    this.update();
    this.seated.children[SHOWN_MAX]?.querySelector('button')?.focus();
  }

  #seatOf({ name }) {
    const mine = name === this.chat.name;
    const mark = h('span', { class: 'role' });
    const parts = [h('span', { class: 'ring' }, avatarOf(name)), mark, nameOf(name), h('span', { class: 'tags' })];
    if (mine) return h('li', {}, h('div', { class: 'person me' }, ...parts));
    const actions = h('div', { class: 'acts', hidden: true });
    const toggle = () => {
      // The buttons address this member, not a later holder of the name.
      if (actions.hidden) fill(actions, this.#actsOn({ name, entered: this.chat.roster.enteredOf(name) }));
      this.#open(actions.hidden ? name : null);
    };
    const button = h(
      'button',
      { class: 'person quiet', 'aria-expanded': 'false', tabindex: '-1', on: { click: toggle } },
      ...parts,
    );
    return h('li', {}, button, actions);
  }

  #actsOn(member) {
    const { name, entered } = member;
    const act = (picture, words, action) => {
      const click = () => {
        this.#open(null);
        action(name, entered);
      };
      return h('button', { on: { click } }, icon(picture), words);
    };
    const ask = (command) => {
      this.#open(null);
      this.#seats.get(name)?.querySelector('.person').focus();
      if (command) this.ask(command);
    };
    return [
      act('whisper', 'Whisper', this.whisper),
      act('file', 'Send a file', this.sendFile),
      this.chat.operates && moderating(this.chat, member, ask),
    ];
  }

  #open(name) {
    for (const [each, row] of this.#seats) {
      const actions = row.querySelector('.acts');
      if (!actions) continue;
      actions.hidden = each !== name;
      row.querySelector('.person').setAttribute('aria-expanded', String(each === name));
    }
  }

  #showSeat(row, { name, activeAt, mutedUntil, away }) {
    const now = this.chat.serverNow();
    const { idleSeconds } = this.chat.limits;
    const left = idleSeconds > 0 ? Math.max(0, idleSeconds - (now - activeAt)) : Infinity;
    const idle = left < idleSeconds * IDLE_SHOWN;
    const muted = mutedUntil > now;
    const tags = [
      name === this.chat.name && 'you',
      away && 'away',
      muted && `muted ${countdown(mutedUntil - now)}`,
      idle && `idle, ${Math.ceil(left)} s left`,
    ]
      .filter(Boolean)
      .join(' · ');
    row.classList.toggle('away', Boolean(away));
    row.classList.toggle('idle', idle);
    row.style.setProperty('--left', idle ? (left / idleSeconds).toFixed(3) : '1');
    write(row.querySelector('.tags'), tags);
    showRole(row.querySelector('.role'), this.chat.roleOf(name));
  }

  /** Make all rows one Tab stop; arrows move between them. */
  #rove() {
    const buttons = [...this.seated.querySelectorAll('.person[aria-expanded]')];
    const stop = buttons.find((button) => button.tabIndex === 0);
    if (!stop && buttons.length) buttons[0].tabIndex = 0;
  }

  #key(event) {
    if (event.key === 'Escape') {
      const row = event.target.closest('li');
      if (row.querySelector('.acts')?.hidden !== false) return;
      event.stopPropagation();
      this.#open(null);
      row.querySelector('.person').focus();
    }
    const buttons = [...this.seated.querySelectorAll('.person[aria-expanded]')];
    const at = buttons.indexOf(event.target);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at < 0 || to === undefined || !buttons[to]) return;
    event.preventDefault();
    buttons[at].tabIndex = -1;
    buttons[to].tabIndex = 0;
    buttons[to].focus();
  }
}

/**
 * Make the buttons for an operator's actions on a member.
 *
 * @param {import("../chat.js").Chat} chat
 * @param {{name: string, entered: number}} member as shown
 * @param {(command: object | null) => void} ask sends the command, if any, and closes the buttons
 * @returns {HTMLElement[]}
 */
function moderating(chat, { name, entered }, ask) {
  const button = (words, click) => h('button', { on: { click } }, words);
  const role = chat.roleOf(name);
  const toggle = (letter, give, take) => {
    const has = role.includes(letter);
    const changes = [[(has ? '-' : '+') + letter, name]];
    return button(has ? take : give, () => ask({ type: 'set-modes', changes, entered }));
  };
  const mute = ({ currentTarget }) => {
    const acts = currentTarget.parentElement;
    const times = MUTES_SECONDS.map((seconds) =>
      button(span(seconds), () => ask({ type: 'mute', name, seconds, entered })),
    );
    fill(acts, h('span', { class: 'hint' }, 'Mute for'), times);
    times[0].focus();
  };
  const kick = async () => {
    ask(null);
    const text = 'The seat goes to the next in line.';
    const sure = await confirming({ title: `Kick ${name}?`, text, yes: 'Kick', no: 'Cancel' });
    if (sure) ask({ type: 'kick', name, entered });
  };
  return [
    button('Mute…', mute),
    button('Kick…', kick),
    toggle('v', 'Give a voice', 'Take the voice'),
    toggle('o', 'Make operator', 'Take operator role'),
  ];
}

/** Mark a role with a visible sign, and a word for screen readers. */
function showRole(mark, role) {
  if (mark.dataset.role === role) return;
  mark.dataset.role = role;
  const [sign, words] = role.includes('o') ? ['@', 'operator'] : role ? ['+', 'has a voice'] : [];
  mark.title = words ?? '';
  fill(mark, sign && [h('span', { 'aria-hidden': 'true' }, sign), h('span', { class: 'visually-hidden' }, words, ' ')]);
}

/** Give `list` one row for each member, in order; rows that stay are the same elements. */
function keep(list, rows, members, made) {
  const names = new Set(members.map(({ name }) => name));
  for (const [name, row] of rows) {
    if (names.has(name)) continue;
    row.remove();
    rows.delete(name);
  }
  members.forEach((member, index) => {
    if (!rows.has(member.name)) rows.set(member.name, made(member));
    const row = rows.get(member.name);
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  });
}

function placeOf({ name, away }, place) {
  return h(
    'div',
    { class: 'person' },
    h('span', { class: 'place' }, String(place ?? '')),
    nameOf(name),
    h('span', { class: 'tags' }, away ? 'away' : ''),
  );
}

customElements.define('room-roster', RoomRoster);

export class RoomSearch extends HTMLElement {
  /** @type {import("../chat.js").Chat} */
  chat;
  /** @type {import("./chat-room.js").Questions} */
  questions;

  #words = '';
  #oldest = 0;
  #question = 0;
  #asking = false;

  connectedCallback() {
    if (!this.field) this.#build();
  }

  #build() {
    this.field = h('input', {
      type: 'search',
      id: 'search-words',
      autocomplete: 'off',
      enterkeyhint: 'search',
      maxlength: '200',
      dir: 'auto',
      placeholder: 'Words, or “a phrase”',
    });
    this.status = h('p', { class: 'hint', role: 'status' });
    this.results = h('ol', { role: 'list', class: 'results', 'aria-label': 'Found' });
    this.more = h('button', { hidden: true, on: { click: () => this.#ask(true) } }, 'Show older ones');
    const submit = (event) => {
      event.preventDefault();
      this.find(this.field.value);
    };
    this.append(
      h(
        'form',
        { role: 'search', 'aria-label': 'This channel', on: { submit } },
        h('label', { class: 'label', for: 'search-words' }, 'Search this channel'),
        this.field,
        h('button', { type: 'submit', class: 'primary' }, 'Search'),
      ),
      this.status,
      this.results,
      this.more,
    );
  }

  /** Search for `words`; without any, wait for input. */
  find(words) {
    this.field.value = words;
    this.#words = words.trim().replaceAll(/[“”„]/gu, '"');
    this.results.replaceChildren();
    this.more.hidden = true;
    this.status.textContent = '';
    this.#asking = false;
    this.dispatchEvent(new CustomEvent('marks', { detail: this.#words }));
    if (this.#words) this.#ask(false);
  }

  /** Start over, as after a switch. */
  clear() {
    if (!this.field) return;
    this.#question += 1;
    this.find('');
  }

  async #ask(older) {
    const question = (this.#question += 1);
    this.#asking = true;
    this.refresh();
    try {
      const which = { before: older ? this.#oldest : 0, limit: RESULTS };
      const answer = await this.questions.ask(
        () => this.chat.search(this.#words, which),
        () => question === this.#question,
      );
      if (answer) this.#show(answer, older);
    } catch (refused) {
      if (!(refused.code && refused.text)) throw refused;
      if (question !== this.#question) return;
      this.#asking = false;
      this.status.textContent = refused.text;
    }
  }

  /** Update the status after the connection was lost or restored. */
  refresh() {
    if (!this.#asking) return;
    this.status.textContent = this.chat.online ? 'Searching…' : 'Not connected. The search starts when the connection is back.';
  }

  #show({ entries, more }, older) {
    this.#asking = false;
    const expression = wordsOf(this.#words);
    const first = this.results.childElementCount;
    this.results.append(...[...entries].reverse().map((entry) => this.#resultOf(entry, expression)));
    this.#oldest = entries[0]?.sequence ?? this.#oldest;
    this.more.hidden = !more;
    const count = this.results.childElementCount;
    const text = count
      ? `${counted(count, 'message')} found${more ? ', and there are more' : ''}.`
      : 'No messages found.';
    this.status.textContent = text;
    if (older) this.results.children[first]?.querySelector('button').focus();
  }

  #resultOf({ sequence, time, event }, expression) {
    const jump = () => this.dispatchEvent(new CustomEvent('jump', { detail: { sequence, words: this.#words } }));
    const excerpt = h(
      'span',
      { class: 'excerpt', dir: 'auto' },
      ...richText(around(event.text, expression), { words: expression, links: false }),
    );
    return h(
      'li',
      {},
      h(
        'button',
        { class: 'result quiet', on: { click: jump } },
        h(
          'span',
          { class: 'head' },
          nameOf(event.name),
          ' ',
          timeOf(time, `${dayName(time)}, ${clock(time)}`),
        ),
        excerpt,
      ),
    );
  }
}

/** Return the part of a text around the first hit. */
function around(text, expression) {
  const hit = hitsOf(text, expression)[0]?.[0] ?? 0;
  const start = hit > EXCERPT_CHARACTERS / 2 ? hit - EXCERPT_CHARACTERS / 4 : 0;
  // Cut between characters, not within one.
  const part = [...text.slice(start, start + 2 * EXCERPT_CHARACTERS)].slice(0, EXCERPT_CHARACTERS).join('');
  const after = start + part.length < text.length ? '…' : '';
  return `${start ? '…' : ''}${part.replace(/^[\uDC00-\uDFFF]/, '')}${after}`;
}

customElements.define('room-search', RoomSearch);
