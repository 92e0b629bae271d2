import {openDialog} from './dialogs.js';
import {h, icon, plural} from './dom.js';

/**
 * Asks before the chosen event is really sent, sends it, and shows the partner's answers.
 *
 * @param {any} store
 * @param {any} services
 * @param {any} explained what would be sent
 * @param {string} label names the event
 */
export function openSendDialog(store, services, explained, label) {
  const {draft, selected, event, session} = store.state;
  const senders = explained.subscriptions.filter((item) => item.requests?.length);
  const count = senders.reduce((sum, item) => sum + item.requests.length, 0);
  const urls = [...new Set(senders.flatMap((item) => item.requests.map((request) => request.url)))];
  const rows = [
    ['Requests', `${count}, for ${label}`],
    ['Subscriptions', senders.map((item) => item.name).join(', ')],
    [urls.length === 1 ? 'URL' : 'URLs', urls.length ? urls.join(', ') : session.sendUrl],
    ['Environment', session.environment || 'not set'],
  ];
  return openDialog({
    title: `Send ${plural(count, 'request')} now?`,
    body: [
      'This sends real data with the draft that is open, edited or not.',
      h('dl', {class: 'dialog-facts'}, ...rows.flatMap(([name, value]) => [h('dt', null, name), h('dd', null, value)])),
    ],
    actions: [{label: `Send ${plural(count, 'request')}`, value: 'send', kind: 'pri'}],
    onAction: () => send(),
  });

  async function send() {
    try {
      const {outcomes} = await services.post('/api/send', {draft, selected, event});
      const failed = outcomes.filter((outcome) => outcome.error).length;
      const sent = outcomes.filter((outcome) => outcome.matched && !outcome.error).length;
      const title = failed ? `${plural(failed, 'subscription')} failed` : `${plural(sent, 'subscription')} sent`;
      services.announce(title);
      return {title, body: outcomes.filter((outcome) => outcome.matched || outcome.error).map(drawOutcome)};
    } catch (error) {
      return {title: 'Nothing is known to be sent', body: [h('p', {class: 'bad', role: 'alert'}, error.message)]};
    }
  }
}

function drawOutcome({name, error, requests = [], responses = []}) {
  return h(
    'section',
    {class: 'sent'},
    h('h3', null, icon(error ? 'x' : 'check', error ? 'bad' : 'ok'), ' ', name),
    error && h('p', {class: 'bad'}, typeof error === 'string' ? error : error.message),
    ...requests.map((request, index) => drawAnswer(request, responses[index])),
  );
}

function drawAnswer(request, response) {
  return h(
    'div',
    {class: 'answer'},
    h('p', null, h('code', null, `${request.method} ${request.url}`)),
    h('p', null, response ? answerWords(response) : 'No answer.'),
    response && bodyOf(response) && h('pre', {class: 'text-of'}, bodyOf(response)),
  );
}

const answerWords = ({status, statusText}) => `Answered ${[status, statusText].filter(Boolean).join(' ')}.`;

function bodyOf(response) {
  const body = response.body ?? response.content ?? response.data;
  if (body === undefined || body === null || body === '') return null;
  return typeof body === 'string' ? body : JSON.stringify(body, null, 2);
}
