import {errorLine, h, icon, number, replace} from './dom.js';
import {clock, durationOf, outcomeMark, stateOf, subscriptionsOf, titleOf} from './live-words.js';
import {createVirtualList} from './virtual-list.js';

const SEARCH_MS = 120;
const FILTERS = [
  [null, 'All'],
  ['delivered', 'Delivered'],
  ['waiting', 'Waiting'],
  ['dead', 'Dead'],
  ['unsent', 'Not sent'],
];

/**
 * Mounts the stream: the last events, newest first, with what became of each.
 *
 * It follows only at its top. Elsewhere newer events are counted above the list, and rows never move.
 *
 * @param {HTMLElement} element
 * @param {any} feed
 * @param {any} store
 * @param {any} services
 */
export function mount(element, feed, store, services) {
  const {state} = feed;
  let outcome = null;
  let query = '';
  let searching = 0;
  /** The events that are listed, newest first. */
  let shown = [];
  /** What may be listed once a person is at the top again. */
  let newer = 0;
  const narrow = () => (element.closest('#page')?.clientWidth ?? 0) <= 720;
  const list = createVirtualList({
    id: 'live-event',
    label: 'Last events',
    rowHeight: () => (narrow() ? 40 : 24),
    draw: drawRow,
    choose: (at) => {
      if (!shown[at]) return;
      feed.set({selected: {event: shown[at].messageId}});
      list.reveal(at);
    },
    view: () => {},
  });
  const head = h('div', {class: 'hd'});
  const error = h('div');
  const input = h('input', {
    id: 'live-search',
    type: 'search',
    placeholder: 'messageId, userId, name, subscription',
    'aria-label': 'Filter the stream',
    autocomplete: 'off',
    spellcheck: 'false',
    onInput: () => {
      clearTimeout(searching);
      searching = window.setTimeout(() => {
        query = input.value.trim().toLowerCase();
        listAnew();
      }, SEARCH_MS);
    },
  });
  const filters = h('div', {class: 'bar filters', role: 'group', 'aria-label': 'Outcome'});
  const only = h('div', {class: 'bar chips', hidden: true});
  const columns = h(
    'div',
    {class: 'lv head', 'aria-hidden': 'true'},
    ['Accepted', 'Type', 'Name', 'Subscription', 'Outcome'].map((title) => h('span', null, title)),
    h('span', {class: 'num'}, 'ms'),
  );
  const more = h('button', {class: 'more', hidden: true, onClick: toTop});
  const nothing = h('p', {class: 'nothing mut t12', hidden: true});
  element.append(
    head,
    error,
    h('div', {class: 'bar search'}, h('label', {class: 'find'}, icon('search', 'mut'), input, h('kbd', null, '/'))),
    filters,
    only,
    columns,
    more,
    nothing,
    list.element,
  );
  list.element.addEventListener('scroll', () => {
    if (newer && list.element.scrollTop === 0) listAnew();
  });
  list.element.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Home' || !newer) return;
      event.preventDefault();
      event.stopPropagation();
      toTop();
    },
    true,
  );
  services.commands.register(
    {id: 'live.pause', group: 'Live', title: 'Pause or follow the stream', keys: 'Space', enabled: isLive, run: () => feed.pause(!state.paused)},
    {id: 'live.newest', group: 'Live', title: 'Go to the newest event', keys: 'Home', enabled: isLive, run: toTop},
    {id: 'live.search', group: 'Live', title: 'Filter the stream', keys: '/', enabled: isLive, run: () => input.focus()},
    {id: 'live.next', group: 'Live', title: 'Next event of the stream', keys: 'j', enabled: isLive, run: () => step(1)},
    {id: 'live.previous', group: 'Live', title: 'Previous event of the stream', keys: 'k', enabled: isLive, run: () => step(-1)},
  );
  feed.on('events', take);
  feed.on('only', listAnew);
  feed.on('status errors paused', drawHead);
  feed.on('selected', drawList);
  listAnew();
  drawHead();

  function isLive() {
    return store.state.mode === 'live';
  }

  function matches(one) {
    if (outcome && stateOf(one) !== outcome) return false;
    if (state.only && !state.only.messageIds.includes(one.messageId)) return false;
    if (!query) return true;
    const {type, name} = titleOf(one.event);
    return [one.messageId, one.event?.userId, type, name, ...subscriptionsOf(one)].some((text) =>
      String(text ?? '').toLowerCase().includes(query),
    );
  }

  /** Takes events as they come: outcomes change in place, new ones come on top only where a person sees the top. */
  function take() {
    if (list.element.scrollTop === 0 || !shown.length) {
      listAnew();
      return;
    }
    const known = new Map(state.events.map((one) => [one.messageId, one]));
    const listed = new Set(shown.map((one) => one.messageId));
    shown = shown.map((one) => known.get(one.messageId) ?? one);
    newer = state.events.filter((one) => !listed.has(one.messageId) && matches(one)).length;
    drawList();
    drawFilters();
  }

  function listAnew() {
    shown = state.events.filter(matches);
    newer = 0;
    drawList();
    drawFilters();
  }

  function toTop() {
    listAnew();
    list.element.scrollTop = 0;
    list.focus();
  }

  function step(by) {
    const at = shown.findIndex((one) => one.messageId === state.selected?.event) + by;
    const next = shown[Math.max(0, Math.min(at, shown.length - 1))];
    if (!next) return;
    feed.set({selected: {event: next.messageId}});
    list.reveal(shown.indexOf(next));
  }

  function drawHead() {
    const {status, paused} = state;
    const where = String(status?.url ?? store.state.session.forward.url).replace(/^https?:\/\//, '');
    replace(
      head,
      h('h2', null, 'Stream'),
      h('span', {class: 'n'}, where),
      h('span', {class: 'grow'}),
      connection(status),
      h(
        'button',
        {class: 'btn sm', dataset: {focus: 'pause'}, 'aria-pressed': String(paused), onClick: () => feed.pause(!paused)},
        icon(paused ? 'play' : 'pause'),
        paused ? 'Follow' : 'Pause',
        h('kbd', null, 'Space'),
      ),
    );
    replace(error, errorLine(state.errors.stream ?? status?.eventsError, feed.refresh));
  }

  function connection(status) {
    if (state.errors.stream || state.errors.delivery) return h('span', {class: 'bad t12'}, icon('x'), ' not connected');
    if (!status) return h('span', {class: 'mut t12'}, 'connecting');
    const paused = Object.keys(status.paused ?? {});
    if (!status.ready) return h('span', {class: 'warn t12', title: status.reason}, icon('warn'), ` not ready: ${status.reason}`);
    if (paused.length) {
      const why = paused.map((name) => `${name}: ${status.paused[name]}`).join('; ');
      return h('span', {class: 'warn t12 cut', title: why}, icon('pause'), ` ${paused.join(', ')} paused`);
    }
    return h('span', {class: 'ok t12'}, icon('check'), ' connected');
  }

  function drawFilters() {
    const counts = {};
    for (const one of state.events) counts[stateOf(one)] = (counts[stateOf(one)] ?? 0) + 1;
    replace(
      filters,
      FILTERS.map(([name, label]) =>
        h(
          'button',
          {
            class: 'fil',
            'aria-pressed': String(outcome === name),
            dataset: {focus: `live-${name}`},
            onClick: () => {
              outcome = name;
              listAnew();
            },
          },
          `${label} `,
          h('span', {class: 'mut'}, number(name ? (counts[name] ?? 0) : state.events.length)),
        ),
      ),
    );
    only.hidden = !state.only;
    if (state.only) {
      replace(
        only,
        h('span', {class: 'cut grow t12'}, `Only: ${state.only.reason}`),
        h('button', {class: 'btn sm', dataset: {focus: 'only'}, onClick: () => feed.set({only: null})}, 'Show all'),
      );
    }
  }

  function drawList() {
    list.update(shown.length, shown.findIndex((one) => one.messageId === state.selected?.event));
    more.hidden = !newer;
    replace(more, `${number(newer)} newer ${newer === 1 ? 'event' : 'events'}, you scrolled away `, h('kbd', null, 'Home'));
    nothing.hidden = shown.length > 0;
    nothing.textContent = state.events.length ? 'No event of the stream is so.' : 'No event has come yet. Events show as soon as the forwarder accepts them.';
  }

  function drawRow(at) {
    const one = shown[at];
    const {type, name} = titleOf(one.event);
    const took = durationOf(one);
    return h(
      'li',
      {class: 'lv', title: one.outcomes.map((found) => [found.subscription, found.outcome, found.reason].filter(Boolean).join(': ')).join('\n')},
      h('span', {class: 'm'}, clock(one.receivedAt)),
      h('span', {class: 'mut t11 cut'}, type),
      h('span', {class: 'cut'}, name || h('span', {class: 'mut'}, 'no name')),
      h('span', {class: 'sec cut'}, subscriptionsOf(one).join(', ') || 'none'),
      outcomeMark(stateOf(one)),
      h('span', {class: 'num mut'}, took === null ? '–' : number(took)),
    );
  }
}
