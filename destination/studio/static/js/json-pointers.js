/** Finds where the value of a pointer stands in JSON text, and where the text cannot be read. No DOM. */

const TOKEN = /[ \t\n\r]*(?:("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)|([{}[\],:]))/y;

/**
 * Reads JSON text with the offsets of its values.
 * @param {string} text
 * @returns {{value: any, error: null, rangeOf: (keys: string[]) => [number, number]}
 *   | {value: undefined, error: {message: string, from: number, to: number}}}
 */
export function readJson(text) {
  const error = syntaxError(text);
  if (error) return {value: undefined, error};
  const places = new Map();
  try {
    walk(text, places);
    return {value: JSON.parse(text), error: null, rangeOf: (keys) => nearest(places, keys)};
  } catch (problem) {
    return {value: undefined, error: {message: String(problem.message), from: 0, to: Math.min(1, text.length)}};
  }
}

/**
 * Splits a pointer as lint writes it: `subscribe`, `mapping/name/@path`, or a JSON Pointer.
 * @param {string} pointer
 */
export const keysOf = (pointer) =>
  pointer
    .replace(/^\//, '')
    .split('/')
    .filter((part, index, all) => part !== '' || all.length > 1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

/**
 * Returns the line and column, from 1, of an offset.
 * @param {string} text
 * @param {number} offset
 */
export function lineAndColumn(text, offset) {
  const before = text.slice(0, offset);
  return {line: before.split('\n').length, column: offset - before.lastIndexOf('\n')};
}

const nearest = (places, keys) => {
  for (let length = keys.length; length >= 0; length -= 1) {
    const found = places.get(JSON.stringify(keys.slice(0, length)));
    if (found) return found;
  }
  return [0, 0];
};

function syntaxError(text) {
  // A stack of what is open, and what may come next.
  const open = [];
  let wants = 'value';
  let at = 0;
  const fail = (message, from = skip(text, at)) => ({message, from: Math.min(from, text.length), to: Math.min(from + 1, text.length)});
  for (;;) {
    if (skip(text, at) >= text.length) {
      if (wants === 'end') return null;
      return fail(open.length ? `The text ends before the ${open.at(-1) === '{' ? 'object' : 'list'} is closed.` : 'There is no JSON value.', Math.max(0, text.length - 1));
    }
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match && wants.startsWith('key') && /\w/.test(text[skip(text, at)])) return fail('A key in double quotes is expected here.');
    if (!match) return fail(unreadable(text, skip(text, at)));
    const [, string, number, word, mark] = match;
    const start = skip(text, at);
    const isValue = string !== undefined || number !== undefined || word !== undefined;
    if (isValue && /[\w.+-]/.test(text[TOKEN.lastIndex] ?? '') && string === undefined) return fail(`\`${text.slice(start).match(/^[\w.+-]+/)[0]}\` is not a JSON value.`, start);
    at = TOKEN.lastIndex;
    if (wants === 'end') return fail('Only one JSON value is allowed.', start);
    if (wants === 'key' || wants === 'key or }') {
      if (string !== undefined) wants = ':';
      else if (mark === '}' && wants === 'key or }') wants = close(open);
      else return fail(mark === '}' ? 'A comma is too many before `}`.' : 'A key in double quotes is expected here.', start);
    } else if (wants === ':') {
      if (mark !== ':') return fail('A colon is expected after the key.', start);
      wants = 'value';
    } else if (wants === 'value' || wants === 'value or ]') {
      if (isValue) wants = after(open);
      else if (mark === '{' || mark === '[') {
        open.push(mark);
        wants = mark === '{' ? 'key or }' : 'value or ]';
      } else if (mark === ']' && wants === 'value or ]') wants = close(open);
      else return fail(mark === ']' ? 'A comma is too many before `]`.' : 'A value is expected here.', start);
    } else if (mark === ',') wants = open.at(-1) === '{' ? 'key' : 'value';
    else if (mark === (open.at(-1) === '{' ? '}' : ']')) wants = close(open);
    else return fail(`A comma or \`${open.at(-1) === '{' ? '}' : ']'}\` is expected here.`, start);
  }
}

const after = (open) => (open.length ? 'comma' : 'end');

function close(open) {
  open.pop();
  return after(open);
}

function unreadable(text, at) {
  if (text[at] === '"') return 'The text in double quotes does not end on its line, or has a wrong escape.';
  if (text[at] === "'") return 'JSON text has double quotes.';
  const word = text.slice(at).match(/^[\w.+-]+/);
  return word ? `\`${word[0]}\` is not a JSON value.` : `\`${String.fromCodePoint(text.codePointAt(at))}\` is not expected here.`;
}

const skip = (text, at) => {
  while (at < text.length && ' \t\n\r'.includes(text[at])) at += 1;
  return at;
};

function walk(text, places) {
  let at = 0;
  value([]);

  function token() {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const start = skip(text, at);
    at = TOKEN.lastIndex;
    return {start, text: text.slice(start, at), mark: match?.[4]};
  }

  function peek() {
    return text[skip(text, at)];
  }

  function value(keys) {
    const first = token();
    if (first.mark === '{') {
      while (peek() !== '}') {
        const key = JSON.parse(token().text);
        token();
        value([...keys, key]);
        if (peek() === ',') token();
      }
      token();
    } else if (first.mark === '[') {
      for (let index = 0; peek() !== ']'; index += 1) {
        value([...keys, String(index)]);
        if (peek() === ',') token();
      }
      token();
    }
    places.set(JSON.stringify(keys), [first.start, at]);
  }
}
