import {createCodeEditor} from './code-editor.js';
import {errorLine, h, icon, replace} from './dom.js';
import {createJsonLines} from './json-lines.js';
import {openMenu} from './menu.js';

/**
 * Mounts the lower half of the left pane: the chosen event, to read with what the subscription
 * uses of it, or to edit.
 * @param {HTMLElement} element
 * @param {any} store
 * @param {any} services
 */
export function mount(element, store, services) {
  const state = store.state;
  let form = 'all';
  let editing = false;
  /** @type {ReturnType<typeof createCodeEditor> | null} */
  let editor = null;
  const head = h('div', {class: 'hd above'});
  const error = h('div');
  const lines = createJsonLines({label: 'Event', kind: 'event', linking: services.linking});
  const reading = h(
    'div',
    {class: 'scroll grow', tabIndex: 0, role: 'region', dataset: {scroll: 'event'}, onKeydown: onReadingKey, onDblclick: edit},
    lines.element,
  );
  const writing = h('div', {class: 'grow writing', hidden: true});
  element.append(head, error, reading, writing);
  store.on('event eventText eventInfo explained errors selected', draw);
  services.commands.register(
    {id: 'event.edit', group: 'Events', title: 'Edit the event', enabled: () => state.eventText !== null, run: () => (services.showPane('events'), edit())},
    {id: 'event.copy', group: 'Events', title: 'Copy the event as JSON', enabled: () => state.eventText !== null, run: copy},
    {id: 'event.revert', group: 'Events', title: 'Put the event back as it is in the corpus', enabled: isEditedEvent, run: revert},
  );
  draw();

  function isEditedEvent() {
    return Boolean(state.event && 'text' in state.event && state.eventInfo);
  }

  function isValid(text) {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  }

  function draw() {
    const text = state.eventText;
    const name = state.eventInfo ? `Event ${state.eventInfo.line}` : state.event && 'index' in state.event ? `Event ${state.event.index + 1}` : state.event ? 'New event' : 'No event';
    const writes = text !== null && (editing || !isValid(text));
    drawHead(name, writes);
    const problem = writes ? parseError() : null;
    replace(error, errorLine(state.errors.event ?? null, services.runs.explain), problem && h('p', {class: 'where t12'}, icon('warn', 'bad'), problem));
    reading.hidden = writes;
    writing.hidden = !writes;
    reading.setAttribute('aria-label', `${name} as JSON`);
    reading.classList.toggle('old', text === null);
    if (text === null) {
      // What is shown belongs to the event before: grey for a moment, and gone if no text comes.
      lines.element.hidden = !state.event || Boolean(state.errors.event);
      return;
    }
    lines.element.hidden = false;
    if (writes) showEditor(text);
    else {
      const identity = `${name} ${state.selected}`;
      lines.update({identity, text, links: state.explained?.links ?? [], usedOnly: form === 'used'});
    }
  }

  function drawHead(name, writes) {
    const value = state.explained?.event?.value;
    const edited = isEditedEvent() ? 'edited' : null;
    const what = [edited, value?.type, value?.event ?? value?.name ?? state.eventInfo?.label].filter((part) => typeof part === 'string').join(' · ');
    replace(
      head,
      h('h3', null, name),
      h('span', {class: 'n cut grow', title: what}, what),
      h(
        'span',
        {class: 'seg sm', role: 'group', 'aria-label': 'What of the event'},
        formButton('all', 'All', !writes && form === 'all'),
        formButton('used', 'Used', !writes && form === 'used'),
        formButton('edit', 'Edit', writes),
      ),
      h(
        'button',
        {class: 'btn sm bare', 'aria-label': 'More for this event', 'aria-haspopup': 'menu', 'aria-expanded': 'false', dataset: {focus: 'event-more'}, onClick: more},
        icon('dots'),
      ),
    );
  }

  function formButton(name, label, on) {
    return h(
      'button',
      {
        'aria-pressed': String(on),
        dataset: {focus: `event-${name}`},
        disabled: state.eventText === null,
        onClick: () => {
          if (name === 'edit') {
            edit();
            return;
          }
          form = name;
          editing = false;
          draw();
        },
      },
      label,
    );
  }

  function more(event) {
    const none = state.eventText === null;
    openMenu(event.currentTarget, [
      {label: 'Edit', icon: 'plus', disabled: none, run: edit},
      {label: 'Copy as JSON', icon: 'copy', disabled: none, run: copy},
      {
        label: 'Put it back as it is in the corpus',
        icon: 'undo',
        disabled: !isEditedEvent(),
        why: 'The event is not edited.',
        run: revert,
      },
    ]);
  }

  function edit() {
    if (state.eventText === null) return;
    editing = true;
    draw();
    editor?.focus();
  }

  function showEditor(text) {
    if (!editor) {
      editor = createCodeEditor(writing, {label: 'Event, JSON', text, changed: (next) => store.editEvent(next)});
      writing.addEventListener('focusout', onLeave);
    }
    editor.setText(text);
    editor.setError(state.explained?.event?.error ?? null);
  }

  /** Reads again as soon as the focus has gone elsewhere, unless the text cannot be read. */
  function onLeave(event) {
    if (!editing || !(event.relatedTarget instanceof Element) || element.contains(event.relatedTarget)) return;
    editing = false;
    draw();
  }

  function onReadingKey(event) {
    if (event.key !== 'Enter' || event.target !== reading) return;
    event.preventDefault();
    edit();
  }

  function parseError() {
    const problem = state.explained?.event?.error;
    if (!problem) return null;
    return `Line ${problem.line}, column ${problem.column}: ${problem.message}`;
  }

  async function copy() {
    try {
      await navigator.clipboard.writeText(state.eventText ?? '');
      services.announce('The event is copied.');
    } catch {
      store.setError('event', 'The browser does not allow the page to copy. Select the text in the editor and copy it.');
    }
  }

  function revert() {
    editing = false;
    store.selectEvent({index: state.eventInfo.index});
  }
}
