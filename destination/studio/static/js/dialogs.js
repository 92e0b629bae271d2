import {h} from './dom.js';

/**
 * Opens a modal dialog and waits for its answer. It is for sending, discarding and overwriting only.
 *
 * The focus is on Cancel; Escape is Cancel. With `onAction` the dialog stays open until that returns: a value closes
 * it, nodes are shown in its place with Close as the only button.
 *
 * @param {{title: string, body: Array<Node | string> | Node | string,
 *   actions: Array<{label: string, value: string, kind?: 'pri' | 'bad' | ''}>, cancel?: string,
 *   onAction?: (value: string) => Promise<{title: string, body: Array<Node | string>} | null>}} options
 * @returns {Promise<string | null>} the value of the action, or null
 */
export function openDialog({title, body, actions, cancel = 'Cancel', onAction}) {
  const before = document.activeElement;
  const heading = h('h2', {id: 'dialog-title'}, title);
  const content = h('div', {class: 'dialog-body', id: 'dialog-body'});
  const buttons = h('div', {class: 'dialog-actions'});
  const dialog = /** @type {HTMLDialogElement} */ (
    h('dialog', {class: 'dialog', 'aria-labelledby': 'dialog-title', 'aria-describedby': 'dialog-body'})
  );
  dialog.append(heading, content, buttons);
  fill(body);
  let answer = null;
  const cancelButton = h('button', {class: 'btn', type: 'button', onClick: () => dialog.close()}, cancel);
  buttons.append(cancelButton);
  for (const action of actions) {
    const button = h('button', {class: `btn ${action.kind ?? ''}`.trim(), type: 'button'}, action.label);
    button.addEventListener('click', () => act(action.value));
    buttons.append(button);
  }
  // Keys of the page do nothing behind a modal.
  dialog.addEventListener('keydown', (event) => event.stopPropagation());
  document.body.append(dialog);
  dialog.showModal();
  cancelButton.focus();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      if (before instanceof HTMLElement && before.isConnected) before.focus({preventScroll: true});
      resolve(answer);
    });
  });

  async function act(value) {
    answer = value;
    if (!onAction) {
      dialog.close();
      return;
    }
    for (const button of buttons.querySelectorAll('button')) button.disabled = true;
    dialog.setAttribute('aria-busy', 'true');
    const next = await onAction(value);
    dialog.removeAttribute('aria-busy');
    if (!next) {
      dialog.close();
      return;
    }
    heading.textContent = next.title;
    fill(next.body);
    const close = h('button', {class: 'btn pri', type: 'button', onClick: () => dialog.close()}, 'Close');
    buttons.replaceChildren(close);
    close.focus();
  }

  function fill(parts) {
    const list = Array.isArray(parts) ? parts : [parts];
    content.replaceChildren(...list.map((part) => (part instanceof Node ? part : h('p', null, part))));
  }
}
