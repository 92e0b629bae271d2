import {h, replace} from './dom.js';
import {createJsonLines} from './json-lines.js';
import {drawFailure} from './other-subscriptions.js';
import {copyButton, createRequestView} from './request-view.js';

/**
 * Makes the view of a subscription that ran: its errors, its payload, its requests.
 *
 * @param {any} store
 * @param {{linking: any, announce: (text: string) => void}} services
 */
export function createTakenView(store, services) {
  const {linking} = services;
  const failures = h('div', {class: 'failures'});
  const head = h('div', {class: 'part'});
  const list = createJsonLines({label: 'Payload', kind: 'payload', linking});
  const requests = h('div');
  const more = h('p', {class: 'text-note mut'}, '… and requests that depend on the answer');
  const element = h('div', null, failures, head, list.element, requests, more);
  /** @type {Array<ReturnType<typeof createRequestView>>} */
  let views = [];

  return {
    element,
    /** Shows the line of the payload at a pointer. @param {string} pointer */
    reveal: (pointer) => list.reveal(pointer),
    destroy() {
      list.destroy();
      views.forEach((view) => view.destroy());
    },
    /**
     * @param {{item: any, identity: string, linked: boolean}} next `linked`: whether the links are about this item
     */
    update({item, identity, linked}) {
      replace(failures, ...(item.failures ?? []).map(drawFailure));
      const has = item.payload !== null && item.payload !== undefined;
      head.hidden = list.element.hidden = !has;
      if (has) drawPayload(item, identity, linked);
      const all = item.requests ?? [];
      while (views.length > all.length) views.pop().destroy();
      while (views.length < all.length) views.push(createRequestView(services));
      all.forEach((request, index) =>
        views[index].update({request, index, of: all.length, title: 'Request', identity: `${identity} ${index}`, linked}),
      );
      if (requests.childElementCount !== views.length || views.some((view, i) => requests.children[i] !== view.element)) {
        requests.replaceChildren(...views.map((view) => view.element));
      }
      more.hidden = !item.incomplete;
    },
  };

  function drawPayload(item, identity, linked) {
    const fields = store.state.session.actions?.[item.action]?.fields?.length;
    const count = Object.keys(item.payload).length;
    replace(
      head,
      h('h3', null, 'Payload'),
      h('span', {class: 'mut t11'}, fields ? `${count} fields of ${fields}` : ''),
      h('span', {class: 'grow'}),
      copyButton(item.payload, 'Payload', services.announce),
      h('span', {class: 'mut t11'}, 'from the event'),
    );
    const none = linking.ids.request(-1, '');
    const pointers = linked ? linking.ids.payload : none;
    const origins = linked ? linking.ids.words('payload', (link) => link.payload ?? []) : new Map();
    list.update({identity, value: item.payload, pointers, origins});
  }
}
