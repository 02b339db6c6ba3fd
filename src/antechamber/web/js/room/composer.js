/**
 * `<message-composer>`: the field for messages. It always says who will read them.
 *
 * Events: `send` with `{to, text, form, entered}` (`to` is null for everyone), `command` with the result of commands.js, `attach` when
 * a file is to be chosen, and `files` with pasted files.
 */

import { announce, h, icon } from '../dom.js';
import { recallHere, rememberHere } from '../settings.js';
import { countdown } from '../time.js';
import { commandsOf, completionAt, meant, namesAt, personIn, read, Suggestions } from './commands.js';
import { counted, iconButton, nameOf } from './row.js';

/** An upper bound of the bytes that go with a message, its id and `entered`, so the length is never underestimated. */
const ID = 'x'.repeat(40);
const NEARLY = 0.8;
/** Typing is a sign of life: it is sent at most this often, and four times in the allowed idle time. */
const LIFE_SECONDS = 20;
const encoder = new TextEncoder();

export class MessageComposer extends HTMLElement {
  /** @type {import("../chat.js").Chat} */
  chat;

  #channel = '';
  #audience = null;
  #problem = '';
  #dismissed = -1;
  #lifeShown = 0;
  /** The names that Tab cycles through, and the text after the last step. */
  #round = null;
  /**
   * The member addressed by the command being typed, by the entry with which they entered when the name was typed.
   * @type {{typed: string, whispers: boolean, name: string, entered: number}}
   */
  #seen = { typed: '', whispers: false, name: '', entered: 0 };

  connectedCallback() {
    if (!this.field) this.#build();
    this.begin();
  }

  /** Start over with the draft of the current channel. */
  begin() {
    this.#channel = this.chat.channel;
    this.#audience = null;
    this.#problem = '';
    this.field.value = recallHere(this.#draftKey, '');
    this.#changed();
  }

  #build() {
    this.label = h('label', { class: 'audience', for: 'message' });
    this.field = h('textarea', {
      id: 'message',
      rows: '1',
      autocomplete: 'off',
      enterkeyhint: 'send',
      spellcheck: 'true',
      dir: 'auto',
      'aria-describedby': 'composer-note',
      'aria-autocomplete': 'list',
      placeholder: 'Message, or / for commands',
      on: {
        input: () => {
          this.#input();
          this.#showLife();
        },
        keydown: (event) => this.#key(event),
        keyup: () => this.#suggest(),
        click: () => this.#suggest(),
        blur: () => this.#suggestions.close(),
        paste: (event) => this.#paste(event),
      },
    });
    this.#suggestions = new Suggestions(this.field, () => this.#accept());
    this.note = h('p', { class: 'caution', id: 'composer-note' });
    this.button = h(
      'button',
      { type: 'submit', class: 'send primary', 'aria-label': 'Send', title: 'Send (Enter)' },
      icon('send'),
    );
    const attach = iconButton('file', 'Send a file', () => this.#tell('attach'));
    const submit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    this.append(
      h(
        'form',
        { on: { submit } },
        this.#suggestions.list,
        this.label,
        h('div', { class: 'line' }, attach, this.field, this.button),
        this.note,
      ),
    );
  }

  #suggestions;

  /** Update the addressee of a whisper being typed: their name is now `to`. */
  renamed(to) {
    if (!this.#seen.whispers || this.#seen.entered !== this.chat.roster.enteredOf(to)) return;
    this.field.value = this.field.value.replace(/\S+\s+\S+/u, () => `/whisper ${to}`);
    this.#input();
  }

  /** Turn the text into a whisper to a member, identified by the entry if known, and focus the field. */
  address(name, entered = 0) {
    const rest = this.field.value.replace(/^\s*\/whisper\s+\S+\s?/u, '');
    this.field.value = `/whisper ${name} ${rest.startsWith('/') ? '' : rest}`;
    Object.assign(this.#seen, { typed: name, name, entered });
    this.#input();
    this.field.focus();
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
  }

  /** Keep unsent text in this channel's draft until its room is back. */
  keep(text) {
    rememberHere(this.#draftKey, [text, recallHere(this.#draftKey, '')].filter(Boolean).join('\n'));
  }

  /** Show why the input was not carried out. */
  complain(problem) {
    this.#problem = problem;
    this.#showNote();
    announce(problem, { assertive: true });
  }

  /** Check again who is here, whether the connection is up, and whether this member is muted. */
  refresh() {
    const muted = this.#mutedSeconds > 0;
    if (this.field.readOnly !== muted) {
      this.field.readOnly = muted;
      this.toggleAttribute('muted', muted);
      for (const part of [this.field, this.button]) part.setAttribute('aria-disabled', String(muted));
      if (muted) this.#suggestions.close();
      announce(muted ? `You are muted for ${countdown(this.#mutedSeconds)}.` : 'You may write again.');
    }
    this.#look();
    this.#showAudience();
    this.#showNote();
  }

  /** Record which member a command addresses. A later holder of the name is somebody else. */
  #look() {
    const seen = personIn(this.field.value);
    const name = meant(seen.typed, this.chat.seated.keys());
    const before = seen.typed === this.#seen.typed && this.#seen.entered;
    this.#seen = { ...(before ? this.#seen : { name, entered: this.chat.roster.enteredOf(name) }), ...seen };
  }

  get #mutedSeconds() {
    return this.chat.mutedUntil ? this.chat.mutedUntil - this.chat.serverNow() : 0;
  }

  get #others() {
    return [...this.chat.seated.keys()].filter((name) => name !== this.chat.name);
  }

  get #draftKey() {
    return `draft.${this.#channel}`;
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #input() {
    this.#problem = '';
    rememberHere(this.#draftKey, this.field.value);
    this.#changed();
    this.#suggest();
  }

  #showLife() {
    const { chat } = this;
    const { idleSeconds } = chat.limits;
    const now = chat.serverNow();
    const last = Math.max(this.#lifeShown, chat.seated.get(chat.name)?.activeAt ?? 0);
    if (!chat.online || !(idleSeconds > 0) || document.visibilityState === 'hidden') return;
    if (now - last < Math.min(LIFE_SECONDS, idleSeconds / 4)) return;
    this.#lifeShown = now;
    // If this is refused, the idle warning follows in time.
    chat.here().catch(() => {});
  }

  #changed() {
    this.field.style.height = 'auto';
    this.field.style.height = `${this.field.scrollHeight}px`;
    this.refresh();
  }

