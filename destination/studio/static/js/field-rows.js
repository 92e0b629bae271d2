/**
 * What the form of a mapping shows: a row for each field of the action, in Segment's order, and for each key that the
 * action does not have. No DOM.
 *
 * @typedef {{text: string, before?: string, title: string, tone: '' | 'bad' | 'mut'}} Result
 * @typedef {{at: string[], chip: import('./chip-model.js').Chip, off: boolean, twins?: string[][], test?: boolean}} ChipAt
 * @typedef {{name: string | null, at: string[], role: null | 'if' | 'then' | 'else', taken: boolean, chips: ChipAt[],
 *   results: Result[]}} Line
 * @typedef {{key: string, at: string[], field: any, mapped: boolean, required: any, edited: null | 'edited' | 'added' | 'removed',
 *   words: string[], lines: Line[], notes: string[]}} Row
 */
import {branchOf, chipOf, isObject, isOrElse, samePath} from './chip-model.js';
import {escapeKey} from './json-model.js';

const TYPES = {string: 'text', text: 'long text', datetime: 'date and time', integer: 'whole number'};

/** Key of the row that stands for a mapping without fields of its own, such as a directive. */
export const WHOLE = 'mapping';

/**
 * @param {{fields: any[], mapping: any, saved: any, entries: any[] | null}} given `saved`: the saved mapping, undefined
 *   for a new subscription; `entries`: what explain says of each value, null where that is not known
 * @returns {Row[]}
 */
export function rowsOf({fields, mapping, saved, entries}) {
  if (!isPlain(mapping)) {
    return [wholeRow(mapping, saved, entries)];
  }
  const known = new Map(fields.map((field) => [field.key, field]));
  const rows = fields.map((field) => row(field.key, field, mapping, saved, entries));
  let behind = -1;
  for (const key of Object.keys(mapping)) {
    if (known.has(key)) {
      behind = rows.findIndex((one) => one.key === key);
    } else {
      behind += 1;
      rows.splice(behind, 0, row(key, null, mapping, saved, entries));
    }
  }
  return rows;
}

/** Reports whether a mapping is one with a key for each field. @param {any} mapping */
export const isPlain = (mapping) =>
  isObject(mapping) && !Object.keys(mapping).some((key) => key.startsWith('@') || key === '__segment_internal_directive');

function wholeRow(mapping, saved, entries) {
  const edited = saved !== undefined && differs(mapping, saved);
  const line = {name: null, at: [], role: null, taken: false, chips: [{at: [], chip: chipOf(mapping), off: false}], results: []};
  const failed = (entries ?? []).filter((entry) => entry.verdict === 'failed').map((entry) => entry.note);
  return {
    key: WHOLE,
    at: [],
    field: null,
    mapped: true,
    required: false,
    edited: edited ? 'edited' : null,
    words: ['the whole', ...(edited ? ['edited'] : [])],
    lines: [{...line, results: entries ? [summary(entries)].filter(Boolean) : []}],
    notes: [...new Set(failed)],
  };
}

function row(key, field, mapping, saved, entries) {
  const mapped = Object.hasOwn(mapping, key);
  const was = isObject(saved) && Object.hasOwn(saved, key);
  const value = mapped ? mapping[key] : undefined;
  const edited = editedWord(mapped, was, value, was ? saved[key] : undefined, saved);
  const words = [field ? typeWords(field) : 'unknown'];
  if (edited) words.push(edited);
  else if (mapped && field && !differs(value, field.default)) words.push('default');
  if (field?.required === 'sometimes') words.push('sometimes required');
  const own = (entries ?? []).filter((entry) => entry.position?.[0] === key);
  return {
    key,
    at: [key],
    field,
    mapped,
    required: field?.required === true || own.some((entry) => entry.required && entry.position.length === 1),
    edited,
    words,
    lines: mapped ? linesOf([key], value, entries, field?.type === 'object' || !field) : [],
    notes: notesOf(own, mapped),
  };
}

function editedWord(mapped, was, value, before, saved) {
  if (!isObject(saved)) return null;
  if (mapped && !was) return 'added';
  if (!mapped && was) return 'removed';
  return mapped && differs(value, before) ? 'edited' : null;
}

function notesOf(entries, mapped) {
  const found = entries.filter((entry) => entry.verdict === 'failed' || (entry.verdict === 'absent' && !entry.mapping && !mapped && entry.required));
  return [...new Set(found.map((entry) => entry.note).filter(Boolean))];
}

function typeWords(field) {
  const type = TYPES[field.type] ?? field.type;
  return field.multiple ? `list of ${type}` : type;
}

function linesOf(at, value, entries, rows) {
  const chip = chipOf(value, {rows});
  if (chip.kind !== 'object') return chipLines(null, at, chip, entries);
  return chip.members.flatMap(([name, inner]) => chipLines(name, [...at, name], inner, entries));
}

