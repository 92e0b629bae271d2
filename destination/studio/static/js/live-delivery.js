import {errorLine, h, number, plural, replace} from './dom.js';

const MINUTES = 60;
const BARS_PX = 88;

/**
 * Mounts the figures of the delivery: what the forwarder counts, and the outcomes of the events in the stream by the
 * minute. What it does not say is left out.
 * @param {HTMLElement} element
 * @param {any} feed
 */
export function mount(element, feed) {
  const {state} = feed;
  const head = h('div', {class: 'hd'});
  const error = h('div');
  const figures = h('dl', {class: 'kpis'});
  const chart = h('div', {class: 'live-chart'});
  const table = h('div', {class: 'live-table scroll', tabIndex: 0, role: 'region', 'aria-label': 'Delivery by subscription'});
  element.append(head, error, figures, h('div', {class: 'cgrid live-grid'}, chart, table));
  feed.on('status errors', draw);
  feed.on('events', drawChart);
  draw();
  drawChart();

  function draw() {
    replace(head, h('h2', null, 'Delivery'), h('span', {class: 'n'}, 'since the forwarder started'));
    replace(error, errorLine(state.errors.delivery, feed.refresh));
    const {status} = state;
    if (!status) return;
    const {counts} = status;
    const waiting = Object.values(status.destinations);
    const oldest = Math.max(0, ...waiting.map((one) => one.oldestSeconds));
    const rows = waiting.reduce((sum, one) => sum + one.waiting, 0);
    replace(
      figures,
      figure('Accepted', counts.accepted, '', counts.refused ? `${number(counts.refused)} refused` : ''),
      figure('Delivered', counts.delivered),
      figure('Tried again', counts.retried, counts.retried ? 'warn' : ''),
      figure('Dead', counts.dead, counts.dead ? 'bad' : ''),
      figure('Waiting', rows, '', rows ? `oldest ${oldest.toFixed(1)} s` : ''),
      figure('Accepted to acknowledged, p95', counts.p95Ms, '', counts.p95Ms === null ? '' : 'ms or less'),
    );
    drawTable(counts.subscriptions);
  }

  function figure(title, value, tone = '', more = '') {
    return h(
      'div',
      {class: 'kpi'},
      h('dt', null, title),
      h('dd', {class: tone}, value === null || value === undefined ? '–' : number(value), more && h('small', null, ` ${more}`)),
    );
  }

  function drawTable(rows) {
    const titles = ['Delivered', 'Tried again', 'Dead', 'p50 ms ≤', 'p95 ms ≤'];
    const several = new Set(rows.map((row) => row.destination)).size > 1;
    replace(
      table,
      h(
        'table',
        null,
        h('caption', {class: 'vh'}, 'Delivery by subscription'),
        h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Subscription'), titles.map((title) => h('th', {class: 'num', scope: 'col'}, title)))),
        h(
          'tbody',
          null,
          rows.map((row) =>
            h(
              'tr',
              null,
              h('td', null, row.subscription, several && h('span', {class: 'mut'}, ` ${row.destination}`)),
              cell(row.delivered),
              cell(row.retried, 'warn'),
              cell(row.dead, 'bad'),
              cell(row.p50Ms),
              cell(row.p95Ms),
            ),
          ),
        ),
      ),
    );
  }

  function cell(value, tone = '') {
    if (value === null || value === undefined) return h('td', {class: 'num z'}, '–');
    if (!value) return h('td', {class: 'num z'}, '0');
    return h('td', {class: 'num'}, tone ? h('b', {class: `cnt ${tone}`}, number(value)) : number(value));
  }

  /** Draws a bar a minute for the last hour, of the events in the stream. */
  function drawChart() {
    const now = Math.floor(Date.now() / 60_000);
    const minutes = Array.from({length: MINUTES}, () => ({delivered: 0, dead: 0}));
    for (const one of state.events) {
      for (const outcome of one.outcomes) {
        const bar = minutes[MINUTES - 1 - (now - Math.floor(Date.parse(outcome.at) / 60_000))];
        if (bar && outcome.outcome in bar) bar[outcome.outcome] += 1;
      }
    }
    const most = Math.max(1, ...minutes.map((bar) => bar.delivered + bar.dead));
    const sum = (name) => minutes.reduce((total, bar) => total + bar[name], 0);
    const words = `Outcomes of the events in the stream by the minute, in the last hour: ${plural(sum('delivered'), 'delivery', 'deliveries')}, ${number(sum('dead'))} dead`;
    replace(
      chart,
      h(
        'div',
        {class: 'bars', role: 'img', 'aria-label': words},
        minutes.map((bar) => h('i', null, part('o', bar.delivered / most), part('d', bar.dead / most))),
      ),
      h('div', {class: 'bars-foot mut t11'}, h('span', null, 'an hour ago'), h('span', null, 'the events in the stream, one bar a minute'), h('span', null, 'now')),
    );
  }

  function part(name, share) {
    const bar = h('b', {class: name});
    bar.style.setProperty('height', `${share ? Math.max(2, Math.round(share * BARS_PX)) : 0}px`);
    return bar;
  }
}
