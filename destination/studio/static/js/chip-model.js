/**
 * What a mapping looks like as chips, and back. No DOM.
 *
 * A chip stands for one value of a mapping. `mappingOf(chipOf(value))` is the value again, with the order of its
 * keys: what a chip cannot show without loss is a JSON chip.
 *
 * @typedef {{text: string} | {hole: string, source: string}} TemplatePart
 * @typedef {{kind: 'path', path: string}
 *   | {kind: 'template', parts: TemplatePart[]}
 *   | {kind: 'fixed', value: string | number | boolean | null, literal: boolean}
 *   | {kind: 'if', test: 'exists' | 'blank', order: string[], subject: Chip, then?: Chip, else?: Chip}
 *   | {kind: 'object', members: Array<[string, Chip]>}
 *   | {kind: 'json', value: any}} Chip
 */

/** The maximum number of keys of an object that is shown as rows. */
const MAX_ROWS = 24;

const HOLE = /\{\{([^{}]*)\}\}/g;

/**
 * Makes the chip of a value of a mapping.
 * @param {any} value
 * @param {{rows?: boolean}} [options] `rows`: an object without a directive becomes rows
 * @returns {Chip}
 */
export function chipOf(value, {rows = false} = {}) {
  if (!isObject(value)) {
    return Array.isArray(value) ? {kind: 'json', value} : {kind: 'fixed', value, literal: false};
  }
  const keys = Object.keys(value);
  if (keys.length === 1) {
    const inner = value[keys[0]];
    if (keys[0] === '@path' && typeof inner === 'string') return {kind: 'path', path: inner};
    if (keys[0] === '@template' && typeof inner === 'string') return templateChip(inner, value);
    if (keys[0] === '@literal' && isScalar(inner)) return {kind: 'fixed', value: inner, literal: true};
    if (keys[0] === '@if' && isObject(inner)) return ifChip(inner, value);
  }
  const plain = keys.length > 0 && keys.length <= MAX_ROWS && !keys.some((key) => /^(@|_)/.test(key));
  if (!rows || !plain) return {kind: 'json', value};
  return {kind: 'object', members: keys.map((key) => [key, chipOf(value[key])])};
}

/**
 * Makes the value of a chip.
 * @param {Chip} chip
 * @returns {any}
 */
export function mappingOf(chip) {
  switch (chip.kind) {
    case 'path':
      return {'@path': chip.path};
    case 'template':
      return {'@template': templateText(chip.parts)};
    case 'fixed':
      return chip.literal ? {'@literal': chip.value} : chip.value;
    case 'if':
      return {'@if': fromEntries(chip.order.map((key) => [key, mappingOf(key === chip.test ? chip.subject : chip[key])]))};
    case 'object':
      return fromEntries(chip.members.map(([key, member]) => [key, mappingOf(member)]));
    default:
      return chip.value;
  }
}

function templateChip(text, value) {
  const parts = templateParts(text);
  // Three braces are replaced first and the result is read again: holes cannot show that.
  const odd = /\{\{\{|\}\}\}/.test(text) || parts.some((part) => 'text' in part && /\{\{|\}\}/.test(part.text));
  return odd || text === '' ? {kind: 'json', value} : {kind: 'template', parts};
}

function ifChip(options, value) {
  const order = Object.keys(options);
  const tests = order.filter((key) => key === 'exists' || key === 'blank');
  const known = order.every((key) => ['exists', 'blank', 'then', 'else'].includes(key));
  if (!known || tests.length !== 1 || order.length < 2) return {kind: 'json', value};
  const test = tests[0];
  const chip = {kind: 'if', test, order, subject: chipOf(options[test])};
  for (const branch of ['then', 'else']) if (branch in options) chip[branch] = chipOf(options[branch]);
  return chip;
}

/**
 * Splits a template into text and holes; joined again they are the same text.
 * @param {string} text
 * @returns {TemplatePart[]}
 */
export function templateParts(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(HOLE)) {
    if (match.index > end) parts.push({text: text.slice(end, match.index)});
    if (match[1].trim() === '') parts.push({text: match[0]});
    else parts.push({hole: match[1].trim(), source: match[0]});
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({text: text.slice(end)});
  return parts;
}

/** Joins the parts of a template. @param {TemplatePart[]} parts */
export const templateText = (parts) => parts.map((part) => ('text' in part ? part.text : part.source)).join('');

/**
 * Reports whether a condition reads as `X else Y`: `@if exists X then X`.
 * @param {Chip} chip
 */
export function isOrElse(chip) {
  return (
    chip.kind === 'if' &&
    chip.test === 'exists' &&
    Boolean(chip.then && chip.else) &&
    chip.subject.kind !== 'fixed' &&
    JSON.stringify(mappingOf(chip.subject)) === JSON.stringify(mappingOf(chip.then))
  );
}

/**
 * Says which branch of a condition is taken, by what explain says that the field reads; null where that is not known.
 * @param {Chip} chip of kind `if`
 * @param {Array<{path: string, found: boolean, value?: any}>} reads
 * @returns {'then' | 'else' | null}
 */
export function branchOf(chip, reads) {
  const {subject, test} = chip;
  if (subject.kind === 'fixed') return test === 'exists' ? (subject.value === null ? 'else' : 'then') : null;
  if (subject.kind !== 'path') return null;
  const read = reads.find((one) => samePath(one.path, subject.path));
  if (!read) return null;
  const there = read.found && read.value !== null && read.value !== undefined;
  if (test === 'exists') return there ? 'then' : 'else';
  // Blank is compared as JavaScript compares with "": 0, false, [] and [""] are blank too.
  return there && read.value != '' ? 'then' : 'else'; // eslint-disable-line eqeqeq
}

/** Reports whether two paths read the same. @param {string} a @param {string} b */
export const samePath = (a, b) => a.replace('$.', '') === b.replace('$.', '');

/**
 * Names a chip's kind as the page does.
 * @param {Chip} chip
 */
export function kindWord(chip) {
  return chip.kind === 'json' ? directiveOf(chip.value) : chip.kind;
}

/** Returns the one directive of a value without its `@`, or `JSON`. @param {any} value */
export function directiveOf(value) {
  const keys = isObject(value) ? Object.keys(value).filter((key) => key !== '_metadata') : [];
  return keys.length === 1 && keys[0].startsWith('@') ? keys[0].slice(1) : 'JSON';
}

/** Reports whether a value is a JSON object. @param {any} value */
export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reports whether a value is text, a number, true, false or null. @param {any} value */
export const isScalar = (value) => value === null || ['string', 'number', 'boolean'].includes(typeof value);

/** Like Object.fromEntries, for a key `__proto__` too. @param {Array<[string, any]>} entries */
export function fromEntries(entries) {
  const made = {};
  for (const [key, value] of entries) {
    Object.defineProperty(made, key, {value, enumerable: true, configurable: true, writable: true});
  }
  return made;
}