function chipLines(name, at, chip, entries) {
  const results = resultsAt(at, entries);
  const line = (more) => ({name: null, at, role: null, taken: false, results: [], ...more});
  if (chip.kind !== 'if') return [line({name, chips: [{at, chip, off: false}], results})];
  const under = (key) => [...at, '@if', key];
  const reads = readsAt(at, entries);
  const branch = branchAt(at, entries) ?? branchOf(chip, reads);
  if (isOrElse(chip)) {
    const chips = [
      {at: under('then'), chip: chip.then, off: branch === 'else', twins: [under(chip.test), under('then')]},
      {at: under('else'), chip: chip.else, off: branch !== 'else'},
    ];
    return [line({name, chips, results})];
  }
  const lines = [line({name, role: 'if', chips: [{at, chip, off: false, test: true}], results: subjectResult(chip, reads)})];
  for (const key of ['then', 'else']) {
    if (!chip[key]) continue;
    const taken = branch === key;
    lines.push(line({at: under(key), role: key, taken, chips: [{at: under(key), chip: chip[key], off: branch !== null && !taken}], results: taken ? results : []}));
  }
  // The result has to stand somewhere: where the branch is not known or not there, beside the condition.
  if (!lines.some(({taken}) => taken) && results.length) lines[0].results = results;
  return lines;
}

const pointerOf = (at) => at.map((key) => `/${escapeKey(key)}`).join('');

const entriesAt = (at, entries) => (entries ?? []).filter((entry) => entry.mapping === pointerOf(at));

const readsAt = (at, entries) => entriesAt(at, entries).flatMap((entry) => entry.reads ?? []);

const branchAt = (at, entries) => entriesAt(at, entries).find((entry) => entry.branch)?.branch ?? null;

function subjectResult(chip, reads) {
  if (chip.subject.kind !== 'path') return [];
  const read = reads.find((one) => samePath(one.path, chip.subject.path));
  if (!read) return [];
  return [read.found ? shown(read.value) : {text: 'absent', title: `Nothing is at ${read.path}.`, tone: 'mut'}];
}

function resultsAt(at, entries) {
  if (!entries) return [];
  const own = entriesAt(at, entries);
  if (own.length === 1) return [resultOf(own[0])];
  const all = own.length ? own : entries.filter((entry) => entry.mapping?.startsWith(`${pointerOf(at)}/`));
  // One value inside is not the value of the whole.
  if (all.length === 1 && all[0].position?.length > at.length) return [{...resultOf(all[0]), text: '1 value', before: undefined, title: `${all[0].field}: ${resultOf(all[0]).text}`}];
  return [summary(all)].filter(Boolean);
}

function resultOf(entry) {
  const note = entry.note ?? '';
  switch (entry.verdict) {
    case 'absent':
      return {text: 'absent', title: note, tone: 'mut'};
    case 'removed':
      return {text: note ? `removed: ${note}` : 'removed', title: note, tone: 'mut'};
    case 'coerced':
      return {...shown(entry.value), before: shown(entry.raw).text, title: `coerced: ${note}`};
    case 'failed':
      return {...shown('raw' in entry ? entry.raw : entry.value), title: note, tone: 'bad'};
    default: {
      const value = shown(entry.value);
      return note ? {...value, title: `${value.title}\n${note}` } : value;
    }
  }
}

/** Says in words what several values come to. */
function summary(entries) {
  if (!entries.length) return null;
  if (entries.length === 1) return resultOf(entries[0]);
  const there = entries.filter((entry) => !['absent', 'removed'].includes(entry.verdict));
  const failed = entries.some((entry) => entry.verdict === 'failed');
  const title = entries.map((entry) => `${entry.field}: ${resultOf(entry).text}`).join('\n');
  return {text: there.length === 1 ? '1 value' : `${there.length} values`, title, tone: failed ? 'bad' : ''};
}

/**
 * Writes a value on one line: text in quotes, `11 keys`, `2 items`.
 * @param {any} value
 * @returns {Result}
 */
export function shown(value) {
  if (value === undefined) return {text: 'absent', title: '', tone: 'mut'};
  const whole = JSON.stringify(value);
  const title = whole.length > 2000 ? `${whole.slice(0, 2000)}…` : whole;
  if (Array.isArray(value)) return {text: value.length === 1 ? '1 item' : `${value.length} items`, title, tone: ''};
  if (isObject(value)) {
    const count = Object.keys(value).length;
    return {text: count === 1 ? '1 key' : `${count} keys`, title, tone: ''};
  }
  return {text: title, title, tone: ''};
}

const differs = (a, b) => JSON.stringify(a) !== JSON.stringify(b);
