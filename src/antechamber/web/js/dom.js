/**
 * Elements, icons, dialogs, and announcements to screen readers. All text becomes text nodes, so no text can become markup.
 */

const SVG = 'http://www.w3.org/2000/svg';

/** The paths of each icon, drawn on 24 by 24 with a round stroke of 2. */
const ICONS = {
  seat: 'M7 10.5V8a4 4 0 0 1 4-4h2a4 4 0 0 1 4 4v2.5M3 12.5a2 2 0 0 1 4 0V15h10v-2.5a2 2 0 0 1 4 0V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2ZM6 19v2M18 19v2',
  people: 'M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20a6.5 6.5 0 0 1 13 0M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.2A6.5 6.5 0 0 1 21.5 20',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3 2',
  bell: 'M6 16V11a6 6 0 1 1 12 0v5l1.5 2h-15L6 16ZM10 21h4',
  sound: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4ZM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11',
  'sound-off': 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4ZM16 9.5l5 5M21 9.5l-5 5',
  leave: 'M14 4H6v16h8M10 12h11M17 8l4 4-4 4',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM16 16l5 5',
  send: 'M4 12 20 4l-5 16-3.5-7L4 12ZM11.5 13 20 4',
  file: 'M20 11.5 12 19.5a5 5 0 0 1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7L10 17a1.7 1.7 0 0 1-2.4-2.4L14.5 8',
  document: 'M6 3h8l4 4v14H6V3ZM14 3v4h4',
  picture: 'M4 5h16v14H4V5ZM4 16l4.5-4.5L13 16l3-3 4 4M15 9.5h.01',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  close: 'M6 6l12 12M18 6 6 18',
  check: 'M5 12.5 10 17.5 19 7',
  warning: 'M12 4 2.5 20h19L12 4ZM12 10v4.5M12 17.3v.01',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5.5M12 7.7v.01',
  'chevron-down': 'M6 9.5l6 6 6-6',
  'chevron-left': 'M14.5 6l-6 6 6 6',
  'arrow-down': 'M12 4v15M6 13l6 6 6-6',
  whisper: 'M5 12a7 7 0 0 1 14 0c0 4-3 4-3.5 6.5a3 3 0 0 1-5.5 1M9 12a3 3 0 0 1 6 0c0 1.5-1.5 2-2 3',
  megaphone: 'M4 10v4h3l9 4.5v-13L7 10H4ZM8 14l1.5 5.5h2L10.5 15.5M19.5 10v4',
  refresh: 'M20 12a8 8 0 1 1-2.5-5.8L20 8.5M20 4v4.5h-4.5',
  offline: 'M2.5 9a14 14 0 0 1 6-3.4M13 5a14 14 0 0 1 8.5 4M6 13a9 9 0 0 1 4.5-2.4M16 11.8l2 1.2M12 18.5v.01M3 3l18 18',
  hourglass: 'M7 3h10M7 21h10M8 3v4l4 5 4-5V3M8 21v-4l4-5 4 5v4',
};

/**
 * Make an element. A button does not submit unless `type` says so.
 *
 * Props: `class`; `on`, listeners by event; `dataset`; `style`, custom properties and styles by name (set through the
 * CSSOM, which the page's policy allows); `value`, `checked`, `disabled`, `hidden` as properties; all others are
 * attributes: true is an empty one, and false, null and undefined are none. Children: nodes, texts, numbers, and
 * lists of them; null and false are ignored.
 *
 * @param {string} tag
 * @param {Record<string, any> | null} [props]
 * @param {...any} children
 * @returns {any} the element
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  if (tag === 'button') element.type = tag;
  for (const [name, value] of Object.entries(props ?? {})) setProp(element, name, value);
  element.append(...kids(children));
  return element;
}

function setProp(element, name, value) {
  if (name === 'on') {
    for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
  } else if (name === 'dataset') {
    Object.assign(element.dataset, value);
  } else if (name === 'style') {
    for (const [property, each] of Object.entries(value)) element.style.setProperty(property, String(each));
  } else if (['value', 'checked', 'disabled', 'hidden'].includes(name)) {
    if (value !== null && value !== undefined) element[name] = value;
  } else if (value !== false && value !== null && value !== undefined) {
    element.setAttribute(name, value === true ? '' : String(value));
  }
}

function kids(children) {
  return children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false);
}

/**
 * Replace an element's children with `children`.
 *
 * @param {Element} element
 * @param {...any} children
 */
export function fill(element, ...children) {
  element.replaceChildren(...kids(children));
}

/**
 * Set an element's text. An unchanged element is left alone, so screen readers do not repeat it.
 *
 * @param {Element} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Give a list one row for each name, in this order. Existing rows stay the same elements.
 *
 * @param {Element} list
 * @param {string[]} names
 * @param {(name: string) => HTMLElement} make
 * @returns {HTMLElement[]}
 */
export function rowsFor(list, names, make) {
  const kept = new Map([...list.children].map((row) => [row.dataset.name, row]));
  const rows = names.map((name) => kept.get(name) ?? make(name));
  if (rows.length !== kept.size || rows.some((row, index) => list.children[index] !== row)) fill(list, rows);
  return rows;
}

/**
 * Make an SVG element with these attributes.
 *
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...any} children
 * @returns {any} the element
 */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, String(value));
  element.append(...kids(children));
  return element;
}

/**
 * Make an icon, in the colour and about the size of the text around it. Screen readers ignore it: the text beside it, or
 * its button's label, says the same.
 *
 * @param {keyof typeof ICONS | string} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const path = svg('path', { d: ICONS[name] ?? ICONS.info });
  return svg('svg', { class: `icon icon-${name}`, viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' }, path);
}

/** How long a text stays in its live region; after that, users who browse the page do not find it. */
const SPOKEN_SECONDS = 8;

/**
 * Announce something to screen readers: politely, or at once if `assertive`.
 *
 * @param {string} text
 * @param {{assertive?: boolean}} [how]
 */
export function announce(text, { assertive = false } = {}) {
  const region = document.getElementById(assertive ? 'assertive' : 'polite');
  if (!region || !text) return;
  const line = h('p', null, text);
  region.append(line);
  setTimeout(() => line.remove(), SPOKEN_SECONDS * 1000);
}

/** The open confirmation. @type {HTMLDialogElement | null} */
let open = null;

/**
 * Ask for confirmation of what cannot be undone, and wait for the answer. Escape means no.
 * @param {{title: string, text: string, yes: string, no: string}} words
 * @returns {Promise<boolean>}
 */
export function confirming({ title, text, yes, no }) {
  open?.close('no');
  const dialog = h('dialog', { 'aria-labelledby': 'question', 'aria-describedby': 'question-text' });
  const answer = (value, kind, words) => h('button', { class: kind, on: { click: () => dialog.close(value) } }, words);
  const decline = answer('no', '', no);
  dialog.append(
    h('h2', { id: 'question' }, title),
    h('p', { id: 'question-text' }, text),
    h('div', { class: 'actions' }, decline, answer('yes', 'primary danger', yes)),
  );
  document.body.append(dialog);
  open = dialog;
  dialog.showModal();
  decline.focus();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      if (open === dialog) open = null;
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}
