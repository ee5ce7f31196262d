/**
 * QR codes (ISO/IEC 18004), byte mode, error correction M, versions 1 to 10: enough for a link of 213 bytes.
 *
 * A test reads the result back against an independent encoder.
 */

/** Per version: data codewords of one block of each of the two groups, blocks in each, correction codewords a block. */
const BLOCKS = [
  [16, 1, 0, 0, 10],
  [28, 1, 0, 0, 16],
  [44, 1, 0, 0, 26],
  [32, 2, 0, 0, 18],
  [43, 2, 0, 0, 24],
  [27, 4, 0, 0, 16],
  [31, 4, 0, 0, 18],
  [38, 2, 39, 2, 22],
  [36, 3, 37, 2, 22],
  [43, 4, 44, 1, 26],
];
/** Centres of the alignment patterns by version. */
const ALIGNMENT = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];

const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i++) {
  EXP[i] = EXP[i + 255] = x;
  LOG[x] = i;
  x = x & 128 ? (x << 1) ^ 0x11d : x << 1;
}

/**
 * @param {number[]} data
 * @param {number} count
 * @returns {number[]} Reed–Solomon correction codewords
 */
function correction(data, count) {
  let generator = [1];
  for (let i = 0; i < count; i++) {
    const next = new Array(generator.length + 1).fill(0);
    generator.forEach((value, j) => {
      next[j] ^= value;
      if (value) next[j + 1] ^= EXP[LOG[value] + i];
    });
    generator = next;
  }
  const rest = [...data, ...new Array(count).fill(0)];
  for (let i = 0; i < data.length; i++) {
    const lead = rest[i];
    if (!lead) continue;
    generator.forEach((value, j) => {
      if (value) rest[i + j] ^= EXP[LOG[value] + LOG[lead]];
    });
  }
  return rest.slice(data.length);
}

/**
 * @param {Uint8Array} bytes
 * @param {number} version
 * @returns {number[]} all codewords, interleaved
 */
function codewords(bytes, version) {
  const [size1, count1, size2, count2, extra] = BLOCKS[version - 1];
  const capacity = size1 * count1 + size2 * count2;
  const bits = [];
  const put = (/** @type {number} */ value, /** @type {number} */ length) => {
    for (let i = length - 1; i >= 0; i--) bits.push((value >> i) & 1);
  };
  put(4, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  bytes.forEach((byte) => put(byte, 8));
  put(0, Math.min(4, capacity * 8 - bits.length));
  while (bits.length % 8) bits.push(0);
  const data = [];
  for (let i = 0; i < bits.length; i += 8) data.push(bits.slice(i, i + 8).reduce((sum, bit) => sum * 2 + bit, 0));
  for (let pad = 0xec; data.length < capacity; pad ^= 0xec ^ 0x11) data.push(pad);
  const blocks = [];
  for (let i = 0, at = 0; i < count1 + count2; i++) {
    const size = i < count1 ? size1 : size2;
    blocks.push(data.slice(at, at + size));
    at += size;
  }
  const checks = blocks.map((block) => correction(block, extra));
  const out = [];
  for (let i = 0; i < Math.max(size1, size2); i++) for (const block of blocks) if (i < block.length) out.push(block[i]);
  for (let i = 0; i < extra; i++) for (const check of checks) out.push(check[i]);
  return out;
}

/**
 * @param {string} text
 * @returns {boolean[][]} dark modules, row by row, without the quiet zone
 */
export function qrMatrix(text) {
  const bytes = new TextEncoder().encode(text);
  const version =
    BLOCKS.findIndex(([s1, c1, s2, c2], i) => bytes.length + (i + 1 < 10 ? 2 : 3) <= s1 * c1 + s2 * c2) + 1;
  if (version === 0) throw new Error(`${bytes.length} bytes are too many for a QR code of version 10`);
  const size = 17 + 4 * version;
  /** @type {(boolean | null)[][]} */
  const grid = Array.from({ length: size }, () => new Array(size).fill(null));
  drawFixed(grid, version, size);
  const free = grid.map((row) => row.map((cell) => cell === null));
  drawData(grid, codewords(bytes, version), size);
  let best = null;
  let least = Infinity;
  for (let mask = 0; mask < 8; mask++) {
    const tried = grid.map((row, y) => row.map((cell, x) => Boolean(cell) !== (free[y][x] && masked(mask, x, y))));
    drawFormat(tried, mask, size);
    const cost = penalty(tried, size);
    if (cost < least) {
      least = cost;
      best = tried;
    }
  }
  return /** @type {boolean[][]} */ (best);
}

/** @param {(boolean | null)[][]} grid @param {number} version @param {number} size */
function drawFixed(grid, version, size) {
  for (let i = 0; i < size; i++) grid[6][i] = grid[i][6] = i % 2 === 0;
  for (const [cx, cy] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ]) {
    for (let dy = -4; dy <= 4; dy++) {
      for (let dx = -4; dx <= 4; dx++) {
        const [x, y] = [cx + dx, cy + dy];
        const ring = Math.max(Math.abs(dx), Math.abs(dy));
        if (x >= 0 && y >= 0 && x < size && y < size) grid[y][x] = ring !== 2 && ring !== 4;
      }
    }
  }
  const centres = ALIGNMENT[version - 1];
  for (const cy of centres) {
    for (const cx of centres) {
      const corner = (cx === 6 && cy === 6) || (cx === 6 && cy === size - 7) || (cx === size - 7 && cy === 6);
      if (corner) continue;
      for (let dy = -2; dy <= 2; dy++) {
        for (let dx = -2; dx <= 2; dx++) grid[cy + dy][cx + dx] = Math.max(Math.abs(dx), Math.abs(dy)) !== 1;
      }
    }
  }
  drawFormat(/** @type {boolean[][]} */ (grid), 0, size);
  if (version >= 7) {
    let rest = version;
    for (let i = 0; i < 12; i++) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
    const bits = (version << 12) | rest;
    for (let i = 0; i < 18; i++) {
      const [a, b] = [size - 11 + (i % 3), Math.floor(i / 3)];
      grid[b][a] = grid[a][b] = ((bits >> i) & 1) === 1;
    }
  }
}

