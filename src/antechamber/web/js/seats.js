/** Drawings of seats and people, which show at a glance what a number does not. */

import { fill, h, svg } from './dom.js';

/** The most seats that are drawn one by one; more are a bar. */
const DRAWN_MAX = 24;
const ARMCHAIR = [
  'M7 15V8a4 4 0 0 1 4-4h2a4 4 0 0 1 4 4v7Z',
  'M3 12.5a2 2 0 0 1 4 0V15h10v-2.5a2 2 0 0 1 4 0V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2ZM6 19v1.5M18 19v1.5',
];

function armchair() {
  return svg('svg', { class: 'chair', viewBox: '0 0 24 24' }, ARMCHAIR.map((d) => svg('path', { d })));
}

/**
 * Make a drawing of a channel's seats. Screen readers skip it: the text beside it says the same.
 * @returns {HTMLElement}
 */
export function seatsDrawing() {
  return h('div', { class: 'seats', 'aria-hidden': 'true' });
}

/**
 * Bring a drawing up to date.
 * @param {HTMLElement} drawing
 * @param {{seats: number, seated: number}} info
 */
export function drawSeats(drawing, { seats, seated }) {
  const shown = `${seats}/${seated}`;
  if (drawing.dataset.shown === shown) return;
  drawing.dataset.shown = shown;
  if (seats > DRAWN_MAX || seated > DRAWN_MAX) {
    if (!drawing.querySelector('.bar')) fill(drawing, h('span', { class: 'bar' }, h('span')), h('b'));
    drawing.querySelector('.bar').style.setProperty('--part', String(Math.min(1, seated / Math.max(1, seats))));
    drawing.lastElementChild.textContent = `${seated}/${seats}`;
    return;
  }
  drawing.querySelector('.bar')?.parentElement.replaceChildren();
  // After a channel was made smaller, more members may be seated than it has seats.
  const count = Math.max(seats, seated);
  while (drawing.children.length > count) drawing.lastElementChild.remove();
  while (drawing.children.length < count) drawing.append(armchair());
  [...drawing.children].forEach((chair, index) => chair.classList.toggle('taken', index < seated));
}

/** Draw a waiting person. @param {string} kind a class */
export function figure(kind) {
  return svg(
    'svg',
    { class: `figure ${kind}`, viewBox: '0 0 24 32' },
    svg('circle', { cx: 12, cy: 8, r: 5.5 }),
    svg('path', { d: 'M2.5 31v-5.5a9.5 9.5 0 0 1 19 0V31Z' }),
  );
}

/**
 * Describe a channel's seats.
 * @param {{seats: number, seated: number}} info
 */
export function seatsWords({ seats, seated }) {
  const all = seats === 1 ? 'The seat is' : `All ${seats} seats are`;
  if (seated >= seats) return `${all} taken`;
  return seated ? `${seated} of ${seats} seats taken` : `${all} free`;
}

/**
 * Describe how many wait.
 * @param {number} waiting
 */
export const waitingWords = (waiting) => (waiting ? `${waiting} in line` : 'Nobody in line');

/**
 * Return whether a newcomer gets a seat at once: members who wait although a seat is free are away.
 * @param {{seats: number, seated: number}} info
 */
export const hasFreeSeat = ({ seats, seated }) => seated < seats;
