import {isAbort} from './api.js';
import {openDialog} from './dialogs.js';
import {append, clear, h, plural} from './dom.js';
import {openBeside} from './menu.js';

const PREVIEW_MS = 200;

/**
 * Makes what saves the draft: at once into the file that it came from; after a look at the changed
 * lines into a new JSON file; after a question where the file changed on disk.
 * @param {any} store
 * @param {any} services
 */
export function createSaving(store, services) {
  const state = store.state;
  return {save, openNewFile, openChanges: () => openPanel(false)};

  async function save() {
    if (state.blocked) {
      services.fail(state.blocked, null);
      return;
    }
    if (!state.session.document.saveable) {
      openNewFile();
      return;
    }
    if (!store.dirty) {
      services.announce('Nothing has been edited since it was saved.');
      return;
    }
    await write({});
  }

  async function write(options) {
    if (state.saving) return false;
    const draft = state.draft;
    const {version} = state.session.document;
    store.set({saving: true});
    try {
      const answer = await services.post('/api/save', {draft, version, ...options});
      store.wasSaved(answer.document, draft);
      services.fail(null);
      services.announce(`${answer.document.name} is saved.`);
      services.runs.explain();
      services.runs.compare();
      return true;
    } catch (error) {
      if (error.body?.conflict) askOverwrite(error, options);
      else if (options.path !== undefined) throw error;
      else services.fail(error.message, () => write(options));
      return false;
    } finally {
      store.set({saving: false});
    }
  }

  async function askOverwrite(error, options) {
    const answer = await openDialog({
      title: options.path === undefined ? 'The file changed on disk' : 'The file exists',
      body: [h('p', null, error.message), changedLines(error.body.conflict, 'What overwriting would change')],
      actions: [{label: 'Overwrite it', value: 'overwrite', kind: 'bad'}],
    });
    if (answer !== 'overwrite') return;
    try {
      await write({...options, overwrite: true});
    } catch (again) {
      services.fail(again.message, null);
    }
  }

  /** Opens the form that asks for the name of a new JSON file. */
  function openNewFile() {
    openPanel(true);
  }

  function openPanel(asksName) {
    if (document.getElementById('save-panel')) return;
    const file = state.session.document;
    let controller = new AbortController();
    let timer = 0;
    const preview = h('div', {class: 'save-preview'});
    const error = h('p', {class: 'bad t12', role: 'alert'});
    const path = h('input', {
      id: 'save-path',
      class: 'input',
      value: newName(file),
      spellcheck: 'false',
      autocomplete: 'off',
      'aria-describedby': 'save-why',
      onInput: () => {
        clearTimeout(timer);
        timer = window.setTimeout(show, PREVIEW_MS);
      },
    });
    const form = h(
      'form',
      {onSubmit: submit},
      h('h2', {id: 'save-title'}, asksName ? 'Save as a new JSON file' : `Changed lines of ${file.name}`),
      asksName && h('p', {id: 'save-why', class: 'mut t12'}, file.whyNot || 'The file that is open stays as it is.'),
      asksName && h('label', {class: 'save-name'}, 'File name', path),
      error,
      preview,
      h(
        'div',
        {class: 'ask-row'},
        h('button', {class: 'btn', type: 'button', onClick: () => panel.hidePopover()}, 'Cancel'),
        h('button', {class: 'btn pri', type: 'submit'}, 'Save'),
      ),
    );
    const panel = h('div', {id: 'save-panel', class: 'panel', popover: 'auto', role: 'dialog', 'aria-labelledby': 'save-title'}, form);
    openBeside(panel, document.getElementById('save') ?? document.body, 'end');
    panel.addEventListener('toggle', (event) => {
      if (/** @type {ToggleEvent} */ (event).newState !== 'closed') return;
      controller.abort();
      panel.remove();
      document.getElementById('save')?.focus();
    });
    if (asksName) {
      path.focus();
      path.setSelectionRange(0, path.value.replace(/\.json$/, '').length);
    }
    show();

    async function show() {
      controller.abort();
      controller = new AbortController();
      const body = {draft: state.draft, version: file.version, preview: true};
      if (asksName) body.path = path.value;
      try {
        const {changes} = await services.post('/api/save', body, {signal: controller.signal});
        error.textContent = '';
        append(clear(preview), [changes.length ? changedLines(changes, 'Changed lines') : h('p', {class: 'mut t12'}, 'No line changes.')]);
      } catch (problem) {
        if (isAbort(problem)) return;
        error.textContent = problem.message;
        clear(preview);
      }
    }

    async function submit(event) {
      event.preventDefault();
      try {
        if (await write(asksName ? {path: path.value} : {})) panel.hidePopover();
      } catch (problem) {
        error.textContent = problem.message;
      }
    }
  }
}

function newName(file) {
  const base = file.name.replace(/\.[a-z]+$/i, '').replace(/[^\w.-]+/g, '-').toLowerCase();
  return `${base || 'mappings'}.json`;
}

/**
 * Draws lines of a difference; each says with a sign what it is.
 * @param {string[]} lines each begins with `-`, `+` or a space
 * @param {string} label
 */
export function changedLines(lines, label) {
  const added = lines.filter((line) => line.startsWith('+')).length;
  const removed = lines.filter((line) => line.startsWith('-')).length;
  return h(
    'figure',
    {class: 'changes'},
    h('figcaption', {class: 'mut t11'}, `${plural(added, 'line')} added, ${removed} removed`),
    h(
      'pre',
      {class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': label},
      lines.map((line) => h('span', {class: line.startsWith('-') ? 'del' : line.startsWith('+') ? 'ins' : 'ctx'}, `${line}\n`)),
    ),
  );
}
