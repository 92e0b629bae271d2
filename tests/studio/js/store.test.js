import assert from 'node:assert/strict';
import {test} from 'node:test';

import {createHistory} from '../../../destination/studio/static/js/history.js';
import {createStore} from '../../../destination/studio/static/js/store.js';

const subscription = (key, saved, name) => ({key, saved, name, enabled: true, subscribe: 'type = "track"', partnerAction: 'trackGoal', mapping: {}});

const makeStore = () =>
  createStore({
    document: {name: 'shop.json', subscriptions: [subscription('s0', 0, 'First'), subscription('s1', 1, 'Second')]},
    corpus: {events: 3, complete: true},
  });

const rename = (key, name) => (draft) => draft.map((one) => (one.key === key ? {...one, name} : one));

test('an edit is undone and done again, and tells what it was', () => {
  const store = makeStore();
  store.edit('name of First', rename('s0', 'Other'));
  assert.equal(store.undoLabel, 'name of First');
  store.undo();
  assert.equal(store.state.draft[0].name, 'First');
  assert.equal(store.dirty, false);
  store.redo();
  assert.equal(store.state.draft[0].name, 'Other');
});

test('undoing a mapping does not choose another event', () => {
  const store = makeStore();
  store.edit('name', rename('s0', 'Other'));
  store.selectEvent({index: 2});
  store.undo();
  assert.deepEqual(store.state.event, {index: 2});
  store.redo();
  assert.deepEqual(store.state.event, {index: 2});
  assert.equal(store.state.draft[0].name, 'Other');
});

test('undoing an edit of the event brings the event of the corpus back', () => {
  const store = makeStore();
  store.set({eventText: '{}'});
  store.editEvent('{"type": "track"}');
  assert.deepEqual(store.state.event, {text: '{"type": "track"}'});
  store.undo();
  assert.deepEqual(store.state.event, {index: 0});
  assert.equal(store.state.eventText, '{}');
});

test('a save keeps the undo, and relates older drafts to the new saved version', () => {
  const store = makeStore();
  store.edit('remove', (draft) => draft.slice(1));
  const posted = store.state.draft;
  store.wasSaved({name: 'shop.json', subscriptions: [subscription('s0', 0, 'Second')]}, posted);
  assert.equal(store.dirty, false);
  assert.equal(store.savedOf('s1').name, 'Second');
  store.undo();
  assert.equal(store.dirty, true);
  assert.equal(store.savedOf('s0'), null);
  assert.equal(store.editedCount(), 1);
  assert.equal(store.isEdited('s1'), false);
});

test('a subscription that is removed, added or moved makes the draft dirty', () => {
  const store = makeStore();
  store.edit('order', (draft) => [...draft].reverse());
  assert.equal(store.dirty, true);
  assert.equal(store.editedCount(), 0);
  store.edit('remove', (draft) => draft.slice(1));
  assert.equal(store.editedCount(), 1);
});

test('the selection moves to a subscription that is there', () => {
  const store = makeStore();
  store.selectSubscription('s1');
  store.edit('remove', (draft) => draft.slice(0, 1));
  assert.equal(store.state.selected, 's0');
  store.undo();
  assert.equal(store.state.selected, 's1');
});

test('listeners hear only what they named, once for each change', () => {
  const store = makeStore();
  const heard = [];
  const off = store.on('query', (state) => heard.push(state.query));
  store.set({query: 'a', pane: 'corpus'});
  store.set({pane: 'result'});
  off();
  store.set({query: 'b'});
  assert.deepEqual(heard, ['a']);
});

test('edits of one text within 800 ms share an undo entry', () => {
  let now = 0;
  const history = createHistory(() => now);
  history.add('trigger', {text: ''});
  now = 700;
  history.add('trigger', {text: 'a'});
  now = 1400;
  history.add('trigger', {text: 'ab'});
  assert.deepEqual(history.undo({text: 'abc'}), {text: ''});
  assert.equal(history.canUndo, false);
  assert.deepEqual(history.redo({text: ''}), {text: 'abc'});
});

test('edits of other texts and later edits get entries of their own', () => {
  let now = 0;
  const history = createHistory(() => now);
  history.add('trigger', {text: 1});
  history.add('name', {text: 2});
  now = 900;
  history.add('name', {text: 3});
  assert.equal(history.undo({text: 4}).text, 3);
  assert.equal(history.undo({text: 3}).text, 2);
  assert.equal(history.undo({text: 2}).text, 1);
  assert.equal(history.undo({text: 1}), null);
});

test('an edit after an undo forgets what was undone', () => {
  const history = createHistory(() => 0);
  history.add('a', {text: 1});
  history.undo({text: 2});
  history.add('b', {text: 1});
  assert.equal(history.canRedo, false);
});

test('another order of members is no edit, another order of values is', () => {
  const store = makeStore();
  store.edit('order', (draft) => draft.map(({name, ...others}) => ({...others, name})));
  assert.equal(store.dirty, false);
  store.edit('list', (draft) => draft.map((one) => ({...one, mapping: {list: [1, 2]}})));
  store.wasSaved({name: 'shop.json', subscriptions: store.state.draft}, store.state.draft);
  store.edit('list', (draft) => draft.map((one) => ({...one, mapping: {list: [2, 1]}})));
  assert.equal(store.editedCount(), 2);
});
