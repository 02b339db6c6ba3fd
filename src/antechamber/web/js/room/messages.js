/**
 * `<message-list>`: the visible part of the channel's messages.
 *
 * It holds a bounded range: scrolling up loads earlier messages from the server's log, scrolling down later ones, and at
 * the end it follows new messages. What the log does not keep (whispers, notes) is remembered here.
 */

import { announce, h, icon } from '../dom.js';
import { Heralds } from './calls.js';
import { counted, itemOf, mentionOf, wordsOf } from './row.js';
import { Reactions } from './reactions.js';
import { Locals, Rows } from './rows.js';

const ROWS_MAX = 500;
const PIECE_ENTRIES = 100;
const FIRST_ENTRIES = 60;
const AROUND_ENTRIES = 40;
const NEAR_PIXELS = 700;
const BOTTOM_PIXELS = 48;

export class MessageList extends HTMLElement {
  /** @type {import("../chat.js").Chat} */
  chat;
  /** The unsent messages, shown after the last one. @type {HTMLElement | null} */
  outgoing = null;
  /** @type {import("./chat-room.js").Questions} */
  questions;
  /** Called with the name to whisper back to, and the entry by which that member entered. */
  reply = () => {};

  #begun = false;
  #channel = '';
  #problem = '';
  #rows;
  #locals = new Locals();
  #reactions = new Reactions();
  /** Whether the last row is the newest, so new ones go below it. */
  #atEnd = false;
  /** Whether there are entries before the first row. */
  #earlier = false;
  #live = 0;
  /** Entries that arrive while the end of the log is being requested. @type {object[] | null} */
  #arrived = null;
  #asking = '';
  #generation = 0;
  #waiting = [];
  #flushing = 0;
  #following = true;
  #unseen = 0;
  #heralds = new Heralds(announce);
  #timer = 0;
  #sizes = null;

  connectedCallback() {
    if (!this.scroller) this.#build();
    this.#sizes = new ResizeObserver(() => this.#following && this.#toBottom());
    this.#sizes.observe(this.scroller);
    this.#timer = setInterval(() => this.#rows.renameDays(), 30_000);
    // The 'room' event comes right after the seat, and so after this.
    this.#begun = false;
    queueMicrotask(() => this.#begun || this.begin());
  }

  disconnectedCallback() {
    this.#generation += 1;
    this.#sizes.disconnect();
    clearInterval(this.#timer);
    clearTimeout(this.#flushing);
    this.#heralds.close();
  }

  #build() {
    const list = h('ol', { class: 'rows', role: 'list' });
    this.#rows = new Rows(list, ROWS_MAX);
    this.top = h('p', { class: 'edge silent' });
    this.scroller = h(
      'div',
      {
        class: 'scroller',
        role: 'log',
        tabindex: '0',
        'aria-live': 'off',
        on: { scroll: () => this.#scrolled() },
      },
      this.top,
      list,
      this.outgoing,
    );
    this.pill = h('button', { class: 'pill primary', hidden: true, on: { click: () => this.toNow() } });
    this.append(h('h2', { class: 'visually-hidden' }, 'Messages'), this.scroller, this.pill);
  }

  /** Start over: the member got a seat, in this channel or another, or something was missed. */
  begin() {
    if (!this.isConnected) return undefined;
    this.#begun = true;
    if (this.#channel !== this.chat.channel) {
      this.#channel = this.chat.channel;
      this.#locals.clear();
      this.#reactions.clear();
      this.#rows.clear();
    }
    this.#live = 0;
    this.scroller.setAttribute('aria-label', `Messages in ${this.#channel}`);
    this.#rows.look = {
      mention: mentionOf(this.chat.name),
      words: null,
      reply: (name, entered) => this.reply(name, entered),
      said: (sequence) => this.#reactions.said(sequence),
      jump: (sequence) => this.jump(sequence, ''),
      draw: (row) => this.#reactions.draw(row, this.chat),
    };
    return this.#loadEnd();
  }

  /** Update this member's name. */
  renamed() {
    this.#rows.look = { ...this.#rows.look, mention: mentionOf(this.chat.name) };
  }

  async #loadEnd() {
    const generation = this.#begin();
    this.#unseen = 0;
    this.#following = true;
    this.#arrived = [];
    this.#showPill();
    const answer = await this.#ask({ limit: FIRST_ENTRIES }, generation, 'before');
    if (!answer) return;
    this.#startWith(answer);
    this.#reachEnd();
    this.#showEdge();
    this.#toBottom();
    this.#fill();
  }

  /** Replace all rows. @returns {number} the last entry's sequence number */
  #startWith({ entries, more }) {
    const end = entries.at(-1)?.sequence ?? 0;
    this.#earlier = more;
    this.#rows.clear(entries[0]?.sequence ?? end + 1);
    this.#rows.append(this.#itemsOf(entries, this.#rows.first, end), end);
    return end;
  }

