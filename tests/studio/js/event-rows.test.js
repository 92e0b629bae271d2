import assert from 'node:assert/strict';
import {test} from 'node:test';

import {createEventRows} from '../../../destination/studio/static/js/event-rows.js';

/** A store and a server of 250 events, whose answers wait until they are let go. */
function makeRows(t) {
  t.mock.timers.enable({apis: ['setTimeout']});
  globalThis.window = globalThis;
  const asked = [];
  const store = {
    state: {query: '', filter: [], change: null, range: null, compared: null, errors: {}},
    setError: (_pane, message) => asked.push(message),
  };
  const post = (_path, body) =>
    new Promise((resolve) => {
      const rows = Array.from({length: Math.min(body.limit, 250 - body.offset)}, (_, at) => ({index: body.offset + at}));
      asked.push({offset: body.offset, answer: () => resolve({total: 250, counts: {}, rows})});
    });
  const rows = createEventRows(store, {post, isAbort: () => false}, () => rows.view(0, 20));
  return {rows, asked, store};
}

const settle = async () => {
  for (let round = 0; round < 5; round += 1) await Promise.resolve();
};

test('rows that changed while they were asked for are asked for once more, and then no more', async (t) => {
  const {rows, asked} = makeRows(t);
  rows.ask();
  rows.refresh();
  for (let round = 0; round < 10; round += 1) {
    asked.at(-1).answer();
    await settle();
    t.mock.timers.tick(1000);
    await settle();
  }
  assert.equal(asked.length, 2);
});

test('a page that comes into view is asked for at once, and only once', async (t) => {
  const {rows, asked} = makeRows(t);
  rows.ask();
  asked[0].answer();
  await settle();
  rows.view(95, 115);
  rows.view(96, 116);
  assert.deepEqual(asked.map(({offset}) => offset), [0, 100]);
  assert.equal(rows.row(150), null);
  asked[1].answer();
  await settle();
  assert.equal(rows.row(150).index, 150);
});

test('rows of an older search stay until the new ones are there, and say that they are old', async (t) => {
  const {rows, asked, store} = makeRows(t);
  rows.ask();
  asked[0].answer();
  await settle();
  store.state.query = 'order';
  rows.ask();
  assert.equal(rows.stale, true);
  assert.equal(rows.row(3).index, 3);
  asked.at(-1).answer();
  await settle();
  assert.equal(rows.stale, false);
});

test('without a filter an event stands where its index says', async (t) => {
  const {rows, asked, store} = makeRows(t);
  rows.ask();
  asked[0].answer();
  await settle();
  assert.equal(rows.positionOf(200), 200);
  assert.equal(rows.positionOf(999), -1);
  store.state.filter = ['sent'];
  assert.equal(rows.positionOf(200), -1);
  assert.equal(rows.positionOf(7), 7);
});
