/**
 * JSON as a tree of nodes that know their lines, and the rows that are visible of it. No DOM.
 *
 * @typedef {{key: string | null, pointer: string, kind: 'object' | 'array' | 'string' | 'number' | 'literal',
 *   raw: string, children: Node[], parent: Node | null, depth: number, lines: number, inline: boolean,
 *   last: boolean}} Node
 * @typedef {{node: Node, number: number, part: 'leaf' | 'open' | 'close' | 'folded' | 'inline'}} Row
 */

/** Longest string that is shown without a button that shows the rest. */
export const STRING_LIMIT = 2000;
/** An object with more keys begins folded. */
export const KEYS_LIMIT = 200;
/** A container below this depth begins folded. */
export const DEPTH_LIMIT = 6;

const INLINE_KEYS = 3;
const INLINE_LENGTH = 120;

/**
 * Escapes a key for a JSON Pointer.
 * @param {string | number} key
 */
export const escapeKey = (key) => String(key).replaceAll('~', '~0').replaceAll('/', '~1');

/**
 * Reads JSON text. Numbers, strings and the order of keys stay as they are written.
 * @param {string} text
 * @param {{inline?: boolean}} [options] `inline`: write short objects of a list on one line
 * @returns {Node}
 * @throws {SyntaxError} if the text is not valid JSON
 */
export function fromText(text, options = {}) {
  JSON.parse(text);
  let root = null;
  let parent = null;
  let key = null;
  const add = (kind, raw) => {
    const node = makeNode(kind, raw, parent, key);
    key = null;
    if (parent) parent.children.push(node);
    else root = node;
    return node;
  };
  for (let at = 0; at < text.length; ) {
    const letter = text[at];
    if (letter === '{' || letter === '[') {
      parent = add(letter === '{' ? 'object' : 'array', '');
      at += 1;
    } else if (letter === '}' || letter === ']') {
      parent = parent.parent;
      at += 1;
    } else if (letter === '"') {
      const end = endOfString(text, at);
      const raw = text.slice(at, end);
      if (parent?.kind === 'object' && key === null) key = raw;
      else add('string', raw);
      at = end;
    } else if (/[-\w]/.test(letter)) {
      const end = endOfWord(text, at);
      const raw = text.slice(at, end);
      add(/[-\d]/.test(letter) ? 'number' : 'literal', raw);
      at = end;
    } else {
      at += 1;
    }
  }
  return measure(root, options);
}

/**
 * Makes the nodes of a value.
 * @param {any} value as `JSON.parse` makes them
 * @param {{inline?: boolean}} [options]
 * @returns {Node}
 */
export function fromValue(value, options = {}) {
  const make = (item, parent, key) => makeNode(kindOf(item), isContainer(item) ? '' : scalar(item), parent, key);
  const root = make(value, null, null);
  const rest = [[root, value]];
  while (rest.length) {
    const [node, item] = rest.pop();
    if (!isContainer(item)) continue;
    const entries = Array.isArray(item) ? item.map((child) => [null, child]) : Object.entries(item);
    for (const [key, child] of entries) {
      const made = make(child, node, key === null ? null : JSON.stringify(key));
      node.children.push(made);
      rest.push([made, child]);
    }
  }
  return measure(root, options);
}

/**
 * Lists the rows that are visible: a folded container is one row, and the numbers go on behind it as if it were open.
 * @param {Node} root
 * @param {{isOpen?: (node: Node) => boolean, isShown?: (node: Node) => boolean}} [options] `isShown`: false hides a
 *   node with all that is in it
 * @returns {Row[]}
 */
export function visibleRows(root, {isOpen = () => true, isShown = () => true} = {}) {
  const rows = [];
  const rest = [{node: root, number: 1, part: 'enter'}];
  while (rest.length) {
    const {node, number, part} = rest.pop();
    if (part === 'close') {
      rows.push({node, number, part});
    } else if (!isShown(node)) {
      continue;
    } else if (!node.children.length) {
      rows.push({node, number, part: 'leaf'});
    } else if (node.inline) {
      rows.push({node, number, part: 'inline'});
    } else if (!isOpen(node)) {
      rows.push({node, number, part: 'folded'});
    } else {
      rows.push({node, number, part: 'open'});
      rest.push({node, number: number + node.lines - 1, part: 'close'});
      let below = number + node.lines - 1;
      for (let index = node.children.length - 1; index >= 0; index -= 1) {
        const child = node.children[index];
        below -= child.lines;
        rest.push({node: child, number: below, part: 'enter'});
      }
    }
  }
  return rows;
}

