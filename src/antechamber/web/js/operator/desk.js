import { Refused } from '../refused.js';

/** How many names fit into one command line, and how many people's rosters into one session's outbox. */
const WATCHED_MAX = 100;
const PEOPLE_MAX = 8000;

const OFFLINE = 'Not connected, so nothing was done.';

/**
 * The operator's page: its data and its commands.
 *
 * Events: 'state' (`state` or `problem` changed), 'channels' (counts), 'roster' (detail: the channel's name), 'refused'
 * (detail: why the token was refused).
 */
export class Desk extends EventTarget {
  /** @type {'connecting' | 'open' | 'waiting' | 'refused'} */
  state = 'connecting';
  /** @type {Map<string, object>} by name, in the config's order: the fields of ChannelInfo */
  channels = new Map();
  /** @type {Map<string, {seated: object[], waiting: object[], sequence: number}>} of the channels that are open */
  rosters = new Map();
  /** @type {string[]} the channels whose rosters are watched: the open ones, up to the limit */
  watched = [];
  muteSecondsMax = 31_536_000;
  /** The server's reason for refusing connections; '' if it does not. */
  problem = '';

  #connection;
  #offset = 0;
  #asked = new Map();
  #lastId = 0;
  #wanted = [];
  #moves = new Map();

  /**
   * @param {EventTarget & {send: Function, close: Function, state: string, retryAt: number}} connection one whose first
   *   line is `operate`
   */
  constructor(connection) {
    super();
    this.#connection = connection;
    connection.addEventListener('line', (event) => this.#read(event.detail));
    connection.addEventListener('down', () => this.#down());
  }

  /** The server's clock, in seconds since the epoch. */
  now() {
    return Date.now() / 1000 + this.#offset;
  }

  /** When the next connection attempt is, in milliseconds since the epoch. */
  get retryAt() {
    return this.#connection.retryAt;
  }

  /** Sign out. */
  close() {
    this.#connection.close();
  }

  /**
   * Send a command, and wait for the answer.
   * @param {object} command without its id
   * @returns {Promise<object>} the answer; rejects with Refused
   */
  ask(command) {
    if (this.state !== 'open') {
      return Promise.reject(new Refused('offline', OFFLINE));
    }
    const id = `o${++this.#lastId}`;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      if (!this.#connection.send({ ...command, id })) {
        this.#asked.delete(id);
        reject(new Refused('offline', OFFLINE));
      }
    });
  }

  /**
   * Watch the rosters of these channels, and no others.
   * @param {string[]} names
   */
  watch(names) {
    this.#wanted = names;
    this.watched = [];
    let people = 0;
    for (const { name, seated, waiting } of names.map((name) => this.channels.get(name)).filter(Boolean)) {
      people += seated + waiting;
      if (people <= PEOPLE_MAX && this.watched.length < WATCHED_MAX) this.watched.push(name);
    }
    for (const name of [...this.rosters.keys()]) if (!this.watched.includes(name)) this.rosters.delete(name);
    for (const name of names) this.#tell('roster', name);
    if (this.state === 'open') this.ask({ type: 'watch', rosters: this.watched }).catch(() => {});
  }

