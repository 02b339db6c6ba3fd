/** What this browser remembers: for good, and for as long as the tab is open. A browser may refuse to; then it forgets. */

const PREFIX = 'antechamber.';

function read(storage, key, fallback) {
  try {
    return JSON.parse(storage().getItem(PREFIX + key)) ?? fallback;
  } catch {
    return fallback;
  }
}

function write(storage, key, value) {
  try {
    if (value === null || value === '') storage().removeItem(PREFIX + key);
    else storage().setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // Full, or switched off: the page works without.
  }
}

const forGood = () => localStorage;
const forTheTab = () => sessionStorage;

/**
 * What was remembered for good.
 * @param {string} key
 * @param {any} [fallback]
 */
export const recall = (key, fallback = null) => read(forGood, key, fallback);

/**
 * Remember for good; null forgets.
 * @param {string} key
 * @param {any} value
 */
export const remember = (key, value) => write(forGood, key, value);

/**
 * What was remembered for this tab. It outlives a reload.
 * @param {string} key
 * @param {any} [fallback]
 */
export const recallHere = (key, fallback = null) => read(forTheTab, key, fallback);

/**
 * Remember for this tab; null forgets.
 * @param {string} key
 * @param {any} value
 */
export const rememberHere = (key, value) => write(forTheTab, key, value);
