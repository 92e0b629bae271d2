import {isAbort} from './api.js';
import {h, icon, replace, sentence} from './dom.js';
import {dataSegments} from './outcome.js';
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
  const reason = h('div', {class: 'why-big'});
  const ways = h('div', {class: 'ways'});
  const was = h('div');
  const element = h('div', {class: 'lost'}, reason, ways, was);
  /** @type {Array<ReturnType<typeof createRequestView>>} */
  let views = [];
  let asked = null;
  let answered = null;
  let ids = [];
  let about = '';
  let path = '';
  let wasPinned = false;
  let asking = new AbortController();
  /** @type {any} */
  let remedies = null;

  // The text of the event may come after what it becomes.
  store.on('eventText', () => wasPinned && requestAnimationFrame(() => services.linking.reveal()));

  // How many events a way out brings back is known once the corpus has been compared.
  store.on('comparePending', () => {
    if (about && asked && !store.state.comparePending && asked.of.draft === store.state.draft) ask(asked);
  });

  const view = {
    element,
    destroy() {
      asking.abort();
      views.forEach((view) => view.destroy());
    },
    /** @param {{explained: any, outcome: any, old: boolean}} next */
    update({explained, outcome, old}) {
      drawWas(explained, outcome.primary.key);
      if (!old) pinDeciding(explained, outcome.primary.key);
      if (asked !== explained && !old) ask(explained);
      draw(outcome);
    },
    /** Lets go of the condition that decides, once the match is there again. */
    leave() {
      about = '';
      if (wasPinned) services.linking.free();
      wasPinned = false;
    },
    /** Takes a way out by its number, from 0. @param {number} index */
    take(index) {
      const way = remedies?.ways?.[index];
      if (!way) return;
      if (way.draft) store.edit(way.title, () => way.draft);
      else if (way.event) store.editEvent(JSON.stringify(way.event, null, 2));
      services.announce(way.title);
    },
    /** The number of ways out that are shown. */
    get count() {
      return Math.min(WAYS, remedies?.ways?.length ?? 0);
    },
  };
  return view;

  // The condition that decides is pinned when the match is lost, so that the event shows its value at once.
  function pinDeciding(explained, key) {
    const node = deciding(explained.selected?.trigger?.tree);
    path = node?.path ?? '';
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
    const isOld = remedies !== null && answered !== explained;
    for (const part of [reason, ways]) part.classList.toggle('old', isOld);
    try {
      const answer = await services.post('/api/remedies', {draft, selected, event: ref}, {signal: controller.signal});
      if (controller !== asking) return;
      remedies = answer;
      answered = explained;
    } catch (error) {
      if (controller !== asking || isAbort(error)) return;
      remedies = {failed: error.message};
    }
    for (const part of [reason, ways]) part.classList.remove('old');
    draw(null);
  }

  function draw(outcome) {
    if (outcome) reason.dataset.name = outcome.sentence;
    const sentences = remedies?.sentences?.length ? remedies.sentences : outcome ? [outcome.primary.reason ?? ''] : null;
    if (sentences) {
      replace(
        reason,
        h('p', {class: 'eyebrow'}, icon('x'), ' ', reason.dataset.name),
        headline(sentences),
        remedies?.detail && h('p', null, ...sentence(dataSegments(remedies.detail, path))),
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
    const words = sentences.flatMap((part, index) => [index ? ' ' : '', ...sentence(dataSegments(part, path))]);
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
        h('b', {id: `way-${index + 1}`}, ...sentence(dataSegments(way.title))),
        way.detail && h('small', null, ...sentence(dataSegments(way.detail, path))),
        (way.removed || way.added) && fromTo(way),
      ),
      h(
        'button',
        {
          class: `btn${index === 0 ? ' pri' : ''}`,
          type: 'button',
          'data-focus': `way-${index}`,
          'aria-describedby': `way-${index + 1}`,
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

function deciding(node) {
  if (!node) return null;
  if (node.deciding && !node.children?.length) return node;
  for (const child of node.children ?? []) {
    const found = deciding(child);
    if (found) return found;
  }
  return null;
}
