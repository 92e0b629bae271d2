import {kindWord, mappingOf} from './chip-model.js';
import {h} from './dom.js';

/**
 * Draws a chip: what kind of mapping it is, and the mapping itself. It is a button that opens its editor.
 * @param {import('./field-rows.js').ChipAt} chipAt
 * @param {{field: string, isOpen: boolean, isWarned: boolean, open: () => void}} options
 * @returns {HTMLElement}
 */
export function drawChip({at, chip, off, test = false}, {field, isOpen, isWarned, open}) {
  const shownChip = test && chip.kind === 'if' ? chip.subject : chip;
  const kind = test && chip.kind === 'if' ? chip.test : kindWord(chip);
  const whole = plainText(shownChip);
  return h(
    'button',
    {
      class: ['chip', off && 'off', isWarned && 'x', isOpen && 'on'].filter(Boolean).join(' '),
      title: whole,
      'aria-expanded': String(isOpen),
      dataset: {focus: chipFocus(at)},
      onClick: open,
    },
    h('span', {class: 'vh'}, `${field}, `),
    h('span', {class: 'kd'}, kind),
    h('span', {class: 'vh'}, ': '),
    h('span', {class: 'vl'}, drawValue(shownChip)),
  );
}

/** Names a chip for `replace`, so that the focus finds it again. @param {string[]} at */
export const chipFocus = (at) => `chip ${JSON.stringify(at)}`;

function drawValue(chip) {
  switch (chip.kind) {
    case 'path':
      return chip.path;
    case 'template':
      return chip.parts.map((part) => ('hole' in part ? h('span', {class: 'hole'}, part.hole) : spaces(part.text)));
    case 'fixed':
      return fixedText(chip.value);
    default:
      return h('span', {class: 'sec'}, JSON.stringify(inside(mappingOf(chip))));
  }
}

/** Spaces that stand alone or at an end are not seen otherwise. */
function spaces(text) {
  if (text.trim() !== '') return text;
  return [...text].map((letter) => h('span', {class: 'sp-dot', title: 'a space'}, letter === ' ' ? '·' : letter));
}

const fixedText = (value) => (typeof value === 'string' && value !== '' && value.trim() === value && !looksLikeJson(value) ? value : JSON.stringify(value));

// Text that could be taken for a number, true or null is shown in its quotes.
function looksLikeJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function plainText(chip) {
  if (chip.kind === 'path') return chip.path;
  if (chip.kind === 'template') return mappingOf(chip)['@template'];
  if (chip.kind === 'fixed') return fixedText(chip.value);
  const text = JSON.stringify(mappingOf(chip), null, 1);
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text;
}

/** A directive's chip has its name as the kind: only its options are shown. */
function inside(value) {
  const keys = value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.keys(value) : [];
  return keys.length === 1 && keys[0].startsWith('@') ? value[keys[0]] : value;
}
