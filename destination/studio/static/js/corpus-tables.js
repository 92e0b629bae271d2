import {KINDS, kindWords} from './change-words.js';
import {h, hidden, number, sentence} from './dom.js';
import {endOf, requestWords} from './sample-text.js';

const COLUMNS = ['newly-sent', 'no-longer-sent', 'newly-failing', 'changed'];

/**
 * Draws what each subscription takes, saved and now, and the counts of its changes.
 * @param {any} store
 * @param {any} summary
 * @param {(change: any) => void} choose
 */
export function drawSubscriptions(store, summary, choose) {
  const kinds = KINDS.filter(({kind}) => COLUMNS.includes(kind) || summary.kinds[kind]);
  const {selected, change} = store.state;
  return h(
    'table',
    null,
    h('caption', {class: 'vh'}, 'By subscription'),
    h('thead', null, h('tr', null, h('th', null, 'Subscription'), h('th', {class: 'ed'}, 'Edited'), h('th', {class: 'num'}, 'Takes'), kinds.map(({short}) => h('th', {class: 'num'}, short)))),
    h(
      'tbody',
      null,
      summary.subscriptions.map((entry) =>
        h(
          'tr',
          {class: entry.key === selected ? 'chosen' : '', 'aria-current': entry.key === selected ? 'true' : null},
          h('td', null, nameCell(store, entry)),
          h('td', {class: 'mut ed'}, editedWords(entry)),
          h('td', {class: 'num'}, arrow(entry.taken)),
          kinds.map(({kind, tone, words}) => countCell(entry, kind, tone, words)),
        ),
      ),
      h('tr', {class: 'sum'}, h('td', null, 'Taken by none'), h('td', {class: 'ed'}), h('td', {class: 'num'}, arrow(summary.none)), kinds.map(() => h('td'))),
    ),
  );

  function countCell(entry, kind, tone, words) {
    const count = entry.counts[kind] ?? 0;
    if (!count) return h('td', {class: 'num z'}, '0');
    const pressed = change?.key === entry.key && change?.kind === kind;
    return h(
      'td',
      {class: 'num'},
      h(
        'button',
        {
          class: `cnt ${tone}`,
          'aria-pressed': String(pressed),
          'aria-label': `${entry.name}: ${number(count)} ${words}`,
          dataset: {focus: `count-${entry.key}-${kind}`},
          onClick: () => choose({key: entry.key, kind}),
        },
        number(count),
      ),
    );
  }
}

function nameCell(store, entry) {
  const removed = entry.state === 'removed';
  const dot = entry.edited.length || entry.state === 'added' || removed ? [h('span', {class: 'dot in-name'}), hidden(', edited')] : [];
  if (removed && !store.find(entry.key)) return [h('s', {class: 'mut'}, entry.name), ...dot];
  return [
    h('button', {class: 'name cut', title: entry.name, dataset: {focus: `row-${entry.key}`}, onClick: () => store.selectSubscription(entry.key)}, entry.name),
    ...dot,
  ];
}

function editedWords(entry) {
  if (entry.state === 'added') return 'added';
  if (entry.edited.length) return entry.edited.join(', ');
  if (entry.state === 'removed') return 'removed';
  return entry.ran ? 'same' : 'same, not run';
}

function arrow([before, after]) {
  if (before === after) return number(after ?? 0);
  return [h('span', {class: 'mut'}, before === null ? '–' : number(before)), h('span', {class: 'ar'}, '→'), after === null ? '–' : number(after)];
}

/**
 * Draws at which locations of the payloads something changed, and in how many events.
 * @param {any} store
 * @param {any} summary
 * @param {(change: any) => void} choose
 */
