/** Storage in this browser: permanent, or for as long as the tab is open. A browser may refuse it; then nothing is kept. */

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
    // Full, or disabled: the page works without it.
  }
}

const forGood = () => localStorage;
const forTheTab = () => sessionStorage;

/**
 * Return a permanently stored value.
 * @param {string} key
 * @param {any} [fallback]
 */
export const recall = (key, fallback = null) => read(forGood, key, fallback);

/**
 * Store a value permanently; null deletes it.
 * @param {string} key
 * @param {any} value
 */
export const remember = (key, value) => write(forGood, key, value);

/**
 * Return a value stored for this tab. It survives a reload.
 * @param {string} key
 * @param {any} [fallback]
 */
export const recallHere = (key, fallback = null) => read(forTheTab, key, fallback);

/**
 * Store a value for this tab; null deletes it.
 * @param {string} key
 * @param {any} value
 */
export const rememberHere = (key, value) => write(forTheTab, key, value);