  /** Show a live entry. */
  tell(entry) {
    this.#live = Math.max(this.#live, entry.sequence);
    this.#react(entry);
    if (this.#arrived) this.#arrived.push(entry);
    else if (this.#atEnd) this.#later(entry);
    this.#count(itemOf(entry, this.chat.name));
  }

  /**
   * Show something that the log does not keep: a whisper, an unsent message, or a note of the page. It stays in its place
   * as long as the room does, or until it is dropped.
   * @param {{kind: "whisper" | "failed" | "aside", time: number}} item
   * @returns {import("./row.js").Item}
   */
  tellLocal(item) {
    const local = this.#locals.add(item, this.#arrived ? null : Math.max(this.#live, this.#rows.last));
    if (this.#atEnd && !this.#arrived) this.#later(local);
    this.#count(local);
    if (item.kind === 'aside' || (item.kind === 'whisper' && item.mine)) this.toNow();
    return local;
  }

  /** @param {import("./row.js").Item} local the shown item to remove */
  dropLocal(local) {
    this.#flush();
    this.#locals.remove(local);
    this.#rows.remove(local);
  }

  /** Go to the newest message. */
  async toNow() {
    this.#unseen = 0;
    if (this.#atEnd || this.#arrived) {
      this.#flush();
      this.#toBottom();
    } else {
      await this.#loadEnd();
    }
    this.#showPill();
  }

  /**
   * Go to an entry anywhere in the past, and mark `words` from now on.
   * @param {number} sequence
   * @param {string} words
   */
  async jump(sequence, words) {
    this.mark(words);
    if (!(sequence >= this.#rows.first && sequence <= this.#rows.last)) {
      const generation = this.#begin();
      const answer = await this.#ask(
        { before: sequence + AROUND_ENTRIES, limit: 2 * AROUND_ENTRIES },
        generation,
        'before',
      );
      if (!answer) return;
      this.#atEnd = this.#startWith(answer) >= this.#live;
    }
    this.#following = false;
    const row = this.#rows.at(sequence);
    if (row) this.#show(row);
    this.#showPill();
    this.#fill();
  }

  /** Mark these words in all messages; '' removes the marks. */
  mark(words) {
    const expression = words ? wordsOf(words) : null;
    if (String(this.#rows.look.words) === String(expression)) return;
    this.#rows.look = { ...this.#rows.look, words: expression };
    this.#keepingPlace(() => this.#rows.redraw());
  }

  #show(row) {
    row.querySelector('.fold[aria-expanded=false]')?.click();
    row.scrollIntoView({ block: 'center' });
    row.tabIndex = -1;
    row.focus({ preventScroll: true });
    row.classList.remove('found');
    void row.offsetWidth; // restarts the highlight
    row.classList.add('found');
  }

  #begin() {
    this.#asking = '';
    this.#arrived = null;
    this.#atEnd = false;
    this.#waiting = [];
    return (this.#generation += 1);
  }

  /** @returns {Promise<{entries: object[], more: boolean} | null>} null if it is no longer wanted */
  async #ask(question, generation, edge) {
    this.#asking = edge;
    this.#problem = '';
    this.#showEdge();
    const wanted = () => generation === this.#generation;
    let answer = null;
    try {
      answer = await this.questions.ask(() => this.chat.history(question), wanted);
    } catch (refused) {
      if (!(refused.code && refused.text)) throw refused;
      if (wanted()) this.#problem = refused.text;
    }
    if (wanted()) {
      this.#asking = '';
      this.#showEdge();
    }
    return answer;
  }

  #showEdge() {
    const loading = this.#asking === 'before';
    const begins = !this.#earlier && !loading && (this.#atEnd || this.#rows.first <= this.#rows.last);
    // It keeps its height, so nothing moves when it appears or disappears.
    this.top.classList.toggle('silent', !loading && !begins && !this.#problem);
    if (!loading && this.#problem) {
      const again = () => {
        this.#problem = '';
        this.#fill();
      };
      this.top.replaceChildren(`${this.#problem} `, h('button', { on: { click: again } }, 'Try again'));
    } else {
      this.top.textContent = loading ? 'Loading…' : 'This is where the chat begins.';
    }
  }

  /** Redraw a message's reactions; a message that is not shown yet gets them later. */
  #react(entry) {
    const about = this.#reactions.take(entry);
    const row = about ? this.#rows.at(about) : null;
    if (row?.item.sequence !== about) return;
    this.#reactions.draw(row, this.chat);
    if (this.#following) this.#toBottom();
  }

  /** Return the items of loaded entries, with local ones merged in. */
  #itemsOf(entries, first, last) {
    for (const entry of entries) this.#react(entry);
    const items = entries.map((entry) => itemOf(entry, this.chat.name)).filter(Boolean);
    return this.#locals.among(items, this.#earlier ? first : 0, last);
  }

  /** Append the entries that arrived while the end of the log was loading. */
  #reachEnd() {
    const arrived = (this.#arrived ?? []).filter(({ sequence }) => sequence > this.#rows.last);
    this.#arrived = null;
    const last = Math.max(this.#rows.last, arrived.at(-1)?.sequence ?? 0);
    const items = this.#itemsOf(arrived, this.#rows.last + 1, last);
    this.#rows.append([...items, ...this.#locals.place(last)], last);
    this.#live = Math.max(this.#live, last);
    this.#atEnd = true;
  }

  /** Collect live entries, so a busy channel costs one redraw a frame. */
  #later(item) {
    this.#waiting.push(item);
    // A hidden page draws no frames, but still receives messages.
    this.#flushing ||= setTimeout(() => this.#flush(), 30);
  }

  #flush() {
    clearTimeout(this.#flushing);
    this.#flushing = 0;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (!waiting.length || !this.#atEnd) return;
    const last = waiting.reduce((most, { sequence }) => Math.max(most, sequence), this.#rows.last);
    const items = waiting.map((each) => (each.local ? each : itemOf(each, this.chat.name))).filter(Boolean);
    this.#rows.append(items, last);
    if (this.#following) {
      this.#trimStart();
      this.#toBottom();
    } else if (this.#rows.count > ROWS_MAX) {
      this.#trimUnread();
    }
    this.#showPill();
  }

  #trimStart() {
    if (this.#rows.count <= ROWS_MAX) return;
    this.#rows.trimStart();
    this.#earlier = true;
    this.#showEdge();
  }

  /** Trim the far end while the user reads further up; it loads again on the way back. */
  #trimUnread() {
    if (this.scroller.scrollTop > 3 * NEAR_PIXELS) {
      this.#keepingPlace(() => this.#trimStart());
    } else {
      this.#rows.trimEnd();
      this.#atEnd = false;
    }
  }

  #count(item) {
    if (!item) return;
    this.#heralds.tell(item, this.#rows.look.mention);
    if (!this.#following && !item.mine && item.kind !== 'happened' && item.kind !== 'aside') {
      this.#unseen += 1;
      this.#showPill();
    }
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.#following = this.#atEnd && scrollHeight - scrollTop - clientHeight < BOTTOM_PIXELS;
    if (this.#following) this.#unseen = 0;
    this.#showPill();
    this.#fill();
  }

  /** Load more at the end that scrolling has come near. */
  async #fill() {
    if (this.#asking || this.#problem || !this.isConnected) return;
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const room = scrollHeight - clientHeight;
    if (this.#earlier && scrollTop < NEAR_PIXELS) await this.#loadEarlier();
    else if (!this.#atEnd && room - scrollTop < NEAR_PIXELS) await this.#loadLater();
  }

  async #loadEarlier() {
    const generation = this.#generation;
    const answer = await this.#ask({ before: this.#rows.first, limit: PIECE_ENTRIES }, generation, 'before');
    if (!answer) return;
    const { entries, more } = answer;
    this.#earlier = more && entries.length > 0;
    const first = entries[0]?.sequence ?? this.#rows.first;
    const items = this.#itemsOf(entries, first, this.#rows.first - 1);
    this.#flush();
    this.#keepingPlace(() => {
      this.#rows.prepend(items, first);
      this.#showEdge();
      if (this.#rows.count > ROWS_MAX) {
        this.#rows.trimEnd();
        this.#atEnd = false;
      }
    });
    this.#fill();
  }

  async #loadLater() {
    const generation = this.#generation;
    this.#arrived = [];
    const answer = await this.#ask({ after: this.#rows.last, limit: PIECE_ENTRIES }, generation, 'after');
    if (!answer) return;
    const { entries, more } = answer;
    const last = entries.at(-1)?.sequence ?? this.#rows.last;
    const items = this.#itemsOf(entries, this.#rows.last + 1, last);
    this.#keepingPlace(() => {
      this.#rows.append(items, last);
      if (more) this.#arrived = null;
      else this.#reachEnd();
      this.#trimStart();
      this.#showEdge();
    });
    this.#scrolled();
  }

  /** Change the rows without moving what is being read. */
  #keepingPlace(change) {
    const edge = this.scroller.getBoundingClientRect().top;
    const anchor = [...this.#rows.list.children].find((row) => row.getBoundingClientRect().bottom > edge);
    const sequence = anchor?.item;
    const before = anchor?.getBoundingClientRect().top ?? 0;
    change();
    const after = anchor?.isConnected ? anchor : [...this.#rows.list.children].find((row) => row.item === sequence);
    if (after) this.scroller.scrollTop += after.getBoundingClientRect().top - before;
  }

  #toBottom() {
    this.#following = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #showPill() {
    const text = this.#unseen ? counted(this.#unseen, 'new message') : 'Back to now';
    const far = this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight;
    const hidden = this.#following || (!this.#unseen && this.#atEnd && far < this.scroller.clientHeight);
    if (this.pill.textContent !== text) this.pill.replaceChildren(text, icon('arrow-down'));
    this.pill.hidden = hidden;
  }
}

customElements.define('message-list', MessageList);
