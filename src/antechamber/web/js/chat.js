/** One person's chat: the way in, out and back, over a connection that may break at any time. */

import { Connection } from './connection.js';
import { recallHere, rememberHere } from './settings.js';
import { Refused } from './refused.js';
import { Talk, withKey } from './talk.js';

const PROTOCOL = 1;
const SAVED = 'seat';
/** Refusals of a resume after which another try is worth nothing: the seat or the place is gone. */
const GONE = new Set(['bad-token', 'resume-over', 'resume-ended', 'protocol', 'stopped']);
/** Goodbyes after which the member comes back as it was, by its token. */
const COMES_BACK = new Set(['shutdown', 'slow']);
const WHO_AGAIN_SECONDS = 0.5;
const KEY_BYTES = 24;

/** By this the server knows who says the same hello once more: the answer to the first one was lost. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_');
}

/**
 * Events: 'phase' (detail: {from}), 'online', 'channels', 'place', 'members', 'room' (detail: {from, gap}: entries come
 * by 'entry' from that sequence number on, older ones by `history({before: from})`), 'entry', 'whisper', 'idling'
 * (detail: {seconds, at}, in server time), 'active', 'offer', 'sent', 'transfer-failed', 'announcement', 'refusal',
 * 'version' (the server is another than before), 'named' (this member has another name), 'invitation' (the notice).
 */
export class Chat extends Talk {
  /** How it ended; `sat`: out of a seat. @type {{reason: string, text: string, channel: string, name: string, sat: boolean} | null} */
  ended = null;
  /** Whether the server is there, and answers. */
  online = false;
  /** Why the server turns this page away, in its words; '' where it does not. */
  trouble = '';
  /** The reason of the goodbye after which it is coming back, '' where the line just broke. */
  downReason = '';
  /** When the line was lost, in milliseconds of Date.now; 0 while there is one. */
  downAt = 0;

  #connection;
  #token = '';
  #sequence = 0;
  /** The last entry to be read after a resume before it is up to date; 0 where it is. */
  #catchUntil = 0;
  /** Whose this connection is: nobody's yet, a member's, or one's that has nothing more to read. */
  #role = 'nobody';
  #resumeId = '';
  /** The hello under way. */
  #entering = null;
  /** Whether the member has left, and the server is yet to be told. */
  #leaving = false;
  /** The seat that went to another tab. */
  #taken = null;
  #sat = false;
  #timer = 0;

