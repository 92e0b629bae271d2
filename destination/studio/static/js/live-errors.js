import {h, icon, number, plural, replace} from './dom.js';
import {keyOf} from './live-feed.js';
import {shortClock} from './live-words.js';

const BARS = 12;
const BAR_PX = 16;

/**
 * Mounts the errors: the failed events of the stream by their reason, with what they have in common.
 * @param {HTMLElement} element
 * @param {any} feed
 * @param {any} services
 */
export function mount(element, feed, services) {
  const {state} = feed;
  const head = h('div', {class: 'hd'});
  const body = h('div', {class: 'scroll grow', role: 'region', tabIndex: 0, 'aria-label': 'Errors by reason'});
  let open = null;
  element.append(head, body);
  feed.on('groups checks letters chosen', draw);
  draw();

  function draw() {
    const total = state.groups.reduce((sum, group) => sum + group.count, 0);
    replace(
      head,
      h('h2', null, 'Errors'),
      h('span', {class: 'n'}, total ? `${number(total)} in ${plural(state.groups.length, 'group')}, of the events in the stream` : 'none in the stream'),
    );
    if (state.groups.length) replace(body, state.groups.flatMap(drawGroup));
    else replace(body, h('p', {class: 'nothing mut t12'}, 'An event that fails for good shows here with its reason, together with those that failed for the same one.'));
  }

  function drawGroup(group, at) {
    const key = nameOf(group);
    const isOpen = open === key;
    const id = `live-group-${at}`;
    return [
      h(
        'button',
        {
          class: 'eg',
          'aria-expanded': String(isOpen),
          'aria-controls': id,
          dataset: {focus: `group ${key}`},
          onClick: () => {
            open = isOpen ? null : key;
            draw();
          },
        },
        h('span', {class: 'c bad'}, number(group.count)),
        h(
          'span',
          {class: 'eg-words'},
          h('span', {class: 'msg'}, group.reason || 'no reason is known'),
          h('span', {class: 'sub2'}, whereOf(group)),
        ),
        sparkline(group),
      ),
      h('div', {class: 'egx', id, hidden: !isOpen}, isOpen && drawDetail(group)),
    ];
  }

  function whereOf(group) {
    const times = group.first === group.last ? `at ${shortClock(group.first)}` : `first ${shortClock(group.first)}, last ${shortClock(group.last)}`;
    return [group.subscription ?? 'before a subscription', group.destination, times].join(' · ');
  }

  function drawDetail(group) {
    const checks = group.messageIds.map(feed.checkOf).filter(Boolean);
    const failing = checks.filter((check) => check.state === 'fail').length;
    const ids = new Set(group.messageIds);
    const letters = state.letters.filter((letter) => letter.destination === group.destination && ids.has(letter.messageId));
    return [
      h(
        'dl',
        null,
        h('dt', null, 'In common'),
        h('dd', null, group.common.length ? group.common.map((fact) => h('p', null, fact.sentence)) : h('span', {class: 'mut'}, 'nothing that is certain')),
        h('dt', null, 'Would now'),
        h('dd', null, checks.length ? wouldNow(checks.length, failing) : h('span', {class: 'mut'}, 'not known: the events are not kept')),
      ),
      h(
        'p',
        null,
        h('button', {class: 'btn sm', dataset: {focus: 'group-stream'}, onClick: () => feed.set({only: group})}, `Show the ${number(group.count)} in the stream`),
        h(
          'button',
          {
            class: 'btn sm',
            disabled: !letters.length,
            dataset: {focus: 'group-choose'},
            onClick: () => {
              feed.set({chosen: new Set([...state.chosen, ...letters.map(keyOf)])});
              services.announce(`${plural(letters.length, 'dead letter')} chosen.`);
            },
          },
          'Choose all for replay',
        ),
      ),
    ];
  }

  function wouldNow(checked, failing) {
    if (!failing) return h('span', {class: 'ok'}, icon('check'), ` pass under the mappings in the editor, ${number(checked)} of ${number(checked)}`);
    return h('span', {class: 'bad'}, icon('x'), ` fail again under the mappings in the editor, ${number(failing)} of ${number(checked)}`);
  }

  /** Draws when the events of a group failed, from the oldest to the newest of the stream. */
  function sparkline(group) {
    const times = group.messageIds.flatMap((id) => feed.eventOf(id)?.outcomes.filter((one) => one.outcome === 'dead').map((one) => Date.parse(one.at)) ?? []);
    const all = state.events.map((one) => Date.parse(one.receivedAt));
    const from = all.reduce((least, one) => Math.min(least, one), Infinity);
    const span = Math.max(1, Math.max(Date.now(), ...times) - from);
    const bars = Array(BARS).fill(0);
    for (const time of times) bars[Math.max(0, Math.min(BARS - 1, Math.floor(((time - from) / span) * BARS)))] += 1;
    const most = Math.max(1, ...bars);
    return h(
      'span',
      {class: 'sp', 'aria-hidden': 'true'},
      bars.map((count) => {
        const bar = h('i');
        bar.style.setProperty('height', `${Math.max(1, Math.round((count / most) * BAR_PX))}px`);
        return bar;
      }),
    );
  }
}

const nameOf = (group) => `${group.destination} ${group.subscription} ${group.reason}`;
