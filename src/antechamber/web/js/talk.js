/** Commands until they are answered. How they get to the server is in chat.js. */

import { Refused } from './refused.js';
import { State } from './state.js';

const LOST = 'It is not known whether this was done: the connection ended before the answer came.';
/** Commands whose ids end with the connection: a file must be sent from its beginning. */
const ONCE = new Set(['send']);

/** Commands that get no answer once the channel was left. */
const OF_THE_PAST = new Set(['history', 'search']);

/** Unanswered commands by id. They are resent after a lost connection. */
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

  /** Return an id that no command of this member has had, on this page or before a reload. */
  newId() {
    this.#count += 1;
    return `${this.#prefix}-${this.#count}`;
  }

  /** Set whether commands may be sent. Waiting ones are then sent in order. */
  get ready() {
    return this.#ready;
  }

  set ready(ready) {
    this.#ready = ready;
    if (ready) for (const each of this.#pending.values()) this.#pass(each);
  }

  /**
   * Send a command, now or as soon as possible.
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
   * Match a notice, or an entry of an own message, to the command that it answers.
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
   * Return the unanswered commands.
   * @param {string} type
   * @returns {any[]}
   */
  pending(type) {
    return [...this.#pending.values()].map((ask) => ask.command).filter((command) => command.type === type);
  }

  /** Handle a lost connection: commands that can be repeated are resent once it is ready. */
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

  /** Drop queries about the past of the previous channel after a switch. */
  forgetThePast() {
    for (const [id, ask] of this.#pending) if (OF_THE_PAST.has(ask.command.type)) this.#pending.delete(id);
  }

  /** Reject all unanswered commands: the membership is over. */
  abandon() {
    const asks = [...this.#pending.values()];
    this.#pending.clear();
    this.#ready = false;
    for (const ask of asks) ask.reject(new Refused('lost', LOST));
  }
}

/**
 * Try to enter a channel; if it has a key, ask the user for it and try again.
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

/** Commands that a client sends automatically, which are not signs of life. */
const BY_ITSELF = new Set(['ping', 'received', 'watch', 'who', 'place', 'history']);

export class Talk extends State {
  asks = new Asks((command) => this.send(command));

  /** Whether this is a member, whose commands will be answered. */
  get isMember() {
    return this.phase === 'waiting' || this.phase === 'seated';
  }

  /**
   * Send a command.
   * @abstract
   * @param {object} command
   * @returns {boolean} whether it was sent
   */
  send(command) {
    throw new Error(`nothing to send ${command} by`);
  }

  /**
   * Send a member's command; it is resent after a lost connection.
   * @param {object} command without its id
   * @returns {Promise<any>} its answer; rejects with Refused
   */
  ask(command) {
    if (this.isMember) return this.asks.ask(command);
    return Promise.reject(new Refused('lost', 'You are in no channel.'));
  }

  /**
   * Match a notice, or an entry of an own message, to the command that it answers. A command by the person is a sign of life.
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
   * @param {"action"} [form] for what the member does
   */
  say(text, form) {
    return this.ask({ type: 'say', text, form });
  }


  /**
   * @param {string} to
   * @param {string} text
   * @param {number} [entered] the entry by which the recipient entered; 0 for whoever has the name
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

  /** Send a sign of life. */
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

  /** Request the place in the line. */
  place() {
    return this.ask({ type: 'place' });
  }
}
