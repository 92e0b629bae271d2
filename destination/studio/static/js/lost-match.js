import {isAbort} from './api.js';
import {h, icon, replace, sentence} from './dom.js';
import {segments} from './outcome.js';
import {createTakenView} from './taken-view.js';

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
  const wasHead = h('div', {class: 'part'}, h('h3', null, 'Was sent by the saved version'));
  const was = createTakenView(store, services);
  const element = h('div', {class: 'lost'}, reason, ways, wasHead, was.element);
  let asked = null;
  let asking = new AbortController();
  /** @type {any} */
  let remedies = null;

  const view = {
    element,
    destroy() {
      asking.abort();
      was.destroy();
    },
    /**
     * @param {{explained: any, outcome: any, old: boolean}} next
     */
    update({explained, outcome, old}) {
      const {subscription, payload, requests} = explained.was;
      const item = {...(subscription ?? {}), action: outcome.primary.action, payload, requests, failures: []};
      wasHead.hidden = payload === undefined && !requests?.length;
      was.update({item, identity: `was ${outcome.primary.key} ${JSON.stringify(explained.of?.ref)}`, linked: false});
      if (asked !== explained && !old) ask(explained);
      draw(outcome);
    },
    /** Takes a way out by its number, from 0. @param {number} index */
    take(index) {
      const way = remedies?.ways?.[index];
      if (!way) return;
      if (way.draft) store.edit(way.title, () => way.draft);
      else if (way.event) store.editEvent(eventText(way.event));
      services.announce(way.title);
    },
    /** The number of ways out that are shown. */
    get count() {
      return Math.min(WAYS, remedies?.ways?.length ?? 0);
    },
  };
  return view;

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
        h('h2', null, ...sentences.flatMap((part, index) => [index ? ' ' : '', ...sentence(segments(part))])),
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
