/**
 * @typedef {{id: string, title: string, group?: string, keys?: string, hint?: string,
 *   enabled?: () => boolean, inEditors?: boolean, run: () => void}} Command
 */

/**
 * Makes the list of all that a person can do by key or by name.
 *
 * `keys` is written as in `Ctrl Shift z`, `j`, `?` or `g e` (one after the other).
 */
export function createCommands() {
  /** @type {Map<string, Command>} */
  const commands = new Map();
  /** @type {Array<() => Command[]>} */
  const sources = [];

  return {
    /** Adds commands, or replaces those with the same id. @param {...Command} added */
    register(...added) {
      for (const command of added) commands.set(command.id, command);
      return () => added.forEach((command) => commands.delete(command.id));
    },

    /** Adds a source of entries that exist only for now, such as the subscriptions. @param {() => Command[]} source */
    provide(source) {
      sources.push(source);
    },

    /** Finds the command of a key, if it can run now: the last of several, so that a mode can take a key over. @param {string} keys */
    find(keys) {
      return [...commands.values()].findLast((command) => command.keys === keys && isEnabled(command)) ?? null;
    },

    /** Reports whether a key begins a sequence of two. @param {string} key */
    begins(key) {
      return [...commands.values()].some((command) => command.keys?.startsWith(`${key} `) && !isChord(command.keys));
    },

    /** Runs a command by id, if it can run now. @param {string} id */
    run(id) {
      const command = commands.get(id);
      if (command && isEnabled(command)) command.run();
    },

    /** Lists all commands; those of the sources come last. @returns {Command[]} */
    all: () => [...commands.values(), ...sources.flatMap((source) => source())],
  };
}

/** Reports whether a command can run now. @param {Command} command */
export const isEnabled = (command) => command.enabled?.() ?? true;

const MODIFIERS = new Set(['Ctrl', 'Shift', 'Alt']);

const isChord = (keys) => MODIFIERS.has(keys.split(' ')[0]);

/** Writes keys as a person reads them: `Ctrl Shift Z`, `G then E`. @param {string} keys */
export function keyWords(keys) {
  const parts = keys.split(' ').map((part) => (part.length === 1 ? part.toUpperCase() : part));
  return isChord(keys) ? parts.join(' ') : parts.join(' then ');
}
