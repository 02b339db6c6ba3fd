// The operator token: it comes in the link's fragment, which no server or proxy reads, and stays in this tab.

const KEY = 'antechamber.operator';

/**
 * Return the link's token, or else the one that this tab has used before; '' if there is none.
 * The fragment is removed from the address bar at once, so neither a glance nor a shared address reveals it.
 * @returns {string}
 */
export function takeToken() {
  const fragment = location.hash.slice(1);
  if (fragment) {
    history.replaceState(history.state, '', location.pathname + location.search);
    keepToken(decoded(fragment));
  }
  return storage()?.getItem(KEY) ?? memory;
}

/** @param {string} token */
export function keepToken(token) {
  memory = token.trim();
  storage()?.setItem(KEY, memory);
}

/** Forget the token: it was wrong, or the operator signs out. */
export function forgetToken() {
  memory = '';
  storage()?.removeItem(KEY);
}

let memory = '';

// A browser that blocks storage throws on any access; then the token lasts as long as the page.
function storage() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

function decoded(fragment) {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
