import {createCodeEditor} from '../code-editor.js';
import {h} from '../dom.js';
import {lineAndColumn, readJson} from '../json-pointers.js';
import {keepTextHistory} from '../text-history.js';

/**
 * Edits a mapping as JSON. Text that is not JSON changes nothing, and says so.
 * @param {import('./index.js').FormOptions} options
 */
export function jsonForm({value, put}) {
  const problem = h('p', {class: 'bad t12', role: 'status'});
  let invalid = false;
  const box = h('div', {class: 'jbox'});
  const editor = createCodeEditor(box, {
    label: 'Mapping, JSON',
    text: value === undefined ? '' : JSON.stringify(value, null, 2),
    changed(text) {
      const {value: next, error} = readJson(text);
      invalid = Boolean(error);
      const place = error && lineAndColumn(text, error.from);
      problem.textContent = error ? `Line ${place.line}, column ${place.column}: ${error.message} The mapping is as it was before.` : '';
      editor.setError(error ? {message: error.message, ...place} : null);
      if (!error) put(next);
    },
  });
  keepTextHistory(editor.view, () => invalid);
  return {element: h('div', {class: 'stack'}, box, problem), focus: editor.focus, refresh() {}};
}
