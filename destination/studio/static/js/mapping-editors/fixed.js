import {chipOf} from '../chip-model.js';
import {h} from '../dom.js';

const TYPES = [
  ['text', 'Text'],
  ['number', 'Number'],
  ['boolean', 'true or false'],
  ['null', 'null'],
];

/**
 * Edits a fixed value; it keeps its JSON type until another one is chosen.
 * @param {import('./index.js').FormOptions} options
 */
export function fixedForm({value, field, isElse, put, close}) {
  const chip = value === undefined ? null : chipOf(value);
  const isFixed = chip?.kind === 'fixed';
  const literal = isFixed && chip.literal;
  const start = isFixed ? chip.value : '';
  const problem = h('p', {class: 'bad t12', role: 'status'});
  const type = h(
    'select',
    {class: 'in', 'aria-label': 'Type', dataset: {focus: 'fixed-type'}, onChange: changeType},
    TYPES.map(([name, label]) => h('option', {value: name, selected: name === typeOf(start)}, label)),
  );
  const box = h('div', {class: 'grow'});
  let input = drawInput(start);
  box.append(input);
  const choices = (field?.choices ?? []).map((choice) => (choice !== null && typeof choice === 'object' ? choice : {value: choice, label: String(choice)}));
  const element = h(
    'div',
    {class: 'stack'},
    h('div', {class: 'line'}, type, box),
    problem,
    choices.length > 0 &&
      h('div', {class: 'line wrap', role: 'group', 'aria-label': 'Choices of the action'}, choices.map((choice) =>
        h('button', {class: 'btn sm', dataset: {focus: `choice ${choice.value}`}, onClick: () => (take(choice.value), close())}, String(choice.label ?? choice.value)))),
    isElse && h('p', {class: 'mut t12'}, 'An else of "", 0, false or null is ignored; the page writes it as @literal, which counts.'),
  );
  return {element, focus: () => input.focus(), refresh() {}};

  function drawInput(now) {
    const kind = typeOf(now);
    const onKeydown = (event) => {
      if (event.key !== 'Enter' || event.isComposing) return;
      event.preventDefault();
      if (!isFixed && kind !== 'null') read();
      close();
    };
    if (kind === 'null') return h('span', {class: 'mut t12', tabIndex: 0, onKeydown}, 'null');
    if (kind === 'boolean') {
      return h(
        'select',
        {class: 'in', 'aria-label': 'Value', onChange: (event) => take(event.target.value === 'true'), onKeydown},
        ['true', 'false'].map((word) => h('option', {value: word, selected: word === String(now)}, word)),
      );
    }
    return h('input', {
      class: 'in m grow',
      type: 'text',
      inputmode: kind === 'number' ? 'decimal' : null,
      'aria-label': 'Value',
      spellcheck: 'false',
      value: String(now),
      dataset: {focus: 'fixed-value'},
      onInput: read,
      onKeydown,
    });
  }

  function read() {
    const text = input.value;
    if (type.value !== 'number') {
      take(type.value === 'boolean' ? text === 'true' : text);
      return;
    }
    if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text.trim())) {
      problem.textContent = '';
      take(JSON.parse(text));
    } else {
      problem.textContent = 'This is not a number. The value before it is kept.';
    }
  }

  function changeType() {
    const text = input.value ?? '';
    const number = Number(text);
    const next = {text: String(text), number: text.trim() !== '' && Number.isFinite(number) ? number : 0, boolean: text === 'true', null: null}[type.value];
    problem.textContent = '';
    take(next);
    input = drawInput(next);
    box.replaceChildren(input);
  }

  function take(next) {
    const wrap = literal || (isElse && !next);
    put(wrap ? {'@literal': next} : next);
  }
}

function typeOf(value) {
  if (value === null) return 'null';
  return {number: 'number', boolean: 'boolean'}[typeof value] ?? 'text';
}
