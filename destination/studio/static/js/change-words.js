/** The kinds of change as `diff` names them, in the order of the page. */
export const KINDS = [
  {kind: 'newly-sent', words: 'newly sent', short: 'Newly sent', swatch: '', tone: 'ok'},
  {kind: 'no-longer-sent', words: 'no longer sent', short: 'No longer', swatch: 'g', tone: 'bad'},
  {kind: 'newly-failing', words: 'newly failing', short: 'Failing', swatch: 'f', tone: 'bad'},
  {kind: 'failing-otherwise', words: 'failing otherwise', short: 'Otherwise', swatch: 'f', tone: 'bad'},
  {kind: 'no-longer-failing', words: 'no longer failing', short: 'Mended', swatch: '', tone: 'ok'},
  {kind: 'changed', words: 'changed', short: 'Changed', swatch: 'c', tone: 'acc'},
];

/** Returns the words of a kind of change. @param {string} kind */
export const kindWords = (kind) => KINDS.find((entry) => entry.kind === kind)?.words ?? kind;

/**
 * Writes what the list is filtered to, such as `Page Calls, no longer sent, /name`.
 * @param {any} store
 * @param {{key?: string, kind?: string, location?: string}} change
 */
export function changeChip(store, {key, kind, location}) {
  const summary = store.state.compared?.summary?.subscriptions?.find((entry) => entry.key === key);
  const name = key && (store.find(key)?.name ?? summary?.name);
  return [name, kind && kindWords(kind), location].filter(Boolean).join(', ');
}
