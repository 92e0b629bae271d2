import {h} from './dom.js';

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
  const nearby = place('div', 'nearby', 'mini');
  const edit = place('main', 'edit', 'view v-edit', 'Editor');
  const live = place('main', 'live', 'view v-live', 'Live');
  const tabs = place('nav', 'tabs', 'tabs', 'Panes');
  const announce = find('announce') ?? page.appendChild(h('div', {id: 'announce', class: 'vh', role: 'status'}));
  const places = {page, app, top, nearby, edit, live, tabs, announce};
  for (const [id, [className, label]] of Object.entries(SECTIONS)) {
    const section = find(id) ?? h('section', {id});
    section.className = className;
    section.setAttribute('aria-label', label);
    if (section.parentElement !== edit) edit.append(section);
    places[id] = section;
  }
  app.append(top, nearby, edit, live, tabs);
  return places;

  function place(tag, id, className, label) {
    const element = find(id) ?? h(tag, {id});
    element.classList.add(...className.split(' '));
    if (label && !element.hasAttribute('aria-label')) element.setAttribute('aria-label', label);
    return element;
  }
}

const find = (id) => document.getElementById(id);
