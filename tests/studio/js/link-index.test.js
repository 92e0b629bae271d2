import assert from 'node:assert/strict';
import test from 'node:test';

import {ancestors, describe, dotted, indexLinks, indexPointers} from '../../../destination/studio/static/js/link-index.js';

const LINKS = [
  {
    id: 'name',
    event: ['/event', '/properties/currency'],
    trigger: [[16, 40]],
    field: '/name',
    payload: ['/name'],
    request: [{index: 0, part: 'body', pointer: '/goals/0/name'}],
    label: {payload: '$.event, currency', request: 'name'},
  },
  {
    id: 'props',
    event: ['/properties'],
    trigger: [],
    field: '/properties',
    payload: ['/properties'],
    request: [{index: 0, part: 'body', pointer: '/goals/0/properties'}],
    label: {payload: '$.properties', request: 'properties'},
  },
  {
    id: 'agent',
    event: ['/context/library/name'],
    trigger: [],
    field: '/agent',
    payload: ['/agent'],
    request: [{index: 0, part: 'header', pointer: '/x-agent'}, {index: 0, part: 'body', pointer: '/goals/0/name'}],
    label: {payload: '$.context.library.name', request: 'agent'},
  },
];

test('a line belongs to what is linked at it and above it', () => {
  const {event} = indexLinks(LINKS);
  assert.deepEqual(event.ids('/properties/currency'), ['name', 'props']);
  assert.deepEqual(event.ids('/properties/products/0/sku'), ['props']);
  assert.deepEqual(event.ids('/properties'), ['props']);
  assert.deepEqual(event.ids('/context'), []);
  assert.deepEqual(event.ids('/propertiesX'), []);
});

test('a folded line also belongs to what it hides', () => {
  const {event} = indexLinks(LINKS);
  assert.deepEqual(event.ids('/context', true), ['agent']);
  assert.deepEqual(event.ids('', true), ['name', 'props', 'agent']);
  assert.deepEqual(event.ids('/properties', true), ['props', 'name']);
});

test('a link to the whole value reaches every line', () => {
  const index = indexPointers([['', 'all']]);
  assert.deepEqual(index.ids('/a/b'), ['all']);
  assert.deepEqual(index.ids(''), ['all']);
});

test('requests are told apart by number and part', () => {
  const links = indexLinks(LINKS);
  assert.deepEqual(links.request(0, 'body').ids('/goals/0/name'), ['name', 'agent']);
  assert.deepEqual(links.request(0, 'header').ids('/x-agent'), ['agent']);
  assert.equal(links.request(1, 'body').any, false);
});

test('what belongs to nothing else has words, and does not light', () => {
  const request = [{index: 0, part: 'header', pointer: '/x-api-key'}];
  const links = indexLinks([{id: 'key', event: [], trigger: [], field: null, payload: [], request, label: {request: 'setting'}}]);
  assert.deepEqual(links.request(0, 'header').ids('/x-api-key'), []);
  assert.deepEqual([...links.words('request', (link) => link.request.map((at) => at.pointer))], [['/x-api-key', 'setting']]);
});

test('fields and parts of the trigger find their links', () => {
  const links = indexLinks(LINKS);
  assert.deepEqual(links.field('/name'), ['name']);
  assert.deepEqual(links.field('/name/@if/then'), ['name']);
  assert.deepEqual(links.field('/other'), []);
  assert.deepEqual([links.trigger(0, 16), links.trigger(39, 50), links.trigger(40, 50)], [[], ['name'], []]);
});

test('two links of one value share its right edge', () => {
  const links = indexLinks(LINKS);
  const words = links.words('request', (link) => link.request.filter((r) => r.part === 'body').map((r) => r.pointer));
  assert.deepEqual([...words], [['/goals/0/name', 'name, agent'], ['/goals/0/properties', 'properties']]);
});

test('a link is described in words', () => {
  assert.equal(
    describe(LINKS[0]),
    'From $.event, $.properties.currency of the event; read by the trigger; in payload name, request 1 body.goals[0].name.',
  );
  assert.equal(describe({id: 'x', request: [{index: 1, part: 'header', pointer: '/x-api-key'}]}), 'In request 2 header x-api-key.');
  assert.equal(describe({id: 'x'}), '');
});

test('pointers are written as paths', () => {
  assert.deepEqual(ancestors('/a/b/0'), ['/a/b', '/a', '']);
  assert.deepEqual(ancestors(''), []);
  assert.equal(dotted('/goals/0/a~1b'), '$.goals[0].a/b');
});
