import {h, icon, replace} from './dom.js';
import {isFound, pathsAbove, visibleValues} from './event-values.js';
import {shown} from './field-rows.js';

const MAX_ROWS = 200;

let count = 0;

/**
 * Makes a filter with the tree of the event's own values below it. The focus stays in the filter: Up and Down move in
 * the tree, Right opens and Left closes what is chosen, Enter takes it, or else what was typed.
 *
 * @param {{label: string, text: string, current?: string, values: () => import('./event-values.js').EventValue[],
 *   take: (path: string) => void, takesText?: boolean, onInput?: (text: string) => void}} options
 *   `takesText`: Enter without a choice takes the text as it was typed
 */
export function createValueTree({label, text, current = text, values, take, takesText = true}) {
  count += 1;
  const id = `values-${count}`;
  const open = new Set(pathsAbove(current));
  let filter = '';
  let active = null;
  let rows = [];
  const input = h('input', {
    class: 'in m',
    type: 'text',
    value: text,
    placeholder: '$.properties.…, or a word to find',
    role: 'combobox',
    'aria-label': label,
    'aria-expanded': 'true',
    'aria-haspopup': 'tree',
    'aria-controls': id,
    'aria-autocomplete': 'list',
    autocomplete: 'off',
    spellcheck: 'false',
    dataset: {focus: 'value-filter'},
    onInput: () => {
      filter = input.value;
      active = null;
      draw();
      // Words look for a value: the first one found is chosen. A path is taken as it is typed.
      if (filter.trim() && !/^[$.]|^@/.test(filter.trim())) move(rows.findIndex((value) => isFound(value, filter)));
    },
    onKeydown,
  });
  const tree = h('div', {class: 'vtree', id, role: 'tree', 'aria-label': 'Values of the event', dataset: {scroll: id}, onClick, onMousedown: (event) => event.preventDefault()});
  const note = h('p', {class: 'mut t12', role: 'status'});
  const element = h('div', {class: 'vpick'}, input, tree, note);
  draw();
  requestAnimationFrame(() => tree.querySelector('[aria-selected=true]')?.scrollIntoView({block: 'nearest'}));

  return {
    element,
    input,
    focus() {
      input.focus();
      input.select();
    },
    /** Draws the values of the event anew. */
    draw,
    /** Sets the text as if it had been chosen. @param {string} next */
    setText(next) {
      input.value = next;
      filter = '';
      draw();
    },
  };

  function draw() {
    rows = visibleValues(values(), filter, (value) => open.has(value.path));
    const shownRows = rows.slice(0, MAX_ROWS);
    replace(tree, shownRows.map(drawRow));
    tree.hidden = !rows.length;
    note.textContent = noteText();
    if (active) input.setAttribute('aria-activedescendant', rowId(active));
    else input.removeAttribute('aria-activedescendant');
  }

  function noteText() {
    if (rows.length > MAX_ROWS) return `${rows.length - MAX_ROWS} more values; type to find them.`;
    if (rows.length) return '';
    if (!filter) return 'No event is chosen, or it cannot be read.';
    return takesText ? 'The event has no such value. Enter takes the path as it is.' : 'The event has no such value.';
  }

  function drawRow(value) {
    const {text: words, title} = shown(value.value);
    const isOpen = Boolean(filter) || open.has(value.path);
    const row = h(
      'div',
      {
        class: value.path === active ? 'vrow on' : 'vrow',
        id: rowId(value.path),
        role: 'treeitem',
        'aria-level': value.depth + 1,
        'aria-selected': String(value.path === active || (!active && value.path === input.value)),
        'aria-expanded': value.inner ? String(isOpen) : null,
        'aria-disabled': value.usable ? null : 'true',
        title: value.usable ? value.path : 'A path cannot name this key: it is split at dots and brackets.',
        dataset: {path: value.path},
      },
      h('span', {class: 'tw', 'aria-hidden': 'true'}, value.inner && icon(isOpen ? 'down' : 'right', 'mut')),
      h('span', {class: 'vk'}, value.name),
      h('span', {class: 'vv', title}, words),
    );
    row.style.setProperty('--depth', String(value.depth));
    return row;
  }

  function rowId(path) {
    return `${id}-${path.replace(/[^\w]/g, (letter) => `_${letter.codePointAt(0).toString(16)}`)}`;
  }

  function onClick(event) {
    const row = event.target.closest('[data-path]');
    if (!row) return;
    const value = rows.find((one) => one.path === row.dataset.path);
    if (event.target.closest('.tw') && value.inner) toggle(value);
    else choose(value);
  }

  function toggle(value, to = !open.has(value.path)) {
    if (to) open.add(value.path);
    else open.delete(value.path);
    draw();
  }

  function choose(value) {
    if (!value?.usable) return;
    take(value.path);
  }

  function onKeydown(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = rows.findIndex((value) => value.path === active);
    if (event.key === 'ArrowDown') move(at < 0 ? Math.max(0, rows.findIndex((value) => value.path === input.value)) : Math.min(at + 1, rows.length - 1));
    else if (event.key === 'ArrowUp') move(at <= 0 ? -1 : at - 1);
    else if (event.key === 'ArrowRight' && at >= 0 && rows[at].inner) toggle(rows[at], true);
    else if (event.key === 'ArrowLeft' && at >= 0) {
      if (open.has(rows[at].path) && rows[at].inner) toggle(rows[at], false);
      else move(rows.findIndex((value) => value.path === rows[at].parent));
    } else if (event.key === 'Enter') {
      if (at >= 0) choose(rows[at]);
      else if (takesText && input.value.trim()) take(input.value.trim());
    } else return;
    event.preventDefault();
    if (event.key !== 'Enter') event.stopPropagation();
  }

  function move(to) {
    active = to < 0 ? null : (rows[Math.min(to, MAX_ROWS - 1)]?.path ?? null);
    draw();
    tree.querySelector('.on')?.scrollIntoView({block: 'nearest'});
  }
}
