/** The address after the hash: `#/general` is the channel "general", `#/` the lobby. */

/** Return the channel that the address names, or ''. */
export function routed() {
  const [, name = ''] = location.hash.match(/^#\/(.+)$/u) ?? [];
  try {
    return decodeURIComponent(name).normalize('NFC');
  } catch {
    return name;
  }
}

/**
 * The link to a channel.
 * @param {string} channel
 */
export const linkTo = (channel) => `#/${encodeURIComponent(channel)}`;

/** The state of each address in the tab's history: `under` is the lobby, `over` the channel above it. */
const OVER = 'over';
const UNDER = 'under';

/**
 * Set the address to the current channel. Going back leads from a channel to the lobby, and from nowhere else.
 * @param {string} channel '' is the lobby
 */
export function setRoute(channel) {
  const url = channel ? linkTo(channel) : location.pathname + location.search;
  if (channel && history.state !== OVER) {
    history.replaceState(UNDER, '');
    history.pushState(OVER, '', url);
  } else if (routed() !== channel) history.replaceState(history.state, '', url);
}

/** Return whether going back led out of the channel. */
export const steppedOut = () => history.state === UNDER;

/** Record that the address was changed from within a channel: the new one is above the same lobby. */
export function steppedAside() {
  history.replaceState(OVER, '');
}
