import {openDialog} from './dialogs.js';
import {errorLine, h, hidden, icon, number, plural, replace} from './dom.js';
import {createJsonLines} from './json-lines.js';
import {indexPointers} from './link-index.js';
import {acceptedAt, keyOf} from './live-feed.js';
import {checkMark, clock, shortClock, titleOf} from './live-words.js';

/** What is shown here is linked with nothing in the editor. */
const NO_LINKS = indexPointers([]);

/**
 * Mounts the dead letters, each with its reason and whether it would pass now, and the event that is chosen here or in
 * the stream.
 * @param {HTMLElement} element
 * @param {any} feed
 * @param {any} store
 * @param {any} services
 */
export function mount(element, feed, store, services) {
  const {state} = feed;
  const head = h('div', {class: 'hd'});
  const error = h('div');
  const list = h('ul', {class: 'scroll dl-list', tabIndex: 0, 'aria-label': 'Dead letters'});
  const detail = h('section', {class: 'dl-detail', 'aria-labelledby': 'live-detail-title'});
  const json = createJsonLines({label: 'Event', kind: 'event', linking: services.linking});
  const act = h('div', {class: 'act t12'});
  element.append(head, error, list, detail, act);
  services.commands.register(
    {id: 'live.open', group: 'Live', title: 'Open the event in the editor', keys: 'o', enabled: () => isLive() && !!subject()?.event, run: openInEditor},
    {id: 'live.replay', group: 'Live', title: 'Replay the chosen dead letters', keys: 'r', enabled: () => isLive() && canReplay(), run: replay},
  );
  feed.on('letters lettersTotal chosen checks errors status', drawList);
  feed.on('selected checks events letters', drawDetail);
  drawList();
  drawDetail();

  function isLive() {
    return store.state.mode === 'live';
  }

  function chosenLetters() {
    return state.letters.filter((letter) => state.chosen.has(keyOf(letter)));
  }

  function canReplay() {
    return store.state.session.allowSend && state.chosen.size > 0;
  }

  // --- the list ----------------------------------------------------------------------------------------------

  function drawList() {
    const {allowSend} = store.state.session;
    const count = state.chosen.size;
    const locked = 'Start the studio with --allow-send to replay.';
    replace(
      head,
      h('h2', null, 'Dead letters'),
      h('span', {class: 'n'}, totalWords()),
      h('span', {class: 'grow'}),
      count > 0 && h('span', {class: 't12 sec'}, `${number(count)} chosen`),
      h(
        'button',
        {
          class: 'btn sm',
          id: 'replay',
          disabled: !canReplay(),
          title: allowSend ? 'Sends the chosen dead letters again, through the forwarder.' : locked,
          'aria-describedby': allowSend ? null : 'replay-locked',
          onClick: replay,
        },
        !allowSend && icon('lock'),
        count ? `Replay ${number(count)}…` : 'Replay…',
        h('kbd', null, 'R'),
      ),
      !allowSend && h('span', {class: 'vh', id: 'replay-locked'}, locked),
    );
    replace(error, errorLine(state.status?.eventsError ? null : (state.errors.letters ?? state.errors.check), feed.refresh));
    if (state.letters.length) replace(list, state.letters.map(drawRow));
    else replace(list, h('li', {class: 'nothing mut t12'}, 'No event failed for good, or the forwarder keeps no dead letters.'));
    drawAct();
  }

  function totalWords() {
    if (state.lettersTotal > state.letters.length) return `${number(state.letters.length)} of ${number(state.lettersTotal)}`;
    return number(state.lettersTotal);
  }

  function drawRow(letter) {
    const key = keyOf(letter);
    const {name} = titleOf(letter.event);
    const isSelected = state.selected?.letter === key;
    return h(
      'li',
      {class: `dlr${isSelected ? ' sel' : ''}`},
      h('input', {
        type: 'checkbox',
        checked: state.chosen.has(key),
        'aria-label': `Choose ${name || 'the event'} of ${shortClock(acceptedAt(letter))} for replay`,
        dataset: {focus: `choose ${key}`},
        onChange: (event) => {
          const chosen = new Set(state.chosen);
          if (event.target.checked) chosen.add(key);
          else chosen.delete(key);
          feed.set({chosen});
        },
      }),
      h('span', {class: 'm'}, shortClock(acceptedAt(letter))),
      h(
        'button',
        {class: 'cut', 'aria-current': isSelected ? 'true' : null, dataset: {focus: `letter ${key}`}, title: reasonOf(letter), onClick: () => feed.set({selected: {letter: key}})},
        name || h('span', {class: 'mut'}, 'no name'),
        h('span', {class: 'mut'}, ` · ${reasonOf(letter)}`),
      ),
      checkMark(feed.checkOf(letter.messageId)),
    );
  }

  function drawAct() {
    const letters = chosenLetters();
    act.hidden = !letters.length;
    if (act.hidden) return;
    const failing = letters.filter((letter) => feed.checkOf(letter.messageId)?.state === 'fail').length;
    const who = failing === letters.length ? (failing === 1 ? 'it' : 'all of them') : `${number(failing)} of the ${number(letters.length)}`;
    replace(
      act,
      icon('warn', 'warn'),
      h(
        'span',
        {class: 'grow sec'},
        'Replay really sends, through the forwarder and with its own mappings. ',
        failing > 0 && `Under the mappings in the editor, ${who} would fail again.`,
      ),
    );
  }

  // --- the chosen event --------------------------------------------------------------------------------------

  /** Returns the event that the detail is about. */
  function subject() {
    const {selected} = state;
    if (selected?.letter) {
      const letter = state.letters.find((one) => keyOf(one) === selected.letter);
      return letter && {...letter, at: acceptedAt(letter), reason: reasonOf(letter), where: placesOf(letter)};
    }
    const one = selected?.event && feed.eventOf(selected.event);
    if (!one) return null;
    const worst = one.outcomes.find((outcome) => outcome.outcome === 'dead') ?? one.outcomes.find((outcome) => outcome.reason);
    return {
      ...one,
      at: one.receivedAt,
      reason: worst?.reason ?? null,
      where: one.outcomes.map((outcome) => [outcome.subscription ?? outcome.destination, `${outcome.outcome === 'unsent' ? 'not sent' : outcome.outcome} at ${clock(outcome.at)}`]),
    };
  }

  function drawDetail() {
    const found = subject();
    detail.hidden = !found;
    drawSelection();
    if (!found) return;
    const {name, type} = titleOf(found.event);
    const text = found.event ? JSON.stringify(found.event, null, 2) : null;
    if (text) json.update({identity: found.messageId, text, pointers: NO_LINKS});
    replace(
      detail,
      h(
        'div',
        {class: 'hd'},
        h('h3', {id: 'live-detail-title', class: 'cut'}, name || type || 'Event'),
        h('span', {class: 'n'}, clock(found.at)),
        h('span', {class: 'grow'}),
        h('button', {class: 'btn sm', disabled: !found.event, dataset: {focus: 'open'}, onClick: openInEditor}, 'Open in the editor', h('kbd', null, 'O')),
      ),
      found.reason && h('p', {class: 'dl-reason'}, found.reason),
      h(
        'dl',
        {class: 'kv'},
        h('dt', null, 'messageId'),
        h('dd', {class: 'm'}, found.messageId ?? 'none'),
        found.where.map(([title, words]) => [h('dt', {class: 'cut', title}, title), h('dd', null, words)]),
        h('dt', null, 'Would now'),
        h('dd', null, wouldNow(found)),
      ),
      text
        ? h('div', {class: 'scroll grow', tabIndex: 0, role: 'region', 'aria-label': 'The event as JSON', dataset: {scroll: 'live-json'}}, json.element)
        : h('p', {class: 'nothing mut t12'}, 'The forwarder does not keep this event.'),
    );
  }

  function drawSelection() {
    for (const button of list.querySelectorAll('button')) {
      const isSelected = button.dataset.focus === `letter ${state.selected?.letter}`;
      button.closest('.dlr')?.classList.toggle('sel', isSelected);
      if (isSelected) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    }
  }

  function wouldNow(found) {
    const check = feed.checkOf(found.messageId);
    if (!check) return h('span', {class: 'mut'}, 'open it in the editor to see');
    return [checkMark(check, true), h('span', {class: 'mut'}, ' under the mappings in the editor: ', check.reason)];
  }

  function openInEditor() {
    const found = subject();
    if (!found?.event) return;
    store.newEvent(JSON.stringify(found.event, null, 2));
    store.set({mode: 'edit'});
    services.announce('The event is open in the editor.');
  }

  // --- replay ------------------------------------------------------------------------------------------------

  async function replay() {
    const letters = chosenLetters();
    if (!letters.length || !store.state.session.allowSend) return;
    const names = [...new Set(letters.map((letter) => letter.destination))].join(', ');
    await openDialog({
      title: `Replay ${plural(letters.length, 'dead letter')}?`,
      body: [
        h('p', null, `The forwarder at ${store.state.session.forward.url} sends them again to ${names}, each once, with the mappings that it runs with.`),
        h('p', null, 'What is acknowledged is no dead letter any more.'),
      ],
      actions: [{label: `Replay ${number(letters.length)}`, value: 'replay', kind: 'bad'}],
      onAction: async () => {
        try {
          return {title: 'Replayed', body: [h('p', null, resultWords(await feed.replay(letters)))]};
        } catch (problem) {
          return {title: 'The replay failed', body: [h('p', {class: 'bad'}, icon('x'), hidden('Error: '), ` ${problem.message}`)]};
        }
      },
    });
  }
}

function resultWords({acknowledged, failed, deferred, missing}) {
  const parts = [
    [acknowledged, 'acknowledged'],
    [failed, 'failed again'],
    [deferred, 'left for later'],
    [missing, 'no longer there'],
  ];
  return `${parts.filter(([count]) => count > 0).map(([count, words]) => `${number(count)} ${words}`).join(', ') || 'Nothing was sent'}.`;
}

/** Returns the reason of a dead letter in one line. */
function reasonOf(letter) {
  return letter.failures.map((failure) => failure.error).filter(Boolean).join('; ') || 'no reason is known';
}

function placesOf(letter) {
  return letter.failures.map((failure) => [failure.subscription ?? letter.destination, ['dead', failure.type].filter(Boolean).join(', ')]);
}
