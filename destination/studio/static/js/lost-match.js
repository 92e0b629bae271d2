import {isAbort} from './api.js';
import {h, icon, replace, sentence} from './dom.js';
import {segments} from './outcome.js';
import {createRequestView} from './request-view.js';

const WAYS = 3;

/**
 * Makes the view of an edit that stops a match: why in two sentences, at most three ways out, and what the saved version
 * sent.
 *
 * @param {any} store
 * @param {any} services
 */
export function createLostMatch(store, services) {
  const reason = h('div', {class: 'why-big', role: 'status'});
  const ways = h('div', {class: 'ways'});
  const was = h('div');
  const element = h('div', {class: 'lost'}, reason, ways, was);
  /** @type {Array<ReturnType<typeof createRequestView>>} */
  let views = [];
  let asked = null;
  let ids = [];
  let about = '';
  let wasPinned = false;
  let asking = new AbortController();
  /** @type {any} */
  let remedies = null;

  // The text of the event may come after what it becomes.
  store.on('eventText', () => wasPinned && requestAnimationFrame(() => services.linking.reveal()));

  const view = {
    element,
    destroy() {
      asking.abort();
      views.forEach((view) => view.destroy());
    },
    update({explained, outcome, old}) {
      drawWas(explained, outcome.primary.key);
      if (!old) pinDeciding(explained, outcome.primary.key);
      if (asked !== explained && !old) ask(explained);
      draw(outcome);
    },
    leave() {
      about = '';
      if (wasPinned) services.linking.free();
      wasPinned = false;
    },
    take(index) {
      const way = remedies?.ways?.[index];
      if (!way) return;
      if (way.draft) store.edit(way.title, () => way.draft);
      else if (way.event) store.editEvent(eventText(way.event));
      services.announce(way.title);
    },
    get count() {
      return Math.min(WAYS, remedies?.ways?.length ?? 0);
    },
  };
  return view;

  // The condition that decides is pinned when the match is lost, so that the event shows its value at once.
  function pinDeciding(explained, key) {
    const node = deciding(explained.selected?.trigger?.tree);
    ids = node ? services.linking.ids.trigger(node.from, node.to) : [];
    const now = `${key} ${explained.of?.ref?.index ?? 'text'}`;
    if (now === about) return;
    about = now;
    if (wasPinned) services.linking.free();
    wasPinned = !store.state.pinned && ids.length > 0;
    if (wasPinned) services.linking.pin(ids);
  }

  function drawWas({was: {requests = []}, of}, key) {
    while (views.length > requests.length) views.pop().destroy();
    while (views.length < requests.length) views.push(createRequestView(services));
    requests.forEach((request, index) =>
      views[index].update({
        request,
        index,
        of: requests.length,
        title: 'Was sent by the saved version',
        identity: `was ${key} ${of?.ref?.index ?? 'text'} ${index}`,
        linked: false,
        bodyOnly: true,
      }),
    );
    was.replaceChildren(...views.map((view) => view.element));
  }

  async function ask(explained) {
    asked = explained;
    asking.abort();
    const controller = (asking = new AbortController());
    const {draft, selected, ref} = explained.of;
    ways.classList.toggle('old', remedies !== null);
    try {
      const answer = await services.post('/api/remedies', {draft, selected, event: ref}, {signal: controller.signal});
      if (controller !== asking) return;
      remedies = answer;
    } catch (error) {
      if (controller !== asking || isAbort(error)) return;
      remedies = {failed: error.message};
    }
    ways.classList.remove('old');
    draw(null);
  }

  function draw(outcome) {
    if (outcome) reason.dataset.name = outcome.sentence;
    const sentences = remedies?.sentences ?? (outcome ? [outcome.primary.reason ?? ''] : null);
    if (sentences) {
      replace(
        reason,
        h('p', {class: 'eyebrow'}, icon('x'), ' ', reason.dataset.name),
        headline(sentences),
        remedies?.detail && h('p', null, ...sentence(segments(remedies.detail))),
      );
    }
    if (remedies?.failed) {
      const again = h('button', {class: 'btn sm', type: 'button', onClick: () => asked && ask(asked)}, 'Try again');
      const message = h('span', {class: 'grow'}, remedies.failed);
      replace(ways, h('div', {class: 'error-line', role: 'alert'}, icon('warn', 'bad'), message, again));
      return;
    }
    const list = (remedies?.ways ?? []).slice(0, WAYS);
    replace(
      ways,
      list.length > 0 && h('div', {class: 'sect'}, h('h3', null, 'What would make it match')),
      list.length > 0 && h('ol', {class: 'fix'}, ...list.map(drawWay)),
    );
  }

  function headline(sentences) {
    const words = sentences.flatMap((part, index) => [index ? ' ' : '', ...sentence(segments(part))]);
    const title = h('h2', {tabIndex: ids.length ? 0 : -1, 'data-focus': 'why'}, ...words);
    services.linking.register(title, ids);
    return title;
  }

  function drawWay(way, index) {
    const word = way.draft ? 'Apply' : 'Try';
    return h(
      'li',
      null,
      h(
        'span',
        {class: 'what'},
        h('b', null, ...sentence(segments(way.title))),
        way.detail && h('small', null, ...sentence(segments(way.detail))),
        (way.removed || way.added) && fromTo(way),
      ),
      h(
        'button',
        {
          class: `btn${index === 0 ? ' pri' : ''}`,
          type: 'button',
          'data-focus': `way-${index}`,
          'aria-label': `${word}: ${way.title}`,
          onClick: () => view.take(index),
        },
        word,
        h('kbd', null, index + 1),
      ),
    );
  }
}

function fromTo({path, removed, added}) {
  return h(
    'span',
    {class: 'from-to'},
    path && h('span', {class: 'sec'}, path, ' '),
    removed && h('del', null, removed),
    removed && added && ' ',
    added && h('ins', null, added),
  );
}

function eventText(event) {
  if (typeof event === 'string') return event;
  return typeof event.text === 'string' ? event.text : JSON.stringify(event, null, 2);
}

function deciding(node) {
  if (!node) return null;
  if (node.deciding && !node.children?.length) return node;
  for (const child of node.children ?? []) {
    const found = deciding(child);
    if (found) return found;
  }
  return null;
}
