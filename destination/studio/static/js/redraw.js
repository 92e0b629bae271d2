import {replace} from './dom.js';

/** @type {WeakMap<Element, string>} */
const drawn = new WeakMap();

/**
 * Replaces the children of an element where what they are made of has changed. Each replacement makes the browser lay
 * out the page anew, and an edit reaches every part of a pane.
 * @param {Element} element
 * @param {any} madeOf JSON that says all that `make` depends on
 * @param {() => any} make returns the children
 */
export function redraw(element, madeOf, make) {
  const now = JSON.stringify(madeOf) ?? '';
  if (drawn.get(element) === now) return;
  drawn.set(element, now);
  replace(element, make());
}
