import {h, icon, replace, sentence} from './dom.js';
import {segments, stateWords} from './outcome.js';
import {createTriggerTree} from './trigger-tree.js';

const TONES = {matches: 'ok', fails: 'bad'};

/**
 * Makes the list of the other subscriptions: one line each with the deciding reason, open with Enter to the tree.
 *
 * @param {any} store
 * @param {any} linking
 */
export function createOthers(store, linking) {
  const element = h('div', {class: 'unm', role: 'group', 'aria-label': 'Other subscriptions'});
  /** @type {Set<string>} */
  const open = new Set();
  let items = [];
  /** @type {Map<string, ReturnType<typeof createTriggerTree>>} */
  const trees = new Map();

  return {
    element,
    /** @param {any[]} others subscriptions of an explanation */
    update(others) {
      items = others;
      draw();
    },
  };

  function draw() {
    element.hidden = !items.length;
    replace(element, ...items.flatMap((item) => [line(item), open.has(item.key) && detail(item)]));
  }

  function line(item) {
    const shown = open.has(item.key);
    const words = stateWords(item);
    return h(
      'button',
      {
        class: 'um',
        type: 'button',
        'data-focus': `other-${item.key}`,
        'data-key': item.key,
        'aria-expanded': shown ? 'true' : 'false',
        onClick: () => {
          if (!open.delete(item.key)) open.add(item.key);
          draw();
        },
      },
      icon(shown ? 'down' : 'right', 'mut'),
      h('span', {class: 'cut', title: item.name}, item.name),
      h('span', {class: 'why cut'}, ...sentence(segments(item.state === 'matches' ? '' : item.reason))),
      h('span', {class: `t11 ${TONES[item.state] ?? 'mut'}`}, words),
    );
  }

  function conditions({key, name, trigger}) {
    if (!trees.has(key)) trees.set(key, createTriggerTree({linking, choose: () => store.selectSubscription(key)}));
    const tree = trees.get(key);
    tree.update(trigger.tree, `Trigger of ${name}`);
    return tree.element;
  }

  function detail(item) {
    const {trigger} = item;
    const show = () => store.selectSubscription(item.key);
    return h(
      'div',
      {class: 'um-open'},
      trigger?.tree && conditions(item),
      trigger?.error && h('pre', {class: 'text-of bad'}, trigger.error),
      ...(trigger?.notes ?? []).map((note) => h('p', {class: 'text-note warn'}, ...sentence(segments(note)))),
      ...(item.failures ?? []).map((failure) => drawFailure(failure)),
      h('button', {class: 'btn sm', type: 'button', 'data-focus': `select-${item.key}`, onClick: show}, `Show ${item.name}`),
    );
  }
}

const STAGES = {trigger: 'the trigger', mapping: 'the mapping', fields: 'the payload', perform: 'perform'};

/**
 * Draws an error of a subscription with the stage that failed, where, and what to do.
 * @param {{stage: string, type?: string, message: string, place?: string, where?: string, remedy?: string}} failure
 * @returns {HTMLElement}
 */
export function drawFailure(failure) {
  const where = failure.where ?? failure.place ?? '';
  return h(
    'div',
    {class: 'failure'},
    h(
      'p',
      {class: 'failure-head'},
      icon('x', 'bad'),
      h('b', null, `Error in ${STAGES[failure.stage] ?? failure.stage}`),
      where.replace(/^\$/, '') && h('code', {class: 'cut', title: where}, where),
    ),
    h('p', null, ...sentence(segments(failure.message))),
    failure.remedy && h('p', {class: 'sec'}, ...sentence(segments(failure.remedy))),
  );
}
