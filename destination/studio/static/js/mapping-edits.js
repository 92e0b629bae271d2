/**
 * Edits of a draft as pure functions: each returns a new value and changes none. Keys keep their order; a new key
 * comes last. No DOM.
 */
import {fromEntries, isObject} from './chip-model.js';

/**
 * Returns the value at a path, or undefined.
 * @param {any} value
 * @param {string[]} path
 */
export const valueAt = (value, path) =>
  path.reduce((at, key) => (at !== null && typeof at === 'object' && Object.hasOwn(at, key) ? at[key] : undefined), value);

/**
 * Sets the value at a path.
 * @param {any} value
 * @param {string[]} path
 * @param {any} next
 * @returns {any}
 */
export function setAt(value, path, next) {
  if (!path.length) return next;
  const [key, ...rest] = path;
  if (Array.isArray(value)) {
    const copy = [...value];
    copy[Number(key)] = setAt(value[Number(key)], rest, next);
    return copy;
  }
  const object = isObject(value) ? value : {};
  const inner = setAt(Object.hasOwn(object, key) ? object[key] : undefined, rest, next);
  const entries = Object.entries(object);
  if (!Object.hasOwn(object, key)) return fromEntries([...entries, [key, inner]]);
  return fromEntries(entries.map(([name, old]) => [name, name === key ? inner : old]));
}

/**
 * Removes the key or item at a path.
 * @param {any} value
 * @param {string[]} path
 * @returns {any}
 */
export function removeAt(value, path) {
  const key = path[path.length - 1];
  const above = path.slice(0, -1);
  const parent = valueAt(value, above);
  if (parent === null || typeof parent !== 'object') return value;
  const without = Array.isArray(parent)
    ? parent.filter((_, index) => String(index) !== key)
    : fromEntries(Object.entries(parent).filter(([name]) => name !== key));
  return setAt(value, above, without);
}

/**
 * Renames a key; it keeps its position. Where the new name is there already, nothing changes.
 * @param {any} value
 * @param {string[]} path
 * @param {string} name
 * @returns {any}
 */
export function renameAt(value, path, name) {
  const key = path[path.length - 1];
  const above = path.slice(0, -1);
  const parent = valueAt(value, above);
  if (!isObject(parent) || !Object.hasOwn(parent, key) || Object.hasOwn(parent, name)) return value;
  return setAt(value, above, fromEntries(Object.entries(parent).map(([old, inner]) => [old === key ? name : old, inner])));
}

/**
 * Changes one subscription of a draft; the draft itself is returned where nothing changed.
 * @param {any[]} draft
 * @param {string} key
 * @param {(subscription: any) => any} change
 */
export function changeOne(draft, key, change) {
  let same = true;
  const next = draft.map((subscription) => {
    if (subscription.key !== key) return subscription;
    const made = change(subscription);
    same &&= JSON.stringify(made) === JSON.stringify(subscription);
    return made;
  });
  return same ? draft : next;
}

/**
 * Adds a copy behind a subscription. A copy is a new subscription: it has no identity of its own yet.
 * @param {any[]} draft
 * @param {string} key
 * @param {string} newKey
 */
export function copyOne(draft, key, newKey) {
  const at = draft.findIndex((subscription) => subscription.key === key);
  if (at < 0) return draft;
  const {ID: _ID, id: _id, ...members} = draft[at];
  const copy = {...members, key: newKey, saved: null, name: freeName(draft, `${members.name ?? 'Subscription'} copy`)};
  return [...draft.slice(0, at + 1), copy, ...draft.slice(at + 1)];
}

/**
 * Moves a subscription left (-1) or right (1).
 * @param {any[]} draft
 * @param {string} key
 * @param {number} by
 */
export function moveOne(draft, key, by) {
  const from = draft.findIndex((subscription) => subscription.key === key);
  const to = from + by;
  if (from < 0 || to < 0 || to >= draft.length) return draft;
  const next = [...draft];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

/** Removes a subscription. @param {any[]} draft @param {string} key */
export const removeOne = (draft, key) => draft.filter((subscription) => subscription.key !== key);

/**
 * Puts a saved version back in the place of a subscription.
 * @param {any[]} draft
 * @param {string} key
 * @param {any} saved
 */
export const revertOne = (draft, key, saved) =>
  changeOne(draft, key, (subscription) => ({...saved, key, saved: subscription.saved}));

/**
 * Makes a subscription of an action, with the defaults of its fields.
 * @param {any[]} draft for a name that is not taken
 * @param {string} key
 * @param {string} slug
 * @param {any} action of the session
 */
export function newOne(draft, key, slug, action) {
  const defaults = (action.fields ?? []).filter((field) => field.default !== undefined && field.default !== null);
  return {
    key,
    saved: null,
    name: freeName(draft, action.title || slug),
    enabled: true,
    subscribe: action.defaultSubscription || 'type = "track"',
    partnerAction: slug,
    mapping: fromEntries(defaults.map((field) => [field.key, structuredClone(field.default)])),
  };
}

function freeName(draft, wanted) {
  const taken = new Set(draft.map((subscription) => subscription.name));
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? wanted : `${wanted} ${count}`;
    if (!taken.has(name)) return name;
  }
}

/**
 * Replaces a subscription by what its JSON says; the page's own members stay.
 * @param {any} subscription
 * @param {any} members
 */
export function withMembers(subscription, members) {
  const {key: _key, saved: _saved, ...given} = members;
  return {key: subscription.key, saved: subscription.saved, ...given};
}

/** Returns a subscription without the page's own members. @param {any} subscription */
export function membersOf(subscription) {
  const {key: _key, saved: _saved, ...members} = subscription;
  return members;
}

/**
 * Names what differs from the saved version: `trigger`, `name`, `/agent`.
 * @param {any} subscription
 * @param {any} saved null for a new one
 * @returns {string[]}
 */
export function editedParts(subscription, saved) {
  if (!saved) return [];
  const differs = (a, b) => JSON.stringify(a) !== JSON.stringify(b);
  const words = {subscribe: 'trigger', name: 'name of the subscription', partnerAction: 'action', enabled: 'enabled'};
  const parts = [];
  const members = new Set(['subscribe', ...Object.keys(saved), ...Object.keys(subscription)]);
  for (const member of members) {
    if (['key', 'saved', 'mapping'].includes(member)) continue;
    if (differs(subscription[member], saved[member])) parts.push(words[member] ?? member);
  }
  parts.push(...editedFields(subscription.mapping, saved.mapping));
  return parts;
}

/**
 * Names the fields whose mapping differs; `mapping` where it is no plain object, or only its order differs.
 * @param {any} now
 * @param {any} before
 * @returns {string[]}
 */
export function editedFields(now, before) {
  if (JSON.stringify(now) === JSON.stringify(before)) return [];
  if (!isObject(now) || !isObject(before)) return ['mapping'];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const edited = keys.filter((key) => JSON.stringify(now[key]) !== JSON.stringify(before[key]));
  return edited.length ? edited : ['order of the fields'];
}
