/**
 * `<file-tray>`: file transfers to and from others, as cards above the composer.
 *
 * A transfer's steps: request a ticket, upload, offer, accept, download. Each card shows the current step.
 */

import { announce, fill, h, icon } from '../dom.js';
import { counted, iconButton, nameOf } from './row.js';

const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]/gu;
const KEEP_MILLISECONDS = 8_000;
/** An unanswered offer is declined after this many checks, so its sender can try again. */
const KEEPS_MAX = 75;

export class FileTray extends HTMLElement {
  /** @type {import("../chat.js").Chat} */
  chat;

  #cards = new Set();

  connectedCallback() {
    if (this.list) return;
    this.list = h('ul', { role: 'list', 'aria-label': 'Files' });
    this.append(this.list);
  }

  disconnectedCallback() {
    for (const card of [...this.#cards]) this.#remove(card);
  }

  /** @param {{to: string, entered: number, files: File[]}} chosen the recipient, the entry by which they entered, and the files */
  async send({ to, entered, files }) {
    for (const file of files) this.#send(to, entered, file);
  }

  /**
   * Show an offer from somebody.
   * @param {{sender: string, file: string, size: number, ticket: string, path: string}} offer
   */
  offer(offer) {
    const card = this.#card('incoming', offer.file, offer.size);
    Object.assign(card, { offer, other: offer.sender, ticket: offer.ticket, path: offer.path, state: 'offered' });
    let keeps = 0;
    card.timer = setInterval(() => {
      if ((keeps += 1) > KEEPS_MAX) this.#decline(card, 'it was not accepted in time.');
      else this.#look(card);
    }, KEEP_MILLISECONDS);
    this.#show(
      card,
      [nameOf(offer.sender), ' sends you a file'],
      [
        button('Accept', () => this.#accept(card), 'primary'),
        button('Decline', () => this.#decline(card, `${this.chat.name} declined it.`)),
      ],
    );
    announce(
      `${offer.sender} sends you a file: ${offer.file}, ${size(offer.size)}. Its buttons are above the message field.`,
    );
  }

  /** After a reconnect, check which offers the server still knows: a restarted one knows none. */
  look() {
    for (const card of this.#cards) this.#look(card, 'the server was restarted.');
  }

  async #look(card, problem = '') {
    if (card.state !== 'offered') return;
    const gone = await keep(card.path);
    if (gone && card.state === 'offered') this.#fail(card, problem || why(gone));
  }

  /** @param {{to: string, path: string}} sent */
  sent({ to, path }) {
    const card = [...this.#cards].find(
      (each) => each.kind === 'outgoing' && each.other === to && each.name === path && each.state === 'offered',
    );
    if (!card) return;
    card.state = 'over';
    this.#show(card, [nameOf(to), ' has it now'], [this.#dismissal(card)]);
    announce(`${to} has ${path} now.`);
  }

  /** @param {{ticket: string, problem: string, sender: string}} failed */
  failed({ ticket, problem }) {
    for (const card of this.#cards) {
      if (card.ticket === ticket && card.state !== 'over') this.#fail(card, problem);
    }
  }

  // To others

  async #send(to, entered, file) {
    const card = this.#card('outgoing', safe(file.name), file.size);
    Object.assign(card, { other: to, entered, file });
    await this.#bring(card);
  }

  async #bring(card) {
    const { other: to, entered, file } = card;
    card.stop = new AbortController();
    card.state = 'uploading';
    this.#show(card, ['To ', nameOf(to)], [button('Cancel', () => this.#stop(card))]);
    try {
      const { ticket, path } = await this.chat.ask({ type: 'send', to, entered, path: card.name, size: file.size });
      Object.assign(card, { ticket, path });
      this.#progress(card, 0);
      await upload(path, file, { progress: (bytes) => this.#progress(card, bytes), signal: card.stop.signal });
      if (card.state !== 'uploading') return;
      card.state = 'offered';
      this.#show(card, ['Waiting for ', nameOf(to), ' to accept it'], [this.#dismissal(card)]);
    } catch (error) {
      if (!this.#cards.has(card) || card.state === 'over') return;
      this.#fail(card, why(error));
    }
  }

  #stop(card) {
    // The server may have the whole file already, whatever progress the browser reports.
    if (card.ticket) this.#settle(card.ticket, `${this.chat.name} cancelled it.`);
    this.#remove(card);
  }

  #settle(ticket, problem) {
    // If this cannot be sent, the offer expires.
    this.chat.ask({ type: 'received', ticket, problem }).catch(() => {});
  }

  // To me

  async #accept(card) {
    const { path, ticket } = card.offer;
    const type = pictureType(card.name) || 'application/octet-stream';
    clearInterval(card.timer);
    card.stop = new AbortController();
    card.state = 'downloading';
    this.#show(
      card,
      ['From ', nameOf(card.other)],
      [button('Cancel', () => this.#decline(card, `${this.chat.name} cancelled it.`))],
    );
    this.#progress(card, 0);
    try {
      const blob = await download(path, card.size, {
        type,
        progress: (bytes) => this.#progress(card, bytes),
        signal: card.stop.signal,
      });
      card.state = 'over';
      this.#save(card, blob);
      await this.chat.ask({ type: 'received', ticket });
    } catch (error) {
      if (!this.#cards.has(card) || card.state === 'over') return;
      this.#fail(card, why(error), error.passing && (() => this.#accept(card)));
    }
  }

  #save(card, blob) {
    const url = URL.createObjectURL(blob);
    card.urls.push(url);
    const link = h('a', { href: url, download: card.name, class: 'button' }, icon('download'), 'Save again');
    if (pictureType(card.name)) card.thumbnail = this.#thumbnailOf(card, blob);
    this.#show(card, ['From ', nameOf(card.other), '. It is in your downloads.'], [link, this.#dismissal(card)]);
    link.click();
    announce(`${card.name} from ${card.other} was saved.`);
  }

  #decline(card, problem) {
    this.#settle(card.offer.ticket, problem);
    this.#remove(card);
  }

  // Cards

  #card(kind, name, bytes) {
    const row = h('li', { class: `transfer ${kind}` });
    const card = { kind, name, size: bytes, row, urls: [], state: '' };
    card.thumbnail = kind === 'outgoing' ? null : icon(pictureType(name) ? 'picture' : 'document');
    this.#cards.add(card);
    this.list.append(row);
    return card;
  }

