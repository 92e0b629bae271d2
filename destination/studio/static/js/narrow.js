import {h, icon, number, plural, replace} from './dom.js';
import {NARROW} from './layout.js';

/**
 * Mounts what only narrow windows show: the bar with the chosen event and its neighbours, and the
 * four tabs, each with its one figure.
 * @param {{nearby: HTMLElement, tabs: HTMLElement}} places
 * @param {any} store
 * @param {any} services
 */
export function mount({nearby, tabs}, store, services) {
  const state = store.state;
  store.on('pane mode', draw);
  store.on('event eventInfo explained compared corpus selected', draw);
  NARROW.addEventListener('change', draw);

  function draw() {
    nearby.hidden = tabs.hidden = !NARROW.matches || state.mode !== 'edit';
    if (nearby.hidden) return;
    drawNearby();
    drawTabs();
  }

  function drawNearby() {
    const value = state.explained?.event?.value;
    const name = value?.event ?? value?.name;
    const at = state.event && 'index' in state.event ? `${number(state.event.index + 1)} of ${number(state.corpus.events)}` : state.event ? 'edited' : 'none';
    replace(
      nearby,
      h('button', {class: 'btn', 'aria-label': 'Previous event', dataset: {focus: 'previous'}, onClick: () => services.commands.run('event.previous')}, icon('left')),
      h(
        'button',
        {class: 'cut nearby-name', dataset: {focus: 'nearby'}, onClick: () => services.showPane('events')},
        h('span', {class: 'mut'}, [at, typeof value?.type === 'string' ? value.type : null].filter(Boolean).join(' · ')),
        h('b', {class: 'cut'}, typeof name === 'string' ? name : 'no name'),
      ),
      h('button', {class: 'btn', 'aria-label': 'Next event', dataset: {focus: 'next'}, onClick: () => services.commands.run('event.next')}, icon('right')),
    );
  }

  function drawTabs() {
    const entries = [
      ['events', 'Event', eventFigure()],
      ['mapping', 'Mapping', mappingFigure()],
      ['result', 'Result', resultFigure()],
      ['corpus', 'Corpus', corpusFigure()],
    ];
    replace(
      tabs,
      h(
        'div',
        {role: 'tablist', 'aria-label': 'Panes', onKeydown},
        entries.map(([name, label, [words, tone]]) =>
          h(
            'button',
            {
              role: 'tab',
              'aria-selected': String(state.pane === name),
              'aria-controls': name,
              tabIndex: state.pane === name ? 0 : -1,
              dataset: {focus: `tab-${name}`, pane: name},
              onClick: () => services.showPane(name),
            },
            h('span', null, label),
            h('small', {class: tone || 'mut'}, words),
          ),
        ),
      ),
    );
  }

  function onKeydown(event) {
    const all = /** @type {HTMLElement[]} */ ([...tabs.querySelectorAll('[role=tab]')]);
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const moves = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1};
    if (!(event.key in moves)) return;
    event.preventDefault();
    const next = all[(moves[event.key] + all.length) % all.length];
    next.focus();
    services.showPane(next.dataset.pane);
  }

  function eventFigure() {
    const {event, corpus} = state;
    if (!event) return ['none', ''];
    return 'index' in event ? [`${number(event.index + 1)} of ${number(corpus.events)}`, ''] : ['edited', 'acc'];
  }

  function mappingFigure() {
    const selected = state.explained?.selected;
    if (!selected) return ['–', ''];
    if (selected.trigger?.error) return ['trigger error', 'bad'];
    if (selected.hypothetical) return ['no match', 'bad'];
    const findings = selected.findings?.length ?? 0;
    return findings ? [plural(findings, 'finding'), 'warn'] : ['no finding', ''];
  }

  function resultFigure() {
    const all = state.explained?.subscriptions;
    if (!all) return ['–', ''];
    const requests = all.reduce((sum, entry) => sum + (entry.requests?.length ?? 0), 0);
    if (all.some((entry) => entry.state === 'fails')) return ['fails', 'bad'];
    return requests ? [plural(requests, 'request'), 'ok'] : ['not sent', 'bad'];
  }

  function corpusFigure() {
    const changed = state.compared?.summary?.changed ?? 0;
    return changed ? [`${number(changed)} changed`, 'bad'] : ['no change', ''];
  }
}
