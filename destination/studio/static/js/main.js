import * as api from './api.js';
import {errorLine} from './dom.js';
import {arrange} from './layout.js';
import {mount as mountMapping} from './mapping-pane.js';
import {mount as mountResult} from './result-pane.js';
import {createRuns} from './runs.js';
import {createStore} from './store.js';

async function start() {
  const places = arrange(document.body);
  let session;
  try {
    session = await api.get('/api/session');
  } catch (error) {
    places.events.replaceChildren(errorLine(error.message, start));
    return;
  }
  places.events.replaceChildren();
  const store = createStore(session);
  const runs = createRuns(store, api);
  const services = {...api, runs, announce: (text) => (places.announce.textContent = text)};
  mountMapping(places.mapping, store, services);
  mountResult(places.result, store, services);
  runs.start();
}

start();
