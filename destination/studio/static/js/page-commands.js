import {exportCommands} from './exporting.js';
import {openHelp} from './help.js';
import {openPalette} from './palette.js';
import {recall, remember} from './remembered.js';
import {createWalk} from './walking.js';

/** What a pane is entered by, the first that it has. */
const FIRST = ['[role=listbox]', '[role=tab][aria-selected=true]', '.cell[tabindex="0"]', '.scroll[tabindex="0"]', 'button'];

/**
 * Registers what belongs to no single pane.
 * @param {{places: Record<string, HTMLElement>, store: any, services: any, keys: any}} page
 */
export function registerPageCommands({places, store, services, keys}) {
  const {commands, saving, announce} = services;
  const state = store.state;
  const walk = createWalk(store, services);
  const editing = () => state.mode === 'edit';

  commands.register(
    {id: 'palette.open', title: 'Commands', keys: 'Ctrl k', run: () => openPalette(commands)},
    {id: 'help', title: 'All keys', keys: '?', run: () => openHelp(commands, keys)},
    {
      id: 'letters',
      title: 'Turn single-letter keys on or off',
      run: () => {
        keys.setLetters(!keys.letters);
        announce(keys.letters ? 'Single letters are keys now.' : 'Single letters are no keys now.');
      },
    },
    {id: 'save', group: 'File', title: 'Save', keys: 'Ctrl s', run: saving.save},
    {id: 'save.as', group: 'File', title: 'Save as a new JSON file', run: saving.openNewFile},
    {id: 'save.changes', group: 'File', title: 'Show the lines that saving changes', enabled: () => state.session.document.saveable && store.dirty, run: saving.openChanges},
    ...exportCommands(store, services),
    {id: 'undo', title: 'Undo', keys: 'Ctrl z', enabled: () => store.canUndo, run: () => travel('undo', 'Undone')},
    {id: 'redo', title: 'Redo', keys: 'Ctrl Shift z', enabled: () => store.canRedo, run: () => travel('redo', 'Done again')},
    {id: 'change.next', group: 'Corpus', title: 'Next changed event', keys: ']', enabled: editing, run: walk.next},
    {id: 'change.previous', group: 'Corpus', title: 'Previous changed event', keys: '[', enabled: editing, run: walk.previous},
    {id: 'subscription.next', group: 'Mapping', title: 'Next subscription', keys: 'l', enabled: editing, run: () => step(1)},
    {id: 'subscription.previous', group: 'Mapping', title: 'Previous subscription', keys: 'h', enabled: editing, run: () => step(-1)},
    ...[
      ['e', 'events', 'Go to the events'],
      ['m', 'mapping', 'Go to the mapping'],
      ['r', 'result', 'Go to the result'],
      ['c', 'corpus', 'Go to the corpus'],
    ].map(([key, pane, title]) => ({id: `go.${pane}`, group: 'Panes', title, keys: `g ${key}`, enabled: editing, run: () => goTo(pane)})),
    {id: 'mode.edit', group: 'Panes', title: 'Edit mappings', enabled: () => !editing(), run: () => store.set({mode: 'edit'})},
    {id: 'mode.live', group: 'Panes', title: 'Watch live events', enabled: editing, run: () => store.set({mode: 'live'})},
    {id: 'scheme.light', title: 'Use light colours', run: () => setScheme('light')},
    {id: 'scheme.dark', title: 'Use dark colours', run: () => setScheme('dark')},
    {id: 'scheme.system', title: 'Use the colours of the system', run: () => setScheme(null)},
  );
  commands.provide(() =>
    state.draft.map((subscription) => ({
      id: `select.${subscription.key}`,
      group: 'Subscription',
      title: subscription.name,
      hint: store.isEdited(subscription.key) ? 'edited' : '',
      run: () => {
        store.selectSubscription(subscription.key);
        services.showPane('mapping');
      },
    })),
  );

  function travel(way, words) {
    const label = store[`${way}Label`];
    store[way]();
    announce(`${words}: ${label}.`);
  }

  function step(by) {
    const keysOf = state.draft.map((subscription) => subscription.key);
    const at = keysOf.indexOf(state.selected);
    const next = keysOf[(at + by + keysOf.length) % keysOf.length];
    if (!next) return;
    store.selectSubscription(next);
    announce(`${store.find(next).name} is open.`);
  }

  function goTo(pane) {
    services.showPane(pane);
    const element = places[pane];
    const first = FIRST.map((selector) => element.querySelector(selector)).find((found) => found instanceof HTMLElement);
    first?.focus();
  }
}

/** Sets the colours of the page in this browser. @param {'light' | 'dark' | null} scheme */
function setScheme(scheme) {
  remember('scheme', scheme);
  showScheme();
}

/** Shows the colours that this browser remembers; those of the system where it remembers none. */
export function showScheme() {
  const scheme = recall('scheme', null);
  if (scheme === 'light' || scheme === 'dark') document.documentElement.dataset.scheme = scheme;
  else delete document.documentElement.dataset.scheme;
}