  #show(card, words, actions) {
    const focused = card.row.contains(document.activeElement);
    card.row.classList.remove('failed');
    card.thumbnail ??= this.#thumbnailOf(card, card.file);
    card.words = h('p', { class: 'state' }, ...words);
    fill(
      card.row,
      card.thumbnail,
      h(
        'div',
        { class: 'what' },
        h('p', { class: 'file' }, h('bdi', {}, card.name), ' ', h('span', { class: 'hint' }, size(card.size))),
        card.words,
      ),
      h('div', { class: 'acts' }, actions),
    );
    card.bar = null;
    if (focused) card.row.querySelector('button, a')?.focus();
  }

  #thumbnailOf({ name, urls }, blob) {
    return previewOf(name, `Preview of ${name}`, urls, blob);
  }

  #progress(card, bytes) {
    if (!this.#cards.has(card) || card.state === 'over') return;
    if (!card.bar) {
      card.bar = h('progress', { max: '1', 'aria-label': `Progress of ${card.name}` });
      card.words.after(card.bar);
    }
    card.bar.value = card.size ? bytes / card.size : 1;
  }

  #fail(card, problem, again = card.file && (() => this.#bring(card))) {
    card.state = 'over';
    clearInterval(card.timer);
    const words = card.file
      ? ['Not sent to ', nameOf(card.other), ': ']
      : ['From ', nameOf(card.other), ', not received: '];
    this.#show(
      card,
      [icon('warning'), ...words, sentence(problem)],
      [again && button('Try again', again), this.#dismissal(card)],
    );
    card.row.classList.add('failed');
    announce(`${card.name}: ${sentence(problem)}`, { assertive: true });
  }

  #dismissal(card) {
    return iconButton('close', `Take ${card.name} off this list`, () => this.#remove(card));
  }

  #remove(card) {
    const focused = card.row.contains(document.activeElement);
    card.state = 'over';
    card.stop?.abort(new DOMException('', 'AbortError'));
    clearInterval(card.timer);
    card.urls.forEach((url) => URL.revokeObjectURL(url));
    this.#cards.delete(card);
    card.row.remove();
    if (focused) this.dispatchEvent(new CustomEvent('emptied', { bubbles: true }));
  }
}

function button(text, click, look = '') {
  return h('button', { class: look, on: { click } }, text);
}

