/** The one set of icons: 24 by 24, drawn with a line, coloured by the text around them. */

/** @type {Record<string, string>} path data; several sub-paths in one string */
const PATHS = {
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM16 16l4.5 4.5",
  more: "M12 5.2v.1M12 12v.1M12 18.8v.1",
  close: "M6 6l12 12M18 6 6 18",
  back: "M14.5 5 8 12l6.5 7",
  next: "M9.5 5 16 12l-6.5 7",
  down: "M5 9l7 7 7-7",
  up: "M5 15l7-7 7 7",
  locate: "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10ZM12 2v4M12 18v4M2 12h4M18 12h4",
  navigate: "M3.5 11 20.5 3.5 13 20.5 11 13Z",
  share: "M12 15V4M8 7.5 12 3.5l4 4M5 12v7h14v-7",
  flag: "M6 21V4M6 4.5c4-2 8 2 12 0v9c-4 2-8-2-12 0",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 7.5V12l3 2",
  moon: "M19.5 14A8 8 0 1 1 10 4.5 6.5 6.5 0 0 0 19.5 14Z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
  toilet: "M7.5 4.2v.1M16.5 4.2v.1M7.5 7.5v13M5 8.5h5l1 5H4ZM16.5 20.5v-6M14 8.5h5v6h-5ZM14.8 14.5v6M18.2 14.5v6",
  microwave: "M3 6h18v12H3ZM6 9h8v6H6ZM17.5 9.5v.1M17.5 12.5v.1M5.5 18v2M18.5 18v2",
  water: "M12 3.5c3.5 4.5 5.5 7.2 5.5 10.2a5.5 5.5 0 0 1-11 0C6.5 10.7 8.5 8 12 3.5Z",
  charging: "M13 3 6 13.5h5.5L10.5 21 18 10h-5.5Z",
  seats: "M7 4v9h9M7 13v7M16 13v7M16 13l1.5-5",
  first_aid: "M4 8h16v11H4ZM9 8V5h6v3M12 11v5M9.5 13.5h5",
  air_conditioning: "M12 3v18M4.2 7.5l15.6 9M19.8 7.5l-15.6 9M9.5 4.5 12 7l2.5-2.5M9.5 19.5 12 17l2.5 2.5",
  fridge: "M7 3h10v18H7ZM7 10h10M10 6v1.5M10 13v3",
  wifi: "M3.5 9.5a12.5 12.5 0 0 1 17 0M6.5 13a8 8 0 0 1 11 0M9.5 16.3a4 4 0 0 1 5 0M12 19.5v.1",
  books: "M5 4h5v16H5ZM10 4h4v16h-4ZM14.5 5.5l3.8-1 3.2 15-3.8 1Z",
  umbrella: "M12 3v2M3.5 13a8.5 8.5 0 0 1 17 0ZM12 13v6a2 2 0 0 1-4 0",
  pump: "M9 3h6M12 3v8M9 11h6v9H9ZM15 17h3a2 2 0 0 0 2-2v-3M7 20h10",
  battery_swap: "M4 8h13v8H4ZM17 10.5h2.5v3H17ZM11 9.5 8.5 12.3h3L9.5 15",
  aed: "M12 20C6 16 3.5 12.5 3.5 9a4.3 4.3 0 0 1 8.5-1 4.3 4.3 0 0 1 8.5 1c0 3.5-2.5 7-8.5 11ZM12.8 8.5 10.5 12h3l-2 3.5",
  blood_pressure: "M4 12h4l2-5 3.5 10 2-5H20",
  nursing_room: "M12 3.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM6 20v-3.5a6 6 0 0 1 12 0V20ZM10 16a2 2 0 1 0 4 0 2 2 0 0 0-4 0Z",
  shower: "M5 20V7a3.5 3.5 0 0 1 7 0M8.5 10a3.5 3.5 0 0 1 7 0ZM10 13.5v.1M14 13.5v.1M9 17v.1M12 16.5v.1M15 17v.1",
  phone:
    "M6 3.5h3.5l1.5 4.5-2 1.5a11 11 0 0 0 5.5 5.5l1.5-2 4.5 1.5V18a2.5 2.5 0 0 1-2.7 2.5A15.5 15.5 0 0 1 3.5 6.2 2.5 2.5 0 0 1 6 3.5Z",
  door: "M6 21V3.5h12V21M3.5 21h17M14.5 12v.5",
  scan: "M4 8.5V4h4.5M15.5 4H20v4.5M20 15.5V20h-4.5M8.5 20H4v-4.5M4 12h16",
  register: "M5 4h14v16H5ZM8.5 9h7M8.5 12.5h7M8.5 16h4",
  check: "M4.5 12.5l5 5 10-11",
  verified:
    "M12 3.5l2.6 1.9 3.2 0 1 3 2.6 1.9-1 3 1 3-2.6 1.9-1 3-3.2 0L12 20.5M12 3.5 9.4 5.4l-3.2 0-1 3L2.6 10.3l1 3-1 3 2.6 1.9M8.5 12l2.5 2.5 4.5-5",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  layers: "M12 3.5 3.5 8.5l8.5 5 8.5-5ZM4 13l8 4.7 8-4.7",
  filter: "M4 6h16M7 12h10M10 18h4",
  pin: "M12 21c4.5-5 7-8.5 7-11.5a7 7 0 0 0-14 0c0 3 2.5 6.5 7 11.5ZM12 7a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z",
  metro: "M6.5 4h11v11.5h-11ZM6.5 10.5h11M9.5 13v.1M14.5 13v.1M8.5 15.5 6 20M15.5 15.5 18 20",
  street: "M8 4 5.5 20M16 4l2.5 16M12 5v2.5M12 11v2.5M12 17v2.5",
  town: "M4 20V9l6-4v15M10 20V10h10v10M3 20h18M13.5 13.5h3M13.5 16.5h3M6.5 12h1M6.5 15.5h1",
  station: "M4 11 12 4l8 7M6 9.5V20h12V9.5M10 20v-6h4v6",
  list: "M8.5 6H20M8.5 12H20M8.5 18H20M4.5 6v.1M4.5 12v.1M4.5 18v.1",
  warning: "M12 4 2.8 19.5h18.4ZM12 10v4.5M12 17v.1",
  offline:
    "M4 4l16 16M3.5 9.5a12.5 12.5 0 0 1 3.8-2.3M20.5 9.5A12.5 12.5 0 0 0 11 6.3M9 15.8a4.5 4.5 0 0 1 5.5 0M12 19.5v.1",
  info: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 11v5.5M12 7.7v.1",
  download: "M12 4v11M8 11.5l4 4 4-4M5 20h14",
  upload: "M12 16V5M8 8.5l4-4 4 4M5 20h14",
  user: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20.5a7.5 7.5 0 0 1 15 0",
  play: "M7 4.5 19 12 7 19.5Z",
  pause: "M8 5v14M16 5v14",
  undo: "M8 5 4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11H9",
  ban: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM6 6l12 12",
  keep: "M8 3.5h8M9 3.5v6L6 14h12l-3-4.5v-6M12 14v6.5",
  copy: "M8.5 8.5h11v11h-11ZM15.5 8.5V4.5h-11v11h4",
  external: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  chart: "M4 20h16M6.5 20v-7M11 20V6M15.5 20v-10M20 20v-4",
  compare: "M12 3v18M4 7h5v10H4ZM15 7h5v10h-5Z",
  camera: "M4 7.5h4l1.5-2.5h5L16 7.5h4V19H4ZM12 10a3.3 3.3 0 1 0 0 6.6 3.3 3.3 0 0 0 0-6.6Z",
  walk: "M13 3.8v.1M9 21l2.5-6.5L9.5 12l1.5-5 3 2.5 3 1.5M11 7 7.5 9 7 12M11.5 14.5 15 17l1 4",
  women: "M12 3.5a5 5 0 1 0 0 10 5 5 0 0 0 0-10ZM12 13.5V21M9 17.5h6",
  table: "M4 5h16v14H4ZM4 10h16M4 14.5h16M10 10v9",
};

/**
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  const data = PATHS[name];
  if (!data) throw new Error(`no icon ${name}`);
  path.setAttribute("d", data);
  svg.append(path);
  return svg;
}

/**
 * @param {string} name
 * @returns {boolean}
 */
export function hasIcon(name) {
  return name in PATHS;
}

/**
 * Put the icon into every element that names one by `data-icon`.
 *
 * @param {ParentNode} root
 */
export function placeIcons(root) {
  for (const element of root.querySelectorAll("[data-icon]")) {
    element.prepend(icon(/** @type {HTMLElement} */ (element).dataset.icon ?? ""));
    element.removeAttribute("data-icon");
  }
}
