/** A question before what cannot be taken back. */

import { fill, h } from './dom.js';

let open = null;

/**
 * Ask, and wait for the answer. Escape is a no.
 * @param {{title: string, text: string, yes: string, no: string}} words
 * @returns {Promise<boolean>}
 */
export function confirming({ title, text, yes, no }) {
  open?.close('no');
  const dialog = h('dialog', { 'aria-labelledby': 'question', 'aria-describedby': 'question-text' });
  const answer = (value, kind) => h('button', { class: kind, on: { click: () => dialog.close(value) } });
  const agree = answer('yes', 'primary danger');
  const decline = answer('no', '');
  fill(agree, yes);
  fill(decline, no);
  dialog.append(
    h('h2', { id: 'question' }, title),
    h('p', { id: 'question-text' }, text),
    h('div', { class: 'actions' }, decline, agree),
  );
  document.body.append(dialog);
  open = dialog;
  dialog.showModal();
  decline.focus();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      if (open === dialog) open = null;
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}
