import {h} from './dom.js';
import {describe, indexLinks} from './link-index.js';
import {isValid} from './outcome.js';

const INTERACTIVE = 'button,a,input,textarea,select,summary,[contenteditable],[role=separator],[data-no-link]';
const NONE = [];

/**
 * Lights all that belongs together: one value in the event, the trigger, the mapping, the payload and the requests.
 *
 * Elements are registered with the identifiers of `links` of an explanation. Hover and focus light; a click or Enter
 * pins; Escape frees. Nothing scrolls on hover: a scroller that hides all of its lit lines says where they are.
 *
 * @param {HTMLElement} root all listeners are on it
 * @param {any} store of store.js
 */
export function createLinking(root, store) {
  /** @type {WeakMap<Element, string[]>} */
  const registered = new WeakMap();
  /** @type {Set<{element: HTMLElement, rowsOf: (ids: string[]) => Array<{top: number, bottom: number}>}>} */
  const lists = new Set();
  const origins = root.appendChild(h('div', {id: 'link-origins', hidden: true}));
  let links = NONE;
  let index = indexLinks([]);
  let numbers = new Map();
  let hovered = null;
  let focused = null;
  let pinned = NONE;
  let lit = new Set();
  let origin = null;
  let frame = 0;

  const linking = {
    /**
     * Makes an element one that lights with others; no identifiers take that back.
     * @param {HTMLElement} element
     * @param {string[] | string | null} ids
     */
    register(element, ids) {
      const list = typeof ids === 'string' ? [ids] : (ids ?? NONE);
      registered.set(element, list);
      if (list.length) {
        element.dataset.o = list.join(' ');
        describeBy(element, list);
      } else {
        delete element.dataset.o;
        element.removeAttribute('aria-describedby');
      }
      paint(element);
    },
    /**
     * Lets a list whose lines are not all in the document say where they are.
     * `rowsOf` returns the edges of the list's lines of these links, in pixels from the top of the window.
     * @param {{element: HTMLElement, rowsOf: (ids: string[]) => Array<{top: number, bottom: number}>}} list
     * @returns {() => void} takes it back
     */
    addList(list) {
      lists.add(list);
      return () => lists.delete(list);
    },
    /** Lights as the focus does. @param {string[]} ids @param {HTMLElement | null} [element] */
    focus(ids, element = null) {
      focused = ids.length ? {ids, element} : null;
      light();
    },
    /** Pins, or frees what is pinned. @param {string[]} ids @param {HTMLElement | null} [element] */
    pin(ids, element = null) {
      const same = ids.length === pinned.length && ids.every((id) => pinned.includes(id));
      pinned = same ? NONE : [...ids];
      store.set({pinned: pinned.length ? pinned.join(' ') : null});
      if (same) hovered = null;
      light(element);
      if (pinned.length) scrollToFirst(element);
    },
    /** Frees what is pinned; returns whether anything was. */
    free() {
      if (!pinned.length) return false;
      linking.pin(pinned);
      return true;
    },
    /** Scrolls each pane to its first line of what is pinned. */
    reveal() {
      if (pinned.length && !hovered && !focused) scrollToFirst(null);
    },
    /** Counts what is out of sight again, once a list has drawn its lines. */
    refresh() {
      if (frame || !lit.size) return;
      frame = requestAnimationFrame(() => {
        frame = 0;
        count();
      });
    },
    /** Finds the links of a field, a part of the trigger, or a line. */
    get ids() {
      return index;
    },
  };

  // While text does not parse, the columns show the last valid result, with its links.
  store.on('explained', () => isValid(store.state.explained) && take(store.state.explained.links ?? NONE));
  root.addEventListener('mouseover', (event) => {
    const element = linked(event.target);
    hovered = element ? {ids: registered.get(element) ?? NONE, element} : null;
    light();
  });
  root.addEventListener('mouseleave', () => {
    hovered = null;
    light();
  });
  root.addEventListener('focusin', (event) => {
    const element = linked(event.target);
    if (element) linking.focus(registered.get(element) ?? NONE, element);
  });
  root.addEventListener('focusout', () => linking.focus(NONE));
  root.addEventListener('click', (event) => {
    const element = linked(event.target);
    const inner = element && event.target.closest(INTERACTIVE);
    if (!element || (inner && element.contains(inner)) || String(getSelection())) return;
    linking.pin(registered.get(element) ?? NONE, element);
  });
  root.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' && registered.get(event.target)?.length && !event.target.matches(INTERACTIVE)) {
      linking.pin(registered.get(event.target), event.target);
      event.preventDefault();
    } else if (event.key === 'Escape' && !event.target.closest?.('input,textarea,[contenteditable],dialog')) {
      if (linking.free()) event.preventDefault();
      linking.focus(NONE);
    }
  });
  root.addEventListener('scroll', () => linking.refresh(), {capture: true, passive: true});
  take(store.state.explained?.links ?? NONE);
  return linking;

  function linked(target) {
    const element = target instanceof Element ? target.closest('[data-o]') : null;
    return element instanceof HTMLElement && registered.get(element)?.length ? element : null;
  }

  function take(next) {
    if (next === links) return;
    links = next;
    index = indexLinks(links);
    numbers = new Map(links.map((link, number) => [link.id, number]));
    origins.replaceChildren(...links.map((link, number) => h('span', {id: `link-${number}`}, describe(link))));
    const kept = pinned.filter((id) => numbers.has(id));
    if (kept.length !== pinned.length) {
      pinned = kept;
      store.set({pinned: kept.length ? kept.join(' ') : null});
    }
    light();
  }

  function describeBy(element, ids) {
    const known = ids.map((id) => numbers.get(id)).filter((number) => number !== undefined);
    if (known.length) element.setAttribute('aria-describedby', known.map((number) => `link-${number}`).join(' '));
    else element.removeAttribute('aria-describedby');
  }

  function paint(element) {
    const on = (registered.get(element) ?? NONE).some((id) => lit.has(id));
    element.classList.toggle('on', on);
    element.classList.toggle('origin', on && element === origin);
  }

  function light(from = null) {
    const source = hovered ?? focused ?? {ids: pinned, element: from};
    const before = lit;
    lit = new Set(source.ids);
    origin = source.element;
    if (before.size || lit.size) {
      for (const element of root.querySelectorAll('[data-o]')) paint(element);
    }
    count();
  }

  // A scroller says how many lit lines it hides, unless each group of lines in it (a list, a tree, the fields) has one
  // in sight.
  function count() {
    for (const element of root.querySelectorAll('[data-off]')) delete element.dataset.off;
    if (!lit.size) return;
    /** @type {Map<Element, {above: number, below: number}>} */
    const hidden = new Map();
    for (const {scroller, rows} of groups()) {
      const edges = scroller.getBoundingClientRect();
      const below = rows.filter((row) => row.top > edges.bottom - 8).length;
      const above = rows.filter((row) => row.bottom < edges.top + 24).length;
      if (below + above < rows.length) continue;
      const sum = hidden.get(scroller) ?? {above: 0, below: 0};
      hidden.set(scroller, {above: sum.above + above, below: sum.below + below});
    }
    for (const [scroller, {above, below}] of hidden) {
      scroller.dataset.off = below ? `${below} linked below ↓` : `${above} linked above ↑`;
    }
  }

  function scrollToFirst(except) {
    const done = new Set(except ? [scrollerOf(except)] : []);
    for (const {scroller, rows} of groups()) {
      if (done.has(scroller)) continue;
      done.add(scroller);
      const edges = scroller.getBoundingClientRect();
      if (rows.some((row) => row.top >= edges.top + 24 && row.bottom <= edges.bottom - 8)) continue;
      scroller.scrollTop += rows[0].top - edges.top - Math.min(72, edges.height / 3);
    }
    count();
  }

  function groups() {
    const found = [];
    const listed = new Set();
    for (const {element, rowsOf} of lists) {
      listed.add(element);
      const rows = element.offsetParent ? rowsOf([...lit]) : NONE;
      if (rows.length) found.push({group: element, scroller: scrollerOf(element), rows});
    }
    const others = new Map();
    for (const element of root.querySelectorAll('.on')) {
      if (!(element instanceof HTMLElement) || !element.offsetParent) continue;
      const group = element.closest('ol,.flds,.tree') ?? element.parentElement;
      if (listed.has(group)) continue;
      others.set(group, [...(others.get(group) ?? []), element.getBoundingClientRect()]);
    }
    for (const [group, rows] of others) found.push({group, scroller: scrollerOf(group), rows});
    return found
      .filter(({scroller}) => scroller)
      .sort((a, b) => (a.group.compareDocumentPosition(b.group) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
  }
}

/**
 * Finds the element that scrolls what is in it.
 * @param {Element} element
 * @returns {HTMLElement | null}
 */
export function scrollerOf(element) {
  for (let at = element.parentElement; at; at = at.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(at).overflowY)) return at;
  }
  return null;
}
