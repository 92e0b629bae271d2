import {h} from './dom.js';
import {drawLine} from './json-line.js';
import * as model from './json-model.js';
import {scrollerOf} from './linking.js';

const VIRTUAL_FROM = 300;
const MARGIN_ROWS = 20;
let lists = 0;

/**
 * Makes JSON as lines: true numbers across folds, used values underlined, origins at the right edge.
 *
 * It is a tree with one tab stop: arrows move, fold and unfold, Enter pins what is linked, Ctrl C copies a value.
 * Only the lines in sight are in the document where there are many.
 *
 * @param {{label: string, kind: 'event' | 'payload' | 'request', linking: any, inline?: boolean}} options
 *   `inline`: short objects of a list stand on one line
 */
export function createJsonLines({label, kind, linking, inline = kind !== 'event'}) {
  const name = `json-${(lists += 1)}`;
  const element = h('ol', {class: 'json', role: 'tree', tabIndex: 0, 'aria-label': label, id: name});
  /** @type {model.Node | null} */
  let root = null;
  let source;
  let identity;
  let linked = false;
  /** Folds that a person chose, or that were decided when the value was first shown. @type {Map<string, boolean>} */
  let folds = new Map();
  /** Strings that are shown whole. @type {Set<string>} */
  let whole = new Set();
  /** @type {model.Row[]} */
  let rows = [];
  let pointers = linking.ids.event;
  let origins = new Map();
  let usedOnly = false;
  let active = 0;
  let height = 18;
  /** Pixels that lines with a whole string need beyond one line, by row. @type {Map<number, number>} */
  let extra = new Map();
  let from = 0;
  let scroller = null;
  const leave = linking.addList({element, rowsOf});

  element.addEventListener('click', onClick);
  element.addEventListener('keydown', onKey);
  element.addEventListener('focus', () => lightActive());
  const sizes = new ResizeObserver(() => rows.length && window_());
  sizes.observe(element);

  return {
    element,
    update,
    /** Returns the whole value as indented JSON. */
    copyText: () => (root ? model.writeText(root) : ''),
    /** Opens and shows the line of a pointer, or of the nearest above it. @param {string} pointer */
    reveal(pointer) {
      if (!root) return;
      const node = model.nearest(root, pointer);
      for (let above = node.parent; above; above = above.parent) folds.set(above.pointer, true);
      layOut();
      activate(rows.findIndex((row) => row.node === node && row.part !== 'close'), true);
    },
    destroy() {
      leave();
      sizes.disconnect();
      scroller?.removeEventListener('scroll', window_);
    },
  };

  /**
   * Shows a value. Folds stay as they are while `identity` does.
   * @param {{identity: string, text?: string | null, value?: any, pointers?: any, origins?: Map<string, string>,
   *   usedOnly?: boolean, links?: any[], label?: string}} next `pointers`: the index of link-index.js for this side;
   *   the event's where it is left out
   * @returns {boolean} false if the text is not valid JSON: nothing changed then
   */
  function update(next) {
    const from_ = next.text ?? next.value;
    const same = source === from_ && root !== null;
    if (!same) {
      try {
        root = next.text == null ? model.fromValue(next.value, {inline}) : model.fromText(next.text, {inline});
      } catch {
        return false;
      }
      source = from_;
    }
    const index = next.pointers ?? linking.ids.event;
    const used = Boolean(next.usedOnly) && index.any;
    if (next.label) element.setAttribute('aria-label', next.label);
    // Lines that stay the same stay in the document, so that no click on them is lost.
    if (same && identity === next.identity && index === pointers && used === usedOnly) return true;
    if (identity !== next.identity) {
      identity = next.identity;
      folds = new Map();
      whole = new Set();
      linked = false;
      active = 0;
    }
    pointers = index;
    origins = next.origins ?? new Map();
    usedOnly = used;
    // What is linked decides the first folds, once it is known.
    if (!linked && pointers.any) {
      folds = new Map();
      linked = true;
    }
    layOut();
    return true;
  }

  function isOpen(node) {
    let open = folds.get(node.pointer);
    if (open === undefined) {
      open = model.beginsOpen(node) && (!linked || node.depth === 0 || leadsToLink(node));
      folds.set(node.pointer, open);
    }
    return open;
  }

  // A container that is linked as a whole says enough in the payload, where its content is that of the event. In a
  // request it is open, but what is in it, and not linked itself, is not; nor is what nothing uses in the event.
  function leadsToLink(node) {
    if (pointers.below(node.pointer).length) return true;
    const isWhole = pointers.at(node.pointer).length > 0;
    if (kind === 'payload') return !isWhole;
    return isWhole || (kind === 'request' && !pointers.ids(node.pointer).length);
  }

  function layOut() {
    const before = rows[active];
    const isShown = usedOnly ? (node) => node.depth === 0 || pointers.ids(node.pointer, true).length > 0 : undefined;
    rows = model.visibleRows(root, {isOpen, isShown});
    extra = new Map();
    if (before) {
      const again = rows.findIndex((row) => row.node.pointer === before.node.pointer && row.part !== 'close');
      active = again >= 0 ? again : Math.min(active, rows.length - 1);
    }
    draw();
  }

  function draw() {
    const virtual = rows.length > VIRTUAL_FROM;
    if (virtual && !scroller && element.isConnected) {
      scroller = scrollerOf(element);
      scroller?.addEventListener('scroll', window_, {passive: true});
    }
    const [start, end] = virtual ? range() : [0, rows.length];
    from = start;
    element.replaceChildren(...rows.slice(start, end).map((row, offset) => line(row, start + offset)));
    element.style.setProperty('padding-top', `${4 + topOf(start)}px`);
    element.style.setProperty('padding-bottom', `${4 + topOf(rows.length) - topOf(end)}px`);
    // Reading sizes makes the browser lay out the page: only what depends on them does.
    if ((virtual || whole.size) && end > start && element.offsetParent) measure(start);
    if (rows.length) element.setAttribute('aria-activedescendant', `${name}-${active}`);
    linking.refresh();
  }

  function measure(start) {
    const first = element.firstElementChild;
    if (first && !extra.has(start)) height = first.getBoundingClientRect().height || height;
    for (const item of element.querySelectorAll('.whole')) {
      extra.set(Number(item.dataset.row), item.getBoundingClientRect().height - height);
    }
  }

  function range() {
    if (!scroller) return [0, Math.min(rows.length, VIRTUAL_FROM)];
    const frame = scroller.getBoundingClientRect();
    const top = frame.top - element.getBoundingClientRect().top;
    const start = Math.max(0, rowAt(top) - MARGIN_ROWS);
    return [start, Math.min(rows.length, rowAt(top + frame.height) + MARGIN_ROWS)];
  }

  // Draws again only where the lines in sight are not all in the document.
  function window_() {
    if (rows.length <= VIRTUAL_FROM) return;
    if (!scroller) return draw();
    const frame = scroller.getBoundingClientRect();
    const top = frame.top - element.getBoundingClientRect().top;
    const first = Math.max(0, rowAt(top));
    const last = Math.min(rows.length, rowAt(top + frame.height));
    if (first < from || last > from + element.childElementCount) draw();
  }

  function topOf(row) {
    let sum = row * height;
    for (const [at, more] of extra) if (at < row) sum += more;
    return sum;
  }

  function rowAt(pixels) {
    let at = pixels;
    for (const [row, more] of extra) if (topOf(row) < pixels) at -= Math.min(more, pixels - topOf(row));
    return Math.min(rows.length, Math.max(0, Math.floor(at / height)));
  }

  /** Returns the edges of the lines of these links, also of those that are not in the document. */
  function rowsOf(ids) {
    const wanted = new Set(ids);
    if (rows.length <= VIRTUAL_FROM) {
      return rows.flatMap((row, index) =>
        idsOf(row).some((id) => wanted.has(id)) ? [element.children[index].getBoundingClientRect()] : [],
      );
    }
    const top = element.getBoundingClientRect().top + 4;
    return rows.flatMap((row, index) => {
      if (!idsOf(row).some((id) => wanted.has(id))) return [];
      return [{top: top + topOf(index), bottom: top + topOf(index + 1)}];
    });
  }

  function idsOf({node, part}) {
    return part === 'close' ? [] : pointers.ids(node.pointer, part === 'folded' || part === 'inline');
  }

  function line(row, index) {
    const ids = idsOf(row);
    const item = drawLine(row, {
      id: `${name}-${index}`,
      index,
      used: kind === 'event' && ids.length > 0,
      active: index === active,
      whole: whole.has(row.node.pointer),
      origins,
    });
    linking.register(item, ids);
    return item;
  }

  function onClick(event) {
    const item = event.target.closest('li');
    if (!item) return;
    const index = Number(item.dataset.row);
    const {node, part} = rows[index];
    if (event.target.closest('[data-whole]')) {
      toggleWhole(node);
    } else if (event.target.closest('[data-fold]') || (!idsOf(rows[index]).length && node.children.length)) {
      if (part !== 'inline' && part !== 'leaf' && !String(getSelection())) {
        event.stopPropagation();
        fold(node, part === 'folded');
      }
    }
    const now = rows.findIndex((row) => row.node === node && row.part !== 'close');
    if (part !== 'close' && now >= 0) activate(now, false, false);
  }

  function fold(node, open) {
    folds.set(node.pointer, open);
    layOut();
  }

  function toggleWhole(node) {
    if (!whole.delete(node.pointer)) whole.add(node.pointer);
    layOut();
  }

  function onKey(event) {
    if (event.altKey || !rows.length) return;
    const row = rows[active];
    const {node, part} = row;
    if (event.ctrlKey || event.metaKey) {
      if (event.key !== 'c' || String(getSelection())) return;
      navigator.clipboard?.writeText(model.writeText(node));
      event.preventDefault();
      return;
    }
    const page = Math.max(1, Math.floor((scrollerOf(element)?.clientHeight ?? 300) / height) - 1);
    const steps = {ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows.length, End: rows.length};
    if (event.key in steps) move(steps[event.key]);
    else if (event.key === 'ArrowRight') right(node, part);
    else if (event.key === 'ArrowLeft') left(node, part);
    else if (event.key === ' ' && node.children.length && part !== 'inline') fold(node, part === 'folded');
    else if (event.key === 'Enter') enter(row);
    else return;
    event.preventDefault();
  }

  function enter(row) {
    const ids = idsOf(row);
    if (ids.length) linking.pin(ids, element);
    else if (row.part === 'folded' || row.part === 'open') fold(row.node, row.part === 'folded');
  }

  function right(node, part) {
    if (part === 'folded') fold(node, true);
    else if (part === 'open') move(1);
    else if (node.kind === 'string' && !whole.has(node.pointer)) toggleWhole(node);
  }

  function left(node, part) {
    if (part === 'open') fold(node, false);
    else if (whole.has(node.pointer)) toggleWhole(node);
    else if (node.parent) activate(rows.findIndex((row) => row.node === node.parent && row.part !== 'close'), true);
  }

  function move(step) {
    const last = rows.length - 1;
    let next = Math.min(last, Math.max(0, active + step));
    const by = step < 0 ? -1 : 1;
    while (rows[next]?.part === 'close' && next + by >= 0 && next + by <= last) next += by;
    if (rows[next].part === 'close') next = rows.findLastIndex((row) => row.part !== 'close');
    activate(next, true);
  }

  function activate(index, scroll, light = true) {
    if (index < 0) return;
    element.querySelector('.cur')?.classList.remove('cur');
    element.querySelector('[aria-selected=true]')?.setAttribute('aria-selected', 'false');
    active = index;
    if (scroll) scrollTo(index);
    const item = element.querySelector(`#${name}-${index}`);
    item?.classList.add('cur');
    item?.setAttribute('aria-selected', 'true');
    element.setAttribute('aria-activedescendant', `${name}-${index}`);
    if (light) lightActive();
  }

  function lightActive() {
    if (rows.length && document.activeElement === element) linking.focus(idsOf(rows[active]), element);
  }

  function scrollTo(index) {
    const frame = scrollerOf(element);
    if (!frame) return;
    if (rows.length <= VIRTUAL_FROM) measure(0);
    const top = element.getBoundingClientRect().top - frame.getBoundingClientRect().top + 4 + topOf(index);
    // The head of a part stands above the lines and stays in sight.
    const head = 28;
    if (top < head) frame.scrollTop += top - head;
    else if (top + height > frame.clientHeight - 4) frame.scrollTop += top + height - frame.clientHeight + 4;
    window_();
  }
}
