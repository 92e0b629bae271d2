import {h, number, plural, replace} from './dom.js';
import {mount as mountLetters} from './live-dead-letters.js';
import {mount as mountDelivery} from './live-delivery.js';
import {mount as mountErrors} from './live-errors.js';
import {createFeed} from './live-feed.js';
import {mount as mountStream} from './live-stream.js';

const PANES = [
  ['stream', 'col c-ev', 'Stream'],
  ['errors', 'col c-mp', 'Errors'],
  ['letters', 'col c-rs', 'Dead letters'],
  ['delivery', 'c-cp', 'Delivery'],
];

/**
 * Mounts the live view: the last events of a running forwarder, their errors, its dead letters and its figures.
 * @param {HTMLElement} element
 * @param {any} store
 * @param {any} services
 */
export function mount(element, store, services) {
  const feed = createFeed(store, services);
  const tabs = h('div', {class: 'live-tabs', role: 'tablist', 'aria-label': 'Live panes', onKeydown});
  const sections = Object.fromEntries(PANES.map(([name, className, label]) => [name, h('section', {id: `live-${name}`, class: className, 'aria-label': label})]));
  element.append(tabs, ...Object.values(sections));
  mountStream(sections.stream, feed, store, services);
  mountErrors(sections.errors, feed, services);
  mountLetters(sections.letters, feed, store, services);
  mountDelivery(sections.delivery, feed);
  feed.on('events groups lettersTotal status', drawTabs);
  show('stream');

  function show(name) {
    element.dataset.live = name;
    drawTabs();
  }

  function drawTabs() {
    const {state} = feed;
    const p95 = state.status?.counts.p95Ms ?? null;
    const figures = {
      stream: [plural(state.events.length, 'event'), ''],
      errors: [plural(state.groups.length, 'group'), state.groups.length ? 'warn' : ''],
      letters: [number(state.lettersTotal), state.lettersTotal ? 'bad' : ''],
      delivery: [p95 === null ? 'no time yet' : `p95 ${number(p95)} ms`, ''],
    };
    replace(
      tabs,
      PANES.map(([name, , label]) =>
        h(
          'button',
          {
            role: 'tab',
            'aria-selected': String(element.dataset.live === name),
            'aria-controls': `live-${name}`,
            tabIndex: element.dataset.live === name ? 0 : -1,
            dataset: {focus: `live-tab-${name}`, name},
            onClick: () => show(name),
          },
          label,
          h('small', {class: figures[name][1] || 'mut'}, figures[name][0]),
        ),
      ),
    );
  }

  function onKeydown(event) {
    const by = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (!by) return;
    event.preventDefault();
    const at = PANES.findIndex(([name]) => name === element.dataset.live);
    const [next] = PANES[(at + by + PANES.length) % PANES.length];
    show(next);
    /** @type {HTMLElement} */ (tabs.querySelector(`[data-name=${next}]`)).focus();
  }
}
