/** A value that tells its readers when it changes. */

/**
 * @template {object} S
 * @typedef {object} Store
 * @property {() => S} get
 * @property {(change: Partial<S>) => void} set
 * @property {(listener: (now: S, before: S) => void) => () => void} listen
 */

/**
 * @template {object} S
 * @param {S} initial
 * @returns {Store<S>}
 */
export function createStore(initial) {
  let state = initial;
  /** @type {Set<(now: S, before: S) => void>} */
  const listeners = new Set();
  return {
    get: () => state,
    set(change) {
      const before = state;
      const changed = Object.entries(change).some(([key, value]) => /** @type {any} */ (state)[key] !== value);
      if (!changed) return;
      state = { ...state, ...change };
      for (const listener of [...listeners]) listener(state, before);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