  /** @param {{url?: string}} [how] */
  constructor({ url } = {}) {
    super();
    const saved = recallHere(SAVED);
    if (saved?.token) this.#goOn(saved);
    addEventListener('pagehide', () => this.#save());
    document.addEventListener('visibilitychange', () => this.#save());
    this.#connection = new Connection({
      url,
      first: () => this.#firstLine(),
      ping: () => ({ type: this.#role === 'member' ? 'ping' : 'watch' }),
    });
    this.#connection.addEventListener('down', () => this.#down());
    this.#connection.addEventListener('line', ({ detail }) => this.#read(detail));
  }

  /** The sequence number of the last entry read. */
  get sequence() {
    return this.#sequence;
  }

  /** When the connection is tried again, in milliseconds of Date.now; 0 where that is not waited for. */
  get retryAt() {
    return this.#connection.retryAt;
  }

  /** Try to connect at once. */
  retry() {
    this.#connection.retry();
  }

  /** @override */
  get isMember() {
    return Boolean(this.#token) || super.isMember;
  }

  /** @override */
  send(command) {
    return this.#connection.send(command);
  }

  // Coming and going

  /** The entering that this tab had begun before a reload, and whose end is not known. */
  get pending() {
    const saved = recallHere(SAVED);
    return saved?.key ? saved : null;
  }

  /**
   * Enter a channel's line; a free seat is taken at once.
   * @param {string} channel
   * @param {string} name
   * @returns {Promise<void>} rejects with Refused
   */
  enter(channel, name) {
    return withKey(channel, (key) => this.#enter(channel, name, key));
  }

  #enter(channel, name, channelKey) {
    if (this.phase !== 'lobby' && this.phase !== 'ended') {
      return Promise.reject(new Refused('busy', 'One moment, please.'));
    }
    const before = this.phase;
    const { pending } = this;
    const key = pending?.channel === channel && pending.name === name ? pending.key : newKey();
    rememberHere(SAVED, { channel, name, key });
    return new Promise((resolve, reject) => {
      this.#entering = { channel, name, key, channelKey, before, id: this.asks.newId(), resolve, reject, sent: false };
      this.setPhase('entering');
      this.#sayHello();
    });
  }

  /** Leave the seat or the line, and go to the lobby. Without a line to the server, it is told as soon as there is. */
  leave() {
    const maybeIn = this.#role === 'member' || this.#entering?.sent;
    const told = maybeIn && this.#connection.send({ type: 'quit' });
    this.#leaving = Boolean(this.#token) && !told;
    this.#entering = null;
    if (maybeIn) this.#role = 'gone';
    this.#forget(this.#leaving);
    this.setPhase('lobby');
  }

  /** From what is told about the end back to the lobby. */
  toLobby() {
    this.#taken = null;
    this.setPhase('lobby');
  }

  /** Whether the seat is in use in another tab, and may be taken back. */
  get canTakeBack() {
    return Boolean(this.#taken);
  }

  /** Go on here with the seat that another tab has taken. */
  takeBack() {
    if (!this.#taken) return;
    this.#goOn(this.#taken);
    this.#taken = null;
    this.#connection.restart();
  }

  #goOn({ token, channel, name, sequence = 0, sat = false }) {
    [this.#token, this.#sequence, this.channel, this.name, this.#sat] = [token, sequence, channel, name, sat];
    this.setPhase('entering');
  }

  // The connection

  #firstLine() {
    if (this.#token) {
      this.#role = 'member';
      this.#resumeId = this.asks.newId();
      return { type: 'resume', token: this.#token, after: this.#sequence, protocol: PROTOCOL, id: this.#resumeId };
    }
    this.#role = 'nobody';
    // Whoever chose a channel meanwhile says hello right after.
    queueMicrotask(() => this.#sayHello());
    return { type: 'watch' };
  }

  #sayHello() {
    const entering = this.#entering;
    if (!entering || entering.sent || this.#role !== 'nobody') return;
    const { channel, name, key, channelKey, id } = entering;
    const hello = { type: 'hello', name, channel, key, channel_key: channelKey, protocol: PROTOCOL, id };
    entering.sent = this.#connection.send(hello);
  }

  #down() {
    this.asks.lineLost();
    this.forgetClock();
    if (this.#entering) this.#entering.sent = false;
    if (!this.#token && (this.phase === 'waiting' || this.phase === 'seated')) {
      this.#end('lost', 'The connection was lost, and this server keeps no seats for those who come back.');
    }
    this.#setOnline(false);
  }

  #setOnline(online) {
    if (online && this.online) return;
    if (online) [this.trouble, this.downReason] = ['', ''];
    if (this.online || !this.downAt) this.downAt = online ? 0 : Date.now();
    if (online) this.downAt = 0;
    this.online = online;
    this.tell('online');
  }

  #read(notice) {
    const { type, time } = notice;
    if (this.#role === 'gone' && type !== 'goodbye') {
      // Who left on the way in, and was refused, has nothing to quit.
      if (type === 'refusal') this.#connection.restart();
      return;
    }
    if (type === 'entry') {
      this.#entry(notice);
      return;
    }
    if (time) this.hearClock(time);
    if (type === 'refusal') this.#refused(notice);
    else if (type === 'goodbye') this.#goodbye(notice);
    else {
      this.#setOnline(true);
      if (type === 'welcome') this.#welcomed(notice);
      else if (type === 'resumed') this.#resumed(notice);
      else if (type === 'named') this.#named(notice);
      else this.take(notice);
      this.settle(notice);
    }
  }

  #welcomed(welcome) {
    this.#greet(welcome);
    this.announcements = [];
    this.#sat = false;
    this.#sequence = this.#catchUntil = 0;
    [this.ahead, this.waitSeconds] = [null, null];
    this.roster.clear();
    this.setPhase('entering');
    this.asks.ready = true;
  }

  #resumed(resumed) {
    if (this.#leaving) {
      this.#leaving = false;
      this.#connection.send({ type: 'quit' });
      this.#role = 'gone';
      this.#forget();
      return;
    }
    const { first, last, seated, channel, time } = resumed;
    const goesOn = this.phase === 'seated' && channel === this.channel && first === this.#sequence + 1;
    this.#greet(resumed);
    this.#sat = seated;
    this.#connection.send({ type: 'watch' });
    // A switch that was carried out, and whose answer was lost, shows by where this is.
    const switches = this.asks.pending('switch').filter((command) => command.channel === channel);
    for (const { id } of switches) this.settle({ type: 'done', time }, id);
    this.#sequence = seated ? first - 1 : 0;
    this.#catchUntil = seated && first <= last ? last : 0;
    if (!seated) {
      this.asks.ready = true;
      return;
    }
    if (!goesOn) {
      const gap = this.phase === 'seated';
      if (gap) this.setPhase('entering');
      this.#sit(first, gap);
    }
    if (!this.#catchUntil) this.#upToDate();
  }

  #greet(greeting) {
    if (greeting.channel !== this.channel) this.asks.forgetThePast();
    this.#role = 'member';
    this.#token = greeting.token ?? '';
    this.ended = this.#taken = null;
    this.greet(greeting);
    if (this.#token) this.#save();
    else rememberHere(SAVED, null);
    this.#entering?.resolve();
    this.#entering = null;
  }

  #entry(entry) {
    const { channel, sequence, event } = entry;
    if (channel !== this.channel || sequence <= this.#sequence || this.#role !== 'member') return;
    this.#sequence = sequence;
    const { type } = event;
    const mine = event.name === this.name;
    if (mine && type === 'seated' && this.phase !== 'seated') {
      this.#sit(sequence, false);
      this.#upToDate();
    }
    if (this.roster.apply(entry)) this.tellMembers();
    if (type === 'renamed' && mine) this.#called(event.to);
    // Without a topic it is the config's again.
    if (type === 'topic-set') event.topic ? this.setTopic(event.topic) : this.#askWho();
    this.tell('entry', entry);
    if (mine && type === 'said') {
      this.settle(entry, event.id);
      this.tell('active');
    }
    if (this.#catchUntil && sequence >= this.#catchUntil) this.#upToDate();
  }

  /** What this member is called may come as an entry, as its own notice with a new token, or as both. */
  #named({ channel, name, token }) {
    if (channel !== this.channel) return;
    this.#token = token;
    this.#called(name);
    this.#save();
  }

  #called(name) {
    if (this.name === name) return;
    this.name = name;
    this.tell('named');
    this.tellMembers();
  }

  /** A seat: the room begins with entry `from`. */
  #sit(from, gap) {
    this.roster.clear();
    this.#sat = true;
    this.setPhase('seated');
    this.tell('room', { from, gap });
  }

  /** All that was missed is read: now one may ask, and know who is here. */
  #upToDate() {
    this.#catchUntil = 0;
    this.asks.ready = true;
    this.#askWho();
  }

