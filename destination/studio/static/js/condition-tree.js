import {h, icon} from './dom.js';
import {oneLine, fromValue} from './json-model.js';

/**
 * Draws the conditions of a trigger with their verdicts and what the event has there.
 *
 * @param {any} tree as `destination explain --json` has it
 * @param {string} label
 * @returns {HTMLElement}
 */
export function drawConditions(tree, label) {
  const lines = [];
  const add = (node, branch, below, level) => {
    lines.push(line(node, branch, level));
    (node.children ?? []).forEach((child, index, all) => {
      const last = index === all.length - 1;
      add(child, `${below}${last ? '└ ' : '├ '}`, `${below}${last ? '  ' : '│ '}`, level + 1);
    });
  };
  add(tree, '', '', 1);
  return h('ul', {class: 'tree', 'aria-label': label}, ...lines);
}

function line(node, branch) {
  const [className, glyph, word] = verdict(node);
  const text = node.operator ?? node.condition ?? node.text;
  const absent = node.path !== undefined && node.path !== '' && !('value' in node);
  const value = 'value' in node ? oneLine(fromValue(node.value)) : null;
  return h(
    'li',
    {class: 'tn'},
    h('span', {class: `vd ${className}`}, icon(glyph), word),
    h('span', {class: 'cd', title: text}, branch && h('span', {class: 'br', 'aria-hidden': 'true'}, branch), text),
    value !== null && h('span', {class: 'it', title: value}, value),
    absent && h('span', {class: 'it'}, 'absent'),
  );
}

function verdict({verdict: is, asked}) {
  if (!asked) return ['n', 'dash', 'not asked'];
  if (is === null) return ['f', 'x', 'fails'];
  return is ? ['t', 'check', 'true'] : ['f', 'x', 'false'];
}
