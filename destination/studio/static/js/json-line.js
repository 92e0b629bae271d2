import {h} from './dom.js';
import {foldWords, sizeWords, STRING_LIMIT} from './json-model.js';

/**
 * Draws one line of JSON: its number, its text, and at the right edge where its value comes from.
 *
 * What can be clicked inside it has `data-fold` or `data-whole`; json-lines.js listens.
 *
 * @param {import('./json-model.js').Row} row
 * @param {{id: string, index: number, used: boolean, active: boolean, whole: boolean, origins: Map<string, string>}} how
 *   `whole`: show a long string to its end
 * @returns {HTMLElement}
 */
export function drawLine(row, {id, index, used, active, whole, origins}) {
  const {node, part, number} = row;
  const closes = part === 'close';
  const canFold = part === 'open' || part === 'folded';
  const classes = ['ln', used && 'used', active && 'cur', whole && 'whole'].filter(Boolean).join(' ');
  const role = closes
    ? {role: 'none'}
    : {role: 'treeitem', 'aria-level': node.depth + 1, 'aria-selected': active ? 'true' : 'false'};
  const origin = originOf(row, origins);
  const expanded = canFold ? {'aria-expanded': part === 'open' ? 'true' : 'false'} : {};
  return h(
    'li',
    {class: classes, id, 'data-row': index, ...role, ...expanded},
    h('span', {class: 'no', 'aria-hidden': 'true', 'data-fold': canFold}, number),
    h('span', {class: 'tx', 'aria-hidden': closes ? 'true' : null}, ...content(row, whole)),
    h('span', {class: 'fr', title: origin || null}, origin),
  );
}

function originOf({node, part}, origins) {
  if (part === 'close') return '';
  const own = origins.get(node.pointer);
  if (own !== undefined || (part !== 'inline' && part !== 'folded')) return own ?? '';
  // What the action adds beside a value of the event (the name of a unit) says nothing about the line.
  const inner = node.children.map((child) => origins.get(child.pointer)).filter(Boolean);
  const named = inner.filter((words) => words !== 'action');
  return [...new Set(named.length ? named : inner)].join(', ');
}

function content({node, part}, whole) {
  const comma = node.last ? '' : ',';
  const indent = '  '.repeat(node.depth);
  const [open, close] = brackets(node);
  if (part === 'close') return [`${indent}${close}${comma}`];
  const before = [indent, ...keyOf(node)];
  if (part === 'open') return [...before, open];
  if (part === 'folded') {
    return [...before, open, h('span', {class: 'fo v', 'data-fold': true}, foldWords(node)), close, comma];
  }
  return [...before, ...(part === 'inline' ? inlined(node) : scalar(node, whole)), comma];
}

function inlined(node) {
  if (!node.children.length) return scalar(node, false);
  const [open, close] = brackets(node);
  const inner = node.children.flatMap((child, index) => [index ? ', ' : '', ...keyOf(child), ...inlined(child)]);
  return [open, ...inner, close];
}

function scalar(node, whole) {
  const className = node.kind === 'literal' ? 'l v' : 's v';
  if (node.raw.length <= STRING_LIMIT) {
    return [h('span', {class: className, title: node.raw.length > 40 ? node.raw : null}, node.raw)];
  }
  const words = whole ? 'show less' : `show all ${sizeWords(node.raw)}`;
  const button = h('button', {class: 'btn sm bare', type: 'button', tabIndex: -1, 'data-whole': true}, words);
  // Behind a long string the button would be cut off with the line.
  const text = whole ? node.raw : `${node.raw.slice(0, STRING_LIMIT)}…`;
  return [button, ' ', h('span', {class: className}, text)];
}

const keyOf = (node) => (node.key === null ? [] : [h('span', {class: 'k'}, node.key), ': ']);
const brackets = (node) => (node.kind === 'object' ? '{}' : '[]');