  #askWho() {
    clearTimeout(this.#timer);
    this.ask({ type: 'who' }).catch(({ code }) => {
      // A session that was catching up a moment ago may still count as one that waits.
      if (code !== 'waiting' || this.phase !== 'seated') return;
      this.#timer = setTimeout(() => this.#askWho(), WHO_AGAIN_SECONDS * 1000);
    });
  }

  #refused(refusal) {
    const { code, text, id = '' } = refusal;
    if (this.settle(refusal)) return;
    const entering = this.#entering;
    if (id && id === this.#resumeId) this.#resumeRefused(code, text);
    else if (id && id === entering?.id) {
      this.#entering = null;
      rememberHere(SAVED, null);
      this.setPhase(entering.before);
      entering.reject(new Refused(code, text));
    } else if (!id && this.online) this.tell('refusal', refusal);
    else if (!id) this.#turnedAway(text);
  }

  #resumeRefused(code, text) {
    if (!GONE.has(code)) {
      this.#turnedAway(text);
      this.#connection.restart({ pause: true });
      return;
    }
    if (this.#leaving) this.#forget();
    else this.#end(code, text);
    this.#leaving = false;
    this.#connection.restart();
  }

  #turnedAway(text) {
    this.trouble = text;
    this.tell('online');
  }

  #goodbye({ reason, text, by = '' }) {
    if (COMES_BACK.has(reason)) {
      this.downReason = reason;
      if (reason === 'slow') this.#connection.restart();
      return;
    }
    // What was refused is dealt with already; the server closes, and the next try is not at once.
    if (reason === 'refused') return;
    if (this.phase === 'seated' || this.phase === 'waiting') {
      const { channel, name } = this;
      this.#taken = reason === 'resumed' && this.#token ? { token: this.#token, channel, name, sat: this.#sat } : null;
      if (reason === 'quit') {
        this.#forget();
        this.setPhase('lobby');
      } else this.#end(reason, text.startsWith(by) ? text : `${by}: ${text}`);
    }
    this.#role = 'gone';
    this.#connection.restart();
  }

  // The end

  /** The membership is over, and not because its person wanted so. */
  #end(reason, text) {
    this.ended = { reason, text, channel: this.channel, name: this.name, sat: this.#sat };
    this.#forget();
    this.setPhase('ended');
  }

  /** The membership is over; its token is kept only where the server is yet to be told so. */
  #forget(keepToken = false) {
    if (!keepToken) this.#token = '';
    this.asks.abandon();
    this.roster.clear();
    this.announcements = [];
    this.#sequence = this.#catchUntil = 0;
    clearTimeout(this.#timer);
    rememberHere(SAVED, null);
  }

  #save() {
    if (!this.#token || this.#leaving) return;
    const { channel, name } = this;
    rememberHere(SAVED, { token: this.#token, channel, name, sequence: this.#sequence, sat: this.#sat });
  }
}
