import {h, hidden, icon, number, replace} from './dom.js';
import {exportItems} from './exporting.js';
import {openMenu} from './menu.js';

/**
 * Mounts the top bar: what is open, what is edited, the mode, whether anything can be sent, and
 * what holds for the whole page.
 * @param {HTMLElement} element
 * @param {any} store
 * @param {any} services
 */
export function mount(element, store, services) {
  const state = store.state;
  store.on('session draft history mode blocked saving', draw);
  draw();

  function draw() {
    const {destination, document: file} = state.session;
    replace(
      element,
      h('h1', null, 'Studio'),
      h(
        'nav',
        {class: 'crumb', 'aria-label': 'What is open'},
        h('span', {class: 'sec cut', title: destination.slug}, destination.name),
        h('span', {class: 'cut', title: file.name}, file.name),
      ),
      edited(),
      h('span', {class: 'grow'}),
      h(
        'span',
        {class: 'seg', role: 'group', 'aria-label': 'Mode'},
        modeButton('edit', 'Edit'),
        modeButton('live', 'Live'),
      ),
      h('span', {class: 'opt rule'}),
      sending(),
      historyButton('undo', store.canUndo, store.undoLabel, 'Ctrl Z'),
      historyButton('redo', store.canRedo, store.redoLabel, 'Ctrl Shift Z'),
      h(
        'button',
        {class: 'btn bare opt', dataset: {focus: 'commands'}, onClick: () => services.commands.run('palette.open')},
        'Commands',
        h('kbd', null, 'Ctrl K'),
      ),
      h(
        'button',
        {
          class: 'btn opt',
          dataset: {focus: 'export'},
          'aria-haspopup': 'menu',
          'aria-expanded': 'false',
          onClick: (event) => openMenu(event.currentTarget, exportItems(store, services)),
        },
        'Export',
        icon('down'),
      ),
      saveButton(),
      h(
        'button',
        {
          class: 'btn bare more',
          'aria-label': 'More commands',
          'aria-haspopup': 'menu',
          'aria-expanded': 'false',
          dataset: {focus: 'more'},
          onClick: (event) => openMore(event.currentTarget),
        },
        icon('dots'),
      ),
    );
  }

  /** Opens what a narrow bar has no room for. */
  function openMore(button) {
    const {commands} = services;
    openMenu(button, [
      {label: 'Undo', icon: 'undo', detail: store.undoLabel, disabled: !store.canUndo, run: () => commands.run('undo')},
      {label: 'Redo', icon: 'redo', detail: store.redoLabel, disabled: !store.canRedo, run: () => commands.run('redo')},
      {label: 'All commands', icon: 'search', run: () => commands.run('palette.open')},
      {label: 'All keys', icon: 'dots', run: () => commands.run('help')},
      ...exportItems(store, services),
    ]);
  }

  function edited() {
    const count = store.editedCount();
    if (!store.dirty) return null;
    const words = count
      ? `${number(count)} of ${number(Math.max(count, state.draft.length))} edited, not saved`
      : 'order edited, not saved';
    return h('span', {class: 'acc edited t12', title: words}, h('span', {class: 'dot'}), h('span', {class: 'cut'}, words));
  }

  function modeButton(mode, label) {
    return h(
      'button',
      {
        'aria-pressed': String(state.mode === mode),
        dataset: {focus: `mode-${mode}`},
        onClick: () => store.set({mode}),
      },
      label,
    );
  }

  function sending() {
    const {allowSend, sendUrl} = state.session;
    return allowSend
      ? h('span', {class: 'warn t12 sends', title: sendUrl ? `Sending allowed, to ${sendUrl}` : null}, icon('warn'), h('span', null, 'Sending allowed'))
      : h(
          'span',
          {class: 'opt mut t12 sends', title: 'Start the studio with --allow-send to send for real.'},
          icon('lock'),
          h('span', null, 'Nothing is sent'),
        );
  }

  function historyButton(name, can, label, keys) {
    const title = name === 'undo' ? 'Undo' : 'Redo';
    return h(
      'button',
      {
        class: 'btn bare opt',
        dataset: {focus: name},
        'aria-label': `${title}${label ? ` ${label}` : ''}, ${keys}`,
        'aria-disabled': can ? null : 'true',
        title: label ? `${title} ${label}` : title,
        onClick: () => services.commands.run(name),
      },
      icon(name),
    );
  }

  function saveButton() {
    const {saveable, whyNot} = state.session.document;
    const why = state.blocked || (saveable ? null : whyNot);
    const off = Boolean(state.blocked) || state.saving;
    return h(
      'button',
      {
        class: 'btn pri',
        dataset: {focus: 'save'},
        id: 'save',
        'aria-disabled': off ? 'true' : null,
        title: why || (store.dirty ? null : 'Nothing has been edited since it was saved.'),
        onClick: () => services.commands.run('save'),
      },
      saveable ? 'Save' : 'Save as…',
      why && hidden(`, ${why}`),
      h('kbd', null, 'Ctrl S'),
    );
  }
}
