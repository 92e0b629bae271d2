import assert from 'node:assert/strict';
import test from 'node:test';

import {rowsOf, shown} from '../../../destination/studio/static/js/field-rows.js';

const NAME = {'@if': {exists: {'@path': '$.properties.order_id'}, then: {'@template': '{{event}} {{properties.currency}}'}, else: {'@path': '$.event'}}};
const AGENT = {'@if': {exists: {'@path': '$.agent'}, then: {'@path': '$.agent'}, else: 'segment'}};
const FIELDS = [
  {key: 'units', type: 'object', required: true},
  {key: 'name', type: 'string', required: true},
  {key: 'tags', type: 'string', required: false, multiple: true},
  {key: 'agent', type: 'string', required: 'sometimes', default: AGENT},
];
const MAPPING = {agent: AGENT, extra: {'@path': '$.x'}, name: NAME, units: {userId: {'@path': '$.userId'}, id: 5}};

const entry = (mapping, verdict, more) => ({mapping, position: mapping.slice(1).split('/'), field: mapping, verdict, note: '', reads: [], ...more});

const rows = (given) => rowsOf({fields: FIELDS, mapping: MAPPING, saved: MAPPING, entries: [], ...given});
const byKey = (key, given) => rows(given).find((row) => row.key === key);

test('fields come in the order of the action; a key that it has not comes behind its neighbour', () => {
  assert.deepEqual(rows().map((row) => row.key), ['units', 'name', 'tags', 'agent', 'extra']);
  assert.deepEqual(byKey('extra').words, ['unknown']);
  assert.deepEqual(byKey('tags').words, ['list of text']);
  assert.equal(byKey('tags').mapped, false);
  assert.deepEqual(byKey('agent').words, ['text', 'default', 'sometimes required']);
});

test('a key before all fields comes first', () => {
  assert.deepEqual(rows({mapping: {zeta: 1, name: 'x'}}).map((row) => row.key), ['zeta', 'units', 'name', 'tags', 'agent']);
});

test('what differs from the saved mapping is named', () => {
  const saved = {agent: 'x', units: MAPPING.units, tags: 'gone'};
  const words = Object.fromEntries(rows({saved}).map((row) => [row.key, row.edited]));
  assert.deepEqual(words, {units: null, name: 'added', tags: 'removed', agent: 'edited', extra: 'added'});
  assert.ok(rows({saved: undefined}).every((row) => row.edited === null));
});

test('a condition is three lines, and the branch taken carries the result', () => {
  const entries = [entry('/name', 'given', {value: 'A EUR', reads: [{path: '$.properties.order_id', found: true, value: 'o1'}]})];
  const {lines} = byKey('name', {entries});
  assert.deepEqual(lines.map((line) => [line.role, line.taken, line.results.map((one) => one.text)]), [
    ['if', false, ['"o1"']],
    ['then', true, ['"A EUR"']],
    ['else', false, []],
  ]);
  assert.equal(lines[2].chips[0].off, true);
  assert.deepEqual(lines[1].at, ['name', '@if', 'then']);
});

test('the other branch carries it where the subject is absent', () => {
  const entries = [entry('/name', 'given', {value: 'A', reads: [{path: '$.properties.order_id', found: false}]})];
  const {lines} = byKey('name', {entries});
  assert.deepEqual(lines.map((line) => line.results.map((one) => one.text)), [['absent'], [], ['"A"']]);
});

test('X else Y is one line, and an edit of X changes the condition too', () => {
  const entries = [entry('/agent', 'default', {value: 'segment', reads: [{path: '$.agent', found: false}]})];
  const {lines} = byKey('agent', {entries});
  assert.equal(lines.length, 1);
  assert.deepEqual(lines[0].chips.map((chip) => chip.off), [true, false]);
  assert.deepEqual(lines[0].chips[0].twins, [['agent', '@if', 'exists'], ['agent', '@if', 'then']]);
});

test('results say what happened to a value', () => {
  const results = (verdict, more) => byKey('units', {entries: [entry('/units/userId', verdict, more)]}).lines[0].results[0];
  assert.equal(results('given', {value: 'x'}).text, '"x"');
  assert.equal(results('absent', {note: 'nothing at $.userId'}).text, 'absent');
  assert.equal(results('removed', {note: 'counts as empty'}).text, 'removed: counts as empty');
  assert.deepEqual([results('coerced', {raw: 5, value: '5'}).before, results('coerced', {raw: 5, value: '5'}).text], ['5', '"5"']);
  assert.equal(results('failed', {raw: {}, note: 'Id must be text.'}).tone, 'bad');
  assert.deepEqual(byKey('units', {entries: [entry('/units/userId', 'failed', {raw: {}, note: 'Id must be text.'})]}).notes, ['Id must be text.']);
});

test('a required field without a mapping says so', () => {
  const entries = [{mapping: null, position: ['name'], field: 'name', verdict: 'absent', required: true, note: 'not in the mapping.'}];
  const row = byKey('name', {mapping: {}, entries});
  assert.deepEqual([row.required, row.notes, row.lines], [true, ['not in the mapping.'], []]);
});

test('a mapping that is a directive is one row', () => {
  for (const mapping of [{'@path': '$.x'}, [], 5, {__segment_internal_directive: {}, a: 1}]) {
    const all = rows({mapping, saved: mapping});
    assert.equal(all.length, 1);
    assert.deepEqual(all[0].lines[0].at, []);
  }
});

test('one value inside a JSON chip is not the value of the whole', () => {
  const mapping = {units: {'@literal': {z: 1}}};
  const entries = [{...entry('/units/@literal/z', 'fixed', {value: 1}), position: ['units', 'z'], field: 'units.z'}];
  const [result] = byKey('units', {mapping, entries}).lines[0].results;
  assert.deepEqual([result.text, result.title], ['1 value', 'units.z: 1']);
});

test('values are short', () => {
  assert.deepEqual([{a: 1}, {}, [1, 2], 'x', null, undefined].map((value) => shown(value).text), ['1 key', '0 keys', '2 items', '"x"', 'null', 'absent']);
  assert.ok(shown('x'.repeat(5000)).text.length <= 2001);
});
