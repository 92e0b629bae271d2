import {isAbort} from './api.js';
import {showBusy} from './busy.js';
import {errorLine, h, icon, replace, sentence} from './dom.js';
import {createLinking} from './linking.js';
import {createLostMatch} from './lost-match.js';
import {createOthers} from './other-subscriptions.js';
import {chooseShown, eventLabel, isValid, readOutcome, segments, takenWords} from './outcome.js';
import {openSendDialog} from './send-dialog.js';
import {createTakenView} from './taken-view.js';
import {createTextPanel} from './text-panel.js';

const GLYPHS = {ok: 'check', bad: 'x', warn: 'warn', mut: 'dash'};
const LOCKED = 'Start the studio with --allow-send to send for real';

/**
 * Mounts the result pane: one sentence, the payload, the requests, and why the other subscriptions do not take the event.
 *
 * @param {HTMLElement} element
 * @param {any} store
 * @param {any} services
 */
export function mount(element, store, services) {
  const linking = (services.linking ??= createLinking(document.body, store));
  const head = h('div', {class: 'hd'});
  const problem = h('div');
  const verdict = h('div', {class: 'verdict'});
  const panelHost = h('div');
  const note = h('p', {class: 'verdict-note'});
  const body = h('div', {class: 'scroll grow', tabIndex: 0, role: 'region', 'aria-label': 'Payload and request'});
  const others = createOthers(store, linking);
  const panel = createTextPanel(panelHost, services);
  element.replaceChildren(head, problem, panelHost, verdict, note, body, others.element);
  showBusy(element, store, 'explainPending');
  const taken = createTakenView(store, {...services, linking});
  const lost = createLostMatch(store, {...services, linking});
  let last = null;
  let outcome = readOutcome(null, {selected: null, event: null, label: ''});
  let shown = null;
  let label = '';
  let testForm = 'yaml';

  services.showText = panel.show;
  store.on('explained explainPending event eventInfo selected draft errors session', draw);
  registerCommands();
  draw();

  function draw() {
    const {state} = store;
    if (isValid(state.explained)) last = state.explained;
    if (!state.event) last = null;
    const choice = chooseShown(state, last);
    shown = choice.explained;
    const ref = choice.old && !choice.lastValid ? (shown?.of?.ref ?? state.event) : state.event;
    label = eventLabel(ref, state.eventInfo);
    const selected = choice.old ? (shown?.of?.selected ?? state.selected) : state.selected;
    outcome = readOutcome(shown, {selected, event: state.event, label});
    element.dataset.outcome = outcome.kind;
    const error = errorLine(state.errors.result, () => services.runs.explain());
    replace(problem, error);
    drawHead();
    drawVerdict(choice);
    drawBody(choice);
    others.update(outcome.others);
    for (const part of [verdict, note, body, others.element]) part.classList.toggle('old', choice.old);
  }

  function drawHead() {
    const about = shown && outcome.kind !== 'nothing' && outcome.kind !== 'not JSON' ? aboutWords() : '';
    const lostMatch = outcome.kind === 'lost';
    replace(
      head,
      h('h2', null, 'Result'),
      h('span', {class: 'n', title: about}, about),
      h('span', {class: 'grow'}),
      lostMatch ? undoButton() : testButton(),
    );
  }

  function aboutWords() {
    const ms = Number.isFinite(shown.ms) ? ` · ${Math.max(1, Math.round(shown.ms))} ms` : '';
    return `${label} · ${takenWords(shown)}${ms}`;
  }

  function testButton() {
    return h(
      'button',
      {
        class: 'btn sm',
        type: 'button',
        'data-focus': 'make-test',
        disabled: !store.state.event || outcome.kind === 'not JSON',
        onClick: makeTest,
      },
      'Make this a test',
      h('kbd', null, 'Ctrl E'),
    );
  }

  function undoButton() {
    return h(
      'button',
      {class: 'btn sm', type: 'button', 'data-focus': 'undo-edit', disabled: !store.canUndo, onClick: () => store.undo()},
      icon('undo'),
      'Undo the edit',
      h('kbd', null, 'Ctrl Z'),
    );
  }

  function drawVerdict({lastValid}) {
    verdict.hidden = outcome.kind === 'lost' || (!outcome.sentence && !lastValid);
    note.hidden = !outcome.note || outcome.kind === 'lost';
    replace(note, ...sentence(segments(outcome.note)));
    replace(
      verdict,
      icon(GLYPHS[outcome.tone], outcome.tone),
      h('h2', null, outcome.sentence),
      lastValid && h('span', {class: 'tag'}, 'of the last valid edit'),
      h('span', {class: 'grow'}),
      outcome.primary && outcome.primary.key !== store.state.selected && showButton(outcome.primary),
      (outcome.kind === 'taken' || outcome.kind === 'failing') && sendButton(),
    );
  }

  // Its values are linked to the event once it is the one that is open.
  function showButton({key, name}) {
    const show = () => store.selectSubscription(key);
    return h('button', {class: 'btn', type: 'button', 'data-focus': 'show-primary', onClick: show}, `Show ${name}`);
  }

  function sendButton() {
    const allowed = store.state.session.allowSend;
    const canSend = allowed && outcome.kind === 'taken' && outcome.primary.requests.length > 0;
    return h(
      'button',
      {
        class: 'btn',
        type: 'button',
        'data-focus': 'send',
        disabled: !canSend,
        title: allowed ? 'Send this event for real' : LOCKED,
        onClick: () => openSendDialog(store, services, shown, label),
      },
      icon(allowed ? 'send' : 'lock'),
      'Send',
      allowed ? '…' : h('span', {class: 'vh'}, `: locked. ${LOCKED}.`),
    );
  }

  function drawBody(choice) {
    const {kind, primary} = outcome;
    if (kind !== 'lost' && !choice.old) lost.leave();
    if (kind === 'lost') {
      show(lost.element);
      body.setAttribute('aria-label', `Why ${label} is not sent`);
      lost.update({explained: shown, outcome, old: choice.old});
    } else if (kind === 'taken' || kind === 'failing') {
      show(taken.element);
      body.setAttribute('aria-label', 'Payload and request');
      const linked = primary.key === (shown.of?.selected ?? store.state.selected);
      // While the event's text is typed, folds stay as they are.
      const ref = shown.of?.ref ?? {};
      taken.update({item: primary, identity: `${primary.key} ${ref.index ?? 'text'}`, linked});
    } else {
      show(emptyBody());
    }
  }

  function show(content) {
    if (content && body.firstElementChild === content) return;
    body.replaceChildren(...(content ? [content] : []));
    body.scrollTop = 0;
  }

  function emptyBody() {
    const {kind} = outcome;
    if (kind === 'nothing') {
      return h('p', {class: 'text-note mut'}, 'Choose an event at the left, or make one with New, to see what it becomes.');
    }
    if (kind === 'none') {
      return h('p', {class: 'text-note mut'}, 'Each subscription below shows the condition that decides.');
    }
    return null;
  }

  async function makeTest() {
    const {draft, event} = store.state;
    if (!event) return;
    try {
      const {name, text} = await services.post('/api/test-case', {draft, event, form: testForm});
      const forms = ['yaml', 'json'].map((form) => ({
        label: form.toUpperCase(),
        pressed: form === testForm,
        choose: () => {
          testForm = form;
          makeTest();
        },
      }));
      const words = 'A case that pytest collects: save it among your tests.';
      panel.show({title: 'Test case', name, text, forms, note: words});
      services.announce(`The test case ${name} is shown in the result pane.`);
    } catch (error) {
      if (isAbort(error)) return;
      panel.fail({title: 'Test case', message: error.message});
    }
  }

  function registerCommands() {
    const {commands} = services;
    if (!commands) return;
    const all = [
      {
        id: 'test.make',
        title: 'Make this a test',
        keys: 'Ctrl e',
        enabled: () => Boolean(store.state.event) && outcome.kind !== 'not JSON',
        run: makeTest,
      },
      {
        id: 'send',
        title: 'Send this event for real',
        enabled: () => Boolean(element.querySelector('[data-focus=send]:not([disabled])')),
        run: () => openSendDialog(store, services, shown, label),
      },
      ...[1, 2, 3].map((number) => ({
        id: `way.${number}`,
        title: `Take way out ${number}`,
        keys: String(number),
        enabled: () => outcome.kind === 'lost' && lost.count >= number,
        run: () => lost.take(number - 1),
      })),
    ];
    for (const command of all) commands.register({group: 'Result', ...command});
  }
}
