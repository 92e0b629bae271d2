import {h, icon} from './dom.js';
import {keysOf} from './json-pointers.js';

/**
 * Draws a finding of lint: its code, its words, and the button of its fix where there is one.
 * @param {any} finding
 * @param {(finding: any) => void} apply
 * @returns {HTMLElement}
 */
export function drawFinding(finding, apply) {
  const bad = finding.severity === 'error';
  return h(
    'div',
    {class: bad ? 'find-l bad-l' : 'find-l', role: 'note', 'aria-label': `${finding.severity} ${finding.code}`},
    h('b', null, finding.code),
    h('span', {class: 'grow'}, prose(finding.message)),
    finding.fix &&
      h('button', {class: 'btn sm', dataset: {focus: `fix ${finding.code} ${finding.pointer}`}, onClick: () => apply(finding)}, finding.fix.title),
  );
}

/**
 * Draws the words of a field that fails.
 * @param {string} note
 */
export const drawFailure = (note) => h('p', {class: 'fail-l'}, icon('x', 'bad'), h('span', null, prose(note)));

/**
 * Draws text whose parts in backticks are code.
 * @param {string} text
 * @returns {Array<Node | string>}
 */
export function prose(text) {
  return String(text)
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 ? h('code', null, part) : part))
    .filter((part) => part !== '');
}

/**
 * Sorts findings by where they belong: `trigger`, `mapping` as a whole, a field's key, or `other`.
 * @param {any[]} findings
 * @returns {{trigger: any[], mapping: any[], other: any[], fields: Map<string, any[]>}}
 */
export function sortFindings(findings) {
  const sorted = {trigger: [], mapping: [], other: [], fields: new Map()};
  for (const finding of findings) {
    const [member, key] = keysOf(finding.pointer ?? '');
    if (member === 'subscribe') sorted.trigger.push(finding);
    else if (member !== 'mapping') sorted.other.push(finding);
    else if (key === undefined) sorted.mapping.push(finding);
    else sorted.fields.set(key, [...(sorted.fields.get(key) ?? []), finding]);
  }
  return sorted;
}
