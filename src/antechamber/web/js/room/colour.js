/** The colour of a name: the same in every browser and at every visit. */

const HUES = 24;

/**
 * The hue of a name, in degrees. How light it is, and so its contrast, is for the stylesheet.
 * @param {string} name
 * @returns {number}
 */
export function hueOf(name) {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193);
  hash ^= hash >>> 15; // the low bits of names that differ in their last letter alone lie side by side
  return (Math.abs(Math.imul(hash, 0x2c1b3c6d) >>> 8) % HUES) * (360 / HUES);
}

/**
 * Give an element the hue of a name, for the colours of css/room.css.
 * @template {HTMLElement} T
 * @param {T} element
 * @param {string} name
 * @returns {T}
 */
export function tint(element, name) {
  element.style.setProperty('--hue', String(hueOf(name)));
  return element;
}
