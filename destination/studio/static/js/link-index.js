/**
 * Finds the links that a line, a field or a part of a trigger belongs to. No DOM.
 *
 * @typedef {{id: string, event?: string[], trigger?: number[][], field?: string | null, payload?: string[],
 *   request?: Array<{index: number, part: string, pointer: string}>, label?: {payload?: string, request?: string}}} Link
 */

/**
 * Finds identifiers by JSON Pointer: those at a pointer, at one above it, and at those below it.
 * @param {Iterable<[string, string]>} entries pairs of pointer and identifier
 */
export function indexPointers(entries) {
  const at = new Map();
  const below = new Map();
  const put = (map, pointer, id) => {
    const ids = map.get(pointer);
    if (!ids) map.set(pointer, [id]);
    else if (!ids.includes(id)) ids.push(id);
  };
  for (const [pointer, id] of entries) {
    put(at, pointer, id);
    for (const above of ancestors(pointer)) put(below, above, id);
  }
  const none = [];
  return {
    /** Whether there is any entry. */
    any: at.size > 0,
    /** Returns the identifiers at exactly this pointer. @param {string} pointer @returns {string[]} */
    at: (pointer) => at.get(pointer) ?? none,
    /** Returns the identifiers of what is in the value at this pointer. @param {string} pointer @returns {string[]} */
    below: (pointer) => below.get(pointer) ?? none,
    /**
     * Returns the identifiers that a line shows: at its pointer and above; where it hides its content, of that too.
     * @param {string} pointer
     * @param {boolean} [hides]
     * @returns {string[]}
     */
    ids(pointer, hides = false) {
      if (!at.size) return none;
      const found = [...(at.get(pointer) ?? none)];
      for (const above of ancestors(pointer)) found.push(...(at.get(above) ?? none));
      if (hides) found.push(...(below.get(pointer) ?? none));
      return found.length > 1 ? [...new Set(found)] : found;
    },
  };
}

/**
 * Lists the pointers above a pointer, the nearest first; the whole value is the empty one.
 * @param {string} pointer
 */
export function ancestors(pointer) {
  const found = [];
  for (let end = pointer.lastIndexOf('/'); end >= 0; end = pointer.lastIndexOf('/', end - 1)) {
    found.push(pointer.slice(0, end));
    if (end === 0) break;
  }
  return found;
}

/**
 * Makes the index of the links of an explanation.
 * @param {Link[]} links
 */
export function indexLinks(links) {
  const byId = new Map(links.map((link) => [link.id, link]));
  // What belongs to nothing else has words at its edge, and does not light.
  const joined = links.filter(joins);
  const pairs = (pick) => joined.flatMap((link) => (pick(link) ?? []).map((pointer) => [pointer, link.id]));
  const event = indexPointers(pairs((link) => link.event));
  const payload = indexPointers(pairs((link) => link.payload));
  const fields = indexPointers(pairs((link) => (link.field ? [link.field] : [])));
  const requests = new Map();
  return {
    byId,
    event,
    payload,
    /**
     * Returns the index of one part of one request: `body`, `header` or `url`.
     * @param {number} index
     * @param {string} part
     */
    request(index, part) {
      const key = `${index} ${part}`;
      if (!requests.has(key)) {
        const here = (link) =>
          (link.request ?? []).filter((item) => item.index === index && item.part === part).map((item) => item.pointer);
        requests.set(key, indexPointers(pairs(here)));
      }
      return requests.get(key);
    },
    /** Returns the links of a field of the mapping, and of what is in it. @param {string} pointer */
    field: (pointer) => fields.ids(pointer, true),
    /** Returns the links of a part of the trigger. @param {number} from @param {number} to */
    trigger: (from, to) =>
      joined.filter((link) => (link.trigger ?? []).some(([a, b]) => a < to && from < b)).map((link) => link.id),
    /**
     * Returns the words of the right edge by pointer.
     * @param {'payload' | 'request'} side
     * @param {(link: Link) => string[]} pointersOf
     * @returns {Map<string, string>}
     */
    words(side, pointersOf) {
      const found = new Map();
      for (const link of links) {
        const text = link.label?.[side];
        if (!text) continue;
        for (const pointer of pointersOf(link)) {
          const before = found.get(pointer);
          if (before === text || before?.split(', ').includes(text)) continue;
          found.set(pointer, before ? `${before}, ${text}` : text);
        }
      }
      return found;
    },
  };
}

function joins({event = [], trigger = [], field, payload = [], request = []}) {
  return event.length + trigger.length + (field ? 1 : 0) + payload.length + request.length > 1;
}

/**
 * Says in one sentence where the value of a link comes from and where it goes.
 * @param {Link} link
 * @returns {string}
 */
export function describe(link) {
  const from = [...new Set((link.event ?? []).map(dotted))];
  const to = [
    ...(link.payload ?? []).map((pointer) => `payload ${dotted(pointer).replace(/^\$\.?/, '') || 'as a whole'}`),
    ...(link.request ?? []).map((item) => `request ${item.index + 1} ${inRequest(item)}`),
  ];
  const parts = [];
  if (from.length) parts.push(`from ${from.join(', ')} of the event`);
  if (link.trigger?.length) parts.push('read by the trigger');
  if (to.length) parts.push(`in ${[...new Set(to)].join(', ')}`);
  const text = parts.join('; ');
  return text ? `${text[0].toUpperCase()}${text.slice(1)}.` : '';
}

const inRequest = ({part, pointer}) =>
  part === 'body' ? dotted(pointer).replace(/^\$/, 'body') : `${part} ${unescape(pointer.slice(1))}`.trim();

/**
 * Writes a JSON Pointer as a path: `/goals/0/name` as `$.goals[0].name`.
 * @param {string} pointer
 */
export function dotted(pointer) {
  return pointer
    .split('/')
    .slice(1)
    .reduce((path, part) => path + (/^\d+$/.test(part) ? `[${part}]` : `.${unescape(part)}`), '$');
}

const unescape = (part) => part.replaceAll('~1', '/').replaceAll('~0', '~');
