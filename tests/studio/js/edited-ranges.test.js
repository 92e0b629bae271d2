import assert from 'node:assert/strict';
import test from 'node:test';

import {editedRanges} from '../../../destination/studio/static/js/edited-ranges.js';

const edited = (saved, now) => editedRanges(saved, now).map(([from, to]) => now.slice(from, to));

test('an added condition is the edited part', () => {
  assert.deepEqual(edited('type = "page"', 'type = "page" and properties.category = "catalog"'), ['and properties.category = "catalog"']);
});

test('a changed value is the edited part', () => {
  assert.deepEqual(edited('type = "page" and name = "a b"', 'type = "page" and name = "a c"'), ['"a c"']);
});

test('two edits are two parts', () => {
  assert.deepEqual(edited('type = "track" and userId != null', 'type = "track" and (userId != null or context.library.name = "x")'), ['(', 'or context.library.name = "x")']);
});

test('what is the same or only removed has no edited part', () => {
  assert.deepEqual(edited('a = 1', 'a = 1'), []);
  assert.deepEqual(edited('a = 1 and b = 2', 'a = 1'), []);
  assert.deepEqual(edited('', ''), []);
});

test('an unclosed quote and a very long text end', () => {
  assert.deepEqual(edited('type = "page"', 'type = "pag'), ['"pag']);
  const long = Array.from({length: 3000}, (_, index) => `a${index}`).join(' ');
  assert.equal(editedRanges(`x ${long} y`, `z ${long.replaceAll('a', 'b')} w`).length, 1);
});
