import assert from 'node:assert/strict';
import test from 'node:test';

import {pathsAbove, valuesOf, visibleValues} from '../../../destination/studio/static/js/event-values.js';

const EVENT = {type: 'track', properties: {order_id: 'o-55', products: [{sku: 'a'}, {sku: 'b'}], 'a.b': 1, empty: {}}};
const values = valuesOf(EVENT);
const paths = (list) => list.map((value) => value.path);

test('each value has the path that reads it', () => {
  assert.ok(paths(values).includes('$.properties.products[1].sku'));
  assert.equal(values.find((value) => value.name === 'a.b').usable, false);
  assert.equal(values.find((value) => value.name === 'empty').inner, false);
});

test('only what is open is visible', () => {
  assert.deepEqual(paths(visibleValues(values, '', () => false)), ['$.type', '$.properties']);
  const open = new Set(pathsAbove('$.properties.products[1].sku'));
  assert.deepEqual([...open], ['$.properties', '$.properties.products', '$.properties.products[1]']);
  assert.ok(paths(visibleValues(values, '', (value) => open.has(value.path))).includes('$.properties.products[1].sku'));
});

test('a filter finds names and values, and shows what contains them', () => {
  assert.deepEqual(paths(visibleValues(values, 'o-55', () => false)), ['$.properties', '$.properties.order_id']);
  assert.deepEqual(paths(visibleValues(values, '$.properties.order', () => false)), ['$.properties', '$.properties.order_id']);
  assert.deepEqual(visibleValues(values, 'nothing here', () => true), []);
});

test('what is no object has no values', () => {
  for (const event of [null, undefined, [], 'x']) assert.deepEqual(valuesOf(event), []);
});
