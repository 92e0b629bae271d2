import {KINDS} from './change-words.js';
import {number} from './dom.js';

/**
 * Says the outcome of an edit to assistive technology once it is settled: what became of the
 * chosen event, and of the corpus.
 * @param {any} store
 * @param {(text: string) => void} announce
 */
export function announceOutcomes(store, announce) {
  let edited = false;
  let before = null;
  let said = '';
  store.on('draft event', (state, changed) => {
    // A save changes what the draft descends from, and a chosen event is no edit.
    edited = edited || (changed.has('draft') ? !changed.has('session') : changed.has('eventText') && 'text' in (state.event ?? {}));
  });
  store.on('selected event', () => {
    before = null;
  });
  store.on('explained explainPending comparePending compared', (state) => {
    if (state.explainPending || state.comparePending || !state.explained) return;
    if (state.compared?.draft !== state.draft && !state.compareHeld) return;
    const now = matchOf(state);
    if (edited) {
      const text = [eventWords(state, before, now), corpusWords(state)].filter(Boolean).join('; ');
      if (text && text !== said) announce(`${text}.`);
      said = text;
      edited = false;
    }
    before = now;
  });
}

function matchOf({explained, selected}) {
  return explained.subscriptions?.find((entry) => entry.key === selected)?.state ?? null;
}

function eventWords(state, before, now) {
  const name = state.draft.find((subscription) => subscription.key === state.selected)?.name;
  if (!name || now === null) return '';
  const event = state.eventInfo ? `event ${state.eventInfo.line}` : 'the event';
  const error = state.explained.selected?.trigger?.error;
  if (error) return `The trigger of ${name} cannot be read: ${state.explained.selected.trigger.remedy || error.message}`;
  return `${name} ${becomes(before, now, event)}`;
}

/** Says what became of a subscription, in the states of `explain`. */
function becomes(before, now, event) {
  const same = before === null || before === now;
  switch (now) {
    case 'matches':
      return `${same ? 'matches' : 'now matches'} ${event}`;
    case 'does not match':
      return `${before === 'matches' || before === 'fails' ? 'no longer matches' : 'does not match'} ${event}`;
    case 'fails':
      return `${same ? 'fails' : 'now fails'} for ${event}`;
    default:
      return `is ${now}`;
  }
}

function corpusWords({compared, compareHeld}) {
  if (!compared?.summary || compareHeld) return '';
  const parts = KINDS.filter(({kind}) => compared.summary.kinds[kind]).map(({kind, words}) => `${number(compared.summary.kinds[kind])} ${words}`);
  return parts.length ? `of the corpus ${parts.join(', ')}` : 'no event of the corpus ends differently';
}
