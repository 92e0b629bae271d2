import {ICONS} from './icons.js';

const SVG = 'http://www.w3.org/2000/svg';
const PROPERTIES = new Set(['value', 'checked', 'disabled', 'selected', 'indeterminate', 'hidden', 'tabIndex']);

/**
 * Makes an element. Text is always text: nothing is read as HTML.
 *
 * `onClick` and other names that begin with `on` add a listener; `true` sets an attribute without
 * a value; `false`, `null` and `undefined` leave it out; `dataset` takes an object.
 *
 * @param {string} tag
 * @param {Record<string, any> | null} [attributes]
 * @param {...(Node | string | number | null | undefined | false | Array<any>)} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = null, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    setAttribute(element, name, value);
  }
  append(element, children);
  return element;
}

/**
 * Sets one attribute, property or listener as `h` does.
 * @param {Element} element
 * @param {string} name
 * @param {any} value
 */
export function setAttribute(element, name, value) {
  if (/^on[A-Z]/.test(name)) {
    if (value) element.addEventListener(name.slice(2).toLowerCase(), value);
  } else if (name === 'dataset') {
    Object.assign(/** @type {HTMLElement} */ (element).dataset, value);
  } else if (PROPERTIES.has(name)) {
    element[name] = value ?? '';
  } else if (value === null || value === undefined || (value === false && !name.startsWith('aria-'))) {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, value === true && !name.startsWith('aria-') ? '' : String(value));
  }
}

/**
 * Appends children as `h` does.
 * @param {Node} element
 * @param {Array<any>} children
 */
export function append(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(element, child);
    else if (child instanceof Node) element.appendChild(child);
    else if (child !== null && child !== undefined && child !== false) {
      element.appendChild(document.createTextNode(visible(String(child))));
    }
  }
}

/**
 * Escapes marks that change the direction of text, so that a value cannot disguise the text around it.
 * @param {string} text
 */
export function visible(text) {
  return text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Removes all children and returns the element.
 * @template {Element} T
 * @param {T} element
 * @returns {T}
 */
export function clear(element) {
  element.replaceChildren();
  return element;
}

/** Where a pointer is down, and what is drawn when it is up. @type {Node | null} */
let pressed = null;
/** @type {Map<Element, () => void>} */
const waiting = new Map();

function release() {
  pressed = null;
  const drawings = [...waiting.values()];
  waiting.clear();
  drawings.forEach((draw) => draw());
}

/**
 * Draws at once, or, while a pointer is down inside the element, when it is up: what goes away
 * between press and release is never clicked. Of several drawings the last one is made.
 * @param {Element} element
 * @param {() => void} draw
 */
export function whenReleased(element, draw) {
  waiting.delete(element);
  if (pressed && element.contains(pressed)) waiting.set(element, draw);
  else draw();
}

// A test of Node has no document.
globalThis.document?.addEventListener('pointerdown', (event) => (pressed = /** @type {Node} */ (event.target)), true);
for (const name of ['pointerup', 'pointercancel']) {
  // The click comes after the pointer is up.
  globalThis.document?.addEventListener(name, () => setTimeout(release), true);
}

/**
 * Replaces all children. The focus stays where it was when the new content has an element with
 * the same `data-focus` (or `id`), with its selection; so does the scroll position of `element`, if
 * it has the class `scroll`, and of each child with `data-scroll`. It waits while a
 * pointer is down inside.
 * @param {Element} element
 * @param {...any} children
 */
export function replace(element, ...children) {
  whenReleased(element, () => replaceNow(element, children));
}

function replaceNow(element, children) {
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const key = focused && focusKey(focused);
  const selection = focused && 'selectionStart' in focused ? [focused.selectionStart, focused.selectionEnd] : null;
  const tops = new Map([...element.querySelectorAll('[data-scroll]')].map((e) => [e.dataset.scroll, e.scrollTop]));
  // To ask an element where it is scrolled makes the browser lay the page out: only those that scroll are asked.
  const place = element.matches('.scroll,[data-scroll]') ? [element.scrollLeft, element.scrollTop] : null;
  element.replaceChildren();
  append(element, children);
  for (const inner of element.querySelectorAll('[data-scroll]')) {
    inner.scrollTop = tops.get(/** @type {HTMLElement} */ (inner).dataset.scroll) ?? inner.scrollTop;
  }
  if (place) element.scrollTo(place[0], place[1]);
  if (!key) return;
  const again = [...element.querySelectorAll('[data-focus],[id]')].find((e) => focusKey(e) === key);
  if (!(again instanceof HTMLElement)) return;
  again.focus({preventScroll: true});
  if (selection && selection[0] !== null && 'setSelectionRange' in again) {
    try {
      /** @type {HTMLInputElement} */ (again).setSelectionRange(selection[0], selection[1]);
    } catch {
      // Inputs without text (a checkbox) have no selection.
    }
  }
}

function focusKey(element) {
  return element.dataset.focus ?? element.id ?? null;
}

/**
 * Draws an icon; it is hidden from assistive technology, so that a word must stand beside it.
 * @param {string} name one of icons.js
 * @param {string} [className] such as `ok`, `bad`, `mut`
 * @returns {SVGSVGElement}
 */
export function icon(name, className = '') {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', `i ${className}`.trim());
  svg.setAttribute('viewBox', '0 0 12 12');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name] ?? '');
  svg.append(path);
  return svg;
}

