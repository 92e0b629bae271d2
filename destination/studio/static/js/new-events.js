import {append, clear, errorLine, h, icon} from './dom.js';
import {openMenu} from './menu.js';

/** What `POST /api/new-events` can make. */
const KINDS = [
  {kind: 'spec', label: () => 'One of each kind', detail: 'from Segment’s spec'},
  {kind: 'match', label: (name) => `One that would match ${name}`, detail: 'by its trigger'},
  {kind: 'outside', label: (name) => `Just outside ${name}`, detail: 'one condition away'},
];

/**
 * Opens the menu that makes a new event.
 * @param {HTMLElement} button
 * @param {any} store
 * @param {any} services
 */
export function openNewMenu(button, store, services) {
  openMenu(button, [
    ...offers(store).map(({kind, label, detail}) => ({
      label,
      detail,
      run: async () => {
        const events = await make(kind, store, services);
        if (events.length === 1) store.newEvent(events[0].text);
        else if (events.length) openMenu(button, events.map((event) => ({label: event.title, run: () => store.newEvent(event.text)})));
      },
    })),
    {label: 'Open a file…', detail: 'JSON or NDJSON', run: () => openFile(store, services)},
  ]);
}

/**
 * Draws what an empty corpus offers in the place of its list.
 * @param {any} store
 * @param {any} services
 */
export function emptyOffers(store, services) {
  const made = h('div', {class: 'made'});
  const choose = async (kind) => {
    const events = await make(kind, store, services);
    append(
      clear(made),
      events.map((event) =>
        h('button', {class: 'ev made-event', onClick: () => store.newEvent(event.text)}, h('span', {class: 'nm cut'}, event.title)),
      ),
    );
    if (events.length) store.newEvent(events[0].text);
  };
  const failed = h('div');
  store.on('errors', (state) => append(clear(failed), [errorLine(state.errors.newEvents ?? null, null)]));
  return [
    h('p', {class: 'mut t12'}, 'There are no events to look at yet. Begin with:'),
    ...offers(store).map(({kind, label, detail}) =>
      h('button', {class: 'offer', onClick: () => choose(kind)}, icon('plus'), h('span', null, label, h('small', null, detail))),
    ),
    h('button', {class: 'offer', onClick: () => openFile(store, services)}, icon('right'), h('span', null, 'Open a file…', h('small', null, 'JSON or NDJSON'))),
    failed,
    made,
  ];
}

function offers(store) {
  const name = store.selectedSubscription()?.name;
  return KINDS.filter(({kind}) => kind === 'spec' || name).map(({kind, label, detail}) => ({kind, label: label(name), detail}));
}

async function make(kind, store, services) {
  const {draft, selected} = store.state;
  try {
    const answer = await services.post('/api/new-events', {draft, selected, kind});
    if (answer.error) throw new Error(answer.error);
    store.setError('newEvents', null);
    store.setError('event', null);
    return answer.events;
  } catch (error) {
    store.setError('newEvents', error.message);
    store.setError('event', error.message);
    return [];
  }
}

/** Reads a file of the person's choice, and puts its first event into the editor. */
function openFile(store, services) {
  const input = h('input', {
    type: 'file',
    accept: '.json,.ndjson,.jsonl,application/json',
    onChange: async () => {
      const file = input.files?.[0];
      if (!file) return;
      const {text, more} = firstEvent(await file.text());
      store.newEvent(text);
      store.setError(
        'event',
        more ? `This is the first of ${more + 1} events. To see all, start: destination studio ${file.name}` : null,
      );
      services.announce(`${file.name} is open.`);
    },
  });
  input.click();
}

/**
 * Finds the first event of a file: a JSON value, the first of an array, or the first line.
 * @param {string} text
 * @returns {{text: string, more: number}} the event as text, and the number of further ones
 */
export function firstEvent(text) {
  try {
    const value = JSON.parse(text);
    if (!Array.isArray(value)) return {text: JSON.stringify(value, null, 2), more: 0};
    return {text: JSON.stringify(value[0] ?? {}, null, 2), more: Math.max(0, value.length - 1)};
  } catch {
    const lines = text.split('\n').filter((line) => line.trim());
    try {
      return {text: JSON.stringify(JSON.parse(lines[0]), null, 2), more: lines.length - 1};
    } catch {
      return {text, more: 0};
    }
  }
}
