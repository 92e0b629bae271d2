import {h} from './dom.js';

/** Mounts the result pane. */
export function mount(element) {
  element.replaceChildren(h('div', {class: 'hd'}, h('h2', null, 'Result')));
}
