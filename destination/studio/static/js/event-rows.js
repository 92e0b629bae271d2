import {isAbort} from './api.js';

const PAGE = 100;
const AGAIN_MS = 250;

/**
 * Keeps the rows of the event list that were in view, page by page. While a comparison runs or the
 * corpus is read, rows in view are asked for again; what was known stays until the answer is there.
 *
 * @param {any} store
 * @param {any} services
 * @param {() => void} changed
 */
export function createEventRows(store, services, changed) {
  const state = store.state;
  let asked = '';
  /** @type {Map<number, {rows: any[], version: number}>} */
  let pages = new Map();
  let version = 0;
  let controller = new AbortController();
  /** @type {Set<number>} */
  let loading = new Set();
  let inView = [0, 1];
  let timer = 0;
  let fresh = false;

  const source = {
    total: 0,
    /** @type {Record<string, number> | null} */ counts: null,
    /** Whether the rows belong to an older search. */ stale: false,
    row: (at) => pages.get(Math.floor(at / PAGE))?.rows[at % PAGE] ?? null,
    positionOf,
    view,
    ask,
    refresh,
  };
  return source;

  /** Asks for the rows of the filter and search as they are now. */
  function ask() {
    const now = JSON.stringify(terms());
    if (now === asked) {
      refresh();
      return;
    }
    asked = now;
    controller.abort();
    controller = new AbortController();
    loading = new Set();
    version += 1;
    fresh = true;
    source.stale = true;
    inView = [0, 1];
    changed();
    load(0);
  }

  /** Asks again for the rows in view, at most four times a second. */
  function refresh() {
    version += 1;
    schedule();
  }

  function schedule() {
    if (timer) return;
    timer = window.setTimeout(() => {
      timer = 0;
      pagesInView().filter((page) => pages.get(page)?.version !== version).forEach(load);
    }, pages.size ? AGAIN_MS : 0);
  }

  /** Takes note of the rows in view, and loads them. @param {number} from @param {number} to */
  function view(from, to) {
    inView = [from, Math.max(to, from + 1)];
    if (fresh) return;
    const shown = pagesInView();
    // What is missing is asked for at once, what is older with the next refresh.
    shown.filter((page) => !pages.has(page)).forEach(load);
    if (shown.some((page) => pages.has(page) && pages.get(page)?.version !== version)) schedule();
  }

  function pagesInView() {
    const first = Math.floor(inView[0] / PAGE);
    const last = Math.floor((inView[1] - 1) / PAGE);
    return Array.from({length: last - first + 1}, (_, at) => first + at);
  }

  async function load(page) {
    if (loading.has(page)) return;
    loading.add(page);
    const {signal} = controller;
    const mine = version;
    try {
      const body = {...terms(), run: state.compared?.run ?? null, offset: page * PAGE, limit: PAGE};
      const answer = await services.post('/api/events', body, {signal});
      if (signal.aborted) return;
      if (fresh) pages = new Map();
      fresh = false;
      source.stale = false;
      source.total = answer.total;
      source.counts = answer.counts;
      pages.set(page, {rows: answer.rows, version: mine});
      loading.delete(page);
      if (store.state.errors.events) store.setError('events', null);
      changed();
      // What changed while this page was under way is asked for once more.
      if (mine !== version) schedule();
    } catch (error) {
      loading.delete(page);
      if (isAbort(error) || signal.aborted) return;
      store.setError('events', error.message);
    }
  }

  function terms() {
    const {query, filter, change, range} = state;
    const body = {query, filter: filter.length ? filter : 'all'};
    if (change) Object.assign(body, change);
    if (range) Object.assign(body, {from: range.from, to: range.to});
    return body;
  }

  /** Finds where an event of the corpus stands in the list; -1 where that is not known. @param {number} index */
  function positionOf(index) {
    const {query, filter, change, range} = state;
    if (!query && !filter.length && !change && !range) return index < source.total ? index : -1;
    for (const [page, {rows}] of pages) {
      const at = rows.findIndex((row) => row.index === index);
      if (at >= 0) return page * PAGE + at;
    }
    return -1;
  }
}
