import {keyWords} from './commands.js';
import {h, icon} from './dom.js';
import {overlays, successor} from './menu.js';

/**
 * Opens the list of all keys, where single letters can be turned off.
 * @param {ReturnType<import('./commands.js').createCommands>} commands
 * @param {ReturnType<import('./keys.js').createKeys>} keys
 */
export function openHelp(commands, keys) {
  if (document.getElementById('help')) return;
  const before = document.activeElement;
  const groups = new Map();
  for (const command of commands.all()) {
    if (!command.keys) continue;
    const group = command.group ?? 'Everywhere';
    groups.set(group, [...(groups.get(group) ?? []), command]);
  }
  const letters = h('input', {
    type: 'checkbox',
    id: 'help-letters',
    checked: keys.letters,
    onChange: () => keys.setLetters(letters.checked),
  });
  const close = h('button', {class: 'btn sm bare', 'aria-label': 'Close', onClick: () => help.hidePopover()}, icon('x'));
  const help = h(
    'div',
    {id: 'help', class: 'help', popover: 'auto', role: 'dialog', 'aria-labelledby': 'help-title'},
    h('div', {class: 'hd'}, h('h2', {id: 'help-title'}, 'Keys'), h('span', {class: 'grow'}), close),
    h('label', {class: 'help-letters'}, letters, ' Single letters are keys. They never are in editors and inputs.'),
    h(
      'div',
      {class: 'help-groups scroll', tabIndex: 0, role: 'region', 'aria-label': 'All keys'},
      [...groups].map(([group, list]) =>
        h(
          'div',
          {class: 'help-group'},
          h('h3', null, group),
          h('dl', null, list.map((command) => h('div', null, h('dt', null, h('kbd', null, keyWords(command.keys))), h('dd', null, command.title)))),
        ),
      ),
    ),
  );
  overlays().append(help);
  help.showPopover();
  help.addEventListener('toggle', (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== 'closed') return;
    const inside = help.contains(document.activeElement) || document.activeElement === document.body;
    help.remove();
    if (inside && before instanceof HTMLElement) successor(before)?.focus();
  });
  close.focus();
}