/** Makes text that only assistive technology reads. @param {string} text */
export const hidden = (text) => h('span', {class: 'vh'}, text);

/**
 * Draws the glyph of a verdict with its word for assistive technology.
 * @param {string | null} verdict as the server names it: sent, failing, not taken, unreadable, opted out
 * @param {string} [words] in place of the verdict
 * @returns {HTMLElement}
 */
export function verdictGlyph(verdict, words) {
  const [name, tone] = GLYPHS[verdict ?? ''] ?? ['dots', 'mut'];
  return h('span', {class: 'glyph'}, icon(name, tone), hidden(words ?? verdict ?? 'not known yet'));
}

const GLYPHS = {
  sent: ['check', 'ok'],
  failing: ['x', 'bad'],
  'not taken': ['dash', 'mut'],
  unreadable: ['warn', 'warn'],
  'opted out': ['lock', 'mut'],
};

const NUMBERS = new Intl.NumberFormat('en');

/** Writes a whole number with separators: `12,345`. @param {number} value */
export const number = (value) => NUMBERS.format(value);

const SHORT_NUMBERS = new Intl.NumberFormat('en', {notation: 'compact', maximumFractionDigits: 0});

/** Writes a whole number where there is little room: `1,234`, `24K`. @param {number} value */
export const shortNumber = (value) => (value < 10_000 ? number(value) : SHORT_NUMBERS.format(value));

/**
 * Writes a count with its noun: `1 event`, `12 events`.
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export const plural = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

/**
 * Draws the segments of a sentence of the server: `[{text}, {code}]`, or a plain string.
 * @param {string | Array<{text?: string, code?: string}>} segments
 * @returns {Array<Node | string>}
 */
export function sentence(segments) {
  if (typeof segments === 'string') return [segments];
  return segments.map((part) => (part.code === undefined ? (part.text ?? '') : h('code', null, part.code)));
}

/**
 * Draws the one line of an error on top of a pane, with *Try again*.
 * @param {string | null} message
 * @param {(() => void) | null} again
 * @returns {HTMLElement | null}
 */
export function errorLine(message, again) {
  if (!message) return null;
  return h(
    'div',
    {class: 'error-line', role: 'alert'},
    icon('warn', 'bad'),
    h('span', {class: 'grow'}, message),
    again && h('button', {class: 'btn sm', onClick: again}, 'Try again'),
  );
}
