import {h, icon, replace} from './dom.js';
import {createJsonLines} from './json-lines.js';
import {escapeKey} from './json-model.js';
import {copyText} from './text-panel.js';

/** Headers that each request has, whatever the event. */
const FIXED = new Set(['content-type', 'user-agent', 'accept', 'accept-encoding', 'connection', 'content-length', 'host']);

/**
 * Makes the view of one request: its method and URL, its headers with the fixed ones folded, its body.
 *
 * @param {{linking: any, announce: (text: string) => void}} services
 */
export function createRequestView({linking, announce}) {
  const head = h('div', {class: 'part'});
  const headers = h('ol', {class: 'json below'});
  const body = h('div', {class: 'request-body'});
  const element = h('div', {class: 'request'}, head, headers, body);
  let list = null;
  let showsFixed = false;
  let shown = null;

  return {
    element,
    destroy: () => list?.destroy(),
    /**
     * @param {{request: any, index: number, of: number, title: string, identity: string, linked: boolean,
     *   bodyOnly?: boolean}} next `linked`: false for a request that the links of the explanation are not about;
     *   `bodyOnly`: without headers
     */
    update(next) {
      shown = next;
      draw();
    },
  };

  function draw() {
    const {request, index, of, title, identity, linked, bodyOnly = false} = shown;
    const label = of > 1 ? `${title} ${index + 1} of ${of}` : title;
    const entries = bodyOnly ? [] : Object.entries(request.headers ?? {});
    const side = (part) => linking.ids.request(linked ? index : -1, part);
    const words = (part) =>
      linking.ids.words('request', (link) =>
        (linked ? (link.request ?? []) : []).filter((at) => at.index === index && at.part === part).map((at) => at.pointer),
      );
    const origins = words('header');
    const pointerOf = (name) => `/${escapeKey(name)}`;
    const isFixed = (name) => FIXED.has(name.toLowerCase()) && !side('header').ids(pointerOf(name)).length;
    const fixed = entries.filter(([name]) => isFixed(name));
    const url = h('code', {class: 'cut sec', title: request.url}, request.url);
    linking.register(url, side('url').ids('', true));
    replace(
      head,
      h('h3', null, label),
      h('code', null, request.method),
      url,
      h('span', {class: 'grow'}),
      copyButton(request, label, announce),
      fixed.length > 0 && foldButton(fixed.length),
    );
    headers.setAttribute('aria-label', `${label}: headers`);
    headers.hidden = entries.length === (showsFixed ? 0 : fixed.length);
    const visible = entries.filter(([name]) => showsFixed || !isFixed(name));
    headers.replaceChildren(...visible.map(([name, value]) => header(name, value)));
    drawBody(label, side('body'), words('body'), identity, request.body);

    function header(name, value) {
      const ids = side('header').ids(pointerOf(name));
      const line = h(
        'li',
        {class: `ln${ids.length ? ' linkable' : ''}`, tabIndex: ids.length ? 0 : null},
        h('span', {class: 'no'}),
        h('span', {class: 'tx', title: value}, h('span', {class: 'k'}, `${name}:`), ' ', h('span', {class: 'v'}, value)),
        h('span', {class: 'fr'}, origins.get(pointerOf(name)) ?? ''),
      );
      if (!ids.length) line.removeAttribute('tabindex');
      linking.register(line, ids);
      return line;
    }
  }

  function foldButton(count) {
    const words = `${showsFixed ? '−' : '+'} ${count} fixed ${count === 1 ? 'header' : 'headers'}`;
    return h(
      'button',
      {
        class: 'btn sm bare',
        type: 'button',
        'data-focus': `fixed-${shown.identity}-${shown.index}`,
        'aria-expanded': showsFixed ? 'true' : 'false',
        onClick: () => {
          showsFixed = !showsFixed;
          draw();
        },
      },
      words,
    );
  }

  function drawBody(label, pointers, origins, identity, value) {
    if (value !== null && typeof value === 'object') {
      list ??= createJsonLines({label: `${label}: body`, kind: 'request', linking});
      if (list.element.parentElement !== body) body.replaceChildren(list.element);
      list.update({identity, value, pointers, origins, label: `${label}: body`});
      return;
    }
    list?.destroy();
    list = null;
    const text = value === undefined || value === null || value === '' ? null : String(value);
    body.replaceChildren(text === null ? h('p', {class: 'text-note mut'}, 'No body.') : h('pre', {class: 'text-of'}, text));
  }
}

/**
 * Makes the button that copies a value as JSON.
 * @param {any} value
 * @param {string} what
 * @param {(text: string) => void} announce
 */
export function copyButton(value, what, announce) {
  return h(
    'button',
    {
      class: 'btn sm bare copy',
      type: 'button',
      'aria-label': `Copy ${what}`,
      title: `Copy ${what}`,
      'data-focus': `copy-${what}`,
      onClick: async () => {
        const done = await copyText(JSON.stringify(value, null, 2));
        announce(done ? `${what} is copied.` : 'The browser does not let the page copy.');
      },
    },
    icon('copy'),
  );
}