/**
 * Reports whether a container begins open, whatever is linked: not a big object, not deep.
 * @param {Node} node
 */
export const beginsOpen = (node) => node.children.length <= KEYS_LIMIT && node.depth <= DEPTH_LIMIT;

/**
 * Says what is in a folded container: `11 keys`, `2 items`.
 * @param {Node} node
 */
export function foldWords(node) {
  const [one, many] = node.kind === 'object' ? ['key', 'keys'] : ['item', 'items'];
  const count = node.children.length;
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/**
 * Writes the size of a string: `900 B`, `48 kB`, `1.2 MB`.
 * @param {string} text
 */
export function sizeWords(text) {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * Writes a node as indented JSON.
 * @param {Node} node
 * @returns {string}
 */
export function writeText(node) {
  const base = node.depth;
  const lines = visibleRows(node).flatMap(({node: item, part}) => {
    const indent = '  '.repeat(item.depth - base);
    const key = item === node || item.key === null ? '' : `${item.key}: `;
    const comma = item === node || item.last ? '' : ',';
    const [open, close] = item.kind === 'object' ? '{}' : '[]';
    if (part === 'open') return [`${indent}${key}${open}`];
    if (part === 'close') return [`${indent}${close}${comma}`];
    return [`${indent}${key}${oneLine(item)}${comma}`];
  });
  return lines.join('\n');
}

/**
 * Writes a scalar, or a short container on one line.
 * @param {Node} node
 * @returns {string}
 */
export function oneLine(node) {
  if (node.kind !== 'object' && node.kind !== 'array') return node.raw;
  const inner = node.children.map((child) => (child.key === null ? '' : `${child.key}: `) + oneLine(child));
  return node.kind === 'object' ? `{${inner.join(', ')}}` : `[${inner.join(', ')}]`;
}

/**
 * Finds the node at a JSON Pointer, or the nearest one above it.
 * @param {Node} root
 * @param {string} pointer
 * @returns {Node}
 */
export function nearest(root, pointer) {
  let node = root;
  for (;;) {
    const next = node.children.find((child) => pointer === child.pointer || pointer.startsWith(`${child.pointer}/`));
    if (!next) return node;
    node = next;
  }
}

function makeNode(kind, raw, parent, key) {
  const name = parent?.kind === 'array' ? parent.children.length : key === null ? '' : JSON.parse(key);
  const pointer = parent ? `${parent.pointer}/${escapeKey(name)}` : '';
  const depth = parent ? parent.depth + 1 : 0;
  return {key, pointer, kind, raw, children: [], parent, depth, lines: 1, inline: false, last: true};
}

function measure(root, {inline = false}) {
  const all = [root];
  for (let index = 0; index < all.length; index += 1) {
    const {children} = all[index];
    for (const child of children) all.push(child);
    children.forEach((child, place) => (child.last = place === children.length - 1));
  }
  // Children stand behind their parents, so that backwards each container finds its children measured.
  for (const node of all.reverse()) {
    if (!node.children.length) {
      if (!node.raw) node.raw = node.kind === 'object' ? '{}' : '[]';
      continue;
    }
    node.inline = inline && isShort(node);
    node.lines = node.inline ? 1 : node.children.reduce((sum, child) => sum + child.lines, 2);
  }
  return root;
}

function isShort(node) {
  if (node.parent?.kind !== 'array' || node.children.length > INLINE_KEYS) return false;
  if (node.children.some((child) => child.children.length)) return false;
  return node.children.reduce((sum, child) => sum + (child.key?.length ?? 0) + child.raw.length + 4, 2) <= INLINE_LENGTH;
}

function endOfString(text, start) {
  let end = start;
  for (;;) {
    end = text.indexOf('"', end + 1);
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return end + 1;
  }
}

function endOfWord(text, start) {
  let end = start + 1;
  while (end < text.length && /[-+.\w]/.test(text[end])) end += 1;
  return end;
}

const isContainer = (value) => value !== null && typeof value === 'object';
const scalar = (value) => JSON.stringify(value) ?? 'null';

function kindOf(value) {
  if (Array.isArray(value)) return 'array';
  if (isContainer(value)) return 'object';
  if (typeof value === 'string') return 'string';
  return typeof value === 'number' ? 'number' : 'literal';
}
