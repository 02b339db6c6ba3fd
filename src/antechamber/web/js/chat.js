/** One person's chat: entering, leaving and coming back, over a connection that may break at any time. */

import { Connection } from './connection.js';
import { recallHere, rememberHere } from './settings.js';
import { Refused } from './refused.js';
import { Talk, withKey } from './talk.js';

const PROTOCOL = 1;
const SAVED = 'seat';
/** Refusals of a resume after which another attempt is useless: the seat or place is gone. */
const GONE = new Set(['bad-token', 'resume-over', 'resume-ended', 'protocol', 'stopped']);
/** Goodbyes after which the member resumes with its token. */
const COMES_BACK = new Set(['shutdown', 'slow']);
const WHO_AGAIN_SECONDS = 0.5;
const KEY_BYTES = 24;

/** The hello's key, by which the server recognises a repeated hello whose first answer was lost. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_');
}

/**
 * Events: 'phase' (detail: {from}), 'online', 'channels', 'place', 'members', 'room' (detail: {from, gap}: entries from
 * that sequence number on come as 'entry', older ones from `history({before: from})`), 'entry', 'whisper', 'idling'
 * (detail: {seconds, at}, in server time), 'active', 'offer', 'sent', 'transfer-failed', 'announcement', 'refusal',
 * 'version' (the server's version changed), 'named' (this member's name changed), 'invitation' (the notice).
 */
export class Chat extends Talk {
  /** How the membership ended; `sat`: it had a seat. @type {{reason: string, text: string, channel: string, name: string, sat: boolean} | null} */
  ended = null;
  /** Whether the server is connected and answers. */
  online = false;
  /** The server's reason for turning this page away; '' if it does not. */
  trouble = '';
  /** The reason of the goodbye after which it is coming back; '' if the connection just broke. */
  downReason = '';
  /** When the connection was lost, in milliseconds of Date.now; 0 while connected. */
  downAt = 0;

  #connection;
  #token = '';
  #sequence = 0;
  /** The last entry to read after a resume before it is up to date; 0 once it is. */
  #catchUntil = 0;
  /** Who uses this connection: nobody yet, a member, or a session that has ended. */
  #role = 'nobody';
  #resumeId = '';
  /** The unanswered hello. */
  #entering = null;
  /** Whether the member has left, but the server does not know yet. */
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

  /** When the next connection attempt is, in milliseconds of Date.now; 0 if none is scheduled. */
  get retryAt() {
    return this.#connection.retryAt;
  }

  /** Try to connect now. */
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

  // Entering and leaving

  /** Return the hello that this tab sent before a reload, if its outcome is unknown. */
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

  /** Leave the seat or the line, and go to the lobby. If disconnected, tell the server after the next connect. */
  leave() {
    const maybeIn = this.#role === 'member' || this.#entering?.sent;
    const told = maybeIn && this.#connection.send({ type: 'quit' });
    this.#leaving = Boolean(this.#token) && !told;
    this.#entering = null;
    if (maybeIn) this.#role = 'gone';
    this.#forget(this.#leaving);
    this.setPhase('lobby');
  }

  /** Go from the end's view back to the lobby. */
  toLobby() {
    this.#taken = null;
    this.setPhase('lobby');
  }

  /** Whether another tab uses the seat, and this one can take it back. */
  get canTakeBack() {
    return Boolean(this.#taken);
  }

  /** Take back the seat that another tab has taken. */
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
    // A user who has chosen a channel meanwhile says hello right after this.
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
      // A user who left while entering, and was refused, has nothing to quit.
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
    // The channel shows whether a switch with a lost answer was carried out.
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
    // An empty topic restores the config's.
    if (type === 'topic-set') event.topic ? this.setTopic(event.topic) : this.#askWho();
    this.tell('entry', entry);
    if (mine && type === 'said') {
      this.settle(entry, event.id);
      this.tell('active');
    }
    if (this.#catchUntil && sequence >= this.#catchUntil) this.#upToDate();
  }

  /** A rename of this member may arrive as an entry, as a notice with a new token, or as both. */
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

  /** Begin the room with entry `from`: the member has a seat. */
  #sit(from, gap) {
    this.roster.clear();
    this.#sat = true;
    this.setPhase('seated');
    this.tell('room', { from, gap });
  }

  /** Continue after catching up: commands may be sent now, and the roster requested. */
  #upToDate() {
    this.#catchUntil = 0;
    this.asks.ready = true;
    this.#askWho();
  }

  #askWho() {
    clearTimeout(this.#timer);
    this.ask({ type: 'who' }).catch(({ code }) => {
      // A session that was catching up a moment ago may still count as waiting.
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
    // The refusal is already handled; the server closes, and the next attempt comes after a pause.
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

  /** End the membership, not by the member's own wish. */
  #end(reason, text) {
    this.ended = { reason, text, channel: this.channel, name: this.name, sat: this.#sat };
    this.#forget();
    this.setPhase('ended');
  }

  /** Forget the membership; keep its token only if the server does not know yet. */
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
