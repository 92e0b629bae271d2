/**
 * Decides what the result pane says of an explanation. No DOM.
 *
 * @typedef {{kind: 'nothing' | 'waiting' | 'not JSON' | 'opted out' | 'lost' | 'taken' | 'failing' | 'none',
 *   primary: any, others: any[], sentence: string, note: string, tone: 'ok' | 'bad' | 'mut' | 'warn'}} Outcome
 */

const RAN = new Set(['matches', 'fails']);

/**
 * Chooses the explanation that is shown: the newest, or the one before while the newest has text that does not parse.
 *
 * @param {any} state of the store
 * @param {any} last the last explanation without such an error, or null
 * @returns {{explained: any, old: boolean, lastValid: boolean}} `old`: an answer to another draft or event;
 *   `lastValid`: it stands in for text that does not parse
 */
export function chooseShown(state, last) {
  const newest = state.explained;
  const typed = state.event !== null && 'text' in state.event;
  const broken = newest && (typed ? newest.event?.error : null);
  const unparsed = newest?.selected?.trigger?.error;
  const sameEvent = last && (broken || sameRef(last.of?.ref, newest?.of?.ref));
  if (last && (broken || (unparsed && sameEvent && last.of?.selected === newest.of?.selected))) {
    return {explained: last, old: true, lastValid: true};
  }
  const of = newest?.of;
  const old = Boolean(of) && (of.draft !== state.draft || !sameRef(of.ref, state.event) || of.selected !== state.selected);
  return {explained: newest, old, lastValid: false};
}

/**
 * Reports whether an explanation is one to fall back to.
 * @param {any} explained
 */
export const isValid = (explained) =>
  Boolean(explained) && !explained.event?.error && !explained.selected?.trigger?.error;

/**
 * Reads the outcome of an explanation for the subscription that is selected.
 *
 * @param {any} explained
 * @param {{selected: string | null, event: any, label: string}} context `label` names the event: `event 15`
 * @returns {Outcome}
 */
export function readOutcome(explained, {selected, event, label}) {
  const nothing = {primary: null, others: [], note: '', tone: 'mut'};
  if (!event) return {...nothing, kind: 'nothing', sentence: 'No event is chosen'};
  if (!explained) return {...nothing, kind: 'waiting', sentence: ''};
  const others = explained.subscriptions ?? [];
  const error = explained.event?.error;
  if (error) {
    const sentence = `${upper(label)} is not valid JSON`;
    return {...nothing, kind: 'not JSON', sentence, note: errorWords(error), tone: 'warn'};
  }
  const own = others.find((item) => item.key === selected);
  const without = (primary) => others.filter((item) => item !== primary);
  if (explained.was && own && !RAN.has(own.state)) {
    const sentence = `Your edit of ${own.name} stops this event`;
    return {kind: 'lost', primary: own, others: without(own), sentence, note: '', tone: 'bad'};
  }
  const ran = others.filter((item) => RAN.has(item.state));
  const primary = ran.find((item) => item === own) ?? ran[0];
  if (primary) {
    const fails = primary.state === 'fails';
    return {
      kind: fails ? 'failing' : 'taken',
      primary,
      others: without(primary),
      sentence: fails ? `${primary.name} fails` : `${primary.name} ${sendsWords(primary)}`,
      note: '',
      tone: fails ? 'bad' : 'ok',
    };
  }
  const optedOut = explained.event?.optedOut;
  if (optedOut) {
    return {
      ...nothing,
      kind: 'opted out',
      others,
      sentence: `${upper(label)} is opted out`,
      note: `Its \`integrations\` exclude this destination under \`${optedOut}\`, so nothing is sent.`,
    };
  }
  const sentence = others.length ? `No subscription takes ${label}` : 'There are no subscriptions';
  return {...nothing, kind: 'none', others, sentence};
}

/**
 * Says what a subscription that ran does: `sends 1 request`.
 * @param {any} item
 */
export function sendsWords(item) {
  const count = item.requests?.length ?? 0;
  if (!count) return 'sends no request';
  return `sends ${count} ${count === 1 ? 'request' : 'requests'}`;
}

/**
 * Says the state of a subscription in a word or two, for its line.
 * @param {any} item
 */
export function stateWords(item) {
  return {matches: sendsWords(item), 'does not match': 'no match'}[item.state] ?? item.state;
}

/**
 * Says how many subscriptions take the event.
 * @param {any} explained
 */
export function takenWords(explained) {
  const all = explained.subscriptions ?? [];
  const taken = all.filter((item) => RAN.has(item.state)).length;
  if (!taken) return 'taken by no subscription';
  return `${taken} of ${all.length} ${all.length === 1 ? 'subscription' : 'subscriptions'} ${taken === 1 ? 'takes' : 'take'} it`;
}

/**
 * Names the chosen event: `event 15` by its line in the file, `the edited event` for text of the editor.
 * @param {any} event
 * @param {any} info
 */
export function eventLabel(event, info) {
  if (!event) return 'no event';
  if ('text' in event) return 'the edited event';
  return `event ${info?.index === event.index && info.line ? info.line : event.index + 1}`;
}

/** Writes an error of text with its position. @param {{message: string, line?: number, column?: number}} error */
export function errorWords({message, line, column}) {
  const where = line ? `Line ${line}${column ? `, column ${column}` : ''}: ` : '';
  return `${where}${message}`;
}

/**
 * Tells the parts of a text in backticks from the rest: `[{text}, {code}]`.
 * @param {string | Array<any>} text segments stay as they are
 */
export function segments(text) {
  if (typeof text !== 'string') return text ?? [];
  return text
    .split('`')
    .map((part, index) => (index % 2 ? {code: part} : {text: part}))
    .filter((part) => part.code ?? part.text);
}

/**
 * Tells data from words in a sentence: text in quotes, and the path that it is about.
 * @param {string | Array<any>} text segments stay as they are
 * @param {string} [path]
 */
export function dataSegments(text, path = '') {
  if (typeof text !== 'string') return text ?? [];
  const escaped = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const data = new RegExp(`("(?:[^"\\\\]|\\\\.)*"${escaped && `|(?<![\\w.])${escaped}(?!\\w)`})`);
  return text
    .split(data)
    .map((part, index) => (index % 2 ? {code: part} : {text: part}))
    .filter((part) => part.code ?? part.text);
}

const upper = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function sameRef(a, b) {
  return a === b || (Boolean(a) && Boolean(b) && a.index === b.index && a.text === b.text);
}