export function drawFields(store, summary, choose) {
  const change = store.state.change;
  return h(
    'table',
    null,
    h('caption', {class: 'vh'}, 'Changed by field'),
    h('thead', null, h('tr', null, h('th', null, 'Changed by field'), h('th', {class: 'num'}, 'Events'))),
    h(
      'tbody',
      null,
      summary.fields.map((field) =>
        h(
          'tr',
          null,
          h('td', {class: 'rest', title: `${field.location} ${field.name}`}, h('code', null, endOf(field.location, 28)), ' ', h('span', {class: 'mut'}, field.name)),
          h(
            'td',
            {class: 'num'},
            h(
              'button',
              {
                class: 'cnt acc',
                'aria-pressed': String(change?.location === field.location && change?.key === field.key),
                'aria-label': `${field.location} of ${field.name}: ${number(field.events)}`,
                dataset: {focus: `field-${field.key}-${field.location}`},
                onClick: () => choose({key: field.key, location: field.location}),
              },
              number(field.events),
            ),
          ),
        ),
      ),
      !summary.fields.length && h('tr', null, h('td', {class: 'mut', colspan: 2}, 'No payload has another value.')),
    ),
  );
}

/**
 * Draws samples of the chosen change: what the event was sent as, and why it no longer is.
 * @param {any} store
 * @param {any} change
 * @param {any} samples the answer of the server, or null
 * @param {any} services
 */
export function drawSamples(store, change, samples, services) {
  if (!change) {
    const words = store.dirty ? 'The edit changes no event of the corpus.' : 'Nothing is edited. What an edit changes will be here.';
    return h('p', {class: 'mut t12 no-samples'}, words);
  }
  const name = (change.key && (store.find(change.key)?.name ?? '')) || 'The subscription';
  const heads = sampleHeads(change, name);
  const all = samples?.rows ?? [];
  // The row that counts the others takes the place of one, so that the height stays.
  const rows = samples && samples.total > all.length ? all.slice(0, -1) : all;
  const at = rows.some((row) => row.at);
  const sent = {before: requestWords(rows, 'before'), after: requestWords(rows, 'after')};
  return h(
    'table',
    null,
    h('caption', {class: 'vh'}, `Samples: ${name}, ${change.kind ? kindWords(change.kind) : 'changed'}${change.location ? ` at ${change.location}` : ''}`),
    h('thead', null, h('tr', null, h('th', {class: 'num line-no'}, 'Line'), h('th', null, 'Event'), at && h('th', null, 'At'), heads.map((head) => h('th', null, head)))),
    h(
      'tbody',
      null,
      rows.map((row) =>
        h(
          'tr',
          null,
          h('td', {class: 'num mut line-no'}, number(row.line)),
          h(
            'td',
            {class: 'cut sample-name'},
            h(
              'button',
              {
                class: 'name',
                dataset: {focus: `sample-${row.index}`},
                onClick: () => {
                  store.selectEvent({index: row.index});
                  if (change.key && store.find(change.key)) store.selectSubscription(change.key);
                  services.announce(`Event ${row.line} is chosen.`);
                },
              },
              row.name || h('i', null, 'no name'),
            ),
          ),
          at && h('td', {class: 'm sec', title: row.at}, endOf(row.at || 'request', 24)),
          sides(row, sent),
        ),
      ),
      samples && samples.total > rows.length && h('tr', {class: 'mut'}, h('td', {colspan: 5}, `${number(samples.total - rows.length)} more are in the list of events.`)),
    ),
  );
}

function sampleHeads({kind}, name) {
  if (kind === 'no-longer-sent') return [`${name} sent it as`, 'Not sent now, because'];
  if (kind === 'newly-sent') return ['Not sent before, because', `${name} sends it as`];
  if (kind === 'newly-failing') return ['Was sent as', 'Fails now, because'];
  if (kind === 'failing-otherwise') return ['Failed before with', 'Fails now, because'];
  if (kind === 'no-longer-failing') return ['Failed before, because', 'Is sent as'];
  return ['Saved', 'Now'];
}

/** Draws both sides of a sample; the reason takes the side where there is no value. */
function sides(row, sent) {
  const reason = row.reason ? h('span', {class: 'reason'}, sentence(row.reason)) : null;
  const before = row.before === undefined ? null : (sent.before(row) ?? text(row.before));
  const after = row.after === undefined ? null : (sent.after(row) ?? text(row.after));
  const first = before ?? (after === null ? '' : (reason ?? 'absent'));
  const second = after ?? (before === null ? (reason ?? '') : (reason ?? 'absent'));
  return [
    h('td', {class: 'm cut sample-value', title: before}, first),
    h('td', {class: 'm sec rest', title: after ?? reason?.textContent}, second),
  ];
}

const text = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
