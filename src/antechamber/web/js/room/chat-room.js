/**
 * `<chat-room>`: the room of a seated member. It assembles its parts and passes events on to them.
 *
 * Set `chat` before adding it to the page.
 */

import { announce, h, icon } from '../dom.js';
import { Attention } from './calls.js';
import { commandsOf, meant } from './commands.js';
import { counted, iconButton, itemOf } from './row.js';
import './composer.js';
import './files.js';
import './idle-warning.js';
import './messages.js';
import './outgoing.js';
import './send-dialog.js';
import './side.js';

const AGAIN_MILLISECONDS = 500;
/** Refusals that a prompt retry avoids; a member just seated may briefly still count as waiting. */
const PASSING = new Set(['busy', 'too-fast', 'lost', 'waiting']);
/** How long before the end an idle member is warned; a reloaded page computes the warning itself. */
const WARNED_SECONDS = 20;

/** Whether there is room for the side panel beside the messages; keep in step with css/chat.css. */
const BESIDE = matchMedia('(min-width: 56rem)');

export class ChatRoom extends HTMLElement {
  /** @type {import("../chat.js").Chat} */
  chat;
  /** Go to a channel, or leave, like the header: with confirmation if others wait for the seat. */
  goTo = (channel) => this.chat.switchTo(channel);
  leave = () => this.chat.leave();

  #heard = null;
  #timer = 0;
  #dragged = 0;

