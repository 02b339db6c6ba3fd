/** Calling a user who looks elsewhere: by the tab's title, a sound, and system notifications if allowed. */

import { recall, remember } from './settings.js';

const PRODUCT = 'Antechamber';
const SOUND = 'sound';
const WANTED = 'notifications';
const VOLUME = 0.14;
const ALTERNATE_SECONDS = 1.2;

/** Pitches in hertz, with their start times in seconds. */
const TUNES = {
  seat: [[523.25, 0], [659.25, 0.14], [783.99, 0.28], [1046.5, 0.42]],
  note: [[783.99, 0], [659.25, 0.12]],
};

// The title

let title = PRODUCT;
let unread = 0;
let calling = '';
let blink = 0;

function showTitle() {
  const called = calling && blink % 2 === 0;
  const count = unread ? `(${unread > 99 ? '99+' : unread}) ` : '';
  document.title = called ? calling : `${count}${title}`;
}

/**
 * Set the tab's title; "" is the product's name only.
 * @param {string} where
 */
export function setTitle(where) {
  title = where ? `${where} · ${PRODUCT}` : PRODUCT;
  showTitle();
}

/**
 * Show the number of unread messages in the title.
 * @param {number} count
 */
export function setUnread(count) {
  unread = count;
  showTitle();
}

/**
 * Alternate the tab's title with this text until somebody looks at it.
 * @param {string} words
 */
export function callByTitle(words) {
  if (document.visibilityState === 'visible') return;
  calling = words;
  blink = 0;
  showTitle();
  const timer = setInterval(() => {
    blink += 1;
    showTitle();
  }, ALTERNATE_SECONDS * 1000);
  const stop = () => {
    if (document.visibilityState !== 'visible') return;
    clearInterval(timer);
    document.removeEventListener('visibilitychange', stop);
    calling = '';
    showTitle();
  };
  document.addEventListener('visibilitychange', stop);
}

// The sound

/** Fires 'sound' and 'notifications' when those settings have changed. */
export const settings = new EventTarget();
/** @type {AudioContext | null} */
let audio = null;

/** Whether the sound is on. */
export const soundOn = () => recall(SOUND, true);

/** @param {boolean} on */
export function setSound(on) {
  remember(SOUND, on);
  settings.dispatchEvent(new Event('sound'));
}

/** Prepare for later sounds: browsers require a key press or a click, so call this in one. */
export function unlockSound() {
  if (!soundOn() || !('AudioContext' in window)) return;
  audio ??= new AudioContext();
  if (audio.state === 'suspended') audio.resume().catch(() => {});
}

/**
 * Play a short tune, if the sound is on and the browser allows it.
 * @param {keyof typeof TUNES} tune
 */
export function chime(tune) {
  unlockSound();
  if (!soundOn() || audio?.state !== 'running') return;
  const begin = audio.currentTime + 0.02;
  for (const [pitch, after] of TUNES[tune]) {
    const tone = new OscillatorNode(audio, { type: 'sine', frequency: pitch });
    const level = new GainNode(audio, { gain: 0 });
    const at = begin + after;
    level.gain.setValueAtTime(0, at);
    level.gain.linearRampToValueAtTime(VOLUME, at + 0.02);
    level.gain.exponentialRampToValueAtTime(0.0001, at + 0.9);
    tone.connect(level).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 1);
  }
}

// The system's notifications

/** @returns {'none' | 'ask' | 'blocked' | 'on' | 'off'} the state of notifications */
export function notifications() {
  if (!('Notification' in window) || !isSecureContext) return 'none';
  if (Notification.permission === 'denied') return 'blocked';
  if (Notification.permission === 'default') return 'ask';
  return recall(WANTED, true) ? 'on' : 'off';
}

/** Turn notifications on, asking the browser if necessary, or off again. Call this in a click. */
export async function toggleNotifications() {
  const before = notifications();
  if (before === 'ask') {
    await Notification.requestPermission();
    remember(WANTED, true);
  } else if (before === 'on' || before === 'off') remember(WANTED, before === 'off');
  settings.dispatchEvent(new Event('notifications'));
}

/**
 * Show a notification, if enabled and the page is hidden.
 * @param {string} head
 * @param {string} body
 */
export function notify(head, body) {
  if (notifications() !== 'on' || (document.visibilityState === 'visible' && document.hasFocus())) return;
  try {
    const note = new Notification(head, { body, icon: 'web/icon.svg', tag: 'antechamber', requireInteraction: true });
    note.onclick = () => {
      window.focus();
      note.close();
    };
  } catch {
    // Some phones allow notifications only from a service worker: there the title and the sound must do.
  }
}
