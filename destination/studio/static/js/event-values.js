/** The values of an event as a tree that can be filtered. No DOM. */
import {isObject} from './chip-model.js';

/**
 * @typedef {{path: string, plain: string, name: string, depth: number, value: any, parent: string | null, inner: boolean,
 *   usable: boolean}} EventValue
 */

const MAX_VALUES = 5000;

/**
 * Lists the values of an event, each with its path as `@path` reads it. Lists show their first items only.
 * @param {any} event
 * @returns {EventValue[]}
 */
export function valuesOf(event) {
  const found = [];
  if (!isObject(event)) return found;
  const visit = (value, path, name, depth, parent, usable) => {
    if (found.length >= MAX_VALUES) return;
    const inner = value !== null && typeof value === 'object' && Object.keys(value).length > 0;
    found.push({path, plain: path.replace('$.', ''), name, depth, value, parent, inner, usable});
    if (!inner) return;
    if (Array.isArray(value)) {
      value.slice(0, 20).forEach((item, index) => visit(item, `${path}[${index}]`, `[${index}]`, depth + 1, path, usable));
    } else {
      for (const [key, item] of Object.entries(value)) {
        visit(item, `${path}.${key}`, key, depth + 1, path, usable && isPlainKey(key));
      }
    }
  };
  for (const [key, value] of Object.entries(event)) visit(value, `$.${key}`, key, 0, null, isPlainKey(key));
  return found;
}

// A path is split at dots and brackets, and quotes vanish from it.
const isPlainKey = (key) => key !== '' && !/[.[\]'"{}]/.test(key);

/**
 * Lists what is visible: without a filter the open part of the tree, with one all that matches and what contains it.
 * @param {EventValue[]} values
 * @param {string} filter words that all have to be in the path or in the value
 * @param {(value: EventValue) => boolean} isOpen
 * @returns {EventValue[]}
 */
export function visibleValues(values, filter, isOpen) {
  const shown = new Set();
  if (wordsOf(filter).length) {
    const byPath = new Map(values.map((value) => [value.path, value]));
    for (const value of values) {
      if (!isFound(value, filter)) continue;
      for (let at = value; at; at = byPath.get(at.parent)) shown.add(at.path);
    }
    return values.filter((value) => shown.has(value.path));
  }
  return values.filter((value) => {
    if (value.parent !== null && !shown.has(value.parent)) return false;
    if (isOpen(value)) shown.add(value.path);
    return true;
  });
}

/**
 * Reports whether all words of a filter are in the path or in the value.
 * @param {EventValue} value
 * @param {string} filter
 */
export function isFound(value, filter) {
  const text = `${value.plain} ${value.inner ? '' : String(JSON.stringify(value.value))}`.toLowerCase();
  return wordsOf(filter).every((word) => text.includes(word));
}

const wordsOf = (filter) => filter.toLowerCase().replace(/^\$\.?/, '').split(/\s+/).filter(Boolean);

/**
 * Lists the paths above a path: `$.a` and `$.a.b` for `$.a.b.c`.
 * @param {string} path
 */
export function pathsAbove(path) {
  const found = [];
  for (const match of path.matchAll(/(?<=[^$])[.[]/g)) found.push(path.slice(0, match.index));
  return found;
}
