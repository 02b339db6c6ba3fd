/**
 * `<chat-room>`: the room one has a seat in. It puts its parts together and hands what happens on to them.
 *
 * `chat` is set before it comes into the page.
 */

import { announce, h, icon } from '../dom.js';
import { Attention } from './attention.js';
import { COMMANDS, meant } from './commands.js';
import { Questions } from './questions.js';
import { itemOf } from './row.js';
import './composer.js';
import './files.js';
import './idle-warning.js';
import './messages.js';
import './outgoing.js';
import './roster.js';
import './search.js';
import './send-dialog.js';

/** An idle member is warned so long before the end; a page that was loaded anew finds out by itself. */
const WARNED_SECONDS = 20;

/** Whether there is room for the side beside the talk, as css/room.css has it too. */
const BESIDE = matchMedia('(min-width: 56rem)');

export class ChatRoom extends HTMLElement {
  /** @type {import("../chat.js").Chat} */
  chat;

  #heard = null;
  #timer = 0;
  #dragged = 0;

  connectedCallback() {
    if (!this.composer) this.#build();
    const questions = new Questions();
    for (const part of this.#parts) Object.assign(part, { chat: this.chat, questions });
    this.main.prepend(this.messages);
    this.main.append(this.files, this.warning, this.composer);
    this.side.append(this.people, this.search);
    this.append(this.tools, this.main, this.side, this.dialog, this.curtain);
    this.#listen();
    this.#showSide(this.side.dataset.shows ?? 'people', false);
    this.#showPeople();
    this.#warnIfIdle();
    this.#timer = setInterval(() => this.#tick(), 1000);
  }

  /** Take the focus: where one writes, or where that would bring a keyboard up over the talk, the talk. */
  focusFirst() {
    (matchMedia('(hover: hover)').matches ? this.composer.field : this.messages.scroller).focus();
  }

  disconnectedCallback() {
    this.#heard.abort();
    clearInterval(this.#timer);
  }

  get #parts() {
    return [
      this.messages,
      this.outgoing,
      this.files,
      this.warning,
      this.composer,
      this.people,
      this.search,
      this.dialog,
    ];
  }

  #build() {
    const made = (name) => document.createElement(name);
    this.messages = made('message-list');
    this.outgoing = made('outgoing-messages');
    this.messages.outgoing = this.outgoing;
    this.files = made('file-tray');
    this.warning = made('idle-warning');
    this.composer = made('message-composer');
    this.people = made('room-roster');
    this.search = made('room-search');
    this.dialog = made('send-dialog');
    this.main = h('section', { class: 'talk', 'aria-label': 'Talk' });
    this.side = h('aside', { class: 'side', id: 'room-side', 'aria-label': 'People and search' });
    this.peopleButton = this.#toolButton('people', 'people');
    this.searchButton = this.#toolButton('search', 'search');
    const close = h(
      'button',
      {
        type: 'button',
        class: 'quiet square close-side',
        'aria-label': 'Close',
        on: { click: () => this.#closeSide() },
      },
      icon('close'),
    );
    this.side.append(close);
    this.tools = h(
      'div',
      { class: 'room-tools', role: 'group', 'aria-label': 'Room' },
      this.peopleButton,
      this.searchButton,
    );
    this.curtain = h(
      'div',
      { class: 'drop-here', hidden: true },
      h('p', {}, icon('file'), 'Drop it here to send it to someone'),
    );
    this.#join();
  }

  #toolButton(shows, picture) {
    const click = () => {
      if (this.side.dataset.shows === shows && this.hasAttribute('side-open')) this.#closeSide();
      else this.#showSide(shows, true);
    };
    const button = h(
      'button',
      { type: 'button', class: 'quiet', 'aria-controls': 'room-side', on: { click } },
      icon(picture),
      h('span', {}),
    );
    button.lastElementChild.textContent = shows === 'people' ? 'People' : 'Search';
    return button;
  }

