import * as api from './api.js';
import {createCommands} from './commands.js';
import {mount as mountCorpus} from './corpus-pane.js';
import {errorLine} from './dom.js';
import {mount as mountEvents} from './events-pane.js';
import {createKeys} from './keys.js';
import {arrange, divide, showMode, showPane} from './layout.js';
import {createLinking} from './linking.js';
import {mount as mountMapping} from './mapping-pane.js';
import {openMenu} from './menu.js';
import {mount as mountNarrow} from './narrow.js';
import {announceOutcomes} from './announcing.js';
import {registerPageCommands, showScheme} from './page-commands.js';
import {mount as mountResult} from './result-pane.js';
import {createRuns} from './runs.js';
import {createSaving} from './saving.js';
import {createStore} from './store.js';
import {mount as mountTop} from './topbar.js';

showScheme();
const places = arrange(document.body);

async function start() {
  places.problem.replaceChildren();
  let session;
  try {
    session = await api.get('/api/session');
  } catch (error) {
    places.problem.replaceChildren(errorLine(error.message, start));
    return;
  }
  const store = createStore(session);
  const commands = createCommands();
  const keys = createKeys(commands);
  const runs = createRuns(store, api);
  const services = {
    ...api,
    store,
    runs,
    commands,
    menu: openMenu,
    linking: createLinking(document.body, store),
    announce: (text) => {
      places.announce.textContent = text;
    },
    showPane: (name) => showPane(places, store, name),
    /** Shows one line on top of the page; null takes it away. */
    fail: (message, again = null) => {
      places.problem.replaceChildren(...[errorLine(message, again)].filter(Boolean));
    },
  };
  services.saving = createSaving(store, services);
  registerPageCommands({places, store, services, keys});
  // In reading order, so that a pane may count on what stands before it.
  mountTop(places.top, store, services);
  mountNarrow(places, store, services);
  mountEvents(places.events, store, services);
  mountMapping(places.mapping, store, services);
  mountResult(places.result, store, services);
  mountCorpus(places.corpus, store, services);
  divide(places);
  store.on('mode', () => showMode(places, store, services));
  announceOutcomes(store, services.announce);
  window.addEventListener('beforeunload', (event) => {
    if (store.dirty) event.preventDefault();
  });
  if (location.hash === '#live') store.set({mode: 'live'});
  runs.start();
}

start();
