import {syntaxTree} from '../vendor/codemirror.js';

/**
 * Makes the completion of a subscription's JSON: directives and field names as keys, paths of the event in `@path` and
 * in the holes of `@template`.
 * @param {() => Promise<{directives: any[], paths: any[], fields: any[]} | null>} known what the server completes
 */
export function jsonCompletion(known) {
  return async (context) => {
    const node = syntaxTree(context.state).resolveInner(context.pos, -1);
    const text = (of) => context.state.sliceDoc(of.from, of.to);
    const isKey = node.name === 'PropertyName';
    if (!isKey && node.name !== 'String') return null;
    const from = node.from + 1;
    const typed = context.state.sliceDoc(from, context.pos);
    if (isKey) return keys(await known(), node, from, typed, text);
    const property = node.parent?.name === 'Property' ? unquote(text(node.parent.firstChild)) : '';
    if (property === '@path') {
      const found = await known();
      return found && {from, options: found.paths.map(pathOption('$.')), validFor: /^[^"]*$/};
    }
    const hole = typed.lastIndexOf('{{');
    if (hole < 0 || typed.indexOf('}}', hole) >= 0) return null;
    const found = await known();
    const closed = context.state.sliceDoc(context.pos, context.pos + 2) === '}}';
    return found && {
      from: from + hole + 2,
      options: found.paths.map(pathOption('')).map((option) => (closed ? option : {...option, apply: `${option.label}}}`})),
      validFor: /^[^"{}]*$/,
    };
  };
}

function keys(found, node, from, typed, text) {
  if (!found) return null;
  const object = node.parent?.parent;
  const owner = object?.parent?.name === 'Property' ? unquote(text(object.parent.firstChild)) : '';
  const isMapping = owner === 'mapping' && object.parent.parent?.parent?.name === 'JsonText';
  const property = node.parent;
  const hasValue = property?.lastChild && property.lastChild !== node && !property.lastChild.type.isError;
  const directives = found.directives.map(({name, detail, insert}) => ({
    label: name,
    detail: short(detail),
    type: 'keyword',
    apply: hasValue || insert === undefined ? name : keyAndValue(name, insert),
  }));
  const fields = found.fields.map(({key, label, type, required}) => ({
    label: key,
    detail: short([required === true && 'required', type, label !== key && label].filter(Boolean).join(', ')),
    type: 'property',
    boost: 1,
    apply: key,
  }));
  const options = typed.startsWith('@') ? directives : [...(isMapping ? fields : []), ...directives];
  return {from, options, validFor: /^[@\w-]*$/};
}

/** Writes the key with the value that the directive begins with; the quote behind the cursor is taken along. */
function keyAndValue(name, insert) {
  return (view, _completion, from, to) => {
    const value = typeof insert === 'string' ? insert : JSON.stringify(insert);
    const end = view.state.sliceDoc(to, to + 1) === '"' ? to + 1 : to;
    // A server that completes the whole member says so by its name.
    const whole = value.trim().startsWith(`"${name}"`) ? value.trim().slice(1) : `${name}": ${value}`;
    view.dispatch({changes: {from, to: end, insert: whole}, selection: {anchor: from + cursorIn(whole)}});
  };
}

/** Puts the cursor into the first empty text, or at the end. */
function cursorIn(text) {
  const empty = text.indexOf('""');
  return empty < 0 ? text.length : empty + 1;
}

const pathOption = (prefix) => ({path, value}) => {
  const plain = path.replace(/^\$\./, '');
  return {label: `${prefix}${plain}`, detail: value === undefined ? '' : short(String(value)), type: 'variable'};
};

const short = (text) => (text && text.length > 48 ? `${text.slice(0, 47)}…` : (text ?? ''));

function unquote(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
