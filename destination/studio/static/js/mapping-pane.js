import {h} from './dom.js';

/** Mounts the mapping pane. */
export function mount(element, store) {
  element.replaceChildren(h('div', {class: 'hd'}, h('h2', null, store.selectedSubscription()?.name ?? 'Mapping')));
}
