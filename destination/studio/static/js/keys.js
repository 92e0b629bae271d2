import {recall, remember} from './remembered.js';

const SEQUENCE_MS = 1500;
const PRESSED = 'button,a[href],summary,[role=tab],[role=option],[role=treeitem],[role=row]';
const EDITORS = 'input:not([type=checkbox]):not([type=radio]):not([type=button]),textarea,select,[contenteditable=true]';

/**
 * Runs commands by key. Single letters do nothing in editors and inputs and can be turned off;
 * Esc leaves an editor.
 *
 * @param {ReturnType<import('./commands.js').createCommands>} commands
 */
export function createKeys(commands) {
  let letters = recall('letters', true);
  let first = '';
  let firstAt = -Infinity;
  document.addEventListener('keydown', onKeyDown);

  return {
    get letters() {
      return letters;
    },
    /** Turns single letters on or off. @param {boolean} on */
    setLetters(on) {
      letters = on;
      remember('letters', on);
    },
  };

  function onKeyDown(event) {
    if (event.defaultPrevented || event.isComposing) return;
    // What is open on top of the page has its own keys, and Esc closes it.
    if (document.querySelector('[popover]:popover-open,dialog[open]')) return;
    const target = event.target instanceof Element ? event.target : document.body;
    const editor = target.closest('.cm-editor') ?? target.closest(EDITORS);
    if (event.key === 'Escape' && editor) {
      leave(editor, event);
      return;
    }
    if (event.key === 'Tab' && target.matches('[data-left-editor]')) {
      skipEditor(target);
      return;
    }
    const keys = nameOf(event);
    const single = !keys.startsWith('Ctrl ') && !keys.startsWith('Alt ');
    if (single && editor) return;
    // A button is pressed with Space and Enter.
    if (/^(Space|Enter)$/.test(keys) && target.closest(PRESSED)) return;
    if (single && !letters && keys.length === 1 && keys !== '?') return;
    const sequence = first && event.timeStamp - firstAt < SEQUENCE_MS ? `${first} ${keys}` : '';
    first = '';
    const command = (sequence && commands.find(sequence)) || commands.find(keys);
    if (command) {
      if (nativeUndo(keys, editor)) return;
      event.preventDefault();
      command.run();
    } else if (single && commands.begins(keys)) {
      first = keys;
      firstAt = event.timeStamp;
    }
  }
}

/** Reports whether a key belongs to a plain input, which undoes its own text. */
function nativeUndo(keys, editor) {
  return /^Ctrl (Shift )?z$/.test(keys) && editor !== null && !editor.matches('.cm-editor');
}

/** Names the key of an event as commands do. @param {KeyboardEvent} event */
export function nameOf(event) {
  const name = event.key === ' ' ? 'Space' : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const command = event.ctrlKey || event.metaKey;
  // AltGr is Ctrl and Alt at once on some layouts; brackets need it there.
  if (command && event.altKey && event.key.length === 1) return name;
  const parts = [];
  if (command) parts.push('Ctrl');
  if (event.altKey) parts.push('Alt');
  if (event.shiftKey && (command || event.key.length > 1)) parts.push('Shift');
  return [...parts, name].join(' ');
}

function leave(editor, event) {
  const wrapper = editor.matches('.cm-editor') ? editor.parentElement : null;
  event.preventDefault();
  if (!wrapper) {
    const pane = editor.closest('section,header');
    editor.blur();
    pane?.querySelector('[role=listbox],[role=tab][aria-selected=true]')?.focus({preventScroll: true});
    return;
  }
  wrapper.tabIndex = -1;
  wrapper.dataset.leftEditor = '';
  wrapper.addEventListener('blur', () => delete wrapper.dataset.leftEditor, {once: true});
  wrapper.focus({preventScroll: true});
}

/** Lets Tab go past an editor that Esc has left, instead of into it again. */
function skipEditor(wrapper) {
  const editor = wrapper.querySelector('.cm-editor');
  if (!editor) return;
  editor.inert = true;
  setTimeout(() => (editor.inert = false));
}
