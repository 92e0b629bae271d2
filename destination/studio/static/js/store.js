import {contentOf} from './content.js';
import {createHistory} from './history.js';

/**
 * @typedef {{key: string, saved: number | null, name: string, enabled: boolean, subscribe: string,
 *   partnerAction: string, mapping: any, [member: string]: any}} Subscription
 * @typedef {{index: number} | {text: string}} EventRef
 */

/**
 * Makes the one store of the page: what is open, what it was, and who wants to know.
 *
 * @param {any} session the answer of `GET /api/session`
 */
export function createStore(session) {
  const draft = session.document.subscriptions;
  const state = {
    session,
    /** @type {Subscription[]} */ draft,
    /** @type {string | null} */ selected: draft[0]?.key ?? null,
    /** @type {EventRef | null} */ event: session.corpus?.events ? {index: 0} : null,
    /** Text of the chosen event; null until it has been read. @type {string | null} */ eventText: null,
    /** Of the corpus's event: `{index, line, label, isObject}`. @type {any} */ eventInfo: null,
    /** @type {any} */ explained: null,
    explainPending: false,
    /** @type {any} */ compared: null,
    comparePending: false,
    /** Whether the corpus's results stay because an edited trigger cannot be read. */ compareHeld: false,
    /** Some of sent, failing, notTaken (one of them must hold) and changed (must hold too); none is all. @type {string[]} */ filter: [],
    query: '',
    /** The change that the corpus pane has chosen: `{key, kind, location}`. @type {any} */ change: null,
    /** The bucket that the strip has chosen: `{from, to}`. @type {any} */ range: null,
    corpus: session.corpus,
    mode: 'edit',
    pane: 'result',
    /** Why nothing can be saved now, such as text that is not JSON. @type {string | null} */ blocked: null,
    saving: false,
    /** @type {string | null} */ pinned: null,
    /** @type {Record<string, string | null>} */ errors: {},
  };
  /** @type {Array<{names: Set<string>, fn: Function}>} */
  const listeners = [];
  let changed = new Set();
  let announcing = false;
  let newKeys = 0;

  const store = {
    state,
    on,
    set,
    edit,
    editEvent,
    newEvent,
    undo: () => restore(history.undo(state)),
    redo: () => restore(history.redo(state)),
    selectEvent: (event) => set({event, eventText: 'text' in event ? event.text : null, eventInfo: null}),
    selectSubscription: (key) => set({selected: key}),
    selectedSubscription: () => find(state.selected),
    find,
    savedOf,
    isEdited,
    editedCount,
    newKey: () => `n${(newKeys += 1)}`,
    wasSaved,
    /** Sets or (with null) takes away the error of a pane. */
    setError: (pane, message) => {
      if ((state.errors[pane] ?? null) !== message) set({errors: {...state.errors, [pane]: message}});
    },
    get dirty() {
      const before = saved();
      return state.draft.length !== before.length || state.draft.some((one, at) => contentOf(one) !== contentOf(before[at]));
    },
    get canUndo() {
      return history.canUndo;
    },
    get canRedo() {
      return history.canRedo;
    },
    get undoLabel() {
      return history.undoLabel;
    },
    get redoLabel() {
      return history.redoLabel;
    },
  };
  const history = createHistory();
  return store;

  /**
   * Calls `fn(state, changed)` after one of these members changed; returns a function that ends it.
   * @param {string} names separated by spaces
   * @param {(state: any, changed: Set<string>) => void} fn
   */
  function on(names, fn) {
    const listener = {names: new Set(names.split(' ')), fn};
    listeners.push(listener);
    return () => listeners.splice(listeners.indexOf(listener), 1);
  }

  /** Sets members that no undo takes back. @param {Record<string, any>} members */
  function set(members) {
    for (const [name, value] of Object.entries(members)) {
      if (state[name] === value) continue;
      state[name] = value;
      changed.add(name);
    }
    notify();
  }

  function notify() {
    if (announcing) return;
    announcing = true;
    try {
      while (changed.size) {
        const now = changed;
        changed = new Set();
        for (const {names, fn} of [...listeners]) {
          if (![...names].some((name) => now.has(name))) continue;
          try {
            fn(state, now);
          } catch (error) {
            // One pane that cannot draw must not keep the others from it.
            reportError(error);
          }
        }
      }
    } finally {
      announcing = false;
    }
  }

  /**
   * Edits the draft, with an undo entry. Edits with one label within 800 ms share an entry.
   * @param {string} label what undo takes back, such as `trigger of Page Calls`
   * @param {(draft: Subscription[]) => Subscription[]} fn gets the draft, returns a new one
   * @param {{selected?: string | null}} [also] the subscription to select with it
   */
  function edit(label, fn, also = {}) {
    const next = fn(state.draft);
    if (next === state.draft) return;
    history.add(label, {draft: state.draft, selected: state.selected});
    const selected = also.selected === undefined ? state.selected : also.selected;
    const there = next.some((subscription) => subscription.key === selected);
    set({draft: next, selected: there ? selected : (next[0]?.key ?? null), history: {}});
  }

  /** Edits the text of the event, with an undo entry. @param {string} text */
  function editEvent(text) {
    if (text === state.eventText) return;
    const {event, eventText, eventInfo} = state;
    history.add('the event', {event, eventText, eventInfo});
    set({event: {text}, eventText: text, history: {}});
  }

  /** Puts a new event in the place of the chosen one, with an undo entry. @param {string} text */
  function newEvent(text) {
    const {event, eventText, eventInfo} = state;
    history.add('the new event', {event, eventText, eventInfo});
    set({event: {text}, eventText: text, eventInfo: null, history: {}});
  }

  function restore(entry) {
    if (!entry) return;
    set({...entry, history: {}});
  }

  function saved() {
    return state.session.document.subscriptions;
  }

  /** Finds a subscription of the draft. @param {string | null} key */
  function find(key) {
    return state.draft.find((subscription) => subscription.key === key) ?? null;
  }

  /** Returns the saved version of a subscription, or null. @param {string | null} key */
  function savedOf(key) {
    const index = find(key)?.saved;
    return index === null || index === undefined ? null : (saved()[index] ?? null);
  }

  /** Reports whether a subscription is new or differs from its saved version. @param {string} key */
  function isEdited(key) {
    const subscription = find(key);
    if (!subscription) return false;
    const before = savedOf(key);
    return !before || contentOf(subscription) !== contentOf(before);
  }

  /** Counts subscriptions that are edited, new or removed. */
  function editedCount() {
    const kept = new Set(state.draft.map((subscription) => subscription.saved));
    const removed = saved().filter((_, index) => !kept.has(index)).length;
    return state.draft.filter((subscription) => isEdited(subscription.key)).length + removed;
  }

  /**
   * Takes over a new saved version, of which the posted draft is the content. Undo still reaches
   * what was before it.
   * @param {any} savedDocument as the server returned it
   * @param {Subscription[]} posted the draft that was saved
   */
  function wasSaved(savedDocument, posted) {
    const index = new Map(posted.map((subscription, i) => [subscription.key, i]));
    const relate = (subscriptions) =>
      subscriptions.map((subscription) => ({...subscription, saved: index.get(subscription.key) ?? null}));
    history.rewrite((entry) => (entry.draft ? {...entry, draft: relate(entry.draft)} : entry));
    set({
      session: {...state.session, document: savedDocument},
      draft: relate(state.draft),
      // Nothing differs from the saved version any more, so that these would show no event.
      change: null,
      filter: state.filter.filter((name) => name !== 'changed'),
      history: {},
    });
  }
}
