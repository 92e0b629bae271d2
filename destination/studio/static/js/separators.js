import {h} from './dom.js';
import {recall, remember} from './remembered.js';

const STEP = 16;

/**
 * Adds a separator that changes the size of a pane by pointer or arrow keys; a double click or
 * Enter gives the pane its first size again. Sizes are remembered in this browser.
 *
 * @param {HTMLElement} host the element that holds the separator and whose variable is the size
 * @param {{name: string, label: string, controls: string, axis: 'x' | 'y', sign: 1 | -1, least: number,
 *   most: () => number, size: () => number}} options `sign` is -1 where a move to the right or down
 *   makes the pane smaller; sizes are pixels
 */
export function addSeparator(host, options) {
  const {name, axis, sign} = options;
  const variable = `--${name}`;
  const separator = h('div', {
    class: `split split-${axis} split-${name}`,
    role: 'separator',
    tabIndex: 0,
    'aria-label': options.label,
    'aria-orientation': axis === 'x' ? 'vertical' : 'horizontal',
    'aria-controls': options.controls,
    onPointerdown,
    onKeydown,
    onFocus: tell,
    onDblclick: reset,
  });
  host.append(separator);
  const kept = recall(`size.${name}`, null);
  if (typeof kept === 'number') host.style.setProperty(variable, `${kept}px`);
  tell();
  return separator;

  function set(size) {
    const fitting = Math.round(Math.max(options.least, Math.min(size, options.most())));
    host.style.setProperty(variable, `${fitting}px`);
    remember(`size.${name}`, fitting);
    tell();
  }

  function reset() {
    host.style.removeProperty(variable);
    remember(`size.${name}`, null);
    tell();
  }

  function tell() {
    separator.setAttribute('aria-valuemin', String(options.least));
    separator.setAttribute('aria-valuemax', String(Math.round(Math.max(options.most(), options.size()))));
    separator.setAttribute('aria-valuenow', String(Math.round(options.size())));
  }

  function onPointerdown(event) {
    if (event.button) return;
    event.preventDefault();
    separator.focus({preventScroll: true});
    const from = axis === 'x' ? event.clientX : event.clientY;
    const before = options.size();
    separator.setPointerCapture(event.pointerId);
    separator.classList.add('dragging');
    const move = (now) => set(before + sign * ((axis === 'x' ? now.clientX : now.clientY) - from));
    separator.addEventListener('pointermove', move);
    separator.addEventListener(
      'lostpointercapture',
      () => {
        separator.removeEventListener('pointermove', move);
        separator.classList.remove('dragging');
      },
      {once: true},
    );
  }

  function onKeydown(event) {
    const [less, more] = axis === 'x' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
    const step = event.shiftKey ? STEP * 4 : STEP;
    if (event.key === less) set(options.size() - sign * step);
    else if (event.key === more) set(options.size() + sign * step);
    else if (event.key === 'Home') set(options.least);
    else if (event.key === 'End') set(options.most());
    else if (event.key === 'Enter') reset();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
