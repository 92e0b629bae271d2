import {h, icon, replace} from './dom.js';

const GLYPHS = {
  matches: ['check', 'ok', 'matches'],
  fails: ['x', 'bad', 'fails'],
  'does not match': ['dash', 'mut', 'does not match'],
  disabled: ['pause', 'mut', 'disabled'],
  'opted out': ['lock', 'mut', 'opted out'],
};

/**
 * Makes the tabs of the subscriptions: the verdict for the chosen event, the name, and a dot where it is edited.
 * @param {{store: any, panel: string, add: (button: HTMLElement) => void, menu: (button: HTMLElement) => void}} options
 */
export function createTabs({store, panel, add}) {
  const state = store.state;
  const list = h('div', {role: 'tablist', 'aria-label': 'Subscriptions', onKeydown});
  const plus = h('button', {class: 'btn sm bare add', 'aria-label': 'Add a subscription', title: 'Add a subscription', 'aria-haspopup': 'menu', 'aria-expanded': 'false', onClick: () => add(plus)}, icon('plus'));
  const element = h('div', {class: 'subs'}, list, plus);
  let signature = '';
  let seen = null;

  return {
    element,
    plus,
    /** @param {any} explained the answer of explain, or null */
    update(explained) {
      const verdicts = new Map((explained?.subscriptions ?? []).map((one) => [one.key, one]));
      const tabs = state.draft.map((one) => [one.key, one.name, verdictOf(one, verdicts.get(one.key), explained), store.isEdited(one.key)]);
      const next = JSON.stringify([tabs, state.selected]);
      if (next === signature) return;
      signature = next;
      replace(list, tabs.map(drawTab));
      if (seen !== state.selected) {
        seen = state.selected;
        list.querySelector('[aria-selected=true]')?.scrollIntoView({block: 'nearest', inline: 'nearest'});
      }
    },
  };

  function verdictOf(subscription, verdict, explained) {
    if (subscription.enabled === false) return 'disabled';
    if (!verdict) return null;
    const lost = subscription.key === explained.of?.selected && explained.was && verdict.state === 'does not match';
    return lost ? 'lost' : verdict.state;
  }

  function drawTab([key, name, verdict, edited]) {
    const selected = key === state.selected;
    const [glyph, tone, words] = verdict === 'lost' ? ['x', 'bad', 'no longer matches'] : (GLYPHS[verdict] ?? ['dots', 'mut', 'not known yet']);
    return h(
      'button',
      {class: 'sub', role: 'tab', id: `tab-${key}`, 'aria-selected': String(selected), 'aria-controls': panel, tabIndex: selected ? 0 : -1, title: `${name}: ${words}${edited ? ', edited' : ''}`, onClick: () => store.selectSubscription(key)},
      icon(glyph, tone),
      h('span', null, name || 'no name'),
      h('span', {class: 'vh'}, `, ${words}`),
      edited && h('i', {class: 'dot'}),
      edited && h('span', {class: 'vh'}, ', edited'),
    );
  }

  function onKeydown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = state.draft.findIndex((one) => one.key === state.selected);
    const last = state.draft.length - 1;
    const moves = {ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at ? at - 1 : last, Home: 0, End: last};
    if (!(event.key in moves)) return;
    event.preventDefault();
    event.stopPropagation();
    const {key} = state.draft[moves[event.key]];
    store.selectSubscription(key);
    list.querySelector(`#tab-${CSS.escape(key)}`)?.focus();
  }
}
