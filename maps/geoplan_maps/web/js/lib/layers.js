/**
 * What lies over the page, one on the other: a station, a dialog, the sheet at its full height. The phone's back key and
 * Esc take away the uppermost one; only a page with nothing over it is left.
 *
 * Each layer is an entry of the browser's history. History moves a moment after it is asked to: what is laid meanwhile
 * waits, so that the two never tell different stories.
 */

/** @typedef {{close: () => void}} Layer */

/** @type {Layer[]} */
const stack = [];
/** @type {(() => void)[]} */
let waiting = [];
let leaving = false;
let used = false;

/**
 * From now on, layers are entries of the history.
 *
 * @param {() => void} settled called when history has moved: the address bar may need to be written again
 */
export function useBackKey(settled) {
  used = true;
  history.replaceState({ depth: 0 }, "");
  addEventListener("popstate", ({ state }) => {
    const depth = state?.depth ?? 0;
    if (leaving) {
      leaving = false;
      const due = waiting;
      waiting = [];
      for (const run of due) run();
    } else {
      while (stack.length > depth) stack.pop()?.close();
    }
    if (!leaving) settled();
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || !stack.length) return;
    event.preventDefault(); // a dialog would close by itself, but tell of it only when the page is painted next
    takeAway(stack[stack.length - 1]);
  });
}

/**
 * Lay something over the page.
 *
 * @param {() => void} close takes it away; called once, whichever way it goes
 * @returns {() => void} for the page's own way out; harmless once it is gone
 */
export function layer(close) {
  const mine = { close };
  stack.push(mine);
  if (used) whenStill(() => stack.includes(mine) && history.pushState({ depth: stack.indexOf(mine) + 1 }, ""));
  return () => takeAway(mine);
}

/** @param {Layer} mine */
function takeAway(mine) {
  const at = stack.indexOf(mine);
  if (at < 0) return;
  stack.splice(at, 1);
  mine.close();
  if (used)
    whenStill(() => {
      leaving = true;
      history.back();
    });
}

/** @param {() => void} run */
function whenStill(run) {
  if (leaving) waiting.push(() => whenStill(run));
  else run();
}
