import {h} from '../dom.js';
import {createValueTree} from '../value-tree.js';

/**
 * Edits a path: chosen from the values of the event, or typed.
 * @param {import('./index.js').FormOptions} options
 */
export function pathForm({value, values, put, close}) {
  const path = value?.['@path'];
  const tree = createValueTree({
    label: 'Path',
    text: typeof path === 'string' ? path : '',
    values,
    take: (next) => {
      put({'@path': next});
      close();
    },
  });
  const dynamic = path !== undefined && typeof path !== 'string';
  return {
    element: h('div', null, dynamic && h('p', {class: 'mut t12'}, 'This path is made by a directive. Taking another path replaces it.'), tree.element),
    focus: tree.focus,
    refresh: tree.draw,
  };
}
