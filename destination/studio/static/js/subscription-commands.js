import {changeOne, copyOne, editedParts, moveOne, newOne, removeOne, revertOne} from './mapping-edits.js';

/**
 * What can be done with a subscription: each is one step of undo.
 * @param {any} store
 * @param {any} services
 */
export function createActions(store, services) {
  const state = store.state;
  const selected = () => store.selectedSubscription();
  const isFull = () => state.draft.length >= (state.session.limits?.subscriptions ?? 50);
  const full = () => `A destination has at most ${state.session.limits?.subscriptions ?? 50} subscriptions.`;

  const actions = {
    /** Lists the actions of which a subscription can be added, as items of a menu. */
    addItems() {
      return Object.entries(state.session.actions).map(([slug, action]) => ({
        label: action.title || slug,
        detail: action.description,
        disabled: isFull(),
        why: full(),
        run: () => actions.add(slug),
      }));
    },
    add(slug) {
      const key = store.newKey();
      const made = newOne(state.draft, key, slug, state.session.actions[slug]);
      store.edit(`adding ${made.name}`, (draft) => [...draft, made], {selected: key});
      services.announce(`${made.name} is added.`);
    },
    copy() {
      const {key, name} = selected();
      const copy = store.newKey();
      store.edit(`copying ${name}`, (draft) => copyOne(draft, key, copy), {selected: copy});
      services.announce(`${store.find(copy)?.name} is added.`);
    },
    move(by) {
      const {key, name} = selected();
      store.edit(`moving ${name}`, (draft) => moveOne(draft, key, by));
    },
    remove() {
      const {key, name} = selected();
      const at = state.draft.findIndex((one) => one.key === key);
      const next = state.draft[at + 1] ?? state.draft[at - 1];
      store.edit(`removing ${name}`, (draft) => removeOne(draft, key), {selected: next?.key ?? null});
      services.announce(`${name} is removed.`);
    },
    revert() {
      const {key, name} = selected();
      const saved = store.savedOf(key);
      if (saved) store.edit(`reverting ${name}`, (draft) => revertOne(draft, key, saved));
    },
    revertTrigger() {
      const {key, name} = selected();
      const saved = store.savedOf(key);
      if (saved) store.edit(`reverting the trigger of ${name}`, (draft) => changeOne(draft, key, (one) => ({...one, subscribe: saved.subscribe})));
    },
    setTrigger(text) {
      const {key, name} = selected();
      store.edit(`trigger of ${name}`, (draft) => changeOne(draft, key, (one) => ({...one, subscribe: text})));
    },
    rename(name) {
      const {key, name: before} = selected();
      if (name.trim()) store.edit(`name of ${before}`, (draft) => changeOne(draft, key, (one) => ({...one, name: name.trim()})));
    },
    toggle() {
      const {key, name, enabled} = selected();
      const word = enabled === false ? 'enabling' : 'disabling';
      store.edit(`${word} ${name}`, (draft) => changeOne(draft, key, (one) => ({...one, enabled: one.enabled === false})));
    },
    applyFix(finding) {
      store.edit(finding.fix.title, () => finding.fix.draft);
      services.announce(`${finding.fix.title}: done.`);
    },
    /** Lists the items of the menu of a subscription. @param {() => void} rename */
    menuItems(rename) {
      const {key, enabled} = selected();
      const at = state.draft.findIndex((one) => one.key === key);
      const saved = store.savedOf(key);
      return [
        {label: 'Rename', run: rename},
        {label: 'Copy', icon: 'copy', disabled: isFull(), why: full(), run: actions.copy},
        {label: enabled === false ? 'Enable' : 'Disable', icon: 'pause', run: actions.toggle},
        {label: 'Move left', icon: 'left', disabled: at === 0, why: 'It is the first.', run: () => actions.move(-1)},
        {label: 'Move right', icon: 'right', disabled: at === state.draft.length - 1, why: 'It is the last.', run: () => actions.move(1)},
        {label: 'Revert to the saved version', icon: 'undo', disabled: !saved || !editedParts(selected(), saved).length, why: saved ? 'It is not edited.' : 'It is new.', run: actions.revert},
        {label: 'Remove', icon: 'trash', run: actions.remove},
      ];
    },
  };
  register();
  return actions;

  function register() {
    const editing = () => state.mode === 'edit' && Boolean(selected());
    const at = () => state.draft.findIndex((one) => one.key === state.selected);
    const command = (id, title, run, enabled = () => true) => ({id: `subscription.${id}`, group: 'Mapping', title, enabled: () => editing() && enabled(), run});
    services.commands.register(
      command('copy', 'Copy the subscription', actions.copy, () => !isFull()),
      command('enable', 'Enable or disable the subscription', actions.toggle),
      command('left', 'Move the subscription left', () => actions.move(-1), () => at() > 0),
      command('right', 'Move the subscription right', () => actions.move(1), () => at() < state.draft.length - 1),
      command('revert', 'Revert the subscription to the saved version', actions.revert, () => store.isEdited(state.selected) && Boolean(store.savedOf(state.selected))),
      command('remove', 'Remove the subscription', actions.remove),
      command('trigger', 'Revert the trigger', actions.revertTrigger, () => {
        const saved = store.savedOf(state.selected);
        return Boolean(saved) && saved.subscribe !== selected().subscribe;
      }),
    );
    services.commands.provide(() =>
      state.mode === 'edit' ? actions.addItems().map((item, index) => ({id: `subscription.add.${index}`, group: 'Mapping', title: `Add a subscription: ${item.label}`, enabled: () => !isFull(), run: item.run})) : [],
    );
  }
}
