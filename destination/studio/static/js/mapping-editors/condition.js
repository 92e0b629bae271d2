import {chipOf, directiveOf, isObject} from '../chip-model.js';
import {h} from '../dom.js';
import {removeAt, setAt} from '../mapping-edits.js';
import {createValueTree} from '../value-tree.js';

const TESTS = {exists: 'exists', blank: 'is not blank'};

/**
 * Edits a condition: what it is about, and which branches it has. The branches are chips of their own.
 * @param {import('./index.js').FormOptions} options
 */
export function conditionForm({value, values, put, close}) {
  const options = isObject(value?.['@if']) ? value['@if'] : null;
  if (value?.['@if'] !== undefined && (!options || ('exists' in options && 'blank' in options))) {
    return note('This condition has a form of its own. Edit it as JSON.');
  }
  let test = options && 'blank' in options ? 'blank' : 'exists';
  const subject = options?.[test];
  const chip = subject === undefined ? null : chipOf(subject);
  const select = h(
    'select',
    {class: 'in', 'aria-label': 'What the value has to be', dataset: {focus: 'test'}, onChange: () => changeTest(select.value)},
    Object.entries(TESTS).map(([name, words]) => h('option', {value: name, selected: name === test}, words)),
  );
  const odd = chip && chip.kind !== 'path';
  const tree = createValueTree({
    label: 'If this value',
    text: chip?.kind === 'path' ? chip.path : (value?.['@path'] ?? ''),
    values,
    take: (path) => {
      put(options ? setAt(value, ['@if', test], {'@path': path}) : wrapped(path));
      close();
    },
  });
  const element = h(
    'div',
    {class: 'stack'},
    h('div', {class: 'line'}, h('span', {class: 'mut t12'}, 'If it'), select, branchButtons()),
    odd && h('p', {class: 'mut t12'}, `The condition is about a ${chip.kind === 'json' ? directiveOf(chip.value) : chip.kind}. Taking a path replaces it.`),
    tree.element,
  );
  return {element, focus: tree.focus, refresh: tree.draw};

  function wrapped(path) {
    const then = value === undefined ? {'@path': path} : value;
    return {'@if': {[test]: {'@path': path}, then}};
  }

  function changeTest(next) {
    if (!options) {
      test = next;
      return;
    }
    const entries = Object.entries(options).map(([key, inner]) => [key === test ? next : key, inner]);
    put({'@if': Object.fromEntries(entries)});
    close();
  }

  function branchButtons() {
    if (!options) return null;
    const button = (label, run) => h('button', {class: 'btn sm', dataset: {focus: label}, onClick: run}, label);
    return [
      h('span', {class: 'grow'}),
      !('then' in options) && button('Add then', () => put(setAt(value, ['@if', 'then'], subject ?? ''))),
      !('else' in options) && button('Add else', () => put(setAt(value, ['@if', 'else'], ''))),
      'else' in options && button('Remove else', () => put(removeAt(value, ['@if', 'else']))),
      'then' in options && button('Keep then only', () => finish(options.then)),
      'else' in options && button('Keep else only', () => finish(options.else)),
    ];
  }

  function finish(next) {
    put(next);
    close();
  }
}

const note = (text) => ({element: h('p', {class: 'mut t12'}, text), focus() {}, refresh() {}});
