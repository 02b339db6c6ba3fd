/**
 * Rows that stay the same elements while they stand for the same thing, so the focus, an open menu and a hovered button
 * survive every update.
 */

/**
 * Make `rows` the children of `parent`, in this order. An element with the focus is never moved, because it would lose
 * it: the others are moved around it.
 * @param {Element} parent
 * @param {Element[]} rows
 */
export function arrange(parent, rows) {
  const wanted = new Set(rows);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  const focused = document.activeElement;
  const fixed = Math.max(
    0,
    rows.findIndex((row) => row.contains(focused)),
  );
  let next = rows[fixed] ?? null;
  if (next && next.parentNode !== parent) parent.append(next);
  for (let index = fixed - 1; index >= 0; index -= 1) {
    if (rows[index].nextElementSibling !== next) parent.insertBefore(rows[index], next);
    next = rows[index];
  }
  let previous = rows[fixed];
  for (let index = fixed + 1; index < rows.length; index += 1) {
    if (previous.nextElementSibling !== rows[index]) previous.after(rows[index]);
    previous = rows[index];
  }
}
