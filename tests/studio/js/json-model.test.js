import assert from 'node:assert/strict';
import test from 'node:test';

import {
  beginsOpen,
  foldWords,
  fromText,
  fromValue,
  nearest,
  oneLine,
  sizeWords,
  visibleRows,
  writeText,
} from '../../../destination/studio/static/js/json-model.js';

const EVENT = {
  type: 'track',
  context: {page: {path: '/', title: 'Home'}, library: {}},
  products: [{id: 1, tags: ['a', 'b']}, {id: 2, tags: []}],
  total: 85.81,
};

const shown = (root, options) => visibleRows(root, options).map(({number, part, node}) => [number, part, node.pointer]);

test('numbers are those of the indented text', () => {
  const lines = JSON.stringify(EVENT, null, 2).split('\n');
  const rows = visibleRows(fromText(JSON.stringify(EVENT)));
  assert.equal(rows.length, lines.length);
  for (const {number, node, part} of rows) {
    const text = lines[number - 1].trim();
    if (node.key && part !== 'close') assert.ok(text.startsWith(node.key), `line ${number}: ${text}`);
  }
  assert.deepEqual(rows.map((row) => row.number), lines.map((_, index) => index + 1));
});

test('numbers go on behind a fold as if it were open', () => {
  const root = fromValue(EVENT);
  const closed = new Set(['/context', '/products/0']);
  assert.deepEqual(shown(root, {isOpen: (node) => !closed.has(node.pointer)}), [
    [1, 'open', ''],
    [2, 'leaf', '/type'],
    [3, 'folded', '/context'],
    [10, 'open', '/products'],
    [11, 'folded', '/products/0'],
    [18, 'open', '/products/1'],
    [19, 'leaf', '/products/1/id'],
    [20, 'leaf', '/products/1/tags'],
    [21, 'close', '/products/1'],
    [22, 'close', '/products'],
    [23, 'leaf', '/total'],
    [24, 'close', ''],
  ]);
});

test('a hidden node hides what is in it and keeps its numbers', () => {
  const root = fromValue(EVENT);
  const rows = shown(root, {isShown: (node) => node.pointer !== '/context'});
  assert.deepEqual(rows.slice(1, 3), [
    [2, 'leaf', '/type'],
    [10, 'open', '/products'],
  ]);
});

test('short objects of a list stand on one line where that is wanted', () => {
  const units = {units: [{type: 'userId', uid: 'cust_1'}, {type: 'anonymousId', uid: 'a'.repeat(200)}], a: {b: 1}};
  const root = fromValue(units, {inline: true});
  assert.deepEqual(
    visibleRows(root).map(({number, part, node}) => `${number} ${part} ${node.pointer}`),
    [
      '1 open ',
      '2 open /units',
      '3 inline /units/0',
      '4 open /units/1',
      '5 leaf /units/1/type',
      '6 leaf /units/1/uid',
      '7 close /units/1',
      '8 close /units',
      '9 open /a',
      '10 leaf /a/b',
      '11 close /a',
      '12 close ',
    ],
  );
  assert.equal(oneLine(nearest(root, '/units/0')), '{"type": "userId", "uid": "cust_1"}');
});

test('text keeps its numbers, its order and both of two equal keys', () => {
  const text = '{"10": 1.50, "2": 12345678901234567890, "2": "\\u00e9", "a/b~": {"\\"": -1e400}}';
  const root = fromText(text);
  assert.deepEqual(
    root.children.map((child) => [child.key, child.raw, child.pointer]),
    [
      ['"10"', '1.50', '/10'],
      ['"2"', '12345678901234567890', '/2'],
      ['"2"', '"\\u00e9"', '/2'],
      ['"a/b~"', '', '/a~1b~0'],
    ],
  );
  assert.equal(root.children[3].children[0].raw, '-1e400');
  assert.equal(root.children[3].children[0].key, '"\\""');
});

test('strings end where JSON ends them', () => {
  const value = ['\\', '"', '\\"', 'a\\', '{"a": [1]}', ''];
  assert.deepEqual(fromText(JSON.stringify(value)).children.map((child) => JSON.parse(child.raw)), value);
});

test('text that is not JSON is an error', () => {
  for (const text of ['', '{', '{"a" 1}', '[1,]', "{'a': 1}", '{} {}']) {
    assert.throws(() => fromText(text), SyntaxError, text);
  }
});

test('scalars and empty containers are one line', () => {
  for (const text of ['null', 'true', '-0.5', '"a"', '{}', '[]']) {
    assert.deepEqual(shown(fromText(text)), [[1, 'leaf', '']]);
    assert.equal(writeText(fromText(text)), text);
  }
});

test('what is written is what JSON.stringify writes', () => {
  assert.equal(writeText(fromValue(EVENT)), JSON.stringify(EVENT, null, 2));
  assert.equal(writeText(fromText(JSON.stringify(EVENT))), JSON.stringify(EVENT, null, 2));
  assert.equal(writeText(nearest(fromValue(EVENT), '/products/1')), JSON.stringify(EVENT.products[1], null, 2));
});

test('big and deep containers begin folded', () => {
  const wide = fromValue({wide: Object.fromEntries(Array.from({length: 201}, (_, i) => [`k${i}`, i])), ok: [1]});
  assert.deepEqual(wide.children.map(beginsOpen), [false, true]);
  let deep = fromValue({a: {b: {c: {d: {e: {f: {g: 1}}}}}}});
  const open = [];
  for (; deep.children.length; deep = deep.children[0]) open.push(beginsOpen(deep));
  assert.deepEqual(open, [true, true, true, true, true, true, true]);
  assert.equal(beginsOpen(nearest(fromValue({a: {b: {c: {d: {e: {f: {g: {h: 1}}}}}}}}), '/a/b/c/d/e/f/g')), false);
});

test('folds and sizes are said in words', () => {
  assert.deepEqual(fromValue([{a: 1}, [1, 2], {}]).children.map(foldWords), ['1 key', '2 items', '0 keys']);
  assert.equal(foldWords(fromValue(Array.from({length: 1234}, () => 0))), '1,234 items');
  assert.deepEqual([sizeWords('abc'), sizeWords('é'.repeat(24000)), sizeWords('x'.repeat(1250000))], ['3 B', '48 kB', '1.3 MB']);
});

test('a value of 100,000 lines and one 5,000 deep have rows', () => {
  const wide = fromValue(Array.from({length: 100_000}, (_, index) => index));
  assert.equal(visibleRows(wide).at(-1).number, 100_002);
  const text = '['.repeat(5000) + ']'.repeat(5000);
  assert.equal(visibleRows(fromText(text)).at(-1).number, 9999);
});
