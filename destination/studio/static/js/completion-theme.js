import {EditorView} from '../vendor/codemirror.js';

/** How the list of completions looks, in the colours of the page. */
export const completionTheme = EditorView.theme({
  '.cm-tooltip': {backgroundColor: 'var(--panel)', border: '1px solid var(--line-2)', color: 'var(--ink)'},
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {fontFamily: 'var(--mono)', fontSize: 'var(--t-code)', maxHeight: '200px'},
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {padding: '1px 8px', lineHeight: 'var(--code)'},
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {backgroundColor: 'var(--sel)', color: 'var(--ink)'},
  '.cm-completionDetail': {fontStyle: 'normal', color: 'var(--ink-2)', marginLeft: '12px'},
  '.cm-completionMatchedText': {textDecoration: 'none', fontWeight: '600'},
  '.cm-tooltip.cm-tooltip-lint': {fontFamily: 'var(--sans)', fontSize: 'var(--t-small)'},
  '.cm-diagnostic': {padding: '4px 8px', color: 'var(--ink)'},
});
