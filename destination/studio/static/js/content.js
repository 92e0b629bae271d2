/** @type {WeakMap<object, string>} */
const known = new WeakMap();

/**
 * Writes what a subscription holds in a form that two equal ones share: without the members of the
 * page, and without the order of members, which is the file's and not the person's.
 * @param {Record<string, any>} subscription a value that never changes in place
 */
export function contentOf(subscription) {
  const found = known.get(subscription);
  if (found !== undefined) return found;
  const {key: _key, saved: _saved, ...members} = subscription;
  const text = JSON.stringify(members, sorted);
  known.set(subscription, text);
  return text;
}

function sorted(_name, value) {
  if (!value || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, value[name]]));
}
