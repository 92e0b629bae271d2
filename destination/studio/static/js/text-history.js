import {Compartment, Prec, StateEffect, history, keymap, redo, undo} from '../vendor/codemirror.js';

/**
 * Gives an editor a history of its own for as long as its text is not valid. Such a text is no edit of the draft, so
 * that the undo of the page would take back another edit, and leave the text as it is.
 *
 * @param {import('../vendor/codemirror.js').EditorView} view
 * @param {() => boolean} isInvalid
 */
export function keepTextHistory(view, isInvalid) {
  const slot = new Compartment();
  const whileInvalid = (command) => (target) => isInvalid() && command(target);
  view.dispatch({
    effects: StateEffect.appendConfig.of([
      slot.of(history()),
      Prec.highest(
        keymap.of([
          {key: 'Mod-z', run: whileInvalid(undo)},
          {key: 'Mod-Shift-z', run: whileInvalid(redo)},
          {key: 'Mod-y', run: whileInvalid(redo)},
        ]),
      ),
    ]),
  });
  return {
    /** Forgets what was typed, where the editor gets another text. */
    forget() {
      view.dispatch({effects: slot.reconfigure([])});
      view.dispatch({effects: slot.reconfigure(history())});
    },
  };
}