/** Describe what went wrong; an error that is not the server's or the network's is a bug here, and is not hidden. */
function why(error) {
  if (error.name === 'AbortError') return 'it was cancelled.';
  if (error instanceof TransferError) return `${error.message}.`;
  if (error.code === 'lost') return 'the connection was lost.';
  if (error.code && error.text) return error.text;
  throw error;
}

/** Return the name as the server writes it, to match its notices to the card, and without direction overrides. */
function safe(name) {
  return name.replace(UNSAFE, '\ufffd');
}

function sentence(problem) {
  return problem ? problem[0].toUpperCase() + problem.slice(1) : 'It broke off.';
}

// Upload and download

const WHY = {
  0: 'the connection broke',
  404: 'the server no longer has it',
  410: 'it is no longer wanted',
  413: 'it is larger than announced',
  507: "the server's disk is full",
};

/** Why a transfer failed. The message is for people. */
class TransferError extends Error {
  /** @param {number} status the HTTP status; 0 if there was no answer */
  constructor(status) {
    super(WHY[status] ?? `the server answered ${status}`);
    /** Whether another attempt may succeed. */
    this.passing = status === 0 || status >= 500;
  }
}

/**
 * Upload a file. This uses XMLHttpRequest, because fetch does not report an upload's progress.
 * @param {string} path
 * @param {Blob} file
 * @param {{progress: (bytes: number) => void, signal: AbortSignal}} how
 * @returns {Promise<void>} rejects with TransferError, or the signal's reason
 */
function upload(path, file, { progress, signal }) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open('PUT', path);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.addEventListener('progress', ({ loaded }) => progress(loaded));
    request.addEventListener('load', () => {
      if (request.status < 300) resolve();
      else reject(new TransferError(request.status));
    });
    request.addEventListener('error', () => reject(new TransferError(0)));
    request.addEventListener('abort', () => reject(signal.reason));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

/**
 * Download a file.
 * @param {string} path
 * @param {number} size the expected size in bytes
 * @param {{type: string, progress: (bytes: number) => void, signal: AbortSignal}} how `type` is the blob's
 * @returns {Promise<Blob>} rejects with TransferError, or the signal's reason
 */
async function download(path, size, { type, progress, signal }) {
  const parts = [];
  let came = 0;
  try {
    const answer = await fetch(path, { signal, cache: 'no-store' });
    if (!answer.ok) throw new TransferError(answer.status);
    const reader = answer.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      came += value.length;
      progress(came);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof TransferError ? error : new TransferError(0);
  }
  if (came !== size) throw new TransferError(0);
  return new Blob(parts, { type });
}

/**
 * Tell the server that the user has not decided about an offer yet, so it does not expire meanwhile.
 * @param {string} path
 * @returns {Promise<TransferError | null>} why the offer is over; null if it is not, or there is no answer
 */
async function keep(path) {
  try {
    const { status } = await fetch(path, { method: 'HEAD', cache: 'no-store' });
    return status === 404 || status === 410 ? new TransferError(status) : null;
  } catch {
    return null;
  }
}

/**
 * Show a file: a picture as itself, if the browser can, and anything else as a sheet of paper.
 * @param {string} name
 * @param {string} alt
 * @param {string[]} urls receives the URL to be revoked in the end
 * @param {Blob} blob
 * @returns {Element}
 */
export function previewOf(name, alt, urls, blob) {
  if (!pictureType(name)) return icon('document');
  const url = URL.createObjectURL(blob);
  urls.push(url);
  const image = h('img', { src: url, alt });
  image.addEventListener('error', () => image.replaceWith(icon('document')));
  return image;
}

/**
 * Return the type of a picture that browsers can show, by its file name; "" for anything else. SVG is excluded: it is a
 * document, which may contain scripts.
 * @param {string} name
 * @returns {string}
 */
function pictureType(name) {
  const [, kind] = /\.(png|jpe?g|gif|webp|avif)$/iu.exec(name) ?? [];
  return kind ? `image/${kind.toLowerCase().replace('jpg', 'jpeg')}` : '';
}

/**
 * Format a file's size: "312 bytes", "4.2 MB".
 * @param {number} bytes
 * @returns {string}
 */
export function size(bytes) {
  if (bytes < 1024) return counted(bytes, 'byte');
  let [amount, unit] = [bytes, 'bytes'];
  for (unit of ['kB', 'MB', 'GB']) {
    amount /= 1024;
    if (amount < 1000) break;
  }
  return `${amount < 10 ? amount.toFixed(1).replace('.0', '') : Math.round(amount)} ${unit}`;
}

customElements.define('file-tray', FileTray);
