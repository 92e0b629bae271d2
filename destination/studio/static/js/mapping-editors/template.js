import {chipOf} from '../chip-model.js';
import {h} from '../dom.js';
import {createValueTree} from '../value-tree.js';

/**
 * Edits a template: text with values of the event, which the tree below puts in at the cursor.
 * @param {import('./index.js').FormOptions} options
 */
export function templateForm({value, values, put, close}) {
  const text = h('textarea', {
    class: 'in m',
    rows: '2',
    'aria-label': 'Template: text with {{path}} for values of the event',
    spellcheck: 'false',
    value: templateOf(value),
    dataset: {focus: 'template'},
    onInput: () => put({'@template': text.value}),
    onKeydown: (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      close();
    },
  });
  const tree = createValueTree({label: 'Put a value in', text: '', values, take: insert, takesText: false});
  return {
    element: h('div', {class: 'stack'}, text, h('p', {class: 'mut t12'}, 'Choose a value to put it in at the cursor.'), tree.element),
    focus() {
      text.focus();
      text.setSelectionRange(text.value.length, text.value.length);
    },
    refresh: tree.draw,
  };

  function insert(path) {
    const hole = `{{${path.replace('$.', '')}}}`;
    const {selectionStart: from, selectionEnd: to} = text;
    text.setRangeText(hole, from, to, 'end');
    put({'@template': text.value});
    tree.setText('');
    text.focus();
  }
}

function templateOf(value) {
  if (typeof value?.['@template'] === 'string') return value['@template'];
  const chip = value === undefined ? null : chipOf(value);
  if (chip?.kind === 'path') return `{{${chip.path.replace('$.', '')}}}`;
  if (chip?.kind === 'fixed' && chip.value !== null) return String(chip.value);
  return '';
}
