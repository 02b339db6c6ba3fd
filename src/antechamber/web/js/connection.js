/**
 * A WebSocket to the server that reconnects automatically: JSON lines, one or more a frame, in both directions.
 *
 * It does not know what the lines mean, except that a ping is answered with a line, and that a server which only refuses
 * is not back.
 */

const SUBPROTOCOL = 'antechamber.jsonl';
const RETRY_SECONDS_MIN = 0.5;
const RETRY_SECONDS_MAX = 15;
const OPENING_SECONDS_MAX = 10;
/** After this long without a line, send a ping. */
const SILENCE_SECONDS = 20;
/** The same while something that was sent is unanswered. */
const UNANSWERED_SECONDS = 5;
/** After this long without an answer to it, the connection is dead. */
const ANSWER_SECONDS = 10;
/** The same if a dead connection is likely: after a laptop's sleep, a hidden page, or an unanswered command. */
const SOON_SECONDS = 4;
const TICK_SECONDS = 1;
/** Ticks further apart than this were delayed: by sleep, or by a browser that throttles hidden pages. */
const GAP_SECONDS = 12;

/** The URL of the server's WebSocket, for a page that it served. */
export function socketUrl() {
  const url = new URL('ws', document.baseURI);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  return url.href;
}

/**
 * Events: 'open' (its first line is sent), 'line' (detail: the notice or entry, parsed), 'down' (detail: {retryAt}, in
 * milliseconds of Date.now).
 */
export class Connection extends EventTarget {
  /** @type {'connecting' | 'open' | 'waiting' | 'closed'} */
  state = 'closed';
  /** When the next attempt is, in milliseconds of Date.now; 0 if none is scheduled. */
  retryAt = 0;

  #url;
  #first;
  #ping;
  #socket = null;
  #tries = 0;
  #timer = 0;
  #ticker = 0;
  #lastTick = 0;
  #lastRead = 0;
  /** When the first command after that was sent; 0 if none was. */
  #sentAt = 0;
  #answerBy = 0;
  #openBy = 0;

  /**
   * @param {{url?: string, first?: () => object | null, ping?: () => object}} [how] `first` gives the first line of
   *   each connection, `ping` the command to which any server answers
   */
  constructor({ url = socketUrl(), first = () => null, ping = () => ({ type: 'ping' }) } = {}) {
    super();
    this.#url = url;
    this.#first = first;
    this.#ping = ping;
    this.#listen(true);
    this.#ticker = setInterval(this.#tick, TICK_SECONDS * 1000);
    this.#lastTick = Date.now();
    this.#connect();
  }

  /**
   * Send one command.
   * @param {object} command
   * @returns {boolean} whether it was sent; whether it arrives is unknown
   */
  send(command) {
    if (this.state !== 'open' || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(`${JSON.stringify(command)}\n`);
    this.#sentAt ||= Date.now();
    return true;
  }

  /** Reconnect now if an attempt is scheduled. */
  retry() {
    if (this.state === 'waiting') this.#connect();
  }

  /**
   * Drop this connection and make a new one, at once or after a pause.
   * @param {{pause?: boolean}} [how]
   */
  restart({ pause = false } = {}) {
    this.#drop(pause ? this.#pause() : 0);
  }

  /** Close it for good. */
  close() {
    this.#listen(false);
    clearInterval(this.#ticker);
    clearTimeout(this.#timer);
    this.#abandon();
    this.state = 'closed';
  }

  #listen(on) {
    const how = on ? 'addEventListener' : 'removeEventListener';
    for (const type of ['online', 'offline', 'pageshow']) window[how](type, this.#wake);
    document[how]('visibilitychange', this.#wake);
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#abandon();
    this.state = 'connecting';
    this.retryAt = 0;
    this.#openBy = Date.now() + OPENING_SECONDS_MAX * 1000;
    const socket = new WebSocket(this.#url, SUBPROTOCOL);
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }) => this.#read(socket, data);
    socket.onclose = () => this.#drop();
  }

  #opened() {
    this.state = 'open';
    this.#heard();
    const first = this.#first();
    if (first) this.send(first);
    this.dispatchEvent(new Event('open'));
  }

  #heard() {
    this.#lastRead = Date.now();
    this.#sentAt = this.#answerBy = 0;
  }

  #read(socket, data) {
    this.#heard();
    for (const line of String(data).split('\n')) {
      if (!line) continue;
      const notice = JSON.parse(line);
      if (notice.type !== 'refusal' && notice.type !== 'goodbye') this.#tries = 0;
      this.dispatchEvent(new CustomEvent('line', { detail: notice }));
      if (this.#socket !== socket) return;
    }
  }

  /** Forget the socket, and ignore its further events. */
  #abandon() {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = null;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #drop(seconds = this.#pause()) {
    this.#abandon();
    clearTimeout(this.#timer);
    this.state = 'waiting';
    this.retryAt = Date.now() + seconds * 1000;
    this.#timer = setTimeout(() => this.#connect(), seconds * 1000);
    this.dispatchEvent(new CustomEvent('down', { detail: { retryAt: this.retryAt } }));
  }

  /** Return the next pause: doubled, with jitter between browsers. */
  #pause() {
    const whole = Math.min(RETRY_SECONDS_MAX, RETRY_SECONDS_MIN * 2 ** this.#tries);
    this.#tries = Math.min(this.#tries + 1, 10);
    return whole * (0.6 + 0.4 * Math.random());
  }

  #tick = () => {
    const now = Date.now();
    const late = now - this.#lastTick > GAP_SECONDS * 1000;
    this.#lastTick = now;
    if (this.state === 'connecting') {
      if (late) this.#openBy = now + OPENING_SECONDS_MAX * 1000;
      else if (now > this.#openBy) this.#drop();
    } else if (this.state === 'open') {
      if (late) this.#ask(SOON_SECONDS);
      else if (this.#answerBy) now > this.#answerBy && this.#drop(0);
      else if (this.#sentAt && now - this.#sentAt > UNANSWERED_SECONDS * 1000) this.#ask(SOON_SECONDS);
      else if (now - this.#lastRead > SILENCE_SECONDS * 1000) this.#ask(ANSWER_SECONDS);
    }
  };

  #wake = ({ type }) => {
    // A connection that was just read from may well be dead if the browser itself says that it is offline.
    const lost = type === 'offline';
    if (document.visibilityState === 'hidden' && !lost) return;
    if (this.state === 'waiting' && navigator.onLine) this.#connect();
    else if (this.state === 'open' && (lost || Date.now() - this.#lastRead > 2000)) this.#ask(SOON_SECONDS);
  };

  /** Send a ping, and give the server this long to send any line. */
  #ask(seconds) {
    this.#answerBy = Date.now() + seconds * 1000;
    this.send(this.#ping());
  }
}
