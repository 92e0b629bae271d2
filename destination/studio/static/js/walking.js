/**
 * Makes the walk through the events that the edit changes, one by one in the order of the corpus.
 * @param {any} store
 * @param {any} services
 */
export function createWalk(store, services) {
  const state = store.state;
  return {next: () => walk(1), previous: () => walk(-1)};

  async function walk(direction) {
    const compared = state.compared;
    if (!compared?.summary?.changed) {
      services.announce('The edit changes no event.');
      return;
    }
    const here = state.event && 'index' in state.event ? state.event.index : direction > 0 ? -1 : compared.summary.events;
    const range = direction > 0 ? {from: here + 1, to: compared.summary.events} : {from: 0, to: here};
    const base = {run: compared.run, filter: 'changed', ...(state.change ?? {}), ...range};
    try {
      let answer = await services.post('/api/events', {...base, offset: 0, limit: 1});
      if (direction < 0 && answer.total > 1) {
        answer = await services.post('/api/events', {...base, offset: answer.total - 1, limit: 1});
      }
      const row = answer.rows[0];
      if (row) store.selectEvent({index: row.index});
      else services.announce(direction > 0 ? 'No changed event follows.' : 'No changed event comes before.');
    } catch (error) {
      store.setError('events', error.message);
    }
  }
}
