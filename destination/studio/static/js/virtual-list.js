import {h, whenReleased} from './dom.js';

const EXTRA_ROWS = 12;

/**
 * Makes a list box that draws only the rows in view. It is one tab stop; arrow keys, Page Up, Page
 * Down, Home and End choose.
 *
 * @param {{id: string, label: string, rowHeight: () => number, draw: (at: number) => HTMLElement,
 *   choose: (at: number) => void, view: (from: number, to: number) => void}} options `view` is called
 *   with the rows in view, whenever they change
 */
export function createVirtualList({id, label, rowHeight, draw, choose, view}) {
  const list = h('ol', {id, role: 'listbox', 'aria-label': label, tabIndex: 0, onKeydown});
  const element = h('div', {class: 'evs scroll', onScroll: () => refresh()}, list);
  let total = 0;
  let chosen = -1;
  /** @type {Map<number, HTMLElement>} */
  let rows = new Map();
  list.addEventListener('click', (event) => {
    const at = Math.floor((event.clientY - list.getBoundingClientRect().top) / rowHeight());
    if (at >= 0 && at < total) choose(at);
  });
  new ResizeObserver(() => refresh()).observe(element);
  return {element, list, update, reveal, refresh, focus: () => list.focus({preventScroll: true})};

  /**
   * Draws all rows again.
   * @param {number} count
   * @param {number} at the chosen row, or -1
   */
  function update(count, at) {
    total = count;
    chosen = at;
    whenReleased(list, () => {
      list.style.setProperty('height', `${total * rowHeight()}px`);
      refresh(true);
    });
  }

  function refresh(all = false) {
    const height = rowHeight();
    const from = Math.max(0, Math.floor(element.scrollTop / height) - EXTRA_ROWS);
    const to = Math.min(total, Math.ceil((element.scrollTop + element.clientHeight) / height) + EXTRA_ROWS);
    const kept = new Map();
    for (let at = from; at < to; at += 1) kept.set(at, (!all && rows.get(at)) || place(at, height));
    // A row that stays is not taken out: the browser drops the click of a pointer that is down on it.
    for (const [at, row] of rows) if (kept.get(at) !== row) row.remove();
    let next = null;
    for (let at = to - 1; at >= from; at -= 1) {
      const row = kept.get(at);
      if (row.parentNode !== list) list.insertBefore(row, next);
      next = row;
    }
    rows = kept;
    if (rows.has(chosen)) list.setAttribute('aria-activedescendant', `${id}-${chosen}`);
    else list.removeAttribute('aria-activedescendant');
    view(from, to);
  }

  function place(at, height) {
    const row = draw(at);
    row.id = `${id}-${at}`;
    row.setAttribute('role', 'option');
    row.setAttribute('aria-selected', String(at === chosen));
    row.setAttribute('aria-setsize', String(total));
    row.setAttribute('aria-posinset', String(at + 1));
    row.style.setProperty('top', `${at * height}px`);
    return row;
  }

  /** Scrolls a row into view, with one more beside it. @param {number} at */
  function reveal(at) {
    const height = rowHeight();
    const top = at * height;
    if (top < element.scrollTop + height) element.scrollTop = Math.max(0, top - height);
    else if (top + 2 * height > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + 2 * height - element.clientHeight;
    }
  }

  function onKeydown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(element.clientHeight / rowHeight()) - 1);
    const moves = {
      ArrowDown: chosen + 1,
      ArrowUp: chosen - 1,
      PageDown: chosen + page,
      PageUp: chosen - page,
      Home: 0,
      End: total - 1,
    };
    if (!(event.key in moves) || !total) return;
    event.preventDefault();
    choose(Math.max(0, Math.min(moves[event.key], total - 1)));
  }
}
