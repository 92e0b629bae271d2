const AFTER_MS = 150;

/**
 * Shows the 2 px bar on the upper edge of a pane while a member of the store is true, and only
 * after 150 ms, so that a quick answer moves nothing.
 * @param {HTMLElement} pane
 * @param {any} store
 * @param {string} member such as `comparePending`
 */
export function showBusy(pane, store, member) {
  let timer = 0;
  store.on(member, (state) => {
    clearTimeout(timer);
    if (!state[member]) {
      pane.classList.remove('busy');
      pane.removeAttribute('aria-busy');
      return;
    }
    timer = window.setTimeout(() => {
      pane.classList.add('busy');
      pane.setAttribute('aria-busy', 'true');
    }, AFTER_MS);
  });
}