  /** Tie the parts to one another. */
  #join() {
    const { composer, messages, search, people, outgoing, files, dialog } = this;
    const whisper = (name) => {
      if (this.#isDrawer) this.#closeSide(false);
      composer.address(`/whisper ${name} `);
    };
    messages.reply = whisper;
    outgoing.unsent = (text) => composer.keep(text);
    people.whisper = whisper;
    people.sendFile = (to) => dialog.open({ to });
    composer.addEventListener('send', ({ detail }) => {
      outgoing.send(detail);
      messages.toNow();
    });
    composer.addEventListener('command', ({ detail }) => this.#carryOut(detail));
    composer.addEventListener('attach', () => dialog.open());
    composer.addEventListener('files', ({ detail }) => dialog.open({ files: detail }));
    dialog.addEventListener('chosen', ({ detail }) => files.send(detail.to, detail.files));
    search.addEventListener('jump', ({ detail }) => {
      if (this.#isDrawer) this.#closeSide(false);
      messages.jump(detail.sequence, detail.words);
    });
    search.addEventListener('marks', ({ detail }) => messages.mark(detail));
    this.addEventListener('emptied', () => composer.field.focus());
    this.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.side.contains(event.target)) this.#closeSide();
    });
    this.#takeDrops();
  }

  #listen() {
    this.#heard = new AbortController();
    const { signal } = this.#heard;
    BESIDE.addEventListener('change', () => this.#showSide(this.side.dataset.shows, false), { signal });
    const on = (type, heard) => this.chat.addEventListener(type, ({ detail }) => heard(detail), { signal });
    const { messages, composer, people, warning, files } = this;
    const attention = new Attention(this.chat, signal);
    on('entry', (entry) => {
      messages.tell(entry);
      attention.tell(itemOf(entry, this.chat.name));
    });
    on('whisper', ({ sender, to, text, time, mine }) => {
      messages.tellLocal({ kind: 'whisper', name: sender, to, text, time, mine });
    });
    on('room', () => {
      messages.begin();
      composer.begin();
      this.#showPeople();
    });
    on('members', () => {
      composer.refresh();
      people.changed();
      this.dialog.changed();
      this.#showPeople();
    });
    on('channels', () => people.changed());
    on('online', () => composer.refresh());
    on('idling', ({ at }) => warning.warn(at));
    on('active', () => warning.clear());
    on('offer', (offer) => {
      files.offer(offer);
      attention.call(`${offer.sender} sends you a file`, offer.file);
    });
    on('sent', (sent) => files.sent(sent));
    on('transfer-failed', (failed) => files.failed(failed));
    on('refusal', ({ text }) => composer.complain(text));
  }

  #tick() {
    this.warning.tick();
    this.people.tick();
    if (this.chat.mutedUntil) this.composer.refresh();
  }

  #warnIfIdle() {
    const mine = this.chat.seated.get(this.chat.name);
    const { idleSeconds } = this.chat.limits;
    if (!mine || !(idleSeconds > 0)) return;
    const left = idleSeconds - (this.chat.serverNow() - mine.activeAt);
    if (left > 0 && left <= Math.min(WARNED_SECONDS, idleSeconds / 2)) this.warning.warn(mine.activeAt + idleSeconds);
  }

  // The side: people or search, beside the talk or, where there is no room for it, before it

  #showSide(shows, open) {
    this.side.dataset.shows = shows;
    this.people.hidden = shows !== 'people';
    this.search.hidden = shows !== 'search';
    this.toggleAttribute('side-open', open);
    const visible = open || !this.#isDrawer;
    this.peopleButton.setAttribute('aria-expanded', String(visible && shows === 'people'));
    this.searchButton.setAttribute('aria-expanded', String(visible && shows === 'search'));
    if (shows === 'search' && open) this.search.field.focus();
    else if (open && this.#isDrawer) this.side.querySelector('.close-side').focus();
  }

  get #isDrawer() {
    return !BESIDE.matches;
  }

  #closeSide(focus = true) {
    const drawer = this.#isDrawer;
    const shown = this.side.dataset.shows;
    if (shown === 'search' && !drawer) this.search.clear();
    this.#showSide(drawer ? shown : 'people', false);
    if (focus && drawer) (shown === 'search' ? this.searchButton : this.peopleButton).focus();
    else if (focus) this.composer.field.focus();
  }

  #showPeople() {
    const { seated, waiting } = this.chat;
    const line = waiting.size ? `, ${waiting.size} in line` : '';
    const words = `${seated.size} seated${line}`;
    this.peopleButton.lastElementChild.textContent = words;
  }

  // Commands

  async #carryOut(command) {
    switch (command.kind) {
      case 'help':
        return this.#note(helpNode());
      case 'list':
        return this.#list();
      case 'search':
        this.#showSide('search', true);
        return this.search.find(command.words);
      case 'send':
        return this.dialog.open({ to: meant(command.to, this.chat.seated.keys()) });
      case 'switch':
        return this.#orComplain(() =>
          this.chat.switchTo(
            meant(
              command.channel,
              this.chat.channels.map(({ name }) => name),
            ),
          ),
        );
      default:
        return this.#orComplain(() => this.chat.leave());
    }
  }

  async #orComplain(act) {
    try {
      return await act();
    } catch (refused) {
      if (!refused.code) throw refused;
      return this.composer.complain(refused.text ?? 'The connection was lost. Try again.');
    }
  }

  #list() {
    return this.#orComplain(async () => {
      const { channels } = await this.chat.ask({ type: 'list' });
      this.#note(
        h(
          'div',
          { class: 'card' },
          h(
            'table',
            {},
            h('caption', {}, 'Channels'),
            h(
              'thead',
              {},
              h(
                'tr',
                {},
                ['Channel', 'Seats taken', 'In line'].map((each) => h('th', { scope: 'col' }, each)),
              ),
            ),
            h(
              'tbody',
              {},
              channels.map(({ name, seated, seats, waiting = 0 }) =>
                h(
                  'tr',
                  {},
                  h('th', { scope: 'row' }, h('bdi', {}, name)),
                  h('td', {}, `${seated} of ${seats}`),
                  h('td', {}, String(waiting)),
                ),
              ),
            ),
          ),
        ),
      );
      announce(
        channels
          .map(({ name, seated, seats, waiting }) => `${name}: ${seated} of ${seats} seats, ${waiting} in line.`)
          .join(' '),
      );
    });
  }

  #note(node) {
    this.messages.tellLocal({ kind: 'aside', time: this.chat.serverNow(), node });
  }

  // Files that are dropped anywhere on the room

  #takeDrops() {
    const carries = (event) => event.dataTransfer?.types.includes('Files') ?? false;
    const hide = () => {
      this.#dragged = 0;
      this.curtain.hidden = true;
    };
    this.addEventListener('dragenter', (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      this.#dragged += 1;
      this.curtain.hidden = false;
    });
    this.addEventListener('dragover', (event) => carries(event) && event.preventDefault());
    this.addEventListener('dragleave', (event) => {
      if (carries(event) && (this.#dragged -= 1) <= 0) hide();
    });
    this.addEventListener('drop', (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      hide();
      const items = [...event.dataTransfer.items].filter(({ kind }) => kind === 'file');
      const files = items.filter((item) => !item.webkitGetAsEntry?.()?.isDirectory).map((item) => item.getAsFile());
      if (files.length < items.length) this.composer.complain('A folder cannot be sent, only files.');
      if (files.length) this.dialog.open({ files });
    });
  }
}

function helpNode() {
  const rows = COMMANDS.map(({ form, meaning }) => [h('dt', {}, form), h('dd', {}, meaning)]);
  return h(
    'div',
    { class: 'card' },
    h('p', {}, 'What you can type'),
    h('dl', {}, rows),
    h(
      'p',
      { class: 'hint' },
      'Enter sends, Shift and Enter begin a new line, Tab completes a name. ',
      'Write / twice to say something that begins with it.',
    ),
  );
}

customElements.define('chat-room', ChatRoom);
