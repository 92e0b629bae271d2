/**
 * Finds what tells the requests of samples apart: the text in their bodies that carries the name of
 * the event, or else the first text that is not the same in all of them.
 *
 * @param {Array<{name?: string | null, before?: any, after?: any}>} rows
 * @param {'before' | 'after'} side
 * @returns {(row: any) => string | null} writes one row; null where it has no request on that side
 */
export function requestWords(rows, side) {
  const leaves = rows.map((row) => leavesOf(row[side]));
  const pointers = [...new Set(leaves.flatMap((found) => [...found.keys()]))];
  const carrying = (pointer) => rows.filter((row, at) => row.name && leaves[at].get(pointer)?.includes(row.name)).length;
  const differing = (pointer) => new Set(leaves.map((found) => found.get(pointer))).size;
  const byName = best(pointers, carrying, 0);
  const pointer = byName ?? best(pointers, differing, 1);
  return (row) => {
    const requests = row[side];
    if (!isRequests(requests)) return null;
    const value = pointer === null ? undefined : leavesOf(requests).get(pointer);
    return value === undefined ? lineOf(requests) : value;
  };
}

/** Reports whether a value is a list of requests, as a sample has it for an event as a whole. @param {any} value */
export const isRequests = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((request) => typeof request?.method === 'string');

/** Writes the end of a long path, which says more than its beginning. @param {string} path @param {number} most */
export const endOf = (path, most) => (path.length <= most ? path : `…${path.slice(path.length - most + 1)}`);

function lineOf(requests) {
  const [{method, url}] = requests;
  const more = requests.length > 1 ? `, ${requests.length - 1} more` : '';
  return `${method} ${url}${more}`;
}

function leavesOf(requests) {
  const found = new Map();
  if (isRequests(requests)) requests.forEach((request, index) => collect(request.body, `/${index}`, found));
  return found;
}

function collect(value, pointer, found) {
  if (typeof value === 'string') found.set(pointer, value);
  else if (value && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) collect(inner, `${pointer}/${key}`, found);
  }
}

function best(pointers, score, least) {
  let chosen = null;
  let most = least;
  for (const pointer of pointers) {
    const value = score(pointer);
    if (value > most) [chosen, most] = [pointer, value];
  }
  return chosen;
}
