/**
 * `<file-tray>`: the files on their way, to others and to me, as cards above the composer.
 *
 * A file goes: asked for a ticket, brought to the server, offered, accepted, fetched. Each card says where it is.
 */

import { announce, fill, h, icon } from '../dom.js';
import { nameOf } from './row.js';
import { download, keep, pictureType, TransferError, upload } from './transfer.js';
import { size } from './words.js';

const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]/gu;
const KEEP_MILLISECONDS = 8_000;
/** An offer that nobody answers is declined after so many of these, and its sender can try again. */
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

  /** @param {string} to @param {File[]} files */
  async send(to, files) {
    for (const file of files) this.#send(to, file);
  }

  /**
   * An offer of somebody's.
   * @param {{sender: string, file: string, size: number, ticket: string, path: string}} offer
   */
  offer(offer) {
    const card = this.#card('incoming', offer.file, offer.size);
    Object.assign(card, { offer, other: offer.sender, ticket: offer.ticket });
    let keeps = 0;
    card.timer = setInterval(() => {
      if ((keeps += 1) > KEEPS_MAX) this.#decline(card, 'it was not accepted in time.');
      else keep(offer.path);
    }, KEEP_MILLISECONDS);
    const from = offer.sender === this.chat.name ? 'Yourself' : nameOf(offer.sender);
    this.#show(
      card,
      [from, ' sends you a file'],
      [
        button('Accept', () => this.#accept(card), 'primary'),
        button('Decline', () => this.#decline(card, `${this.chat.name} did not want it.`)),
      ],
    );
    announce(
      `${offer.sender} sends you a file: ${offer.file}, ${size(offer.size)}. Its buttons are above the message field.`,
    );
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
      const again = card.kind === 'outgoing' ? () => this.#bring(card) : null;
      if (card.ticket === ticket && card.state !== 'over') this.#fail(card, problem, again);
    }
  }

  // To others

  async #send(to, file) {
    const card = this.#card('outgoing', safe(file.name), file.size);
    Object.assign(card, { other: to, file });
    await this.#bring(card);
  }

  async #bring(card) {
    const { other: to, file } = card;
    card.stop = new AbortController();
    card.state = 'uploading';
    this.#show(card, ['To ', nameOf(to)], [button('Cancel', () => this.#remove(card))]);
    try {
      const { ticket, path } = await this.chat.ask({ type: 'send', to, path: card.name, size: file.size });
      card.ticket = ticket;
      this.#progress(card, 0);
      await upload(path, file, { progress: (bytes) => this.#progress(card, bytes), signal: card.stop.signal });
      if (card.state !== 'uploading') return;
      card.state = 'offered';
      this.#show(card, ['Waiting for ', nameOf(to), ' to accept it'], [this.#dismissal(card)]);
    } catch (error) {
      if (!this.#cards.has(card) || card.state === 'over') return;
      this.#fail(card, why(error), () => this.#bring(card));
    }
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
      [button('Cancel', () => this.#decline(card, `${this.chat.name} stopped it.`))],
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
      this.#fail(card, why(error), error.passing ? () => this.#accept(card) : null);
    }
  }

  #save(card, blob) {
    const url = URL.createObjectURL(blob);
    card.urls.push(url);
    const link = h('a', { href: url, download: card.name, class: 'button' }, icon('download'), 'Save again');
    if (pictureType(card.name)) card.picture = this.#pictureOf(url, card.name);
    this.#show(card, ['From ', nameOf(card.other), '. It is in your downloads.'], [link, this.#dismissal(card)]);
    link.click();
    announce(`${card.name} from ${card.other} was saved.`);
  }

  #decline(card, problem) {
    // Where this cannot be told, the sender's offer ends by itself.
    this.chat.ask({ type: 'received', ticket: card.offer.ticket, problem }).catch(() => {});
    this.#remove(card);
  }

  // Cards

  #card(kind, name, bytes) {
    const row = h('li', { class: `transfer ${kind}` });
    const card = { kind, name, size: bytes, row, urls: [], picture: null, state: '' };
    card.thumbnail = kind === 'outgoing' ? null : icon(pictureType(name) ? 'picture' : 'document');
    this.#cards.add(card);
    this.list.append(row);
    return card;
  }

  #show(card, words, actions) {
    const focused = card.row.contains(document.activeElement);
    card.row.classList.remove('failed');
    if (card.file && !card.thumbnail) card.thumbnail = this.#thumbnailOf(card);
    card.words = h('p', { class: 'state' }, ...words);
    fill(
      card.row,
      card.picture ?? card.thumbnail,
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

  #thumbnailOf(card) {
    if (!pictureType(card.name)) return icon('document');
    const url = URL.createObjectURL(card.file);
    card.urls.push(url);
    return this.#pictureOf(url, card.name);
  }

  #pictureOf(url, name) {
    const image = h('img', { src: url, alt: `Preview of ${name}` });
    image.addEventListener('error', () => image.replaceWith(icon('document')));
    return image;
  }

  #progress(card, bytes) {
    if (!this.#cards.has(card) || card.state === 'over') return;
    if (!card.bar) {
      card.bar = h('progress', { max: '1', 'aria-label': `Progress of ${card.name}` });
      card.words.after(card.bar);
    }
    card.bar.value = card.size ? bytes / card.size : 1;
  }

  #fail(card, problem, again = null) {
    card.state = 'over';
    clearInterval(card.timer);
    const words =
      card.kind === 'outgoing'
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
    return h(
      'button',
      {
        type: 'button',
        class: 'quiet square',
        'aria-label': `Take ${card.name} off this list`,
        on: { click: () => this.#remove(card) },
      },
      icon('close'),
    );
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
  return h('button', { type: 'button', class: look, on: { click } }, text);
}

/** What went wrong, in words; what is no word of the server's or the network's is our fault, and is not hidden. */
function why(error) {
  if (error.name === 'AbortError') return 'it was stopped.';
  if (error instanceof TransferError) return `${error.message}.`;
  if (error.code === 'lost') return 'the connection was lost.';
  if (error.code && error.text) return error.text;
  throw error;
}

/** The name as the server writes it: so that its word of the file finds the card, and nothing turns the text around. */
function safe(name) {
  return name.replace(UNSAFE, '\ufffd');
}

function sentence(problem) {
  return problem ? problem[0].toUpperCase() + problem.slice(1) : 'It broke off.';
}

customElements.define('file-tray', FileTray);
