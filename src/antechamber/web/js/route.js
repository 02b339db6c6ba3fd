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

/**
 * Let the address name where one is, without a step back to where one was.
 * @param {string} channel '' is the lobby
 */
export function setRoute(channel) {
  if (routed() === channel) return;
  history.replaceState(null, '', channel ? linkTo(channel) : location.pathname + location.search);
}
