import {isEnabled, keyWords} from './commands.js';
import {append, clear, h, icon} from './dom.js';
import {overlays, successor} from './menu.js';

const MOST = 60;

/**
 * Opens the command palette: a field that finds commands, subscriptions and fields by any part of
 * their words.
 * @param {ReturnType<import('./commands.js').createCommands>} commands
 */
export function openPalette(commands) {
  if (document.getElementById('palette')) return;
  const before = document.activeElement;
  const entries = commands.all().filter((command) => isEnabled(command) && command.id !== 'palette.open');
  let found = entries;
  let at = 0;
  const list = h('ul', {id: 'palette-list', class: 'palette-list scroll', role: 'listbox', 'aria-label': 'Commands'});
  const input = h('input', {
    id: 'palette-input',
    role: 'combobox',
    'aria-label': 'Find a command',
    'aria-expanded': 'true',
    'aria-controls': 'palette-list',
    'aria-autocomplete': 'list',
    placeholder: 'Find a command, a subscription or a field',
    autocomplete: 'off',
    spellcheck: 'false',
    onInput: () => {
      at = 0;
      draw();
    },
    onKeydown: onKey,
  });
  const palette = h(
    'div',
    {id: 'palette', class: 'palette', popover: 'auto', role: 'dialog', 'aria-label': 'Commands'},
    h('label', {class: 'find'}, icon('search', 'mut'), input, h('kbd', null, 'Esc')),
    list,
  );
  overlays().append(palette);
  palette.showPopover();
  palette.addEventListener('toggle', (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== 'closed') return;
    const inside = palette.contains(document.activeElement) || document.activeElement === document.body;
    palette.remove();
    if (inside && before instanceof HTMLElement) successor(before)?.focus();
  });
  draw();
  input.focus();

  function draw() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = entries.filter((entry) => {
      const text = `${entry.group ?? ''} ${entry.title} ${entry.hint ?? ''}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    append(
      clear(list),
      found.slice(0, MOST).map((entry, index) =>
        h(
          'li',
          {
            id: `palette-${index}`,
            class: 'palette-item',
            role: 'option',
            'aria-selected': String(index === at),
            onMousemove: () => index !== at && select(index),
            onClick: () => run(entry),
          },
          h('span', {class: 'mut t11'}, entry.group ?? ''),
          h('span', {class: 'cut'}, entry.title),
          entry.hint && h('span', {class: 'mut t11 cut'}, entry.hint),
          entry.keys && h('kbd', null, keyWords(entry.keys)),
        ),
      ),
    );
    if (!found.length) append(list, [h('li', {class: 'palette-none mut', role: 'option', 'aria-selected': 'false', 'aria-disabled': 'true'}, 'No command has these words.')]);
    select(at);
  }

  function select(index) {
    at = index;
    [...list.children].forEach((item, i) => item.setAttribute('aria-selected', String(i === at && found.length > 0)));
    if (found.length) input.setAttribute('aria-activedescendant', `palette-${at}`);
    else input.removeAttribute('aria-activedescendant');
    list.children[at]?.scrollIntoView({block: 'nearest'});
  }

  function onKey(event) {
    const shown = Math.min(found.length, MOST);
    if (event.key === 'Escape') {
      palette.hidePopover();
    } else if (event.key === 'Enter') {
      if (found[at]) run(found[at]);
    } else if (shown && event.key === 'ArrowDown') {
      select((at + 1) % shown);
    } else if (shown && event.key === 'ArrowUp') {
      select((at - 1 + shown) % shown);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  function run(entry) {
    palette.hidePopover();
    entry.run();
  }
}
