import assert from 'node:assert/strict';
import test from 'node:test';

import {createCommands} from '../../../destination/studio/static/js/commands.js';
import {acceptedAt, keyOf} from '../../../destination/studio/static/js/live-feed.js';
import {clock, durationOf, shortClock, stateOf, subscriptionsOf, titleOf} from '../../../destination/studio/static/js/live-words.js';

const event = (...outcomes) => ({
  messageId: 'm',
  receivedAt: '2026-03-01T12:00:00.000Z',
  event: {type: 'track', event: 'Goal'},
  outcomes: outcomes.map(([outcome, subscription = 'Goals', at = '2026-03-01T12:00:00.250Z']) => ({outcome, subscription, at})),
});

test('the state of an event is the worst of its outcomes', () => {
  assert.equal(stateOf(event()), 'waiting');
  assert.equal(stateOf(event(['unsent', null])), 'unsent');
  assert.equal(stateOf(event(['unsent', null], ['delivered'])), 'delivered');
  assert.equal(stateOf(event(['delivered'], ['dead'])), 'dead');
});

test('the time to the acknowledgement is known for delivered events only', () => {
  assert.equal(durationOf(event(['delivered'])), 250);
  assert.equal(durationOf(event(['delivered'], ['delivered', 'Pages', '2026-03-01T12:00:01.000Z'])), 1000);
  assert.equal(durationOf(event(['dead'])), null);
  assert.equal(durationOf(event()), null);
  assert.equal(durationOf({...event(['delivered']), receivedAt: undefined}), null);
  assert.equal(durationOf({...event(['delivered']), receivedAt: '2026-03-01T12:00:09.000Z'}), null);
});

test('a time that is not known is not invented', () => {
  assert.match(clock('2026-03-01T12:00:00.250Z'), /^\d\d:\d\d:00\.250$/);
  assert.match(shortClock('2026-03-01T12:00:00.250Z'), /^\d\d:\d\d:00$/);
  for (const at of ['row 7', 'line 2007', '', null, undefined, 7, '2026-99-01T00:00']) assert.equal(clock(at), '–');
});

test('a row has the type, the name and each subscription once', () => {
  assert.deepEqual(titleOf({type: 'page', name: 'Home'}), {type: 'page', name: 'Home'});
  assert.deepEqual(titleOf({type: 7, event: {}}), {type: '', name: ''});
  assert.deepEqual(titleOf(null), {type: '', name: ''});
  assert.deepEqual(subscriptionsOf(event(['dead'], ['delivered'], ['unsent', null])), ['Goals']);
});

test('dead letters of two destinations with one id are two', () => {
  assert.notEqual(keyOf({destination: 'a', id: '1'}), keyOf({destination: 'b', id: '1'}));
  assert.equal(acceptedAt({event: {receivedAt: '2026-03-01T12:00:00.000Z'}}), '2026-03-01T12:00:00.000Z');
  assert.equal(acceptedAt({event: null}), '');
});

test('a key belongs to the last command that has it and can run', () => {
  const commands = createCommands();
  let live = true;
  commands.register({id: 'edit', title: '', keys: 'j', run: () => {}});
  commands.register({id: 'live', title: '', keys: 'j', enabled: () => live, run: () => {}});
  assert.equal(commands.find('j').id, 'live');
  live = false;
  assert.equal(commands.find('j').id, 'edit');
  assert.equal(commands.find('x'), null);
});
