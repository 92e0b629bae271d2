import assert from 'node:assert/strict';
import test from 'node:test';

import {
  chooseShown,
  dataSegments,
  errorWords,
  eventLabel,
  isValid,
  readOutcome,
  segments,
  stateWords,
  takenWords,
} from '../../../destination/studio/static/js/outcome.js';

const item = (key, state, requests = 0) => ({key, name: key.toUpperCase(), state, requests: Array(requests).fill({})});
const explained = (subscriptions, more = {}) => ({event: {value: {}, error: null}, subscriptions, ...more});
const read = (answer, selected = 'a', event = {index: 2}) =>
  readOutcome(answer, {selected, event, label: eventLabel(event, null)});
const keys = (items) => items.map((other) => other.key);

test('the selected subscription is the one that is shown, if it takes the event', () => {
  const outcome = read(explained([item('a', 'matches', 1), item('b', 'matches', 2)]), 'b');
  assert.equal(outcome.kind, 'taken');
  assert.equal(outcome.sentence, 'B sends 2 requests');
  assert.deepEqual(keys(outcome.others), ['a']);
});

test('another that takes the event is shown, if the selected one does not', () => {
  const outcome = read(explained([item('a', 'does not match'), item('b', 'matches', 1)]));
  assert.deepEqual([outcome.kind, outcome.primary.key, outcome.sentence], ['taken', 'b', 'B sends 1 request']);
  assert.deepEqual(keys(outcome.others), ['a']);
});

test('a failure is said first, whatever else is sent', () => {
  const outcome = read(explained([item('a', 'fails'), item('b', 'matches', 1)]));
  assert.deepEqual([outcome.kind, outcome.tone, outcome.sentence], ['failing', 'bad', 'A fails']);
});

test('an edit that stops a match keeps its subscription, even where another takes the event', () => {
  const was = {payload: {}, requests: [{}]};
  const outcome = read(explained([item('a', 'does not match'), item('b', 'matches', 1)], {was}));
  assert.deepEqual([outcome.kind, outcome.primary.key], ['lost', 'a']);
  assert.equal(outcome.sentence, 'Your edit of A stops this event');
  assert.equal(read(explained([item('a', 'matches', 1)], {was})).kind, 'taken');
});

test('no subscription, no match, opting out and nothing chosen have their own sentences', () => {
  assert.equal(read(explained([item('a', 'does not match')])).sentence, 'No subscription takes event 3');
  assert.equal(read(explained([])).sentence, 'There are no subscriptions');
  assert.equal(read(explained([item('a', 'matches')])).sentence, 'A sends no request');
  assert.equal(read(null, 'a', null).sentence, 'No event is chosen');
  assert.equal(read(null).kind, 'waiting');
  const out = read(explained([item('a', 'opted out')], {event: {value: {}, error: null, optedOut: 'All'}}));
  assert.deepEqual([out.kind, out.sentence], ['opted out', 'Event 3 is opted out']);
  assert.match(out.note, /`All`/);
});

test('text that is not JSON is named with its position', () => {
  const error = {message: 'A comma is missing.', line: 3, column: 5};
  const outcome = read({event: {value: null, error}, subscriptions: []}, 'a', {text: '{'});
  assert.deepEqual([outcome.kind, outcome.sentence], ['not JSON', 'The edited event is not valid JSON']);
  assert.equal(outcome.note, 'Line 3, column 5: A comma is missing.');
  assert.equal(errorWords({message: 'Empty.'}), 'Empty.');
});

test('the last valid result stands in for text that does not parse', () => {
  const draft = [];
  const of = (ref) => ({draft, selected: 'a', ref});
  const good = {...explained([item('a', 'matches', 1)]), of: of({index: 2})};
  const noJson = {event: {error: {message: 'x'}}, subscriptions: [], of: of({text: '{'})};
  const noTrigger = {...explained([item('a', 'fails')]), selected: {trigger: {error: {message: 'x'}}}, of: of({index: 2})};
  const state = (newest, event) => ({explained: newest, event, draft, selected: 'a'});

  assert.deepEqual([isValid(good), isValid(noJson), isValid(noTrigger), isValid(null)], [true, false, false, false]);
  assert.deepEqual(chooseShown(state(noJson, {text: '{'}), good), {explained: good, old: true, lastValid: true});
  assert.deepEqual(chooseShown(state(noTrigger, {index: 2}), good), {explained: good, old: true, lastValid: true});
  assert.equal(chooseShown(state(noTrigger, {index: 2}), null).explained, noTrigger);
  const other = {...good, of: of({index: 9})};
  assert.equal(chooseShown(state(noTrigger, {index: 2}), other).explained, noTrigger);
  const unreadable = {...noJson, of: of({index: 4})};
  assert.equal(chooseShown(state(unreadable, {index: 4}), good).explained, unreadable);
});

test('a result of another draft, event or subscription is an old one', () => {
  const draft = [];
  const newest = {...explained([]), of: {draft, selected: 'a', ref: {index: 1}}};
  const old = (changes) => chooseShown({explained: newest, draft, selected: 'a', event: {index: 1}, ...changes}, null).old;
  assert.deepEqual([old({}), old({draft: [1]}), old({selected: 'b'}), old({event: {index: 2}})], [false, true, true, true]);
});

test('counts and states are said as on the command line', () => {
  assert.equal(takenWords(explained([item('a', 'matches'), item('b', 'disabled')])), '1 of 2 subscriptions takes it');
  assert.equal(takenWords(explained([item('a', 'matches'), item('b', 'fails')])), '2 of 2 subscriptions take it');
  assert.equal(takenWords(explained([item('b', 'disabled')])), 'taken by no subscription');
  assert.deepEqual(
    ['matches', 'does not match', 'fails', 'disabled', 'opted out'].map((state) => stateWords(item('a', state, 1))),
    ['sends 1 request', 'no match', 'fails', 'disabled', 'opted out'],
  );
});

test('events have the number of their line', () => {
  assert.equal(eventLabel({index: 14}, {index: 14, line: 20}), 'event 20');
  assert.equal(eventLabel({index: 14}, {index: 13, line: 20}), 'event 15');
  assert.equal(eventLabel({text: ''}, null), 'the edited event');
});

test('backticks tell data from words', () => {
  assert.deepEqual(segments('`type` is `"page"`.'), [{code: 'type'}, {text: ' is '}, {code: '"page"'}, {text: '.'}]);
  assert.deepEqual(segments([{code: 'a'}]), [{code: 'a'}]);
  assert.deepEqual(segments(null), []);
});

test('quoted text and the path of a sentence are data', () => {
  assert.deepEqual(dataSegments('a.b is "x \\" y". a.bc', 'a.b'), [
    {code: 'a.b'},
    {text: ' is '},
    {code: '"x \\" y"'},
    {text: '. a.bc'},
  ]);
  assert.deepEqual(dataSegments('The event has no a.b.', 'a.b'), [{text: 'The event has no '}, {code: 'a.b'}, {text: '.'}]);
  assert.deepEqual(dataSegments('type is absent'), [{text: 'type is absent'}]);
  assert.deepEqual(dataSegments('a+b is 1', 'a+b')[0], {code: 'a+b'});
});