/** @param {boolean[][]} grid @param {number} mask @param {number} size */
function drawFormat(grid, mask, size) {
  const data = mask; // level M is 00
  let rest = data;
  for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  const bits = ((data << 10) | rest) ^ 0x5412;
  const bit = (/** @type {number} */ i) => ((bits >> i) & 1) === 1;
  for (let i = 0; i <= 5; i++) grid[i][8] = bit(i);
  grid[7][8] = bit(6);
  grid[8][8] = bit(7);
  grid[8][7] = bit(8);
  for (let i = 9; i < 15; i++) grid[8][14 - i] = bit(i);
  for (let i = 0; i < 8; i++) grid[8][size - 1 - i] = bit(i);
  for (let i = 8; i < 15; i++) grid[size - 15 + i][8] = bit(i);
  grid[size - 8][8] = true;
}

/** @param {(boolean | null)[][]} grid @param {number[]} words @param {number} size */
function drawData(grid, words, size) {
  let at = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    const up = ((right + 1) & 2) === 0;
    for (let step = 0; step < size; step++) {
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (grid[y][x] !== null) continue;
        grid[y][x] = at < words.length * 8 && ((words[at >> 3] >> (7 - (at & 7))) & 1) === 1;
        at++;
      }
    }
  }
}

/** @param {number} mask @param {number} x @param {number} y */
function masked(mask, x, y) {
  switch (mask) {
    case 0:
      return (x + y) % 2 === 0;
    case 1:
      return y % 2 === 0;
    case 2:
      return x % 3 === 0;
    case 3:
      return (x + y) % 3 === 0;
    case 4:
      return (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0;
    case 5:
      return ((x * y) % 2) + ((x * y) % 3) === 0;
    case 6:
      return (((x * y) % 2) + ((x * y) % 3)) % 2 === 0;
    default:
      return (((x + y) % 2) + ((x * y) % 3)) % 2 === 0;
  }
}

/** @param {boolean[][]} grid @param {number} size */
function penalty(grid, size) {
  let cost = 0;
  let dark = 0;
  const lines = [];
  for (let i = 0; i < size; i++)
    lines.push(
      grid[i],
      grid.map((row) => row[i]),
    );
  for (const line of lines) {
    const text = line.map((cell) => (cell ? "1" : "0")).join("");
    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) cost += run.length - 2;
    for (let i = 0; i + 11 <= size; i++) {
      const part = text.slice(i, i + 11);
      if (part === "10111010000" || part === "00001011101") cost += 40;
    }
  }
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      dark += grid[y][x] ? 1 : 0;
      const c = grid[y][x];
      if (x + 1 < size && y + 1 < size && c === grid[y][x + 1] && c === grid[y + 1][x] && c === grid[y + 1][x + 1])
        cost += 3;
    }
  }
  return cost + Math.floor(Math.abs((dark * 20) / (size * size) - 10)) * 10;
}

/**
 * @param {string} text
 * @param {string} label
 * @returns {SVGSVGElement} with a quiet zone of four modules
 */
export function qrSvg(text, label) {
  const matrix = qrMatrix(text);
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const side = matrix.length + 8;
  svg.setAttribute("viewBox", `0 0 ${side} ${side}`);
  svg.setAttribute("class", "qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  const ground = document.createElementNS(space, "rect");
  ground.setAttribute("width", String(side));
  ground.setAttribute("height", String(side));
  ground.setAttribute("fill", "#fff");
  const path = document.createElementNS(space, "path");
  /** @type {string[]} */
  const squares = [];
  matrix.forEach((row, y) => row.forEach((cell, x) => cell && squares.push(`M${x + 4} ${y + 4}h1v1h-1z`)));
  path.setAttribute("d", squares.join(""));
  path.setAttribute("fill", "#000");
  svg.append(ground, path);
  return svg;
}
