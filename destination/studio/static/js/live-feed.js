const EVENTS_MS = 1_000;
const STATUS_MS = 2_000;
const LETTERS_MS = 5_000;
const LETTERS_LIMIT = 200;
const CHECKED_AT_ONCE = 500;

/**
 * @typedef {{destination: string, subscription: string | null, outcome: string, at: string, reason?: string}} Outcome
 * @typedef {{version: number, messageId: string, receivedAt: string, event: any, outcomes: Outcome[]}} LiveEvent
 * @typedef {{destination: string, id: string, messageId: string, at: string, failures: any[], event: any}} DeadLetter
 * @typedef {{state: 'pass' | 'fail', reason: string}} Check
 */

/**
 * Makes what the live view knows of the forwarder, and keeps it up to date while the view is open.
 *
 * `state` has `status`, `events` (newest first), `groups`, `letters` (newest first), `lettersTotal`, `checks` (by
 * event, under the draft that is open), `chosen` (keys of dead letters), `selected` (`{event}` or `{letter}`), `only`
 * (a group whose events alone are listed), `paused`, and `errors` by pane.
 *
 * @param {any} store
 * @param {any} services
 */
export function createFeed(store, services) {
  const state = {
    status: null,
    /** @type {LiveEvent[]} */ events: [],
    groups: [],
    /** @type {DeadLetter[]} */ letters: [],
    lettersTotal: 0,
    /** @type {Map<string, Check>} */ checks: new Map(),
    /** @type {Set<string>} */ chosen: new Set(),
    selected: null,
    only: null,
    paused: false,
    errors: {},
  };
  /** @type {Array<[Set<string>, () => void]>} */
  const listeners = [];
  /** @type {Map<string, LiveEvent>} */
  let byId = new Map();
  let version = 0;
  let run = '';
  let checking = null;
  let checkedDraft = null;
  const loops = [loop('stream', EVENTS_MS, readEvents), loop('delivery', STATUS_MS, readStatus), loop('letters', LETTERS_MS, readLetters)];
  store.on('draft', () => {
    if (isOpen()) check();
  });
  store.on('mode', () => {
    if (isOpen()) refresh();
  });
  refresh();

  return {state, on, set, refresh, pause, replay, eventOf: (messageId) => byId.get(messageId), checkOf};

  /** Calls a function when one of these members changed. @param {string} names @param {() => void} call */
  function on(names, call) {
    listeners.push([new Set(names.split(' ')), call]);
  }

  /** Changes members of the state. @param {Record<string, any>} members */
  function set(members) {
    Object.assign(state, members);
    for (const [names, call] of listeners) if (Object.keys(members).some((name) => names.has(name))) call();
  }

  function isOpen() {
    return store.state.mode === 'live';
  }

  /** Reads all again now. */
  function refresh() {
    for (const one of loops) one();
  }

  /** Stops or starts reading new events. @param {boolean} paused */
  function pause(paused) {
    set({paused});
    if (!paused) refresh();
  }

  /** Makes a loop that reads one thing, again and again while the view is open; returns how to read it at once. */
  function loop(pane, everyMs, read) {
    let timer = 0;
    let busy = false;
    return async function now() {
      clearTimeout(timer);
      if (busy || !isOpen()) return;
      busy = true;
      try {
        if (!document.hidden && !(state.paused && pane === 'stream')) {
          await read();
          fail(pane, null);
        }
      } catch (error) {
        fail(pane, error.message);
      } finally {
        busy = false;
        if (isOpen()) timer = window.setTimeout(now, everyMs);
      }
    };
  }

  function fail(pane, message) {
    if ((state.errors[pane] ?? null) !== message) set({errors: {...state.errors, [pane]: message}});
  }

  async function readEvents() {
    let found = await services.get(`/api/live/events?after=${version}`);
    if (found.run !== run) {
      // The forwarder started anew: what it had before is gone.
      byId = new Map();
      if (version) found = await services.get('/api/live/events?after=0');
      run = found.run;
    }
    const hadNew = found.version !== version || !state.events.length;
    version = found.version;
    for (const event of found.events) byId.set(event.messageId, event);
    if (found.events.length || hadNew) {
      const events = [...byId.values()].sort((one, other) => (one.receivedAt < other.receivedAt ? 1 : one.receivedAt > other.receivedAt ? -1 : 0));
      set({events, groups: found.groups});
      if (found.events.some((event) => event.outcomes.some((one) => one.outcome === 'dead'))) loops[2]();
      check();
    }
  }

  async function readStatus() {
    set({status: await services.get('/api/live/status')});
  }

  async function readLetters() {
    const found = await services.get(`/api/live/dead-letters?limit=${LETTERS_LIMIT}`);
    const letters = found.deadLetters.reverse().sort((one, other) => acceptedAt(other).localeCompare(acceptedAt(one)));
    const keys = new Set(letters.map(keyOf));
    set({letters, lettersTotal: found.total, chosen: new Set([...state.chosen].filter((key) => keys.has(key)))});
    check();
  }

  /** Asks whether the failed events would be sent under the draft that is open; an answer is kept for its draft. */
  async function check() {
    const draft = store.state.draft;
    if (checkedDraft !== draft) {
      checkedDraft = draft;
      set({checks: new Map()});
    }
    if (checking) return;
    const wanted = new Map();
    for (const letter of state.letters) wanted.set(letter.messageId, letter.event);
    for (const group of state.groups) for (const id of group.messageIds) wanted.set(id, byId.get(id)?.event);
    const missing = [...wanted].filter(([id, event]) => event && !state.checks.has(id)).slice(0, CHECKED_AT_ONCE);
    if (!missing.length) return;
    checking = services.post('/api/live/check', {draft, events: missing.map(([, event]) => event)});
    try {
      const {verdicts} = await checking;
      if (draft === store.state.draft) {
        set({checks: new Map([...state.checks, ...verdicts.map((verdict, at) => [missing[at][0], verdict])])});
      }
      fail('check', null);
    } catch (error) {
      fail('check', error.message);
      return;
    } finally {
      checking = null;
    }
    check();
  }

  /** Returns whether an event would be sent under the draft that is open. @param {string} messageId */
  function checkOf(messageId) {
    return state.checks.get(messageId) ?? null;
  }

  /**
   * Sends dead letters again, destination by destination.
   * @param {DeadLetter[]} letters
   * @returns {Promise<Record<string, number>>} `acknowledged`, `failed`, `deferred` and `missing`
   */
  async function replay(letters) {
    const total = {acknowledged: 0, failed: 0, deferred: 0, missing: 0};
    for (const destination of new Set(letters.map((letter) => letter.destination))) {
      const ids = letters.filter((letter) => letter.destination === destination).map((letter) => letter.id);
      const found = await services.post('/api/live/replay', {destination, ids});
      for (const name of Object.keys(total)) total[name] += count(found[name]);
    }
    set({chosen: new Set()});
    refresh();
    return total;
  }
}

const count = (value) => (Array.isArray(value) ? value.length : Number(value ?? 0));

/** Names a dead letter among those of all destinations. @param {DeadLetter} letter */
export const keyOf = (letter) => `${letter.destination} ${letter.id}`;

/** Returns when the event of a dead letter was accepted, as ISO 8601 text; empty where that is not known. */
export const acceptedAt = (letter) => (typeof letter.event?.receivedAt === 'string' ? letter.event.receivedAt : '');