  connectedCallback() {
    if (!this.composer) this.#build();
    const questions = new Questions();
    const { messages, outgoing, files, warning, composer, people, search, dialog } = this;
    for (const part of [messages, outgoing, files, warning, composer, people, search, dialog])
      Object.assign(part, { chat: this.chat, questions });
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

  /** Focus the composer, or the messages where that would open an on-screen keyboard over them. */
  focusFirst() {
    (matchMedia('(hover: hover)').matches ? this.composer.field : this.messages.scroller).focus();
  }

  disconnectedCallback() {
    this.#heard.abort();
    clearInterval(this.#timer);
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
    this.peopleButton = this.#toolButton('people', 'People');
    this.searchButton = this.#toolButton('search', 'Search');
    this.side.append(iconButton('close', 'Close', () => this.#closeSide(), 'close-side'));
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

  #toolButton(shows, words) {
    const click = () => {
      if (this.side.dataset.shows === shows && this.hasAttribute('side-open')) this.#closeSide();
      else this.#showSide(shows, true);
    };
    const props = { class: 'quiet', 'aria-controls': 'room-side', on: { click } };
    return h('button', props, icon(shows), h('span', {}, words));
  }

  /** Connect the parts to one another. */
  #join() {
    const { composer, messages, search, people, outgoing, files, dialog } = this;
    const whisper = (name, entered) => {
      if (this.#isDrawer) this.#closeSide(false);
      composer.address(this.chat.roster.nowCalled(name, entered), entered);
    };
    messages.reply = whisper;
    outgoing.unsent = (text) => composer.keep(text);
    outgoing.stays = (item) => messages.tellLocal(item);
    outgoing.goes = (item) => messages.dropLocal(item);
    people.whisper = whisper;
    people.sendFile = (to, entered) => dialog.open({ to, entered });
    people.ask = (command) => this.#ask(command);
    composer.addEventListener('send', ({ detail }) => {
      outgoing.send(detail);
      messages.toNow();
    });
    composer.addEventListener('command', ({ detail }) => this.#carryOut(detail));
    composer.addEventListener('attach', () => dialog.open());
    composer.addEventListener('files', ({ detail }) => dialog.open({ files: detail }));
    dialog.addEventListener('chosen', ({ detail }) => files.send(detail));
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
    const { messages, composer, people, warning, files, search } = this;
    const attention = new Attention(this.chat, signal);
    on('entry', (entry) => {
      messages.tell(entry);
      attention.tell(itemOf(entry, this.chat.name));
      if (entry.event.type === 'renamed') composer.renamed(entry.event.to);
    });
    on('whisper', ({ sender, to, text, time, mine }) => {
      // A whisper to oneself arrives twice: once as sent, and once as received.
      const entered = this.chat.roster.enteredOf(sender);
      if (mine || sender !== this.chat.name)
        messages.tellLocal({ kind: 'whisper', name: sender, entered, to, text, time, mine });
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
    on('named', () => messages.renamed());
    on('online', () => {
      composer.refresh();
      search.refresh();
      if (this.chat.online) files.look();
    });
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

  // The side panel: people or search, beside the messages or, on narrow pages, over them

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
    this.peopleButton.lastElementChild.textContent = `${seated.size} seated${line}`;
  }

  // Commands

  async #carryOut(command) {
    switch (command.kind) {
      case 'help':
        return this.#note(helpNode(commandsOf(this.chat)));
      case 'list':
        return this.#list();
      case 'search':
        this.#showSide('search', true);
        return this.search.find(command.words);
      case 'send':
        return this.dialog.open({ to: meant(command.to, this.chat.seated.keys()), entered: command.entered });
      case 'switch':
        return this.#switch(command.channel);
      case 'ask':
        return this.#ask({ ...command.ask, entered: command.entered });
      default:
        return this.leave();
    }
  }

  #switch(typed) {
    const names = this.chat.channels.map(({ name }) => name);
    const channel = meant(typed, names);
    return channel === this.chat.channel ? this.composer.complain('You are there already.') : this.goTo(channel);
  }

  async #list() {
    const answer = await this.#ask({ type: 'list' });
    if (!answer) return;
    this.#note(tableOf(answer.channels));
    announce(`${counted(answer.channels.length, 'channel')} listed.`);
  }

  /** Send a command that changes the channel, or show why it was refused. */
  async #ask(command) {
    try {
      return await this.chat.ask({ channel: this.chat.channel, ...command });
    } catch (refused) {
      if (!refused.code) throw refused;
      this.composer.complain(refused.text);
      return null;
    }
  }

  #note(node) {
    this.messages.tellLocal({ kind: 'aside', time: this.chat.serverNow(), node });
  }

  // Files dropped anywhere on the room

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

/** Log queries, one after the other: the server accepts one at a time from a session. */
class Questions {
  #last = Promise.resolve();

  /**
   * Send a query once the previous one is answered. Temporary refusals are retried.
   * @template T
   * @param {() => Promise<T>} ask
   * @param {() => boolean} wanted whether the answer is still wanted
   * @returns {Promise<T | null>} null if it was no longer wanted; rejects with Refused
   */
  ask(ask, wanted) {
    const answer = this.#last.then(() => this.#ask(ask, wanted));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #ask(ask, wanted) {
    while (wanted()) {
      try {
        const answer = await ask();
        return wanted() ? answer : null;
      } catch (refused) {
        if (!PASSING.has(refused.code)) throw refused;
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MILLISECONDS));
      }
    }
    return null;
  }
}

/** Make the table of channels, which scrolls within itself so it does not push the messages away. */
function tableOf(channels) {
  const row = (kind, scope, [first, ...rest]) =>
    h(
      'tr',
      {},
      h('th', { scope }, first),
      rest.map((each) => h(kind, kind === 'th' ? { scope } : {}, each)),
    );
  const rows = channels.map(({ name, seated, seats, waiting = 0 }) =>
    row('td', 'row', [h('bdi', {}, name), `${seated} of ${seats}`, waiting]),
  );
  return h(
    'div',
    { class: 'card channels', role: 'region', tabindex: '0', 'aria-label': 'Channels' },
    h('table', {}, h('thead', {}, row('th', 'col', ['Channel', 'Seats taken', 'In line'])), h('tbody', {}, rows)),
  );
}

function helpNode({ may, others }) {
  const rows = may.map(({ form, meaning }) => [h('dt', {}, form), h('dd', {}, meaning)]);
  const more = others.length > 0 && ['Operators of the channel (@) also have ', others.map(({ name }) => name).join(', '), '.'];
  const keys = 'Enter sends, Shift+Enter starts a new line, Tab completes a name. To start with a /, write it twice.';
  return h('div', { class: 'card' }, h('dl', {}, rows), more && h('p', { class: 'hint' }, more), h('p', { class: 'hint' }, keys));
}

customElements.define('chat-room', ChatRoom);
