/** What one says and asks in a channel, until it is answered. How it gets to the server is chat.js's. */

import { Refused } from './refused.js';
import { State } from './state.js';

const LOST = 'Nobody knows what became of this: the connection ended before the answer came.';
/** Their ids are over with the line: a file has to be sent from its beginning. */
const ONCE = new Set(['send']);

/** Of a channel that one has left, these get no answer. */
const OF_THE_PAST = new Set(['history', 'search']);

/** Commands that have no answer yet, found by their ids. What a lost line has swallowed is asked again. */
class Asks {
  #send;
  #pending = new Map();
  #prefix = Math.random().toString(36).slice(2, 10);
  #count = 0;
  #ready = false;

  /** @param {(command: object) => boolean} send */
  constructor(send) {
    this.#send = send;
  }

  /** An id that no command of this member has had, on this page or on the one before a reload. */
  newId() {
    this.#count += 1;
    return `${this.#prefix}-${this.#count}`;
  }

  /** Whether commands may go out. What was kept until then goes, in its order. */
  get ready() {
    return this.#ready;
  }

  set ready(ready) {
    this.#ready = ready;
    if (ready) for (const each of this.#pending.values()) this.#pass(each);
  }

  /**
   * Ask, now or as soon as one may.
   * @param {any} command without its id
   * @returns {Promise<any>} the answer
   */
  ask(command) {
    const id = this.newId();
    return new Promise((resolve, reject) => {
      const ask = { command: { ...command, id }, resolve, reject, sent: false };
      this.#pending.set(id, ask);
      if (this.#ready) this.#pass(ask);
    });
  }

  #pass(ask) {
    if (!ask.sent) ask.sent = this.#send(ask.command);
  }

  /**
   * Take a notice, or an own message's entry, as the answer that it may be.
   * @param {any} notice
   * @param {string} [id]
   * @returns {any} the command that it answers, or null
   */
  settle(notice, id = notice.id) {
    const ask = id ? this.#pending.get(id) : null;
    if (!ask) return null;
    this.#pending.delete(id);
    if (notice.type === 'refusal') ask.reject(new Refused(notice.code, notice.text));
    else ask.resolve(notice);
    return ask.command;
  }

  /**
   * The commands without an answer.
   * @param {string} type
   * @returns {any[]}
   */
  pending(type) {
    return [...this.#pending.values()].map((ask) => ask.command).filter((command) => command.type === type);
  }

  /** The line is lost: whatever may be asked again will be, once it is ready. */
  lineLost() {
    this.#ready = false;
    for (const [id, ask] of this.#pending) {
      if (ask.sent && ONCE.has(ask.command.type)) {
        this.#pending.delete(id);
        ask.reject(new Refused('lost', LOST));
      }
      ask.sent = false;
    }
  }

  /** One is in another channel now: what was asked about the past of the one before is not asked there. */
  forgetThePast() {
    for (const [id, ask] of this.#pending) if (OF_THE_PAST.has(ask.command.type)) this.#pending.delete(id);
  }

  /** There is no way to ask again: the member is none any more. */
  abandon() {
    const asks = [...this.#pending.values()];
    this.#pending.clear();
    this.#ready = false;
    for (const ask of asks) ask.reject(new Refused('lost', LOST));
  }
}

/**
 * Ask to enter a channel; where it has a key, ask the person for that, and again with it.
 * @template T
 * @param {string} channel
 * @param {(key?: string) => Promise<T>} ask
 * @returns {Promise<T>} rejects with Refused
 */
export async function withKey(channel, ask) {
  try {
    return await ask();
  } catch (refused) {
    const key = refused.code === 'wrong-key' && prompt(`The key of ${channel}:`);
    if (!key) throw refused;
    return ask(key);
  }
}

/** What a client asks by itself, and what is no sign of life of its person. */
const BY_ITSELF = new Set(['ping', 'received', 'watch', 'who', 'place', 'history']);

export class Talk extends State {
  asks = new Asks((command) => this.send(command));

  /** Whether this is somebody whose commands have an answer to come. */
  get isMember() {
    return this.phase === 'waiting' || this.phase === 'seated';
  }

  /**
   * Send a command.
   * @abstract
   * @param {object} command
   * @returns {boolean} whether there is a line to send it by
   */
  send(command) {
    throw new Error(`nothing to send ${command} by`);
  }

  /**
   * Ask the server, as a member; what a lost line has swallowed is asked again.
   * @param {object} command without its id
   * @returns {Promise<any>} its answer; rejects with Refused
   */
  ask(command) {
    if (this.isMember) return this.asks.ask(command);
    return Promise.reject(new Refused('lost', 'You are in no channel.'));
  }

  /**
   * Take a notice, or an own message's entry, as the answer that it may be. What the person asked is a sign of life.
   * @param {any} notice
   * @param {string} [id]
   * @returns {any} the command that it answers, or null
   */
  settle(notice, id) {
    const command = this.asks.settle(notice, id);
    if (command && !BY_ITSELF.has(command.type)) this.tell('active');
    return command;
  }

  /**
   * @param {string} text
   * @param {"action"} [form] where it is what one does
   */
  say(text, form) {
    return this.ask({ type: 'say', text, form });
  }


  /**
   * @param {string} to
   * @param {string} text
   * @param {number} [entered] by which entry the one came in who is meant; 0 is whoever has the name
   */
  async whisper(to, text, entered = 0) {
    const done = await this.ask({ type: 'whisper', to, text, entered });
    this.tell('whisper', { sender: this.name, to, text, time: done.time, mine: true });
    return done;
  }

  /** @param {string} channel */
  switchTo(channel) {
    return withKey(channel, (key) => this.ask({ type: 'switch', channel, channel_key: key }));
  }

  /** A sign of life. */
  here() {
    return this.ask({ type: 'here' });
  }

  /** @param {{before?: number, after?: number, limit?: number}} [which] */
  history(which = {}) {
    return this.ask({ type: 'history', ...which });
  }

  /**
   * @param {string} words
   * @param {{before?: number, limit?: number}} [which]
   */
  search(words, which = {}) {
    return this.ask({ type: 'search', words, ...which });
  }

  /** Ask for the place in the line. */
  place() {
    return this.ask({ type: 'place' });
  }
}
