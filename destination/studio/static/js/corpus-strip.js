import {h, number} from './dom.js';

const STATES = ['not sent', 'sent', 'failing', 'not readable'];
const WORSE = {new: 'newly sent', lost: 'no longer sent', failing: 'failing', mended: 'no longer failing', changed: 'changed'};

/**
 * Makes the strip: a cell for each event, saved above now; above 400 events a cell is a bucket of
 * events that follow each other, and a click filters the list to it.
 * @param {any} store
 */
export function createStrip(store) {
  const state = store.state;
  /** @type {HTMLElement[]} */
  let cells = [];
  /** What each cell shows, so that only those that differ are drawn. @type {string[]} */
  let drawn = [];
  let bucket = 1;
  let at = 0;
  const holder = h('div', {class: 'cells', role: 'group', 'aria-label': 'Outcome of each event, saved above now', onKeydown});
  const element = h(
    'div',
    {class: 'strip'},
    h('div', {class: 'rowlab', 'aria-hidden': 'true'}, h('span', null, 'saved'), h('span', null, 'now')),
    holder,
  );
  return {element, update};

  /** Draws the strip of a summary. @param {{bucket: number, cells: any[]}} strip @param {number} events */
  function update(strip, events) {
    bucket = strip.bucket;
    holder.classList.toggle('buckets', bucket > 1);
    holder.classList.toggle('many', strip.cells.length > 120);
    if (strip.cells.length !== cells.length) {
      cells = strip.cells.map((_, index) => makeCell(index));
      holder.replaceChildren(...cells);
      drawn = [];
      at = Math.min(at, Math.max(0, cells.length - 1));
    }
    strip.cells.forEach((cell, index) => {
      const shown = `${cell} ${bucket} ${isChosen(index, events)}`;
      if (drawn[index] === shown) return;
      drawn[index] = shown;
      drawCell(cells[index], cell, index, events);
    });
    stopAt(at);
  }

  function makeCell(index) {
    return h('button', {class: 'cell', tabIndex: -1, onClick: () => choose(index)}, h('i', {class: 'a'}), h('i', {class: 'b'}));
  }

  function drawCell(element, cell, index, events) {
    const [above, below, change, count] = cell;
    const from = index * bucket;
    const to = Math.min(events, from + bucket);
    const chosen = isChosen(index, events);
    const kinds = {lost: 'gone', changed: 'ch'};
    const name = `cell ${change ? (kinds[change] ?? 'x') : 'same'}${chosen ? ' sel' : ''}`;
    const [a, b] = element.children;
    if (bucket === 1) {
      set(element, name, `Event ${number(from + 1)}: saved ${STATES[above]}, now ${STATES[below]}${change ? `, ${WORSE[change]}` : ''}`);
      a.className = `a s${above}`;
      b.className = `b s${below}`;
      return;
    }
    const size = Math.max(1, to - from);
    const changed = count ? `, ${number(count)} changed, worst: ${WORSE[change] ?? change}` : '';
    set(element, name, `Events ${number(from + 1)} to ${number(to)}: ${number(above)} sent by the saved version, ${number(below)} now${changed}`);
    a.className = 'a share';
    b.className = 'b share';
    a.style.setProperty('--share', `${(100 * above) / size}%`);
    b.style.setProperty('--share', `${(100 * below) / size}%`);
    b.style.setProperty('--changed', `${(100 * count) / size}%`);
  }

  function set(element, className, label) {
    if (element.className !== className) element.className = className;
    if (element.getAttribute('aria-label') !== label) {
      element.setAttribute('aria-label', label);
      element.title = label;
    }
  }

  function isChosen(index, events) {
    const chosen = state.event && 'index' in state.event ? state.event.index : -1;
    return chosen >= index * bucket && chosen < Math.min(events, (index + 1) * bucket);
  }

  /** Makes one cell the tab stop of the strip. */
  function stopAt(index) {
    at = index;
    const before = holder.querySelector('[tabindex="0"]');
    if (before === cells[at]) return;
    if (before instanceof HTMLElement) before.tabIndex = -1;
    if (cells[at]) cells[at].tabIndex = 0;
  }

  function choose(index) {
    stopAt(index);
    const from = index * bucket;
    if (bucket === 1) {
      store.selectEvent({index: from});
      return;
    }
    const range = {from, to: Math.min(state.compared.summary.events, from + bucket)};
    store.set({range: state.range?.from === from ? null : range});
  }

  function onKeydown(event) {
    const moves = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: cells.length - 1};
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    stopAt(Math.max(0, Math.min(moves[event.key], cells.length - 1)));
    cells[at]?.focus();
  }
}
