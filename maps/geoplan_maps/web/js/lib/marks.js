/** The signs on the map, drawn once on a canvas: each state has its own shape, so that colour is never the only cue. */

/**
 * @typedef {object} Ink
 * @property {string} red
 * @property {string} ring closed
 * @property {string} paper
 * @property {string} blue
 * @property {string} ink
 */

/** @type {{light: Ink, dark: Ink}} */
export const INK = {
  light: { red: "#c8102e", ring: "#6f695f", paper: "#ffffff", blue: "#24569a", ink: "#1f1d1a" },
  dark: { red: "#ee3d5a", ring: "#a8a298", paper: "#1b1e21", blue: "#8fb7ec", ink: "#f2efea" },
};

const SIZE = 26;

/**
 * @param {string} look open, h24, closed, unknown, suspended, planned or site
 * @param {Ink} ink
 * @param {boolean} big the chosen one
 * @returns {{data: ImageData, ratio: number}}
 */
export function mark(look, ink, big) {
  const ratio = Math.max(2, Math.ceil(devicePixelRatio));
  const side = (big ? 1.5 : 1) * SIZE;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.round(side * ratio);
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  pen.scale((ratio * side) / SIZE, (ratio * side) / SIZE);
  pen.translate(SIZE / 2, SIZE / 2);
  disc(pen, 11, ink.paper);
  if (look === "open" || look === "h24") {
    disc(pen, 9, ink.red);
    if (look === "h24") crescent(pen, ink.paper);
    else house(pen, ink.paper);
  } else if (look === "planned" || look === "site") {
    ring(pen, 8, ink.blue, 2.2, look === "planned" ? [3.2, 2.4] : []);
    if (look === "site") disc(pen, 4.5, ink.blue);
  } else {
    ring(pen, 8, ink.ring, 2.2, []);
    if (look === "unknown") text(pen, "?", ink.ring);
    else bar(pen, ink.ring, look === "suspended");
  }
  if (big) ring(pen, 12, ink.ink, 1.6, []);
  return { data: pen.getImageData(0, 0, canvas.width, canvas.height), ratio };
}

/** @param {CanvasRenderingContext2D} pen @param {number} radius @param {string} colour */
function disc(pen, radius, colour) {
  pen.beginPath();
  pen.arc(0, 0, radius, 0, 7);
  pen.fillStyle = colour;
  pen.fill();
}

/** @param {CanvasRenderingContext2D} pen @param {number} radius @param {string} colour @param {number} width @param {number[]} dash */
function ring(pen, radius, colour, width, dash) {
  pen.beginPath();
  pen.setLineDash(dash);
  pen.arc(0, 0, radius, 0, 7);
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.stroke();
  pen.setLineDash([]);
}

/** @param {CanvasRenderingContext2D} pen @param {string} colour */
function house(pen, colour) {
  pen.beginPath();
  pen.moveTo(-5, 0);
  pen.lineTo(0, -4.8);
  pen.lineTo(5, 0);
  pen.lineTo(3.4, 0);
  pen.lineTo(3.4, 4.4);
  pen.lineTo(-3.4, 4.4);
  pen.lineTo(-3.4, 0);
  pen.closePath();
  pen.fillStyle = colour;
  pen.fill();
}

/** @param {CanvasRenderingContext2D} pen @param {string} colour */
function crescent(pen, colour) {
  pen.beginPath();
  pen.arc(0, 0, 5.4, 0.35 * Math.PI, 1.65 * Math.PI);
  pen.arc(2.4, 0, 4.9, 1.55 * Math.PI, 0.45 * Math.PI, true);
  pen.closePath();
  pen.fillStyle = colour;
  pen.fill();
}

/** @param {CanvasRenderingContext2D} pen @param {string} colour @param {boolean} cross */
function bar(pen, colour, cross) {
  pen.strokeStyle = colour;
  pen.lineWidth = 2.2;
  pen.lineCap = "round";
  pen.beginPath();
  pen.moveTo(-3.6, cross ? -3.6 : 0);
  pen.lineTo(3.6, cross ? 3.6 : 0);
  if (cross) {
    pen.moveTo(3.6, -3.6);
    pen.lineTo(-3.6, 3.6);
  }
  pen.stroke();
}

/** @param {CanvasRenderingContext2D} pen @param {string} words @param {string} colour */
function text(pen, words, colour) {
  pen.fillStyle = colour;
  pen.font = "bold 11px sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(words, 0, 0.5);
}

/**
 * Draw the sign of gathered closed stations when the map asks for one: a number needs no glyphs of the service.
 *
 * @param {any} map
 * @param {() => "light" | "dark"} theme
 */
export function drawGathered(map, theme) {
  map.on("styleimagemissing", (/** @type {{id: string}} */ { id }) => {
    const count = /^gathered-(\d+)$/.exec(id)?.[1];
    if (!count || map.hasImage(id)) return;
    const ink = INK[theme()];
    const ratio = Math.max(2, Math.ceil(devicePixelRatio));
    const side = 22 + 4 * count.length;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = side * ratio;
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
    pen.scale(ratio, ratio);
    pen.translate(side / 2, side / 2);
    disc(pen, side / 2 - 1, ink.paper);
    ring(pen, side / 2 - 2.2, ink.ring, 1.8, []);
    text(pen, count, ink.ring);
    map.addImage(id, pen.getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: ratio });
  });
}

/**
 * Give the map its images; safe to call again after a change of style.
 *
 * @param {any} map
 * @param {"light" | "dark"} theme
 */
export function addMarks(map, theme) {
  for (const look of ["open", "h24", "closed", "unknown", "suspended", "planned", "site"]) {
    for (const big of [false, true]) {
      const name = big ? `${look}-big` : look;
      const { data, ratio } = mark(look, INK[theme], big);
      if (map.hasImage(name)) map.removeImage(name);
      map.addImage(name, data, { pixelRatio: ratio });
    }
  }
}
