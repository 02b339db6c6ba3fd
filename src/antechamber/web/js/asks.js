/** Commands that have no answer yet, found by their ids. What a lost line has swallowed is asked again. */

/** A command that was declined; with the code "lost" nobody knows what became of it. */
export class Refused extends Error {
  /**
   * @param {string} code for programs
   * @param {string} text for people
   */
  constructor(code, text) {
    super(text);
    this.code = code;
    this.text = text;
  }
}

const LOST = 'Nobody knows what became of this: the connection ended before the answer came.';
/** Their ids are over with the line: a file has to be sent from its beginning. */
const ONCE = new Set(['send']);

export class Asks {
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

  /** There is no way to ask again: the member is none any more. */
  abandon() {
    const asks = [...this.#pending.values()];
    this.#pending.clear();
    this.#ready = false;
    for (const ask of asks) ask.reject(new Refused('lost', LOST));
  }
}
