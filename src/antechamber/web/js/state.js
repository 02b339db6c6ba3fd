/** The chat's state, as the server reports it and the views show it. Entering and leaving is in chat.js. */

/**
 * `entered` is the number of the entry by which a member entered, which is unique; 0 if unknown.
 * @typedef {{name: string, since: number, activeAt: number, mutedUntil: number, away: boolean, entered: number}} SeatedMember
 * @typedef {{name: string, since: number, away: boolean, entered: number}} WaitingMember
 */

/** The defaults of a member's fields. */
const UNTOLD = { away: false, entered: 0 };

/** The channel's members: as the server's roster lists them, and as entries change them from then on. */
class Roster {
  /** In order of seating. @type {Map<string, SeatedMember>} */
  seated = new Map();
  /** In order of the line. @type {Map<string, WaitingMember>} */
  waiting = new Map();
  /** By name: "o" for an operator of the channel, "v" for a voice, or both. @type {Map<string, string>} */
  roles = new Map();
  /** The letters of the modes in force. @type {Set<string>} */
  modes = new Set();
  /** Members' current names by their former names. @type {Map<string, string>} */
  #called = new Map();
  /** The last entry that is included. */
  #sequence = Infinity;

  /** Forget everything. */
  clear() {
    for (const each of [this.seated, this.waiting, this.roles, this.modes, this.#called]) each.clear();
    this.#sequence = Infinity;
  }

  /** @param {any} members the server's complete roster */
  set({ time, sequence, seated, waiting, modes = '' }) {
    this.#sequence = sequence;
    this.modes = new Set(/\w*/.exec(modes.slice(1))[0]);
    for (const { name, role = '' } of seated) this.roles.set(name, role);
    this.seated = new Map(
      seated.map(({ idle_seconds: idle = 0, muted_seconds: muted = 0, ...each }) => [
        each.name,
        { ...UNTOLD, ...each, activeAt: time - idle, mutedUntil: muted && time + muted },
      ]),
    );
    this.waiting = new Map(waiting.map((each) => [each.name, { ...UNTOLD, ...each }]));
  }

  /**
   * @param {any} entry
   * @returns {boolean} whether anything changed
   */
  apply({ sequence, time, event }) {
    if (sequence <= this.#sequence) return false;
    this.#sequence = sequence;
    const { type, name } = event;
    const seat = this.seated.get(name);
    if (type === 'queued') this.waiting.set(name, { name, since: time, away: false, entered: sequence });
    else if (type === 'seated') {
      const { away, entered } = this.waiting.get(name) ?? UNTOLD;
      this.waiting.delete(name);
      this.seated.set(name, { name, since: time, activeAt: time, mutedUntil: 0, away, entered });
    } else if (type === 'left') {
      (event.seated === false ? this.waiting : this.seated).delete(name);
      this.roles.delete(name);
    } else if (type === 'emptied') for (const each of [this.seated, this.roles]) each.clear();
    else if (type === 'renamed') this.#rename(name, event.to);
    else if (type === 'modes-set') for (const change of event.changes) this.#set(...change);
    else if (type === 'moved') this.#move(name, event.ahead);
    else if (type === 'said' && seat) seat.activeAt = Math.max(seat.activeAt, time);
    else if (type === 'muted' && seat) {
      // The idle clock stands still during a mute.
      const until = time + event.seconds;
      seat.activeAt += until - Math.max(seat.mutedUntil, time);
      seat.mutedUntil = until;
    } else return false;
    return true;
  }

  /** Rename a member without changing the order of the lists. */
  #rename(name, to) {
    const renamed = (each) => (each.name === name ? { ...each, name: to } : each);
    const listed = (members) => new Map([...members.values()].map(renamed).map((each) => [each.name, each]));
    [this.seated, this.waiting] = [listed(this.seated), listed(this.waiting)];
    this.roles.set(to, this.roles.get(name) ?? '');
    this.roles.delete(name);
    this.#called.set(name, to);
    this.#called.delete(to);
  }

  #set([sign, letter], argument) {
    const on = sign === '+';
    if ('beI'.includes(letter)) return; // lists, which are not modes in force
    if (!'ov'.includes(letter)) this.modes[on ? 'add' : 'delete'](letter);
    else {
      const others = (this.roles.get(argument) ?? '').replace(letter, '');
      this.roles.set(argument, on ? others + letter : others);
    }
  }

  /**
   * Return the current name of the author of an earlier message.
   * @param {string} name
   * @param {number} [entered] the entry by which the speaker entered, if known
   * @returns {string}
   */
  nowCalled(name, entered = 0) {
    for (const each of this.seated.values()) if (entered && each.entered === entered) return each.name;
    let now = name;
    while (!this.seated.has(now) && this.#called.has(now)) now = this.#called.get(now);
    return now;
  }

  /**
   * Return the number of the entry by which the seated member of this name entered; 0 if there is none, or it is unknown.
   * @param {string} name
   * @returns {number}
   */
  enteredOf(name) {
    return this.seated.get(name)?.entered ?? 0;
  }

  #move(name, ahead) {
    const member = this.waiting.get(name);
    if (!member) return;
    const others = [...this.waiting.values()].filter((each) => each !== member);
    others.splice(ahead, 0, member);
    this.waiting = new Map(others.map((each) => [each.name, each]));
  }

  /** @param {any} presence changes that are not in entries */
  sense({ time, active = [], away = [], back = [] }) {
    for (const name of active) {
      const seat = this.seated.get(name);
      if (seat && seat.mutedUntil <= time) seat.activeAt = Math.max(seat.activeAt, time);
    }
    for (const name of away) this.#setAway(name, true);
    for (const name of back) this.#setAway(name, false);
  }

  #setAway(name, away) {
    const member = this.seated.get(name) ?? this.waiting.get(name);
    if (member) member.away = away;
  }
}

