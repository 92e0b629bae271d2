import assert from 'node:assert/strict';
import test from 'node:test';

import {sortFindings} from '../../../destination/studio/static/js/findings.js';

test('a finding belongs to what its pointer names', () => {
  const pointers = ['subscribe', 'name', 'mapping', 'mapping/name/@path', 'mapping/name', 'mapping/a~1b', 'partnerAction', ''];
  const sorted = sortFindings(pointers.map((pointer) => ({pointer})));
  const of = (list) => list.map(({pointer}) => pointer);
  assert.deepEqual(of(sorted.trigger), ['subscribe']);
  assert.deepEqual(of(sorted.mapping), ['mapping']);
  assert.deepEqual(of(sorted.other), ['name', 'partnerAction', '']);
  assert.deepEqual([...sorted.fields].map(([key, list]) => [key, of(list)]), [
    ['name', ['mapping/name/@path', 'mapping/name']],
    ['a/b', ['mapping/a~1b']],
  ]);
});
