import {
  Annotation,
  Decoration,
  EditorState,
  EditorView,
  StateEffect,
  StateField,
  autocompletion,
  bracketMatching,
  completionKeymap,
  defaultKeymap,
  keymap,
  tooltips,
} from '../vendor/codemirror.js';
import {completionTheme} from './completion-theme.js';
import {editedRanges} from './edited-ranges.js';

const fromOutside = Annotation.define();
const setMarks = StateEffect.define();
const setSaved = StateEffect.define();

const KEYWORDS = /"(?:[^"\\]|\\.)*"?|\b(?:and|or)\b/g;
const keyword = Decoration.mark({class: 'kw'});
const edited = Decoration.mark({class: 'ed'});
const deciding = Decoration.mark({class: 'no'});

/** The saved text, or null where there is none. */
const savedText = StateField.define({
  create: () => null,
  update: (value, {effects}) => effects.reduce((now, effect) => (effect.is(setSaved) ? effect.value : now), value),
});

/** What depends on the text alone: keywords, and what differs from the saved text. */
const textMarks = StateField.define({
  create: (state) => drawText(state),
  update: (value, transaction) =>
    transaction.docChanged || transaction.effects.some((effect) => effect.is(setSaved)) ? drawText(transaction.state) : value,
  provide: (field) => EditorView.decorations.from(field),
});

/** What explain says of the text; it moves along until there is a newer answer. */
const resultMarks = StateField.define({
  create: () => Decoration.none,
  update: (value, transaction) =>
    transaction.effects.reduce((now, effect) => (effect.is(setMarks) ? effect.value : now), value.map(transaction.changes)),
  provide: (field) => EditorView.decorations.from(field),
});

function drawText(state) {
  const text = state.doc.toString();
  const saved = state.field(savedText);
  const marks = [];
  for (const match of text.matchAll(KEYWORDS)) {
    if (!match[0].startsWith('"')) marks.push(keyword.range(match.index, match.index + match[0].length));
  }
  if (saved !== null) marks.push(...editedRanges(saved, text).map(([from, to]) => edited.range(from, to)));
  return Decoration.set(marks, true);
}

const theme = EditorView.theme({
  '&': {color: 'var(--ink)', backgroundColor: 'var(--panel)', fontSize: 'var(--t-code)'},
  '&.cm-focused': {outline: 'none'},
  '.cm-scroller': {fontFamily: 'var(--mono)', lineHeight: 'var(--code)', maxHeight: '180px'},
  '.cm-content': {caretColor: 'var(--ink)', padding: '0'},
  '.cm-line': {padding: '0'},
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': {backgroundColor: 'var(--sel)'},
  '&.cm-focused .cm-matchingBracket': {backgroundColor: 'var(--sel)', outline: '1px solid var(--line-2)'},
});

/**
 * Makes the editor of a trigger. It has no history of its own: undo reaches across the panes.
 * @param {HTMLElement} parent
 * @param {{changed: (text: string) => void, values: () => import('./event-values.js').EventValue[]}} options
 *   `values`: those of the event, for completion
 */
export function createTriggerEditor(parent, {changed, values}) {
  let invalid = false;
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: '',
      extensions: [
        savedText,
        textMarks,
        resultMarks,
        EditorView.lineWrapping,
        bracketMatching(),
        autocompletion({override: [(context) => complete(context, values())], icons: false}),
        tooltips({position: 'fixed'}),
        keymap.of([...completionKeymap, ...defaultKeymap]),
        EditorView.contentAttributes.of(() => ({
          'aria-label': 'Trigger',
          'aria-describedby': 'trigger-error',
          'aria-invalid': String(invalid),
          spellcheck: 'false',
        })),
        EditorView.updateListener.of((update) => {
          const outside = update.transactions.some((transaction) => transaction.annotation(fromOutside));
          if (update.docChanged && !outside) changed(update.state.doc.toString());
        }),
        theme,
        completionTheme,
      ],
    }),
  });

  return {
    focus() {
      view.focus();
    },

    /** Selects a part of the text. @param {number} from @param {number} to */
    select(from, to) {
      const end = view.state.doc.length;
      view.dispatch({selection: {anchor: Math.min(from, end), head: Math.min(to, end)}, scrollIntoView: true});
      view.focus();
    },

    /**
     * Shows a text and what is known of it.
     * @param {{text: string, saved: string | null, trigger: any}} given `trigger` of explain's answer for this very
     *   text; undefined where there is no newer answer
     */
    update({text, saved, trigger}) {
      const spec = {effects: [], annotations: fromOutside.of(true)};
      const now = view.state.doc.toString();
      if (now !== text) {
        spec.changes = smallestChange(now, text);
      }
      if (view.state.field(savedText) !== saved) spec.effects.push(setSaved.of(saved));
      if (trigger !== undefined) {
        invalid = Boolean(trigger?.error);
        spec.effects.push(setMarks.of(marksOf(trigger, text.length)));
      }
      if (spec.changes || spec.effects.length) view.dispatch(spec);
    },
  };
}

function marksOf(trigger, length) {
  const marks = [];
  const visit = (node) => {
    if (node.deciding && !node.children?.length && node.from < node.to && node.to <= length) marks.push(deciding.range(node.from, node.to));
    node.children?.forEach(visit);
  };
  if (trigger?.error) {
    const {from, to, message} = trigger.error;
    const start = Math.max(0, Math.min(from ?? 0, length - 1));
    const end = Math.min(Math.max(to ?? start + 1, start + 1), length);
    if (end > start) marks.push(Decoration.mark({class: 'fault', attributes: {title: message}}).range(start, end));
  } else if (trigger?.tree) visit(trigger.tree);
  return Decoration.set(marks, true);
}

/** Keeps what is the same at both ends, so that the cursor stays where it is. */
function smallestChange(before, after) {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  const rest = Math.min(before.length, after.length) - start;
  while (end < rest && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return {from: start, to: before.length - end, insert: after.slice(start, after.length - end)};
}

function complete(context, values) {
  const word = context.matchBefore(/[A-Za-z_][\w.]*/);
  if (!word && !context.explicit) return null;
  const line = context.state.doc.sliceString(0, word?.from ?? context.pos);
  if ((line.match(/"/g) ?? []).length % 2) return null;
  const options = values
    .filter((value) => value.usable && !value.plain.includes('['))
    .map((value) => ({label: value.plain, detail: value.inner ? '' : String(JSON.stringify(value.value)).slice(0, 40)}));
  return {from: word?.from ?? context.pos, options, validFor: /^[\w.]*$/};
}
