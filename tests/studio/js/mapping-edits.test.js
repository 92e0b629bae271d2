import assert from 'node:assert/strict';
import test from 'node:test';

import {
  changeOne,
  copyOne,
  editedParts,
  moveOne,
  newOne,
  removeAt,
  removeOne,
  renameAt,
  revertOne,
  setAt,
  valueAt,
  withMembers,
} from '../../../destination/studio/static/js/mapping-edits.js';

const MAPPING = {units: {userId: {'@path': '$.userId'}}, name: {'@if': {exists: 1, then: [1, 2], else: 3}}, agent: 'x'};
const DRAFT = [
  {key: 's0', saved: 0, name: 'A', enabled: true, subscribe: 'type = "track"', partnerAction: 'a', mapping: MAPPING, ID: '7', note: {x: 1}},
  {key: 's1', saved: 1, name: 'B', enabled: true, subscribe: 'type = "page"', partnerAction: 'a', mapping: {}},
];

test('an edit changes one value and keeps the order of the keys', () => {
  const before = JSON.stringify(MAPPING);
  const edited = setAt(MAPPING, ['name', '@if', 'then'], {'@path': '$.x'});
  assert.equal(
    JSON.stringify(edited),
    '{"units":{"userId":{"@path":"$.userId"}},"name":{"@if":{"exists":1,"then":{"@path":"$.x"},"else":3}},"agent":"x"}',
  );
  assert.equal(edited.units, MAPPING.units);
  assert.equal(JSON.stringify(setAt(MAPPING, ['name', '@if', 'then', '1'], 9).name), '{"@if":{"exists":1,"then":[1,9],"else":3}}');
  assert.deepEqual(Object.keys(setAt(MAPPING, ['zeta'], 1)), ['units', 'name', 'agent', 'zeta']);
  assert.equal(setAt(MAPPING, [], 5), 5);
  assert.equal(JSON.stringify(MAPPING), before);
});

test('a key __proto__ is a key as any other', () => {
  const made = setAt({a: 1}, ['__proto__'], 2);
  assert.equal(JSON.stringify(made), '{"a":1,"__proto__":2}');
  assert.equal(valueAt(made, ['__proto__']), 2);
  assert.equal(valueAt({}, ['toString']), undefined);
  assert.equal(JSON.stringify(removeAt(made, ['__proto__'])), '{"a":1}');
});

test('removing and renaming keep the rest in its order', () => {
  assert.deepEqual(Object.keys(removeAt(MAPPING, ['name'])), ['units', 'agent']);
  assert.deepEqual(removeAt(MAPPING, ['name', '@if', 'then', '0']).name['@if'].then, [2]);
  assert.equal(removeAt(MAPPING, ['none', 'x']), MAPPING);
  assert.deepEqual(Object.keys(renameAt(MAPPING, ['name'], 'title')), ['units', 'title', 'agent']);
  assert.equal(renameAt(MAPPING, ['name'], 'agent'), MAPPING);
});

test('an edit without a change returns the same draft', () => {
  assert.equal(changeOne(DRAFT, 's0', (one) => ({...one, name: 'A'})), DRAFT);
  assert.notEqual(changeOne(DRAFT, 's0', (one) => ({...one, name: 'C'})), DRAFT);
});

test('a copy comes behind its original, with a name of its own and no identity', () => {
  const next = copyOne(copyOne(DRAFT, 's0', 'n1'), 's0', 'n2');
  assert.deepEqual(next.map(({key, name}) => [key, name]), [['s0', 'A'], ['n2', 'A copy 2'], ['n1', 'A copy'], ['s1', 'B']]);
  assert.equal(next[1].saved, null);
  assert.equal('ID' in next[1], false);
  assert.deepEqual(next[1].note, {x: 1});
});

test('subscriptions move within the ends', () => {
  assert.deepEqual(moveOne(DRAFT, 's0', 1).map((one) => one.key), ['s1', 's0']);
  assert.equal(moveOne(DRAFT, 's0', -1), DRAFT);
  assert.equal(moveOne(DRAFT, 's1', 1), DRAFT);
  assert.deepEqual(removeOne(DRAFT, 's0').map((one) => one.key), ['s1']);
});

test('a new subscription has the defaults of the fields', () => {
  const action = {title: 'A', defaultSubscription: null, fields: [{key: 'x', default: {'@path': '$.x'}}, {key: 'y', default: null}, {key: 'z', default: false}]};
  const made = newOne(DRAFT, 'n1', 'a', action);
  assert.equal(made.name, 'A 2');
  assert.equal(made.subscribe, 'type = "track"');
  assert.equal(JSON.stringify(made.mapping), '{"x":{"@path":"$.x"},"z":false}');
  assert.notEqual(made.mapping.x, action.fields[0].default);
});

test('reverting puts the saved version back, also members that the form does not show', () => {
  const edited = changeOne(DRAFT, 's0', ({note: _note, ...one}) => ({...one, mapping: {}, extra: 1}));
  assert.deepEqual(revertOne(edited, 's0', DRAFT[0]), DRAFT);
});

test('JSON replaces all but the members of the page', () => {
  assert.deepEqual(withMembers(DRAFT[1], {name: 'C', key: 'x', saved: 9}), {key: 's1', saved: 1, name: 'C'});
});

test('what was edited is named', () => {
  const parts = (change) => editedParts({...DRAFT[0], ...change}, DRAFT[0]);
  assert.deepEqual(parts({}), []);
  assert.deepEqual(parts({subscribe: 'x', mapping: setAt(MAPPING, ['agent'], 'y')}), ['trigger', 'agent']);
  assert.deepEqual(parts({name: 'C', enabled: false, note: 2}), ['name of the subscription', 'enabled', 'note']);
  assert.deepEqual(parts({mapping: {'@path': 'x'}}).length > 0, true);
  assert.deepEqual(parts({mapping: {agent: 'x', ...MAPPING}}), ['order of the fields']);
  assert.deepEqual(editedParts(DRAFT[0], null), []);
});
