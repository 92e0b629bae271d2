import {append, h, icon} from './dom.js';
import {keyWords} from './commands.js';

/**
 * @typedef {{label: string, detail?: string, keys?: string, icon?: string, disabled?: boolean, why?: string,
 *   heading?: boolean, run?: () => void}} MenuItem
 */

/**
 * Opens a menu below a button. Arrow keys, Home, End and first letters move; Esc closes and gives
 * the focus back.
 *
 * @param {HTMLElement} opener the button
 * @param {MenuItem[]} items
 */
export function openMenu(opener, items) {
  const button = successor(opener) ?? opener;
  const label = button.getAttribute('aria-label') ?? [...button.childNodes].find((node) => node.nodeType === Node.TEXT_NODE)?.textContent;
  const menu = h('div', {class: 'menu', role: 'menu', popover: 'auto', 'aria-label': label ?? 'Menu'});
  append(menu, items.map((item) => menuItem(item, close)));
  openBeside(menu, button);
  button.setAttribute('aria-expanded', 'true');
  menu.addEventListener('toggle', (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== 'closed') return;
    const inside = menu.contains(document.activeElement) || document.activeElement === document.body;
    menu.remove();
    const now = successor(button);
    now?.setAttribute('aria-expanded', 'false');
    if (inside) now?.focus();
  });
  menu.addEventListener('keydown', (event) => onKey(event, menu, close));
  entries(menu)[0]?.focus();

  function close() {
    menu.hidePopover();
  }
}

/**
 * Puts a popover into the page, shows it, and places it below an element, within the window.
 * @param {HTMLElement} popover
 * @param {HTMLElement} beside
 * @param {'start' | 'end'} [side] which edges meet; the start ones where there is room
 */
export function openBeside(popover, beside, side = 'start') {
  overlays().append(popover);
  popover.showPopover();
  const at = beside.getBoundingClientRect();
  const {offsetWidth: width, offsetHeight: height} = popover;
  const wanted = side === 'end' ? at.right - width : at.left;
  const left = Math.max(4, Math.min(wanted, window.innerWidth - width - 4));
  const below = at.bottom + 4;
  const top = below + height > window.innerHeight - 4 ? Math.max(4, at.top - height - 4) : below;
  popover.style.setProperty('left', `${left}px`);
  popover.style.setProperty('top', `${top}px`);
}

/** Returns the landmark of all that opens on top of the page. */
export function overlays() {
  const found = document.getElementById('overlays');
  return found ?? document.body.appendChild(h('aside', {id: 'overlays', 'aria-label': 'Menus and forms'}));
}

/** Returns an element, or the one that a new drawing has put in its place. @param {HTMLElement} element */
export function successor(element) {
  if (element.isConnected) return element;
  const {id, dataset} = element;
  const again = id ? document.getElementById(id) : dataset.focus ? document.querySelector(`[data-focus="${CSS.escape(dataset.focus)}"]`) : null;
  return /** @type {HTMLElement | null} */ (again);
}

function menuItem(item, close) {
  if (item.heading) return h('div', {class: 'menu-head', role: 'presentation'}, item.label);
  const off = Boolean(item.disabled);
  return h(
    'button',
    {
      class: 'menu-item',
      role: 'menuitem',
      tabIndex: -1,
      'aria-disabled': off ? 'true' : null,
      title: off ? item.why : null,
      onClick: () => {
        if (off) return;
        close();
        item.run?.();
      },
    },
    h('span', {class: 'menu-icon'}, item.icon && icon(item.icon)),
    h('span', {class: 'grow'}, item.label, (item.detail || (off && item.why)) && h('small', null, (off && item.why) || item.detail)),
    item.keys && h('kbd', null, keyWords(item.keys)),
  );
}

const entries = (menu) => /** @type {HTMLElement[]} */ ([...menu.querySelectorAll('[role=menuitem]')]);

function onKey(event, menu, close) {
  const all = entries(menu);
  const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const moves = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1};
  if (event.key in moves) {
    all[(moves[event.key] + all.length) % all.length]?.focus();
  } else if (event.key === 'Tab') {
    close();
  } else if (event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey) {
    const letter = event.key.toLowerCase();
    const rest = [...all.slice(at + 1), ...all.slice(0, at + 1)];
    rest.find((entry) => entry.textContent?.trim().toLowerCase().startsWith(letter))?.focus();
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

