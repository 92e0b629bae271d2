import {drawChip} from './chips.js';
import {h, icon, replace, whenReleased} from './dom.js';
import {rowsOf, WHOLE} from './field-rows.js';
import {drawFailure, drawFinding} from './findings.js';
import {createOpenEditor} from './open-editor.js';
import {escapeKey} from './json-model.js';
import {removeAt, setAt, valueAt} from './mapping-edits.js';

/**
 * Makes the form of a mapping: a row for each field, in Segment's order.
 *
 * @param {{store: any, services: any, values: () => import('./event-values.js').EventValue[], applyFix: (finding: any) => void}} options
 */
export function createFieldsForm({store, services, values, applyFix}) {
  const element = h('div', {class: 'flds'});
  /** @type {Map<string, {element: HTMLElement, signature: string}>} */
  let drawn = new Map();
  let rows = [];
  let owner = null;
  const editor = createOpenEditor({store, values, edit, valueOf, element});

  const self = {
    element,
    /**
     * Shows the fields of the selected subscription.
     * @param {{fields: any[], saved: any, entries: any[] | null, findings: Map<string, any[]>}} given
     */
    update(given) {
      const subscription = store.selectedSubscription();
      if (!subscription) return;
      if (owner !== subscription.key) {
        editor.close({focus: false});
        owner = subscription.key;
        drawn = new Map();
        element.replaceChildren();
      }
      rows = rowsOf({...given, mapping: subscription.mapping});
      const keep = new Map();
      rows.forEach((row, index) => {
        const holder = drawn.get(row.key) ?? {element: newRow(row), signature: ''};
        keep.set(row.key, holder);
        if (element.children[index] !== holder.element) element.insertBefore(holder.element, element.children[index] ?? null);
        const found = given.findings.get(row.key) ?? [];
        const signature = JSON.stringify([row, found, editor.isIn(row.key) && editor.at]);
        whenReleased(holder.element, () => {
          if (signature !== holder.signature) drawRow(holder.element, row, found);
          holder.signature = signature;
          link(holder.element, row);
        });
      });
      for (const [key, holder] of drawn) if (!keep.has(key)) holder.element.remove();
      drawn = keep;
      editor.update();
    },
    /** Puts the focus on the first chip, or on that of a field. @param {string} [key] the first one's, if it is not there */
    focus(key) {
      const row = drawn.get(key)?.element ?? element.querySelector('.fld');
      row?.scrollIntoView({block: 'nearest'});
      row?.querySelector('.mp button')?.focus();
    },
    /** Draws the values of another event in the open editor. */
    refresh: editor.refresh,
    keys: () => rows.map((row) => row.key),
  };
  return self;

  function newRow(row) {
    return h(
      'div',
      {class: 'fld', role: 'group', dataset: {key: row.key}, 'aria-label': row.field?.label && row.field.label !== row.key ? `${row.key}, ${row.field.label}` : row.key},
      h('i', {class: 'chg', hidden: true}),
      h('div', {class: 'fk'}),
      h('div', {class: 'mp'}),
      h('div', {class: 'below-row'}),
      h('div', {class: 'med-host'}),
    );
  }

  function drawRow(holder, row, found) {
    const [edge, head, mapping, below] = holder.children;
    edge.hidden = !row.edited;
    edge.title = row.edited ?? '';
    holder.classList.toggle('failing', row.notes.length > 0);
    replace(head, drawHead(row));
    replace(mapping, row.mapped ? row.lines.map((line) => drawLine(row, line, found.length > 0)) : drawUnmapped(row));
    replace(below, row.notes.map(drawFailure), found.map((finding) => drawFinding(finding, applyFix)));
  }

  function drawHead(row) {
    const description = row.field?.description;
    return [
      h('b', {title: [row.key, row.field?.label, description].filter(Boolean).join('\n')}, row.key || '""'),
      row.required === true && h('span', {title: 'required'}, '*', h('span', {class: 'vh'}, ' required')),
      h('small', null, row.words.join(' · ')),
      description && h('span', {class: 'desc', role: 'note'}, description),
    ];
  }

  function drawLine(row, line, isWarned) {
    const [first, ...others] = line.chips;
    const chip = (one) =>
      drawChip(one, {
        field: [row.key, line.name, line.role].filter(Boolean).join(' '),
        isOpen: editor.isAt(one.at),
        isWarned,
        open: () => editor.toggle(row, one),
      });
    return h(
      'div',
      {class: line.taken ? 'mrow taken' : 'mrow'},
      line.name !== null && h('span', {class: 'key', title: line.name}, line.name || '""'),
      // The branches of a key's condition stand below its `if`.
      line.name === null && line.at.length > row.at.length + 2 && h('span', {class: 'key'}),
      line.role && h('span', {class: line.taken ? 'if yes' : 'if'}, line.role, line.taken && h('span', {class: 'vh'}, ', taken')),
      chip(first),
      others.map((one) => [h('span', {class: 'mut t11'}, 'else'), chip(one)]),
      line.results.map((result) => drawResult(result, line.taken)),
      line === row.lines[0] && rowMenu(row),
    );
  }

  function drawResult({text, before, title, tone}, taken) {
    return h(
      'span',
      {class: ['val', taken && 'res', tone, text.length > 48 && 'long'].filter(Boolean).join(' '), title},
      before !== undefined && [h('span', {class: 'before'}, before), h('span', {class: 'vh'}, ' is coerced to '), h('span', {class: 'arrow', 'aria-hidden': 'true'}, ' → ')],
      text,
    );
  }

  function drawUnmapped(row) {
    return h(
      'div',
      {class: 'mrow'},
      h('button', {class: 'btn sm bare map', 'aria-label': `Map ${row.key}`, 'aria-expanded': String(editor.isAt([row.key])), dataset: {focus: `chip ${JSON.stringify([row.key])}`}, onClick: () => editor.toggle(row, {at: [row.key], chip: null, off: false})}, icon('plus'), 'Map'),
      row.field?.type === 'object' && h('button', {class: 'btn sm bare map', 'aria-label': `Map a key of ${row.key}`, dataset: {focus: `key ${row.key}`}, onClick: () => editor.askKey(row)}, icon('plus'), 'Map a key'),
      h('span', {class: 'mut cut t12 grow', title: row.field?.description ?? ''}, row.field?.description ?? ''),
      row.edited === 'removed' && h('button', {class: 'btn sm bare', dataset: {focus: `back ${row.key}`}, onClick: () => (revert(row), self.focus(row.key))}, icon('undo'), 'Put it back'),
    );
  }

  function rowMenu(row) {
    return h(
      'button',
      {class: 'btn sm bare row-more', 'aria-label': `More for ${row.key}`, 'aria-haspopup': 'menu', 'aria-expanded': 'false', dataset: {focus: `more ${row.key}`}, onClick: (event) => openMenu(event.currentTarget, row)},
      icon('dots'),
    );
  }

  function openMenu(button, row) {
    const whole = row.key === WHOLE && !row.at.length;
    const {mapping} = store.selectedSubscription();
    const value = valueAt(mapping, row.at);
    const hasKeys = row.lines.some((line) => line.name !== null) || (row.field?.type === 'object' && JSON.stringify(value) === '{}');
    /** Runs an edit of the menu; its button may be gone then, and the focus stays in the row. */
    const then = (run) => () => {
      run();
      if (!button.isConnected) setTimeout(() => self.focus(row.key));
    };
    const isDefault = row.field && JSON.stringify(row.field.default ?? null) === JSON.stringify(value ?? null);
    services.menu(button, [
      {label: 'Edit as JSON', run: () => editor.open(row, {at: row.at, chip: null}, 'json')},
      hasKeys && {label: 'Add a key', icon: 'plus', run: () => editor.askKey(row)},
      ...(hasKeys ? row.lines.filter((line) => line.name !== null && line.role !== 'then' && line.role !== 'else').map((line) => ({label: `Remove ${line.name}`, run: then(() => edit(line.at, (now) => removeAt(now, line.at)))})) : []),
      !whole && {label: 'Put Segment’s default', icon: 'undo', disabled: !row.field || row.field.default === undefined || row.field.default === null || isDefault, why: isDefault ? 'It is the default.' : 'The action has no default for it.', run: then(() => edit(row.at, (now) => setAt(now, row.at, row.field.default)))},
      {label: 'Revert to the saved mapping', icon: 'undo', disabled: !row.edited, why: 'It is not edited.', run: then(() => revert(row))},
      !whole && {label: 'Remove the field', icon: 'trash', run: then(() => edit(row.at, (now) => removeAt(now, row.at)))},
    ].filter(Boolean));
  }

  function revert(row) {
    const before = store.savedOf(store.state.selected)?.mapping;
    const value = valueAt(before, row.at);
    edit(row.at, (now) => (value === undefined ? removeAt(now, row.at) : setAt(now, row.at, value)));
  }

  /** Edits the mapping; edits of one value join in one step of undo. */
  function edit(at, change) {
    const {key, name} = store.selectedSubscription();
    store.edit(`${at.join('/') || 'the mapping'} of ${name}`, (draft) => {
      const next = draft.map((one) => (one.key === key ? {...one, mapping: change(one.mapping)} : one));
      return JSON.stringify(next) === JSON.stringify(draft) ? draft : next;
    });
  }

  function valueOf(at) {
    return valueAt(store.selectedSubscription()?.mapping, at);
  }

  function link(holder, row) {
    const {linking} = services;
    const lines = holder.querySelector('.mp').children;
    const named = row.lines.some((line) => line.name !== null);
    const ids = row.mapped && row.at.length ? linking.ids.field(`/${escapeKey(row.key)}`) : [];
    linking.register(holder, named ? [] : ids);
    row.lines.forEach((line, index) => {
      if (line.name === null && !line.role) return;
      if (lines[index]) linking.register(lines[index], named ? linking.ids.field(line.at.slice(0, 2).map((key) => `/${escapeKey(key)}`).join('')) : []);
    });
  }
}

