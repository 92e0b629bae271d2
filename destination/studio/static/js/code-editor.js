import {
  Annotation,
  EditorState,
  EditorView,
  bracketMatching,
  closeBrackets,
  closeBracketsKeymap,
  defaultKeymap,
  foldGutter,
  foldKeymap,
  indentWithTab,
  json,
  keymap,
  lineNumbers,
  setDiagnostics,
} from '../vendor/codemirror.js';

const fromOutside = Annotation.define();

const theme = EditorView.theme({
  '&': {height: '100%', color: 'var(--ink)', backgroundColor: 'var(--panel)', fontSize: 'var(--t-code)'},
  '&.cm-focused': {outline: '2px solid var(--accent)', outlineOffset: '-2px'},
  '.cm-scroller': {fontFamily: 'var(--mono)', lineHeight: 'var(--code)'},
  '.cm-content': {caretColor: 'var(--ink)', padding: '4px 0'},
  '.cm-gutters': {backgroundColor: 'var(--panel)', color: 'var(--ink-3)', border: '0', fontSize: '10.5px'},
  '.cm-lineNumbers .cm-gutterElement': {minWidth: '32px', padding: '0 4px 0 0'},
  '&.cm-focused .cm-matchingBracket': {backgroundColor: 'var(--sel)', outline: '1px solid var(--line-2)'},
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': {backgroundColor: 'var(--sel)'},
  '.cm-foldPlaceholder': {backgroundColor: 'var(--sunk)', borderColor: 'var(--line)', color: 'var(--ink-3)'},
  '.cm-tooltip': {backgroundColor: 'var(--panel)', borderColor: 'var(--line-2)', color: 'var(--ink)'},
});

/**
 * Makes a JSON editor. It keeps no history of its own: undo reaches across the panes.
 * @param {HTMLElement} parent
 * @param {{label: string, text: string, changed: (text: string) => void}} options
 */
export function createCodeEditor(parent, {label, text, changed}) {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        foldGutter(),
        json(),
        bracketMatching(),
        closeBrackets(),
        keymap.of([...closeBracketsKeymap, ...foldKeymap, indentWithTab, ...defaultKeymap]),
        EditorView.contentAttributes.of({'aria-label': label, spellcheck: 'false', tabindex: '0'}),
        EditorView.updateListener.of((update) => {
          const outside = update.transactions.some((transaction) => transaction.annotation(fromOutside));
          if (update.docChanged && !outside) changed(update.state.doc.toString());
        }),
        theme,
      ],
    }),
  });
  return {
    view,
    focus: () => view.focus(),

    /** Puts another text in place; the cursor stays where it was, if it can. @param {string} next */
    setText(next) {
      const doc = view.state.doc;
      if (doc.toString() === next) return;
      const head = Math.min(view.state.selection.main.head, next.length);
      view.dispatch({
        changes: {from: 0, to: doc.length, insert: next},
        selection: {anchor: head},
        annotations: fromOutside.of(true),
      });
    },

    /** Marks the place of an error, or takes the mark away. @param {{message: string, line: number, column: number} | null} error */
    setError(error) {
      const doc = view.state.doc;
      const found = [];
      if (error?.line && error.line <= doc.lines) {
        const line = doc.line(error.line);
        const from = Math.min(line.from + Math.max(0, (error.column ?? 1) - 1), line.to);
        found.push({from, to: Math.min(from + 1, doc.length), severity: 'error', message: error.message});
      }
      view.dispatch(setDiagnostics(view.state, found));
    },
  };
}
