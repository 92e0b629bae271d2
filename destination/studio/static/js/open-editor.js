import {chipFocus} from './chips.js';
import {h} from './dom.js';
import {WHOLE} from './field-rows.js';
import {createMappingEditor} from './mapping-editors/index.js';
import {removeAt, setAt} from './mapping-edits.js';

/**
 * Keeps the one editor of a mapping that is open in the form, below its row.
 *
 * @param {{store: any, values: () => any[], element: HTMLElement, edit: (at: string[], change: (mapping: any) => any) => void,
 *   valueOf: (at: string[]) => any}} options
 */
export function createOpenEditor({store, values, element, edit, valueOf}) {
  /** @type {{key: string, at: string[], editor: any, host: Element, had: boolean} | null} */
  let open = null;

  const self = {
    get at() {
      return open?.at ?? null;
    },
    isIn: (key) => open?.key === key,
    isAt: (at) => open !== null && JSON.stringify(open.at) === JSON.stringify(at),

    /** Opens the editor of a chip, or closes it. */
    toggle(row, chip) {
      if (self.isAt(chip.at)) self.close();
      else self.open(row, chip);
    },

    /** Opens the editor of a chip. @param {any} row @param {any} chip @param {string} [form] */
    open(row, {at, twins}, form) {
      self.close({focus: false});
      const last = at[at.length - 1];
      const isBranch = at[at.length - 2] === '@if';
      const host = hostOf(row.key);
      if (!host) return;
      const editor = createMappingEditor({
        title: `Mapping of ${at.join(' ') || WHOLE}`,
        description: at.length === 1 ? (row.field?.description ?? '') : '',
        value: valueOf(at),
        field: innerField(row.field, at),
        isElse: isBranch && last === 'else',
        form,
        values,
        put: (value) => edit(at, (mapping) => (twins ?? [at]).reduce((now, one) => setAt(now, one, value), mapping)),
        close: () => self.close(),
        remove: at.length && !twins && valueOf(at) !== undefined ? () => remove(at) : null,
        removeLabel: at.length === 1 ? 'Remove the field' : `Remove ${last}`,
      });
      open = {key: row.key, at, editor, host, had: valueOf(at) !== undefined};
      host.replaceChildren(editor.element);
      redraw();
      editor.focus();
      editor.element.scrollIntoView({block: 'nearest'});
    },

    /** Closes it. The focus goes back to the chip. @param {{focus?: boolean}} [options] */
    close({focus = true} = {}) {
      if (!open) return;
      const {at, host} = open;
      const inside = focus && (host.contains(document.activeElement) || document.activeElement === document.body);
      open = null;
      host.replaceChildren();
      redraw();
      if (inside) focusChip(at);
    },

    /** Takes what was changed elsewhere. */
    update() {
      if (!open?.editor) return;
      const value = valueOf(open.at);
      // What was there and is not any more, such as a branch after undo, has nothing to edit.
      if (open.at.length > 1 && value === undefined && open.had) self.close();
      else open.editor.update(value);
      if (open) open.had = value !== undefined;
    },

    /** Draws the values of another event. */
    refresh: () => open?.editor?.refresh(),

    /** Asks for the name of a new key of an object, then opens the editor of its value. @param {any} row */
    askKey(row) {
      self.close({focus: false});
      const host = hostOf(row.key);
      const taken = new Set(Object.keys(valueOf(row.at) ?? {}));
      const names = (row.field?.properties ?? []).map((field) => field.key).filter((name) => !taken.has(name));
      const list = `keys-of-${row.key}`;
      const problem = h('span', {class: 'bad t12', role: 'status'});
      const input = h('input', {class: 'in m', type: 'text', 'aria-label': `New key of ${row.key}`, list, spellcheck: 'false', autocomplete: 'off', onKeydown});
      const form = h(
        'div',
        {class: 'med', role: 'group', 'aria-label': `New key of ${row.key}`, dataset: {noLink: ''}},
        h('div', {class: 'line'}, input, h('datalist', {id: list}, names.map((name) => h('option', {value: name}))), h('button', {class: 'btn sm', onClick: add}, 'Add the key'), h('button', {class: 'btn sm bare', onClick: () => self.close()}, 'Cancel'), problem),
      );
      open = {key: row.key, at: row.at, editor: null, host, had: false};
      host.replaceChildren(form);
      input.focus();

      function onKeydown(event) {
        if (event.key === 'Enter') add();
        else if (event.key === 'Escape') self.close();
        else return;
        event.preventDefault();
        event.stopPropagation();
      }

      function add() {
        const name = input.value.trim();
        if (!name || taken.has(name) || /^@/.test(name)) {
          problem.textContent = !name ? 'Type a name.' : taken.has(name) ? 'There is such a key.' : 'A name that begins with @ is a directive.';
          input.focus();
          return;
        }
        self.open(row, {at: [...row.at, name]});
      }
    },
  };
  return self;

  function remove(at) {
    const above = at.slice(0, -1);
    self.close({focus: false});
    edit(at, (mapping) => removeAt(mapping, at));
    focusChip(above.length ? at.slice(0, 1) : at);
  }

  function hostOf(key) {
    const row = [...element.children].find((one) => one.dataset.key === key);
    return row?.querySelector('.med-host') ?? null;
  }

  function redraw() {
    store.set({openMapping: open ? JSON.stringify(open.at) : null});
  }

  function focusChip(at) {
    const wanted = chipFocus(at);
    const chips = [...element.querySelectorAll('[data-focus]')];
    const found = chips.find((one) => one.dataset.focus === wanted) ?? chips.find((one) => one.dataset.focus.startsWith(chipFocus(at.slice(0, 1)).slice(0, -1)));
    found?.focus();
  }
}

/** Finds the field of a key of an object, so that its choices are known. */
function innerField(field, at) {
  if (at.length !== 2) return at.length === 1 || at[at.length - 2] === '@if' ? field : null;
  return field?.properties?.find((one) => one.key === at[1]) ?? null;
}
