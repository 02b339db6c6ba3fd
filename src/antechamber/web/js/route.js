/** The address after the hash: `#/general` is the channel "general", `#/` the lobby. */

/** The channel that the address names, or ''. */
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

/** What the tab's history holds of each address: `under` is the lobby that one came in by, `over` what lies over it. */
const OVER = 'over';
const UNDER = 'under';

/**
 * Let the address name where one is. A step back leads from a channel to the lobby, and from nowhere else.
 * @param {string} channel '' is the lobby
 */
export function setRoute(channel) {
  const url = channel ? linkTo(channel) : location.pathname + location.search;
  if (channel && history.state !== OVER) {
    history.replaceState(UNDER, '');
    history.pushState(OVER, '', url);
  } else if (routed() !== channel) history.replaceState(history.state, '', url);
}

/** Whether a step back led out of the channel. */
export const steppedOut = () => history.state === UNDER;

/** From within a channel the address was changed to another one: that lies over the same lobby. */
export function steppedAside() {
  history.replaceState(OVER, '');
}