  #key(event) {
    // In an input method, Enter, Tab and arrows choose characters (Safari reports it as keyCode 229).
    if (event.isComposing || event.keyCode === 229) return;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
    if (plain && this.#suggestions.open && this.#listKey(event.key)) event.preventDefault();
    else if (event.key === 'Enter' && plain) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === 'Tab' && plain && !this.field.readOnly && this.#completeName()) event.preventDefault();
  }

  /** @returns {boolean} whether the list handled the key */
  #listKey(key) {
    switch (key) {
      case 'ArrowDown':
        this.#suggestions.move(1);
        return true;
      case 'ArrowUp':
        this.#suggestions.move(-1);
        return true;
      case 'Escape':
        this.#dismissed = this.#suggestions.choice.start;
        this.#suggestions.close();
        return true;
      case 'Enter':
      case 'Tab':
        return this.#accept(key === 'Enter');
      default:
        return false;
    }
  }

  /** Insert the chosen option. With `unless`, do nothing if it is already there: the text is then sent. */
  #accept(unless = false) {
    const { start, end, value } = this.#suggestions.choice;
    if (unless && this.field.value.slice(start, end) === value) {
      this.#suggestions.close();
      return false;
    }
    this.#replace(start, end, `${value} `);
    this.#suggestions.close();
    this.#input();
    return true;
  }

  #replace(start, end, text) {
    this.field.setRangeText(text, start, end, 'end');
  }

  #suggest() {
    if (this.field.readOnly || document.activeElement !== this.field) return;
    const { value, selectionStart, selectionEnd } = this.field;
    const known = {
      names: this.#others,
      channels: this.chat.channels.filter(({ name }) => name !== this.chat.channel),
      commands: commandsOf(this.chat).may,
    };
    const completion = selectionStart === selectionEnd ? completionAt(value, selectionStart, known) : null;
    if (completion?.start !== this.#dismissed) this.#dismissed = -1;
    this.#suggestions.show(this.#dismissed < 0 ? completion : null);
  }

  /** Complete a name; each further Tab goes to the next match. */
  #completeName() {
    const { value, selectionEnd } = this.field;
    if (this.#round?.value !== value || this.#round.caret !== selectionEnd) {
      const found = namesAt(value, selectionEnd, this.#others);
      if (!found) return false;
      this.#round = { ...found, index: -1 };
    }
    const round = this.#round;
    round.index = (round.index + 1) % round.names.length;
    const name = round.names[round.index];
    this.#replace(round.start, round.end, `${name}${round.start === 0 ? ': ' : ' '}`);
    Object.assign(round, { end: this.field.selectionEnd, caret: this.field.selectionEnd, value: this.field.value });
    announce(name);
    this.#input();
    return true;
  }

  #paste(event) {
    const { files } = event.clipboardData;
    // A spreadsheet copies a picture of its cells along with their text; the text is meant.
    if (!files.length || event.clipboardData.types.includes('text/plain')) return;
    event.preventDefault();
    this.#tell('files', [...files]);
  }

  #submit() {
    if (this.field.readOnly) return;
    const typed = read(this.field.value, this.chat.seated.keys());
    if (typed.kind === 'empty') return;
    if (typed.kind === 'wrong') return this.complain(typed.problem);
    const bytes = this.#bytes();
    if (bytes > this.chat.limits.lineBytes) return this.complain(this.#tooLong(bytes));
    const { name, entered } = this.#seen;
    this.field.value = '';
    this.#input();
    if (typed.kind === 'say') this.#tell('send', { to: null, text: typed.text, form: typed.form });
    else if (typed.kind === 'whisper') this.#tell('send', { to: name, text: typed.text, entered });
    else this.#tell('command', { ...typed, entered: entered || undefined });
    return undefined;
  }

  /** @returns {number} the length of the line that would be sent to the server */
  #bytes() {
    const typed = read(this.field.value);
    if (!['say', 'whisper', 'ask'].includes(typed.kind)) return 0;
    const { kind: type, ...rest } = typed;
    return encoder.encode(JSON.stringify({ type, ...rest, id: ID })).length;
  }

  #tooLong(bytes) {
    const most = this.chat.limits.lineBytes;
    return `Too long by ${counted(bytes - most, 'byte')}: ${share(bytes, most)}.`;
  }

  #showNote() {
    const bytes = this.#bytes();
    const most = this.chat.limits.lineBytes;
    const tooLong = most > 0 && bytes > most;
    this.field.setAttribute('aria-invalid', String(tooLong));
    this.note.classList.toggle('wrong', tooLong || this.#problem !== '');
    let text = this.#problem;
    if (this.#mutedSeconds > 0) text = `You are muted. You may write again in ${countdown(this.#mutedSeconds)}.`;
    else if (tooLong) text = this.#tooLong(bytes);
    else if (!text && !this.chat.online)
      text = 'Not connected. What you send now goes out when the connection is back.';
    else if (!text && this.chat.roster.modes.has('m') && !this.chat.roleOf(this.chat.name))
      text = 'Only members with a role may talk here now.';
    else if (!text && bytes > most * NEARLY) text = `${share(bytes, most)} bytes`;
    if (this.note.textContent !== text) this.note.textContent = text;
  }

  #showAudience() {
    const { name: to, entered, whispers } = this.#seen;
    let away = '';
    if (!this.chat.seated.has(to)) away = ': nobody with that name has a seat here';
    else if (entered !== this.chat.roster.enteredOf(to)) away = ': that was someone else';
    const audience = `${whispers && to + away}\n${this.chat.channel}`;
    if (audience === this.#audience) return;
    const told = this.#audience !== null;
    this.#audience = audience;
    this.toggleAttribute('whispering', whispers);
    this.label.replaceChildren(
      ...(!whispers
        ? [icon('people'), h('span', {}, 'To everyone in ', h('bdi', {}, this.chat.channel))]
        : [
            icon('whisper'),
            h(
              'span',
              {},
              'Whisper to ',
              nameOf(to),
              away || [': only ', nameOf(to), ' reads this'],
            ),
          ]),
    );
    if (told) announce(this.label.textContent);
  }
}

function share(bytes, most) {
  return `${bytes.toLocaleString('en')} of ${most.toLocaleString('en')}`;
}

customElements.define('message-composer', MessageComposer);
