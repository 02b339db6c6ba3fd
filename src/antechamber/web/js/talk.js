/** What one says and asks in a channel. How it gets to the server is chat.js's. */

import { Asks, Refused } from './asks.js';
import { State } from './state.js';

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

  /** @param {string} text */
  say(text) {
    return this.ask({ type: 'say', text });
  }

  /**
   * @param {string} to
   * @param {string} text
   */
  async whisper(to, text) {
    const done = await this.ask({ type: 'whisper', to, text });
    this.tell('whisper', { sender: this.name, to, text, time: done.time, mine: true });
    return done;
  }

  /** @param {string} channel */
  switchTo(channel) {
    return this.ask({ type: 'switch', channel });
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
