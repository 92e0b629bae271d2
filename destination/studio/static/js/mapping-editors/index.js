import {chipOf} from '../chip-model.js';
import {h, replace} from '../dom.js';
import {conditionForm} from './condition.js';
import {fixedForm} from './fixed.js';
import {jsonForm} from './json.js';
import {pathForm} from './path.js';
import {templateForm} from './template.js';

/**
 * @typedef {{value: any, field: any, isElse: boolean, values: () => import('../event-values.js').EventValue[],
 *   put: (value: any) => void, close: () => void}} FormOptions
 */

const FORMS = {
  path: ['Path', pathForm],
  template: ['Template', templateForm],
  if: ['Condition', conditionForm],
  fixed: ['Fixed', fixedForm],
  json: ['JSON', jsonForm],
};

/**
 * Makes the editor of one mapping, in its row. What is edited holds at once; Esc and Enter close it.
 *
 * @param {{title: string, description: string, value: any, field: any, isElse: boolean, form?: string,
 *   values: FormOptions['values'], put: (value: any) => void, close: () => void, remove: (() => void) | null, removeLabel: string}} options
 *   `value`: undefined where there is none yet
 */
export function createMappingEditor({title, description, value, field, isElse, form, values, put, close, remove, removeLabel}) {
  let now = value;
  let chosen = form ?? formOf(value);
  let current = null;
  const buttons = h('span', {class: 'seg sm', role: 'group', 'aria-label': 'Kind of mapping'});
  const body = h('div', {class: 'med-body'});
  const element = h(
    'div',
    {class: 'med', role: 'group', 'aria-label': title, onKeydown, dataset: {noLink: ''}},
    h(
      'div',
      {class: 'line med-head'},
      buttons,
      h('span', {class: 'grow'}),
      remove && h('button', {class: 'btn sm bare', onClick: remove}, removeLabel),
      h('button', {class: 'btn sm', onClick: close}, 'Close', h('kbd', null, 'Esc')),
    ),
    description && h('p', {class: 'mut t12'}, description),
    body,
  );
  show(chosen);

  return {
    element,
    focus: () => current?.focus(),
    /** Takes a value that was changed elsewhere, such as by undo. @param {any} next */
    update(next) {
      if (JSON.stringify(next) === JSON.stringify(now)) return;
      now = next;
      const inside = body.contains(document.activeElement);
      show(next === undefined ? chosen : formOf(next, chosen));
      if (inside) current.focus();
    },
    /** Draws the values of another event. */
    refresh: () => current?.refresh(),
  };

  function show(name) {
    chosen = name;
    replace(
      buttons,
      Object.entries(FORMS).map(([key, [label]]) =>
        h('button', {'aria-pressed': String(key === name), dataset: {focus: `form ${key}`}, onClick: () => (show(key), current.focus())}, label)),
    );
    const [, make] = FORMS[name];
    current = make({value: now, field, isElse, values, close, put: (next) => {
      const before = now;
      now = next;
      put(next);
      // What a form draws may depend on what it is about, such as the branches of a condition.
      if (name === 'if' && JSON.stringify(before) !== JSON.stringify(next) && element.isConnected) {
        show(formOf(next));
        current.focus();
      }
    }});
    body.replaceChildren(current.element);
  }

  function onKeydown(event) {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    close();
  }
}

/** Names the form that shows a value: the one that is open, if it can. */
function formOf(value, open) {
  if (open === 'json') return 'json';
  if (value === undefined) return 'path';
  return chipOf(value).kind in FORMS ? chipOf(value).kind : 'json';
}
