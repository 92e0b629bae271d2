import assert from 'node:assert/strict';
import test from 'node:test';

import {keysOf, readJson} from '../../../destination/studio/static/js/json-pointers.js';

const TEXT = `{
  "name": "Track \\"Calls\\"",
  "mapping": {"a/b": {"@path": "$.x"}, "list": [1, {"@if": {"exists": null}}], "empty": {}}
}`;

const at = (pointer) => TEXT.slice(...readJson(TEXT).rangeOf(keysOf(pointer)));

test('a pointer finds its value in the text', () => {
  assert.equal(at('name'), '"Track \\"Calls\\""');
  assert.equal(at('mapping/a~1b/@path'), '"$.x"');
  assert.equal(at('mapping/list/1/@if/exists'), 'null');
  assert.equal(at('/mapping/empty'), '{}');
  assert.equal(at(''), TEXT);
});

test('a pointer of what is not there finds the nearest above', () => {
  assert.equal(at('mapping/a~1b/@template/x'), '{"@path": "$.x"}');
  assert.equal(at('none'), TEXT);
});

const BAD = [
  ['', 'There is no JSON value.', 0],
  ['{"a": 1', 'The text ends before the object is closed.', 6],
  ['[1, 2', 'The text ends before the list is closed.', 4],
  ['{"a": 1,}', 'A comma is too many before `}`.', 8],
  ['[1,]', 'A comma is too many before `]`.', 3],
  ['{a: 1}', 'A key in double quotes is expected here.', 1],
  ["{'a': 1}", 'JSON text has double quotes.', 1],
  ['{"a" 1}', 'A colon is expected after the key.', 5],
  ['{"a": }', 'A value is expected here.', 6],
  ['{"a": 1 "b": 2}', 'A comma or `}` is expected here.', 8],
  ['{"a": tru}', '`tru` is not a JSON value.', 6],
  ['{"a": 01}', '`01` is not a JSON value.', 6],
  ['1 2', 'Only one JSON value is allowed.', 2],
  ['{"a": "x', 'The text in double quotes does not end on its line, or has a wrong escape.', 6],
  ['{"a": "\\x"}', 'The text in double quotes does not end on its line, or has a wrong escape.', 6],
  ['{"a": NaN}', '`NaN` is not a JSON value.', 6],
];

for (const [text, message, from] of BAD) {
  test(`the error of ${JSON.stringify(text)} is at its place`, () => {
    const {error} = readJson(text);
    assert.equal(error.message, message);
    assert.equal(error.from, from);
  });
}

test('it accepts exactly what JSON.parse accepts', () => {
  let seed = 11;
  const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
  const marks = ['{', '}', '[', ']', ',', ':', '"a"', '"@"', '1', '-0.5e3', 'null', ' ', '\n', 'x', '"', '01'];
  let good = 0;
  for (let count = 0; count < 20000; count += 1) {
    const text = Array.from({length: random(8) + 1}, () => marks[random(marks.length)]).join('');
    let parses = true;
    try {
      JSON.parse(text);
      good += 1;
    } catch {
      parses = false;
    }
    assert.equal(readJson(text).error === null, parses, text);
  }
  assert.ok(good > 100);
});
