import assert from 'node:assert/strict';
import test from 'node:test';

import {branchOf, chipOf, directiveOf, isOrElse, mappingOf, templateParts, templateText} from '../../../destination/studio/static/js/chip-model.js';

const VALUES = [
  null,
  true,
  0,
  '',
  'segment',
  1e21,
  [],
  [{'@path': '$.a'}],
  {},
  {'@path': '$.event'},
  {'@path': {'@template': '$.m.{{e}}'}},
  {'@path': '$.event', '@template': 'x'},
  {'@path': '$.event', _metadata: {lint: 'ignore'}},
  {'@template': ''},
  {'@template': 'Page: {{ name }}'},
  {'@template': '{{event}} {{properties.currency}}'},
  {'@template': '{{{a}}} {{b}}'},
  {'@template': '{{}} {{ }} {{a}'},
  {'@literal': ''},
  {'@literal': {a: {'@path': '$.event'}}},
  {'@literal': [1]},
  {'@if': {exists: {'@path': '$.a'}, then: {'@path': '$.a'}, else: 'segment'}},
  {'@if': {else: 1, then: {'@template': 'x {{y}}'}, blank: {'@path': '$.a'}}},
  {'@if': {exists: {'@path': '$.a'}, blank: {'@path': '$.b'}, then: 1}},
  {'@if': {exists: {'@path': '$.a'}}},
  {'@if': {then: 1}},
  {'@if': {exists: {'@path': '$.a'}, then: {'@if': {exists: 1, then: 2}}, other: 3}},
  {'@if': 'x'},
  {'@if': {exists: {'@path': '$.a'}, then: {'@if': {blank: {'@path': '$.b'}, then: {x: 1}, else: null}}}},
  {anonymousId: {'@path': '$.anonymousId'}, userId: {'@path': '$.userId'}},
  {b: 1, a: {c: {'@path': 'x'}}},
  {b: 1, '@path': 'x'},
  JSON.parse('{"__proto__": 1, "a": {"@path": "x"}}'),
  {'2': 1, '1': 2},
  {'@merge': {direction: 'right', objects: [{'@path': '$.a'}]}},
];

test('a chip and back is the same value, with the order of its keys', () => {
  for (const value of VALUES) {
    for (const rows of [false, true]) {
      assert.equal(JSON.stringify(mappingOf(chipOf(value, {rows}))), JSON.stringify(value));
    }
  }
});

test('generated mappings survive being chips', () => {
  let seed = 7;
  const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
  const make = (depth) => {
    const kinds = [() => random(9), () => `t${random(9)}`, () => null, () => ({'@path': `$.p${random(9)}`}), () => ({'@template': '{{a}}-{{ b }}{'.slice(0, random(15))})];
    const deep = [
      () => ({'@if': Object.fromEntries(['exists', 'blank', 'then', 'else', 'x'].filter(() => random(2)).map((key) => [key, make(depth - 1)]))}),
      () => Object.fromEntries(['z', 'a', '@path', '_metadata', 'm'].filter(() => random(3) === 0).map((key) => [key, make(depth - 1)])),
      () => [make(depth - 1)],
      () => ({'@literal': make(depth - 1)}),
    ];
    const all = depth ? [...kinds, ...deep, ...deep] : kinds;
    return all[random(all.length)]();
  };
  for (let count = 0; count < 2000; count += 1) {
    const value = make(3);
    assert.equal(JSON.stringify(mappingOf(chipOf(value, {rows: count % 2 === 0}))), JSON.stringify(value));
  }
});

test('what a chip cannot show is a JSON chip', () => {
  const kinds = (value) => chipOf(value).kind;
  assert.equal(kinds({'@path': '$.a', _metadata: {}}), 'json');
  assert.equal(kinds({'@template': '{{{a}}}'}), 'json');
  assert.equal(kinds({'@if': {exists: 1, blank: 2, then: 3}}), 'json');
  assert.equal(kinds({'@literal': {}}), 'json');
  assert.equal(kinds({a: 1}), 'json');
  assert.equal(chipOf({a: 1}, {rows: true}).kind, 'object');
  assert.equal(chipOf({'@liquid': 'x'}, {rows: true}).kind, 'json');
  assert.equal(directiveOf({'@liquid': 'x', _metadata: {}}), 'liquid');
  assert.equal(directiveOf({a: 1}), 'JSON');
});

test('a template is text and holes', () => {
  assert.deepEqual(templateParts('Page: {{ name }}'), [{text: 'Page: '}, {hole: 'name', source: '{{ name }}'}]);
  assert.deepEqual(templateParts('{{a}} {{b}}'), [{hole: 'a', source: '{{a}}'}, {text: ' '}, {hole: 'b', source: '{{b}}'}]);
  assert.equal(templateText(templateParts('a {{}} b {{ }} {{c')), 'a {{}} b {{ }} {{c');
});

test('a fixed value keeps its type', () => {
  assert.deepEqual(chipOf(5), {kind: 'fixed', value: 5, literal: false});
  assert.deepEqual(mappingOf(chipOf({'@literal': false})), {'@literal': false});
});

test('a condition on its own result reads as X else Y', () => {
  const a = {'@path': '$.a'};
  assert.equal(isOrElse(chipOf({'@if': {exists: a, then: a, else: 1}})), true);
  assert.equal(isOrElse(chipOf({'@if': {exists: a, then: a}})), false);
  assert.equal(isOrElse(chipOf({'@if': {blank: a, then: a, else: 1}})), false);
  assert.equal(isOrElse(chipOf({'@if': {exists: a, then: {'@path': '$.b'}, else: 1}})), false);
});

test('the branch is what the reads say', () => {
  const exists = chipOf({'@if': {exists: {'@path': '$.a'}, then: 1, else: 2}});
  const blank = chipOf({'@if': {blank: {'@path': 'a'}, then: 1, else: 2}});
  const read = (value) => [{path: '$.a', found: true, value}];
  assert.equal(branchOf(exists, read('x')), 'then');
  assert.equal(branchOf(exists, read(0)), 'then');
  assert.equal(branchOf(exists, read(null)), 'else');
  assert.equal(branchOf(exists, [{path: '$.a', found: false}]), 'else');
  assert.equal(branchOf(exists, []), null);
  assert.equal(branchOf(blank, read('x')), 'then');
  for (const value of ['', 0, false, [], [''], [null], null]) assert.equal(branchOf(blank, read(value)), 'else');
  for (const value of [' ', [0], {}]) assert.equal(branchOf(blank, read(value)), 'then');
});
