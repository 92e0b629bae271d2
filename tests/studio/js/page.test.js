import assert from 'node:assert/strict';
import {test} from 'node:test';

import {createCommands, keyWords} from '../../../destination/studio/static/js/commands.js';
import {visible} from '../../../destination/studio/static/js/dom.js';
import {nameOf} from '../../../destination/studio/static/js/keys.js';
import {firstEvent} from '../../../destination/studio/static/js/new-events.js';
import {endOf, requestWords} from '../../../destination/studio/static/js/sample-text.js';

const key = (name, more = {}) => ({key: name, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more});

test('a key is named as commands name it', () => {
  assert.equal(nameOf(key('j')), 'j');
  assert.equal(nameOf(key('J', {shiftKey: true})), 'j');
  assert.equal(nameOf(key('?', {shiftKey: true})), '?');
  assert.equal(nameOf(key('s', {ctrlKey: true})), 'Ctrl s');
  assert.equal(nameOf(key('z', {metaKey: true, shiftKey: true})), 'Ctrl Shift z');
  assert.equal(nameOf(key(' ')), 'Space');
  assert.equal(nameOf(key('ArrowUp', {altKey: true})), 'Alt ArrowUp');
});

test('a bracket typed with AltGr is the bracket', () => {
  assert.equal(nameOf(key('[', {ctrlKey: true, altKey: true})), '[');
});

test('two panes may share a key, and the one that can run gets it', () => {
  const commands = createCommands();
  let live = false;
  commands.register({id: 'a', title: 'A', keys: 'o', enabled: () => !live, run() {}}, {id: 'b', title: 'B', keys: 'o', enabled: () => live, run() {}});
  assert.equal(commands.find('o').id, 'a');
  live = true;
  assert.equal(commands.find('o').id, 'b');
});

test('only sequences begin with a key, chords do not', () => {
  const commands = createCommands();
  commands.register({id: 'go', title: 'Go', keys: 'g e', run() {}}, {id: 'save', title: 'Save', keys: 'Ctrl s', run() {}});
  assert.equal(commands.begins('g'), true);
  assert.equal(commands.begins('Ctrl'), false);
  assert.equal(keyWords('g e'), 'G then E');
  assert.equal(keyWords('Ctrl Shift z'), 'Ctrl Shift Z');
});

test('the first event of a file is found in JSON, an array and NDJSON', () => {
  assert.deepEqual(firstEvent('{"a": 1}'), {text: '{\n  "a": 1\n}', more: 0});
  assert.deepEqual(firstEvent('[{"a": 1}, {}]'), {text: '{\n  "a": 1\n}', more: 1});
  assert.deepEqual(firstEvent('\n{"a": 1}\n{"b": 2}\n'), {text: '{\n  "a": 1\n}', more: 1});
});

test('a file that is not JSON is opened as it is', () => {
  assert.deepEqual(firstEvent('{"a": '), {text: '{"a": ', more: 0});
});

const sent = (name, uid) => [{method: 'PUT', url: 'https://x.invalid/context', body: {units: [{uid}], goals: [{name, at: 5}]}}];

test('samples are named by the text that carries the name of the event', () => {
  const rows = [
    {name: 'Home', before: sent('Page: Home', 'u1')},
    {name: 'Category', before: sent('Page: Category', 'u2')},
    {name: null, before: sent('Page: ', 'u3')},
  ];
  assert.deepEqual(rows.map(requestWords(rows, 'before')), ['Page: Home', 'Page: Category', 'Page: ']);
});

test('samples without such a text are named by what differs, or else by method and address', () => {
  const differing = [{name: null, before: sent('x', 'u1')}, {name: null, before: sent('x', 'u2')}];
  assert.deepEqual(differing.map(requestWords(differing, 'before')), ['u1', 'u2']);
  const same = [{name: null, before: sent('x', 'u1')}];
  assert.deepEqual(same.map(requestWords(same, 'before')), ['PUT https://x.invalid/context']);
  assert.equal(requestWords(same, 'after')(same[0]), null);
});

test('a long path keeps its end', () => {
  assert.equal(endOf('/name', 28), '/name');
  assert.equal(endOf('request/body/goals/*/name', 13), '…goals/*/name');
});

test('marks that change the direction of text are shown as escapes', () => {
  assert.equal(visible('u\u202eabc\u2069 😀 é\n'), 'u\\u202eabc\\u2069 😀 é\n');
});
