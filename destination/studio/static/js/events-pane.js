import {errorLine, h, hidden, icon, number, replace, shortNumber, verdictGlyph} from './dom.js';
import {mount as mountEditor} from './event-editor.js';
import {createEventRows} from './event-rows.js';
import {NARROW} from './layout.js';
import {emptyOffers, openNewMenu} from './new-events.js';
import {addSeparator} from './separators.js';
import {createVirtualList} from './virtual-list.js';
import {changeChip} from './change-words.js';

const SEARCH_MS = 120;
const FILTERS = [
  ['all', 'All'],
  ['sent', 'Sent'],
  ['failing', 'Failing'],
  ['notTaken', 'Not taken'],
  ['changed', 'Changed'],
];
const WORDS = {new: 'ok', lost: 'bad', failing: 'bad', mended: 'ok', changed: 'acc'};

/**
 * Mounts the left pane: the corpus as a list with search and filters, and the chosen event.
 * @param {HTMLElement} element
 * @param {any} store
 * @param {any} services
 */
export function mount(element, store, services) {
  const state = store.state;
  const rows = createEventRows(store, services, () => {
    if (wanted >= 0 && rows.row(wanted)) choose(wanted);
    else draw();
  });
  const list = createVirtualList({
    id: 'event',
    label: 'Events of the corpus',
    rowHeight: () => (NARROW.matches ? 40 : 24),
    draw: drawRow,
    choose,
    view: (from, to) => rows.view(from, to),
  });
  const error = h('div');
  const head = h('div', {class: 'hd'});
  const filters = h('div', {class: 'bar filters', role: 'group', 'aria-label': 'Filter events'});
  const chips = h('div', {class: 'bar chips', hidden: true});
  const offers = h('div', {class: 'offers scroll', hidden: true});
  const nothing = h('p', {class: 'nothing mut t12', hidden: true});
  let searching = 0;
  /** The row to choose as soon as it has been read. */
  let wanted = -1;
  const input = h('input', {
    id: 'event-search',
    type: 'search',
    placeholder: 'name, type:page, $.userId = …',
    'aria-label': 'Search events',
    autocomplete: 'off',
    spellcheck: 'false',
    onInput: () => {
      clearTimeout(searching);
      searching = window.setTimeout(() => store.set({query: input.value.trim()}), SEARCH_MS);
    },
    onKeydown: (event) => {
      if (event.key !== 'ArrowDown') return;
      event.preventDefault();
      list.focus();
    },
  });
  const search = h('div', {class: 'bar search'}, h('label', {class: 'find'}, icon('search', 'mut'), input, h('kbd', null, '/')));
  const editor = h('div', {class: 'event-half'});
  element.append(head, error, search, filters, chips, nothing, offers, list.element, editor);
  addSeparator(element, {
    name: 'list-h',
    label: 'Height of the event list',
    controls: 'event',
    axis: 'y',
    sign: 1,
    least: 72,
    most: () => element.clientHeight - 200,
    size: () => list.element.offsetHeight,
  });
  element.insertBefore(element.lastElementChild, editor);
  mountEditor(editor, store, services);
  registerCommands();

  store.on('query filter change range', () => rows.ask());
  store.on('compared corpus', () => rows.refresh());
  store.on('event', () => {
    draw();
    revealChosen();
  });
  store.on('errors corpus session', draw);
  NARROW.addEventListener('change', draw);
  rows.ask();

  function chosenAt() {
    const event = state.event;
    // An event that is being edited keeps its row, so that the next one is still the next.
    const index = event && ('index' in event ? event.index : state.eventInfo?.index);
    return typeof index === 'number' ? rows.positionOf(index) : -1;
  }

  function revealChosen() {
    const at = chosenAt();
    if (at >= 0) list.reveal(at);
  }

  function choose(at) {
    const row = rows.row(at);
    wanted = row ? -1 : at;
    if (row) store.selectEvent({index: row.index});
    else list.reveal(at);
  }

  function step(by) {
    const at = chosenAt();
    if (!rows.total) return;
    const next = at < 0 ? 0 : Math.max(0, Math.min(at + by, rows.total - 1));
    choose(next);
  }

  function draw() {
    const corpus = state.corpus;
    const empty = corpus.complete && corpus.events === 0;
    const so = corpus.complete ? '' : ' so far';
    replace(
      head,
      h('h2', null, 'Events'),
      h('span', {class: 'n', title: corpus.name ?? ''}, empty ? 'none' : `${number(corpus.events)}${so}${corpus.name ? `, ${corpus.name}` : ''}`),
      h('span', {class: 'grow'}),
      h(
        'button',
        {
          class: 'btn sm',
          id: 'new-event',
          'aria-haspopup': 'menu',
          'aria-expanded': 'false',
          onClick: (event) => openNewMenu(event.currentTarget, store, services),
        },
        icon('plus'),
        'New',
        h('kbd', null, 'N'),
      ),
    );
    replace(error, errorLine(state.errors.events ?? corpus.error ?? null, state.errors.events ? () => rows.refresh() : null));
    search.hidden = filters.hidden = list.element.hidden = empty;
    offers.hidden = !empty;
    if (empty) {
      if (!offers.childElementCount) offers.append(...emptyOffers(store, services));
    } else {
      drawFilters();
      list.element.classList.toggle('old', rows.stale);
      list.element.style.setProperty('--no-w', `${Math.max(24, String(corpus.events).length * 7)}px`);
      list.update(rows.total, chosenAt());
    }
    nothing.hidden = empty || rows.total > 0 || rows.stale || !rows.counts;
    nothing.textContent = 'No event fits the search and the filter.';
  }

  function drawFilters() {
    replace(
      filters,
      FILTERS.map(([name, label]) => {
        const all = name === 'all';
        const on = all ? !state.filter.length : state.filter.includes(name);
        const count = rows.counts?.[name];
        return h(
          'button',
          {
            class: 'fil',
            dataset: {focus: `filter-${name}`},
            'aria-pressed': String(on),
            onClick: () => store.set(all ? {filter: [], change: null, range: null} : {filter: toggled(name)}),
          },
          label,
          ' ',
          h('span', {class: on ? '' : 'mut', title: count === undefined ? null : number(count)}, count === undefined ? '–' : shortNumber(count)),
        );
      }),
    );
    const active = [];
    if (state.change) active.push([changeChip(store, state.change), {change: null}]);
    if (state.range) active.push([`events ${number(state.range.from + 1)} to ${number(state.range.to)}`, {range: null}]);
    chips.hidden = !active.length;
    replace(
      chips,
      active.map(([words, off]) =>
        h('button', {class: 'tag acc cut', title: words, onClick: () => (store.set(off), list.focus())}, h('span', {class: 'cut'}, words), icon('x'), hidden(', remove this filter')),
      ),
    );
  }

  function toggled(name) {
    return state.filter.includes(name) ? state.filter.filter((other) => other !== name) : [...state.filter, name];
  }

  function drawRow(at) {
    const row = rows.row(at);
    if (!row) return h('li', {class: 'ev'}, h('span', {class: 'no'}, number(at + 1)), h('span'), h('span', {class: 'mut'}, '…'));
    if (row.verdict === 'unreadable') {
      return h(
        'li',
        {class: 'ev unreadable', title: row.error},
        h('span', {class: 'no'}, row.line),
        h('span', {class: 'warn cut wide'}, row.error ?? 'not readable'),
        h('span'),
        verdictGlyph('unreadable'),
      );
    }
    const words = verdictWords(row);
    return h(
      'li',
      {class: 'ev', title: words},
      h('span', {class: 'no'}, row.line),
      h('span', {class: 'ty cut'}, row.type || h('i', null, 'no type')),
      h('span', {class: 'nm cut'}, row.name || h('i', null, 'no name')),
      h('span', {class: `dl ${WORDS[row.change] ?? ''}`}, row.change ?? ''),
      verdictGlyph(row.verdict, words),
    );
  }

  function registerCommands() {
    services.commands.register(
      {id: 'event.next', group: 'Events', title: 'Next event', keys: 'j', run: () => step(1)},
      {id: 'event.previous', group: 'Events', title: 'Previous event', keys: 'k', run: () => step(-1)},
      {id: 'event.search', group: 'Events', title: 'Search events', keys: '/', run: () => (services.showPane('events'), input.focus(), input.select())},
      {
        id: 'event.new',
        group: 'Events',
        title: 'New event',
        keys: 'n',
        run: () => {
          services.showPane('events');
          openNewMenu(/** @type {HTMLElement} */ (document.getElementById('new-event')), store, services);
        },
      },
      ...FILTERS.map(([name, label]) => ({
        id: `event.filter.${name}`,
        group: 'Events',
        title: `Show events: ${label.toLowerCase()}`,
        run: () => (services.showPane('events'), store.set({filter: name === 'all' ? [] : [name]})),
      })),
    );
  }
}

function verdictWords(row) {
  const by = row.by?.join(', ');
  if (row.verdict === 'sent') return `sent by ${by}`;
  if (row.verdict === 'failing') return `fails in ${by}`;
  if (row.verdict === 'not taken') return 'taken by none';
  return row.verdict ?? 'not known yet';
}
