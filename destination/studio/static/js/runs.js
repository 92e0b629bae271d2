import {isAbort} from './api.js';

const DEBOUNCE_MS = 60;
const POLL_MS = 250;

/**
 * Asks the server for the results of the draft: one event at once, the corpus beside it. A newer
 * edit cancels what runs for an older one; old results stay until new ones arrive.
 *
 * @param {any} store
 * @param {any} api get, post and stream of api.js
 */
export function createRuns(store, api) {
  const state = store.state;
  let explaining = new AbortController();
  let comparing = new AbortController();
  let timer = 0;
  /** Whether a comparison waits for an explanation that says that it can be made. */
  let comparesNext = false;
  let wanted = new Set();

  return {
    /** Begins to follow the store, and asks for the first results. */
    start() {
      store.on('draft', () => plan('explain', 'compare'));
      store.on('event', () => plan('text', 'explain'));
      store.on('selected', () => plan('explain'));
      now('text', 'explain', 'compare');
      followCorpus();
    },
    /** Asks again for the chosen event's results. */
    explain: () => now('text', 'explain'),
    /** Asks again for the corpus's results. */
    compare: () => now('compare'),
  };

  /** Asks how far the corpus has been read, until it is whole; chooses its first event when there is one. */
  async function followCorpus() {
    while (!state.corpus.complete) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      try {
        const corpus = await api.get('/api/corpus');
        store.set({corpus});
        if (corpus.events && !state.event) store.selectEvent({index: 0});
        store.setError('events', null);
      } catch (error) {
        store.setError('events', error.message);
      }
    }
  }

  function plan(...names) {
    names.forEach((name) => wanted.add(name));
    clearTimeout(timer);
    timer = window.setTimeout(run, DEBOUNCE_MS);
  }

  function now(...names) {
    names.forEach((name) => wanted.add(name));
    run();
  }

  function run() {
    clearTimeout(timer);
    const names = wanted;
    wanted = new Set();
    if (names.has('text')) readText();
    if (names.has('compare')) comparing.abort();
    if (names.has('explain')) explain(names.has('compare'));
    else if (names.has('compare')) compare();
  }

  async function readText() {
    const event = state.event;
    if (!event || !('index' in event) || state.eventText !== null) return;
    try {
      const info = await api.get(`/api/events/${event.index}`);
      if (state.event !== event) return;
      store.set({eventText: info.text, eventInfo: info});
      store.setError('event', null);
    } catch (error) {
      if (state.event === event) store.setError('event', error.message);
    }
  }

  /**
   * Explains the chosen event, and then compares: only a draft whose edited triggers can be read
   * gets results for the corpus, so that those of the last valid edit stay meanwhile.
   */
  async function explain(thenCompare) {
    explaining.abort();
    if (!state.event) {
      store.set({explained: null, explainPending: false});
      if (thenCompare) compare();
      return;
    }
    comparesNext = comparesNext || thenCompare;
    const controller = (explaining = new AbortController());
    const {draft, selected, event} = state;
    store.set({explainPending: true});
    try {
      const explained = await api.post('/api/explain', {draft, selected, event}, {signal: controller.signal});
      if (controller !== explaining) return;
      // What was asked goes with the answer, so that a pane can say whether it is the newest.
      const held = hasUnreadableEdit(store, explained);
      const of = {draft, selected, ref: event};
      store.set({explained: {...explained, of}, explainPending: false, compareHeld: held});
      store.setError('result', null);
      if (comparesNext && !held) compare();
      else if (held) store.set({comparePending: false});
    } catch (error) {
      if (controller !== explaining || isAbort(error)) return;
      store.set({explainPending: false});
      store.setError('result', error.message);
      if (comparesNext) compare();
    }
  }

  async function compare() {
    comparing.abort();
    comparesNext = false;
    const controller = (comparing = new AbortController());
    const draft = state.draft;
    const began = performance.now();
    store.set({comparePending: true});
    try {
      await api.stream('/api/compare', {draft}, {
        signal: controller.signal,
        onLine: (line) => {
          if (controller !== comparing) return;
          store.set({compared: {...line, ms: performance.now() - began, draft}});
        },
      });
      if (controller !== comparing) return;
      store.set({comparePending: false});
      store.setError('corpus', null);
    } catch (error) {
      if (controller !== comparing || isAbort(error)) return;
      store.set({comparePending: false});
      store.setError('corpus', error.message);
    }
  }
}

/** Reports whether an edited trigger of a draft cannot be read. */
function hasUnreadableEdit(store, explained) {
  const {selected, subscriptions} = explained;
  const wrong = (subscriptions ?? []).filter((entry) => entry.trigger?.error).map((entry) => entry.key);
  if (selected?.trigger?.error) wrong.push(store.state.selected);
  return wrong.some((key) => store.isEdited(key));
}
