import {showBusy} from './busy.js';
import {KINDS} from './change-words.js';
import {drawFields, drawSamples, drawSubscriptions} from './corpus-tables.js';
import {createStrip} from './corpus-strip.js';
import {errorLine, h, icon, number, plural, replace} from './dom.js';
import {recall, remember} from './remembered.js';

const SAMPLES = 6;
const FIRST_KINDS = ['no-longer-sent', 'newly-failing', 'newly-sent', 'changed', 'failing-otherwise', 'no-longer-failing'];

/**
 * Mounts the corpus pane: what the edit changes against the saved version, in all events.
 * @param {HTMLElement} element
 * @param {any} store
 * @param {any} services
 */
export function mount(element, store, services) {
  const state = store.state;
  let folded = recall('corpus.folded', false);
  let samples = null;
  let sampled = '';
  let sampling = new AbortController();
  const head = h('div', {class: 'hd'});
  const error = h('div');
  const strip = createStrip(store);
  const grid = h('div', {class: 'cgrid'});
  const body = h('div', {id: 'corpus-body', class: 'corpus-body scroll'}, strip.element, grid);
  element.append(head, error, body);
  showBusy(element, store, 'comparePending');
  store.on('compared comparePending compareHeld blocked filter draft session corpus selected change errors event explained', draw);
  services.commands.register({
    id: 'corpus.fold',
    group: 'Panes',
    title: 'Fold or unfold the corpus',
    keys: 'Ctrl b',
    run: fold,
  });
  draw();

  function fold() {
    folded = !folded;
    remember('corpus.folded', folded);
    draw();
  }

  /** Reports whether the figures belong to another draft than the one on the page. */
  function isOld() {
    return state.comparePending || (state.compared && state.compared.draft !== state.draft);
  }

  function draw() {
    const summary = state.compared?.summary ?? null;
    element.classList.toggle('folded', folded);
    element.classList.toggle('old', Boolean(isOld()));
    drawHead(summary);
    replace(error, errorLine(state.errors.corpus ?? null, services.runs.compare));
    body.hidden = folded || isEmpty();
    if (body.hidden || !summary) return;
    strip.update(summary.strip, summary.events);
    const change = state.change ?? firstChange(summary);
    readSamples(change);
    replace(
      grid,
      h('div', {class: 'scroll-x'}, drawSubscriptions(store, summary, choose)),
      h('div', {class: 'fields-cell'}, drawFields(store, summary, choose)),
      h('div', {class: 'samp'}, drawSamples(store, change, samples, services)),
    );
  }

  function isEmpty() {
    return state.corpus.complete && state.corpus.events === 0;
  }

  function drawHead(compared) {
    const file = state.session.document;
    const summary = isEmpty() ? null : compared;
    replace(
      head,
      h(
        'button',
        {
          class: 'btn sm bare fold',
          'aria-expanded': String(!folded && !isEmpty()),
          'aria-controls': 'corpus-body',
          disabled: isEmpty(),
          'aria-label': folded ? 'Unfold the corpus' : 'Fold the corpus',
          title: 'Ctrl B',
          dataset: {focus: 'fold'},
          onClick: fold,
        },
        icon(folded ? 'right' : 'down'),
      ),
      h('h2', null, 'Corpus'),
      h('span', {class: 'n'}, figures(summary)),
      h('span', {class: 'tag cut', title: `against saved ${file.name}`}, `against saved ${file.name}`),
      ofLastValid() && h('span', {class: 'tag warn-tag'}, icon('warn'), ' of the last valid edit'),
      h('span', {class: 'grow'}),
      summary && differ(summary.changed),
      summary &&
        h(
          'span',
          {class: 'seg sm', role: 'group', 'aria-label': 'Changes to show'},
          KINDS.filter(({kind}) => ['newly-sent', 'no-longer-sent', 'newly-failing', 'changed'].includes(kind) || summary.kinds[kind]).map(kindButton(summary)),
        ),
      summary && h('span', {class: 'kbdrow mut t11'}, h('kbd', null, '['), ' ', h('kbd', null, ']'), ' walk through'),
    );
  }

  function differ(count) {
    const words = count === 1 ? ' ends differently' : ' end differently';
    const filter = state.filter.includes('changed') ? [] : ['changed'];
    return h(
      'button',
      {
        class: 'sec t12 differ',
        'aria-pressed': String(state.filter.includes('changed')),
        dataset: {focus: 'differ'},
        disabled: !count,
        onClick: () => store.set({filter, change: null, range: null}),
      },
      h('b', {class: count ? 'cnt' : 'mut'}, number(count)),
      words,
    );
  }

  function kindButton(summary) {
    return ({kind, words, swatch}) => {
      const count = summary.kinds[kind] ?? 0;
      const on = state.change?.kind === kind && !state.change.key;
      return h(
        'button',
        {'aria-pressed': String(on), dataset: {focus: `kind-${kind}`}, onClick: () => choose({kind})},
        h('i', {class: `sw2 ${swatch}`}),
        h('b', {class: count ? '' : 'zero'}, number(count)),
        ` ${words}`,
      );
    };
  }

  function figures(summary) {
    const {corpus, compared} = state;
    if (!corpus.complete) return `${number(corpus.events)} events so far`;
    if (!corpus.events) return 'no events: choose New, or start the studio with a file of events';
    if (state.comparePending && compared && !compared.complete) return `${number(compared.done)} of ${plural(compared.of, 'event')}`;
    if (!summary) return plural(corpus.events, 'event');
    const unreadable = corpus.unreadable ? ` · ${number(corpus.unreadable)} unreadable` : '';
    return `${plural(summary.events, 'event')}${unreadable} · ${time(compared.ms)}`;
  }

  function ofLastValid() {
    return state.compareHeld || Boolean(state.blocked);
  }

  /** Shows only the events of a change, or all again where it was chosen already. */
  function choose(change) {
    const same = JSON.stringify(change) === JSON.stringify(state.change);
    store.set({change: same ? null : change, ...(change.key && !same ? {selected: change.key} : {})});
  }

  async function readSamples(change) {
    const run = state.compared?.run;
    const wanted = JSON.stringify([change, run, state.compared?.complete]);
    if (wanted === sampled) return;
    sampled = wanted;
    sampling.abort();
    if (!change) {
      samples = null;
      return;
    }
    const controller = (sampling = new AbortController());
    try {
      const answer = await services.post('/api/samples', {run, ...change, limit: SAMPLES}, {signal: controller.signal});
      if (controller !== sampling) return;
      samples = {...answer, change};
      draw();
    } catch (problem) {
      if (services.isAbort(problem) || controller !== sampling) return;
      // A run that a newer edit has replaced is gone; the next one brings its own samples.
      if (problem.status !== 404 && problem.status !== 409) store.setError('corpus', problem.message);
    }
  }

  function firstChange(summary) {
    const kind = FIRST_KINDS.find((name) => summary.kinds[name]);
    if (!kind) return null;
    const own = summary.subscriptions.find((entry) => entry.key === state.selected && entry.counts[kind]);
    const key = own?.key ?? summary.subscriptions.find((entry) => entry.counts[kind])?.key;
    return key ? {key, kind} : {kind};
  }
}

const time = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