  /** Request the rosters again after a mute has ended: only the server knows the member's idle clock. */
  tick() {
    const now = this.now();
    const ended = ({ mutedUntil }) => mutedUntil && mutedUntil < now;
    if (this.state === 'open' && [...this.rosters.values()].some(({ seated }) => seated.some(ended))) {
      for (const { seated } of this.rosters.values())
        for (const member of seated) if (ended(member)) member.mutedUntil = 0;
      this.watch(this.#wanted);
    }
  }

  /**
   * Move a waiting member. The page shows the new place at once, and reverts it if the move is refused.
   * @param {string} channel
   * @param {import('./rows.js').Member} member
   * @param {number} ahead how many will be ahead of it
   */
  async move(channel, { name, entered }, ahead) {
    const move = { name, entered, ahead, done: false };
    const moves = this.#moves.get(channel) ?? [];
    this.#moves.set(channel, [...moves, move]);
    this.#tell('roster', channel);
    try {
      await this.ask({ type: 'move', channel, name, ahead, entered });
      move.done = true;
    } catch (error) {
      this.#moves.set(channel, this.#moves.get(channel)?.filter((other) => other !== move) ?? []);
      this.#tell('roster', channel);
      throw error;
    }
  }

  /**
   * Return a channel's line with the pending moves applied.
   * @param {string} channel
   * @returns {object[]}
   */
  line(channel) {
    const waiting = this.rosters.get(channel)?.waiting ?? [];
    const moves = this.#moves.get(channel) ?? [];
    if (!moves.length) return waiting;
    const line = [...waiting];
    for (const { name, entered, ahead } of moves) {
      const from = line.findIndex((member) => member.name === name && member.entered === entered);
      if (from >= 0) line.splice(ahead, 0, ...line.splice(from, 1));
    }
    return line;
  }

  #read(notice) {
    if (notice.time) this.#offset = notice.time - Date.now() / 1000;
    const asked = notice.id ? this.#asked.get(notice.id) : null;
    if (asked) this.#asked.delete(notice.id);
    switch (notice.type) {
      case 'operating':
        this.muteSecondsMax = notice.mute_seconds_max ?? this.muteSecondsMax;
        this.problem = '';
        this.#become('open');
        this.ask({ type: 'watch', rosters: [] }).then(
          () => this.watch(this.#wanted),
          () => {},
        );
        break;
      case 'channels':
        this.channels = new Map(notice.channels.map((channel) => [channel.name, channel]));
        this.#tell('channels');
        break;
      case 'members':
        this.#settle(notice.channel);
        this.rosters.set(notice.channel, roster(notice));
        this.#tell('roster', notice.channel);
        break;
      case 'presence':
        if (this.rosters.has(notice.channel)) this.#present(notice);
        break;
      case 'refusal':
        if (asked) asked.reject(new Refused(notice.code, notice.text));
        else if (notice.code === 'bad-token' || notice.code === 'too-many-failures') this.#refused(notice.text);
        else if (this.state !== 'open') this.problem = notice.text;
        return;
    }
    asked?.resolve(notice);
  }

  // A roster made after a move includes it; one already on its way may not.
  #settle(channel) {
    const left = this.#moves.get(channel)?.filter((move) => !move.done);
    if (left?.length) this.#moves.set(channel, left);
    else this.#moves.delete(channel);
  }

  #present({ channel, time, active = [], away = [], back = [] }) {
    const { seated, waiting } = this.rosters.get(channel);
    for (const member of [...seated, ...waiting]) {
      if (active.includes(member.name)) member.activeAt = time;
      if (away.includes(member.name)) member.away = true;
      if (back.includes(member.name)) member.away = false;
    }
    this.#tell('roster', channel);
  }

  #refused(text) {
    this.#connection.close();
    this.#become('refused');
    this.#tell('refused', text);
  }

  #down() {
    for (const { reject } of this.#asked.values()) {
      reject(new Refused('lost', 'The connection was lost before an answer came. Check whether it was done.'));
    }
    this.#asked.clear();
    this.#moves.clear();
    if (this.state !== 'refused') this.#become('waiting');
  }

  #become(state) {
    this.state = state;
    this.#tell('state');
  }

  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

// Convert durations to times, so the clocks run on without further notices.
function roster({ sequence, time, seated, waiting, topic, modes }) {
  return {
    sequence,
    topic,
    modes,
    seated: seated.map((member) => ({
      ...member,
      activeAt: time - (member.idle_seconds ?? 0),
      mutedUntil: member.muted_seconds ? time + member.muted_seconds : 0,
    })),
    waiting: waiting.map((member) => ({ ...member })),
  };
}
