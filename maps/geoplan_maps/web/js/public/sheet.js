/** The sheet over the map on a phone: peek, half, full; moved by drag, by tap, or by keyboard. */

/** @typedef {"peek" | "half" | "full"} Rest */

const ORDER = /** @type {Rest[]} */ (["peek", "half", "full"]);

/**
 * @param {HTMLElement} sheet
 * @param {HTMLElement} handle
 * @param {(rest: Rest) => void} rested
 */
export function mountSheet(sheet, handle, rested) {
  /** @type {Rest} */
  let rest = "half";
  /** @param {Rest} next */
  const set = (next) => {
    rest = next;
    sheet.dataset.rest = next;
    sheet.style.removeProperty("height");
    handle.setAttribute("aria-expanded", String(next !== "peek"));
    rested(next);
  };
  handle.addEventListener("click", () => set(ORDER[(ORDER.indexOf(rest) + 1) % ORDER.length]));
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    set(ORDER[Math.max(0, Math.min(2, ORDER.indexOf(rest) + step))]);
  });
  drag(sheet, handle, (height, speed) => {
    const room = /** @type {HTMLElement} */ (sheet.parentElement).clientHeight;
    const heights = { peek: 132, half: room * 0.54, full: room - 8 };
    const aim = height - speed * 180; // a flick carries on
    const [nearest] = [...ORDER].sort((a, b) => Math.abs(heights[a] - aim) - Math.abs(heights[b] - aim));
    set(nearest);
  });
  set("half");
  return { set, get: () => rest };
}

/**
 * @param {HTMLElement} sheet
 * @param {HTMLElement} handle
 * @param {(height: number, speed: number) => void} done height in px, speed downward in px per ms
 */
function drag(sheet, handle, done) {
  handle.addEventListener("pointerdown", (down) => {
    const startHeight = sheet.clientHeight;
    let last = { y: down.clientY, at: down.timeStamp };
    let speed = 0;
    let moved = false;
    const move = (/** @type {PointerEvent} */ event) => {
      const by = event.clientY - down.clientY;
      if (!moved && Math.abs(by) < 6) return;
      moved = true;
      sheet.classList.add("dragging");
      sheet.style.height = `${Math.max(72, startHeight - by)}px`;
      speed = (event.clientY - last.y) / Math.max(1, event.timeStamp - last.at);
      last = { y: event.clientY, at: event.timeStamp };
    };
    const up = () => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", up);
      handle.removeEventListener("pointercancel", up);
      sheet.classList.remove("dragging");
      if (!moved) return;
      const swallow = (/** @type {Event} */ event) => event.stopImmediatePropagation();
      handle.addEventListener("click", swallow, { capture: true }); // the click that ends a drag is not a tap
      setTimeout(() => handle.removeEventListener("click", swallow, { capture: true }));
      done(sheet.clientHeight, speed);
    };
    handle.setPointerCapture(down.pointerId);
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", up);
    handle.addEventListener("pointercancel", up);
  });
}
