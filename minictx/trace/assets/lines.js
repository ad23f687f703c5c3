// Draw the lines over the lanes: from a proxy to what it stands for, from lane to lane.
import { contexts } from "./data.js";
import { byId, svg } from "./dom.js";
import { isUse, targetOf } from "./proxies.js";

/** Draw the line of this event, if it has one. Where elements are is only known after layout. */
export function drawLines({ event }) {
  const canvas = byId("lines");
  const line = event ? lineOf(event) : null;
  canvas.replaceChildren(...(line ? [arrowHead(line.kind), line.path] : []));
}

function lineOf(event) {
  if (isUse(event)) {
    const chip = byId("proxies").querySelector(".active");
    const target = targetOf(event) ?? laneOf(event.context);
    return chip && target && connect(chip, target, event.kind);
  }
  const from = event.kind === "switch" ? event.from : contexts.get(event.context)?.parent;
  if (event.kind === "switch" || event.kind === "begin") {
    const [start, end] = [laneOf(from), laneOf(event.context)];
    return start && end ? connect(start, end, "switch") : null;
  }
  return null;
}

function laneOf(id) {
  return byId("lanes").querySelector(`[data-context="${Number(id)}"]`);
}

function connect(from, to, kind) {
  const board = byId("board").getBoundingClientRect();
  const [a, b] = [from, to].map((element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return { left: left - board.left, right: right - board.left, top: top - board.top, bottom: bottom - board.top };
  });
  const d = kind === "switch" ? over(a, b) : around(a, b, byId("lanes").offsetTop);
  return { kind, path: svg("path", { class: `line ${kind}`, d, "marker-end": "url(#arrow)" }) };
}

/** From the top of one lane to that of another, above those in between. */
function over(a, b) {
  const [x1, x2] = [(a.left + a.right) / 2, (b.left + b.right) / 2];
  const y = a.top - 13;
  const r = x2 > x1 ? 8 : -8;
  return `M${x1} ${a.top} V${y + 8} Q${x1} ${y}, ${x1 + r} ${y} H${x2 - r} Q${x2} ${y}, ${x2} ${y + 8} V${b.top - 1}`;
}

/** From a proxy to what it stands for, between the lanes, so that the line covers no text. */
function around(a, b, lanesTop) {
  const x1 = Math.min(a.left + 28, a.right);
  const x2 = Math.max(b.left - 24, 5); // between this lane and the one before it
  const y1 = lanesTop - 14; // below all proxies, above the lanes
  const y2 = (b.top + b.bottom) / 2;
  const r = Math.min(10, Math.abs(x2 - x1) / 2);
  const way = x2 > x1 ? r : -r;
  return (
    `M${x1} ${a.bottom} V${y1 - r} Q${x1} ${y1}, ${x1 + way} ${y1} H${x2 - way} ` +
    `Q${x2} ${y1}, ${x2} ${y1 + r} V${y2 - r} Q${x2} ${y2}, ${x2 + r} ${y2} H${b.left - 2}`
  );
}

function arrowHead(kind) {
  const marker = { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7 };
  return svg(
    "marker",
    { ...marker, orient: "auto", class: `line ${kind}` },
    svg("path", { d: "M0 0 L8 4 L0 8 z" }),
  );
}
