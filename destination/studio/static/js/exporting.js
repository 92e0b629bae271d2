/** @type {Array<{form: string, label: string, detail: string}>} */
const FORMS = [
  {form: 'json', label: 'JSON', detail: 'as the command line reads mappings'},
  {form: 'public-api', label: 'Public API', detail: 'as Segment’s Public API lists subscriptions'},
  {form: 'terraform', label: 'Terraform', detail: 'resources of Segment’s provider'},
];

/** Lists the formats as entries of a menu. @param {any} store @param {any} services */
export const exportItems = (store, services) =>
  FORMS.map(({form, label, detail}) => ({
    label: `Export as ${label}`,
    detail,
    icon: 'down',
    run: () => exportAs(form, store, services),
  }));

/** Lists the formats as commands. @param {any} store @param {any} services */
export const exportCommands = (store, services) =>
  FORMS.map(({form, label}) => ({
    id: `export.${form}`,
    group: 'File',
    title: `Export as ${label}`,
    run: () => exportAs(form, store, services),
  }));

async function exportAs(form, store, services) {
  try {
    const answer = await services.post('/api/export', {draft: store.state.draft, form});
    if (answer.error) throw new Error(answer.error);
    download(answer.name, answer.text);
    store.setError('page', null);
    services.announce(`${answer.name} was downloaded.`);
  } catch (error) {
    services.fail(error.message, () => exportAs(form, store, services));
  }
}

/** Hands a text to the browser as a file to keep. @param {string} name @param {string} text */
export function download(name, text) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], {type: 'text/plain'}));
  link.download = name;
  link.click();
  // The browser needs the address until the download has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
