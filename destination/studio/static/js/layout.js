import {errorLine, h} from './dom.js';
import {addSeparator} from './separators.js';

/** Whether the window has room for one pane only; as frame.css has it. The page is as wide as the window. */
export const NARROW = window.matchMedia('(max-width: 720px)');

const SECTIONS = {
  events: ['col c-ev', 'Events'],
  mapping: ['col c-mp', 'Mapping'],
  result: ['col c-rs', 'Result'],
  corpus: ['c-cp', 'Corpus'],
};

/**
 * Finds the landmarks of the page, and makes those that it does not have.
 * @param {HTMLElement} body
 * @returns {Record<string, HTMLElement>} by id
 */
export function arrange(body) {
  const page = find('page') ?? body.appendChild(h('div', {id: 'page'}));
  page.dataset.mode ??= 'edit';
  page.dataset.pane ??= 'result';
  const app = page.querySelector('.app') ?? page.appendChild(h('div', {class: 'app'}));
  const top = place('header', 'top', 'top');
  const problem = place('div', 'problem', 'problem');
  const nearby = place('div', 'nearby', 'mini');
  const edit = place('main', 'edit', 'view v-edit', 'Editor');
  const live = place('main', 'live', 'view v-live', 'Live');
  const tabs = place('nav', 'tabs', 'tabs', 'Panes');
  const announce = find('announce') ?? page.appendChild(h('div', {id: 'announce', class: 'vh', role: 'status'}));
  const places = {page, app, top, problem, nearby, edit, live, tabs, announce};
  for (const [id, [className, label]] of Object.entries(SECTIONS)) {
    const section = find(id) ?? h('section', {id});
    section.className = className;
    section.setAttribute('aria-label', label);
    if (section.parentElement !== edit) edit.append(section);
    places[id] = section;
  }
  app.append(top, problem, nearby, edit, live, tabs);
  return places;

  function place(tag, id, className, label) {
    const element = find(id) ?? h(tag, {id});
    element.classList.add(...className.split(' '));
    if (label && !element.hasAttribute('aria-label')) element.setAttribute('aria-label', label);
    return element;
  }
}

const find = (id) => document.getElementById(id);

/** Adds the separators between the columns. @param {Record<string, HTMLElement>} places */
export function divide({edit, events, mapping, result}) {
  const width = () => edit.clientWidth;
  const common = {axis: /** @type {'x'} */ ('x'), least: 220};
  const before = (separator, next) => edit.insertBefore(separator, next);
  before(
    addSeparator(edit, {...common, name: 'ev-w', label: 'Width of the events', controls: 'events', sign: 1, most: () => width() * 0.4, size: () => events.offsetWidth}),
    mapping,
  );
  before(
    addSeparator(edit, {...common, name: 'rs-w', label: 'Width of the result', controls: 'result', sign: -1, most: () => width() * 0.5, size: () => result.offsetWidth}),
    result,
  );
}

/**
 * Shows a pane where the window is too narrow for all of them.
 * @param {Record<string, HTMLElement>} places
 * @param {any} store
 * @param {string} name
 */
export function showPane(places, store, name) {
  places.page.dataset.pane = name;
  store.set({pane: name});
}

/**
 * Shows the editor or the live view, which is loaded when it is first asked for.
 * @param {Record<string, HTMLElement>} places
 * @param {any} store
 * @param {any} services
 */
export async function showMode(places, store, services) {
  const mode = store.state.mode;
  places.page.dataset.mode = mode;
  places.edit.hidden = mode !== 'edit';
  places.live.hidden = mode !== 'live';
  history.replaceState(null, '', mode === 'live' ? '#live' : location.pathname);
  if (mode !== 'live' || places.live.dataset.mounted) return;
  if (!store.state.session.forward) {
    places.live.replaceChildren(withoutForwarder());
    return;
  }
  places.live.dataset.mounted = 'true';
  try {
    const {mount} = await import('./live-pane.js');
    places.live.replaceChildren();
    mount(places.live, store, services);
  } catch (error) {
    delete places.live.dataset.mounted;
    places.live.replaceChildren(errorLine(`The live view cannot be loaded: ${error.message}`, () => showMode(places, store, services)));
  }
}

function withoutForwarder() {
  return h(
    'section',
    {class: 'no-live', 'aria-labelledby': 'no-live-title'},
    h('h2', {id: 'no-live-title'}, 'Live shows the last events of a running forwarder'),
    h('p', null, 'Start the studio with the address of its admin port:'),
    h('pre', {class: 'scroll', tabIndex: 0}, 'destination studio --forward http://127.0.0.1:8081 --forward-token-env ADMIN_TOKEN'),
  );
}
