// The operator token: it comes in the link's fragment, which no server and no proxy reads, and stays in this tab alone.

const KEY = 'antechamber.operator';

/**
 * The token of the link, or else the one that this tab has used before; '' where there is none.
 * The fragment is taken out of the address bar at once, so that neither a glance nor a shared address gives it away.
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

/** Forget the token: it was wrong, or the operator is done. */
export function forgetToken() {
  memory = '';
  storage()?.removeItem(KEY);
}

let memory = '';

// A browser that blocks storage throws at the mere name of it; then the token lasts as long as the page.
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