const LINE_BYTES_MAX = 16_384;
const ANNOUNCEMENTS = 5;

export class State extends EventTarget {
  /** @type {'lobby' | 'entering' | 'waiting' | 'seated' | 'ended'} */
  phase = 'lobby';
  /** Each with the fields of ChannelInfo. @type {any[]} */
  channels = [];
  /** Whether the list of channels has arrived. */
  knowsChannels = false;
  channel = '';
  name = '';
  topic = '';
  /** The server's name and version; '' before a welcome. */
  server = '';
  /** How many are ahead in the line; null if unknown. @type {number | null} */
  ahead = null;
  /** @type {[number, number] | null} */
  waitSeconds = null;
  /** The operator's last announcements to this line. @type {{text: string, time: number}[]} */
  announcements = [];
  limits = { idleSeconds: 0, lineBytes: LINE_BYTES_MAX, fileBytes: 0, seatHoldSeconds: 0, placeHoldSeconds: 0 };

  roster = new Roster();
  #clockAhead = -Infinity;
  #membersTold = true;

  /** Handlers of notices by type; other notices are passed on, or do not change state. */
  #notices = {
    place: (notice) => this.#place(notice),
    channels: (notice) => this.#channels(notice),
    members: (notice) => this.#members(notice),
    presence: (notice) => this.#presence(notice),
    whispered: ({ sender, to, text, time }) => this.tell('whisper', { sender, to, text, time, mine: false }),
    idling: ({ time, seconds }) => this.tell('idling', { seconds, at: time + seconds }),
    announcement: (notice) => this.#announcement(notice),
    invitation: (notice) => this.tell('invitation', notice),
    offer: (notice) => this.tell('offer', notice),
    sent: (notice) => this.tell('sent', notice),
    'transfer-failed': (notice) => this.tell('transfer-failed', notice),
  };

  /** In order of seating. @type {Map<string, SeatedMember>} */
  get seated() {
    return this.roster.seated;
  }

  /** In order of the line. @type {Map<string, WaitingMember>} */
  get waiting() {
    return this.roster.waiting;
  }

  /** Whether this member is an operator of the channel. */
  get operates() {
    return this.roleOf(this.name).includes('o');
  }

  /**
   * @param {string} name of a member
   * @returns {string} "o" for an operator of the channel, "v" for a voice, or both
   */
  roleOf(name) {
    return this.roster.roles.get(name) ?? '';
  }

  /** The end of this member's mute, in server time. */
  get mutedUntil() {
    return this.seated.get(this.name)?.mutedUntil ?? 0;
  }

  /**
   * Return a channel's info, if there is such a channel.
   * @param {string} [name]
   */
  info(name = this.channel) {
    return this.channels.find((each) => each.name === name);
  }

  /** The server's clock, in seconds since the epoch. */
  serverNow() {
    return Date.now() / 1000 + (Number.isFinite(this.#clockAhead) ? this.#clockAhead : 0);
  }

  /**
   * Set the server's clock by a new notice. Its time is when it was sent, so the least delayed notice is the most accurate.
   * @param {number} time
   */
  hearClock(time) {
    this.#clockAhead = Math.max(this.#clockAhead, time - Date.now() / 1000);
  }

  /** Forget the server's clock: this machine may sleep before the next notice. */
  forgetClock() {
    this.#clockAhead = -Infinity;
  }

  /**
   * Apply a notice about the channels or this channel's members.
   * @param {any} notice
   */
  take(notice) {
    this.#notices[notice.type]?.(notice);
  }

  /**
   * Apply this member's channel and settings, from a welcome or a `resumed`.
   * @param {any} greeting
   */
  greet(greeting) {
    const before = this.server;
    if (greeting.channel !== this.channel) this.announcements = [];
    this.channel = greeting.channel;
    this.name = greeting.name;
    this.topic = greeting.topic ?? '';
    this.server = greeting.server;
    this.limits = {
      idleSeconds: greeting.idle_seconds_max ?? 0,
      lineBytes: greeting.line_bytes_max || LINE_BYTES_MAX,
      fileBytes: greeting.file_bytes_max ?? 0,
      seatHoldSeconds: greeting.seat_hold_seconds ?? 0,
      placeHoldSeconds: greeting.place_hold_seconds ?? 0,
    };
    if (before && before !== this.server) this.tell('version');
  }

  #place({ ahead, wait_seconds: wait = null }) {
    [this.ahead, this.waitSeconds] = [ahead, wait];
    this.setPhase('waiting');
    this.tell('place');
  }

  #channels({ channels }) {
    this.channels = channels;
    this.knowsChannels = true;
    const here = this.info();
    if (here && !here.private && (this.phase === 'seated' || this.phase === 'waiting')) this.topic = here.topic ?? '';
    this.tell('channels');
  }

  /** @param {string} topic of the channel */
  setTopic(topic) {
    if (this.topic === topic) return;
    this.topic = topic;
    this.tell('channels');
  }

  /** Add an announcement; after a lost connection the server repeats earlier ones. */
  #announcement({ text, time }) {
    if (this.announcements.some((each) => each.time === time && each.text === text)) return;
    this.announcements = [...this.announcements, { text, time }].slice(-ANNOUNCEMENTS);
    this.tell('announcement', { text, time });
  }

  #members(members) {
    if (members.channel !== this.channel) return;
    this.roster.set(members);
    this.setTopic(members.topic ?? '');
    this.tellMembers();
  }

  #presence(presence) {
    if (presence.channel !== this.channel) return;
    this.roster.sense(presence);
    if (presence.active?.includes(this.name)) this.tell('active');
    this.tellMembers();
  }

  /** @param {State['phase']} phase */
  setPhase(phase) {
    if (this.phase === phase) return;
    const from = this.phase;
    this.phase = phase;
    this.tell('phase', { from });
  }

  /** Fire one event for all changes in one read. */
  tellMembers() {
    if (!this.#membersTold) return;
    this.#membersTold = false;
    queueMicrotask(() => {
      this.#membersTold = true;
      this.tell('members');
    });
  }

  /**
   * @param {string} type
   * @param {any} [detail]
   */
  tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
