import {h, icon} from './dom.js';
import {download} from './exporting.js';

/**
 * Shows a text that can be copied or downloaded, inside a pane: a test case, an export.
 *
 * @param {HTMLElement} host an empty element of the pane
 * @param {{announce: (text: string) => void}} services
 */
export function createTextPanel(host, services) {
  let before = null;
  return {
    /** Whether a text is shown. */
    get open() {
      return host.childElementCount > 0;
    },
    close,
    /**
     * Shows a text; the focus goes to Copy.
     * @param {{title: string, name: string, text: string, note?: string, forms?: Array<{label: string, pressed: boolean,
     *   choose: () => void}>}} shown `forms`: other forms of the same text
     */
    show({title, name, text, note = '', forms = []}) {
      if (!host.contains(document.activeElement)) before = document.activeElement;
      const copy = h('button', {class: 'btn sm', type: 'button', 'data-focus': 'text-copy'}, icon('copy'), 'Copy');
      copy.addEventListener('click', async () => {
        const done = await copyText(text);
        services.announce(done ? `${name} is copied.` : 'The browser does not let the page copy. Select the text.');
        copy.lastChild.textContent = done ? 'Copied' : 'Select the text';
      });
      const parts = [
        h('h3', null, title),
        h('code', {class: 'cut sec', title: name}, name),
        h('span', {class: 'grow'}),
        forms.length > 0 && formButtons(forms),
        copy,
        h('button', {class: 'btn sm', type: 'button', onClick: () => download(name, text)}, 'Download'),
        h('button', {class: 'btn sm bare', type: 'button', 'aria-label': `Close ${title}`, onClick: close}, icon('x')),
      ];
      host.className = 'text-panel';
      host.replaceChildren(
        h('div', {class: 'part'}, ...parts),
        ...(note ? [h('p', {class: 'text-note'}, note)] : []),
        h('pre', {class: 'text-of', tabIndex: 0, role: 'region', 'aria-label': name}, text),
      );
      copy.focus({preventScroll: true});
    },
    /** Shows why there is no text. @param {{title: string, message: string}} failed */
    fail({title, message}) {
      host.className = 'text-panel';
      host.replaceChildren(
        h(
          'div',
          {class: 'part'},
          h('h3', null, title),
          h('span', {class: 'grow'}),
          h('button', {class: 'btn sm bare', type: 'button', 'aria-label': `Close ${title}`, onClick: close}, icon('x')),
        ),
        h('p', {class: 'text-note bad', role: 'alert'}, message),
      );
    },
  };

  function close() {
    const inside = host.contains(document.activeElement);
    host.replaceChildren();
    host.className = '';
    if (inside && before instanceof HTMLElement && before.isConnected) before.focus({preventScroll: true});
  }
}

function formButtons(forms) {
  const buttons = forms.map(({label, pressed, choose}) =>
    h('button', {type: 'button', 'aria-pressed': pressed ? 'true' : 'false', onClick: choose}, label),
  );
  return h('span', {class: 'seg sm', role: 'group', 'aria-label': 'Form of the text'}, ...buttons);
}

/**
 * Copies a text; returns whether the browser let it.
 * @param {string} text
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
