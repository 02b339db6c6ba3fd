/** Reads new messages out to who cannot see them: a few together, so that a lively channel drowns nothing else. */

const GATHER_MILLISECONDS = 400;
const SPOKEN_MAX = 3;
const CHARACTERS_MAX = 240;

export class Heralds {
  #announce;
  #waiting = [];
  #timer = 0;

  /** @param {(text: string) => void} announce */
  constructor(announce) {
    this.#announce = announce;
  }

  /**
   * @param {import("./row.js").Item} item
   * @param {RegExp | null} mention
   */
  tell(item, mention) {
    if ((item.mine && item.kind !== 'happened') || item.kind === 'aside') return;
    this.#waiting.push(sentence(item, mention));
    this.#timer ||= setTimeout(() => this.#speak(), GATHER_MILLISECONDS);
  }

  close() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#waiting = [];
  }

  #speak() {
    const sentences = this.#waiting;
    this.close();
    const more = sentences.length - SPOKEN_MAX;
    const spoken = more > 0 ? [`${more} more messages.`, ...sentences.slice(-SPOKEN_MAX)] : sentences;
    this.#announce(spoken.join(' '));
  }
}

function sentence({ kind, name, text, mine }, mention) {
  const short = text.length > CHARACTERS_MAX ? `${text.slice(0, CHARACTERS_MAX)}…` : text;
  switch (kind) {
    case 'whisper':
      return `${name} whispers to you alone: ${short}`;
    case 'announced':
      return `Announcement: ${short}`;
    case 'happened':
      return name ? `${mine ? 'You' : name} ${text}.` : `${text}.`;
    default:
      return mention && text.search(mention) >= 0 ? `${name} mentions you: ${short}` : `${name}: ${short}`;
  }
}
