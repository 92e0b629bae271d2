import {h, icon} from './dom.js';

const CLOCK = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3});
const SHORT_CLOCK = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit', second: '2-digit'});
const STATES = {
  delivered: ['check', 'ok', 'delivered'],
  dead: ['x', 'bad', 'dead'],
  waiting: ['dots', 'warn', 'waiting'],
  unsent: ['dash', 'mut', 'not sent'],
};

/** Writes the time of day of an ISO 8601 text with milliseconds; `–` where it is not known. @param {string} at */
export const clock = (at) => timed(CLOCK, at);

/** Writes a time of day in seconds. @param {string} at */
export const shortClock = (at) => timed(SHORT_CLOCK, at);

function timed(format, at) {
  const date = /^\d{4}-\d\d-\d\dT/.test(at ?? '') ? new Date(at) : null;
  return date && !Number.isNaN(date.getTime()) ? format.format(date) : '–';
}

/**
 * Tells what became of an event: the worst of its outcomes.
 * @param {import('./live-feed.js').LiveEvent} one
 * @returns {'delivered' | 'dead' | 'waiting' | 'unsent'}
 */
export function stateOf(one) {
  const found = new Set(one.outcomes.map((outcome) => outcome.outcome));
  if (!found.size) return 'waiting';
  for (const state of /** @type {const} */ (['dead', 'delivered'])) if (found.has(state)) return state;
  return 'unsent';
}

/** Returns the milliseconds from accepted to acknowledged, or null where that is not known. */
export function durationOf(one) {
  const last = one.outcomes.filter((outcome) => outcome.outcome === 'delivered').map((outcome) => Date.parse(outcome.at));
  const took = Math.max(...last) - Date.parse(one.receivedAt);
  return last.length && Number.isFinite(took) && took >= 0 ? took : null;
}

/** Lists the subscriptions of an event's outcomes. */
export function subscriptionsOf(one) {
  return [...new Set(one.outcomes.map((outcome) => outcome.subscription).filter(Boolean))];
}

/** Returns the type and the name of an event. @param {any} event */
export function titleOf(event) {
  const name = event?.event ?? event?.name;
  return {type: typeof event?.type === 'string' ? event.type : '', name: typeof name === 'string' ? name : ''};
}

/** Draws an outcome as glyph and word. @param {string} state */
export function outcomeMark(state) {
  const [glyph, tone, words] = STATES[state] ?? ['dots', 'mut', state];
  return h('span', {class: tone}, icon(glyph), ` ${words}`);
}

/** Draws whether an event would be sent under the draft that is open. @param {any} check @param {boolean} [again] */
export function checkMark(check, again = false) {
  if (!check) return h('span', {class: 'mut t11'}, 'not checked yet');
  const [tone, glyph, words] = check.state === 'pass' ? ['t', 'check', 'would pass'] : ['f', 'x', again ? 'fail again' : 'would fail'];
  return h('span', {class: `vd ${tone}`, title: check.reason}, icon(glyph), again && check.state === 'pass' ? 'pass' : words);
}
