const JOIN_MS = 800;
const MOST = 500;

/**
 * Makes the undo and redo stacks. Entries are snapshots that share what did not change.
 * @param {() => number} [now] milliseconds of a clock that never goes back
 */
export function createHistory(now = () => performance.now()) {
  /** @type {Array<{label: string, entry: any}>} */
  let past = [];
  /** @type {Array<{label: string, entry: any}>} */
  let future = [];
  let last = {label: '', at: -Infinity};

  return {
    get canUndo() {
      return past.length > 0;
    },
    get canRedo() {
      return future.length > 0;
    },
    get undoLabel() {
      return past.at(-1)?.label ?? null;
    },
    get redoLabel() {
      return future.at(-1)?.label ?? null;
    },

    /**
     * Keeps what was before an edit.
     * @param {string} label
     * @param {any} entry the snapshot before the edit
     */
    add(label, entry) {
      const at = now();
      const joins = label === last.label && at - last.at < JOIN_MS && past.length > 0;
      last = {label, at};
      future = [];
      if (!joins) past.push({label, entry});
      if (past.length > MOST) past.shift();
    },

    /** Returns the snapshot before the last edit, or null. @param {any} current all members, as they are now */
    undo(current) {
      return step(past, future, current);
    },

    /** Returns the snapshot that the last undo left, or null. @param {any} current */
    redo(current) {
      return step(future, past, current);
    },

    /** Rewrites all snapshots. @param {(entry: any) => any} fn */
    rewrite(fn) {
      past = past.map(({label, entry}) => ({label, entry: fn(entry)}));
      future = future.map(({label, entry}) => ({label, entry: fn(entry)}));
    },
  };

  function step(from, to, current) {
    const taken = from.pop();
    if (!taken) return null;
    last = {label: '', at: -Infinity};
    // Only what the entry holds goes back: undoing a mapping does not choose another event.
    const same = Object.fromEntries(Object.keys(taken.entry).map((name) => [name, current[name]]));
    to.push({label: taken.label, entry: same});
    return taken.entry;
  }
}
