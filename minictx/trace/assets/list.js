// The list of events with, beside it, a graph of the lanes. Only the rows in view are drawn, so
// that it does not matter how many there are.
import { contextLabel, contexts, depths, events, lives } from "./data.js";
import { describe, isTrouble, toNodes } from "./describe.js";
import { byId, el, svg } from "./dom.js";
import { positionOf, shownCount, showsLane, stepAt } from "./filter.js";
import { colourOf, order } from "./lanes.js";

const ROW = 30; // pixels; page.css has the same
const EXTRA = 6; // rows above and below those in view
const MOST = 200; // rows: on a screen of any height
const COLUMNS = 16;

const columns = giveColumns();
const columnCount = Math.min(Math.max(...columns.values(), 0) + 1, COLUMNS);
const columnWidth = Math.max(6, Math.min(16, 96 / columnCount));
const graphWidth = columnWidth * columnCount + 8;

/** Give each context a column of the graph; one that ended makes room for the next. */
function giveColumns() {
  const given = new Map();
  const free = []; // [column, the step from which on it is free]
  const born = order.filter((id) => lives.has(id)).sort((a, b) => lives.get(a).birth - lives.get(b).birth);
  for (const id of born) {
    const { birth, death } = lives.get(id);
    const column = free.find((candidate) => candidate.until < birth);
    if (column) {
      column.until = death;
    } else {
      free.push({ column: free.length, until: death });
    }
    given.set(id, (column ?? free.at(-1)).column);
  }
  return given;
}

const x = (id) => (Math.min(columns.get(id) ?? 0, COLUMNS - 1) + 0.5) * columnWidth + 4;

let current = null;
let drawnRange = "";
let printing = false;

/** Draw the rows in view; with `follow`, bring the current one into view first. */
export function drawList(model, follow = true) {
  current = model;
  if (printing) {
    return;
  }
  const scroller = byId("list-scroller");
  const space = byId("list-space");
  space.style.height = `${Math.max(shownCount(), 1) * ROW}px`;
  space.style.setProperty("--graph", `${graphWidth}px`);
  if (follow) {
    const top = (positionOf(model.step) - 1) * ROW;
    const margin = ROW * 2;
    if (top < scroller.scrollTop + margin || top > scroller.scrollTop + scroller.clientHeight - ROW - margin) {
      scroller.scrollTop = Math.max(top - scroller.clientHeight / 2, 0);
    }
  }
  drawRows(...rowsInView());
}

function rowsInView() {
  const { scrollTop, clientHeight } = byId("list-scroller");
  const first = Math.max(Math.floor(scrollTop / ROW) - EXTRA, 0);
  const count = Math.min(Math.ceil(clientHeight / ROW) + 2 * EXTRA, MOST);
  return [first, Math.min(first + count, shownCount())];
}

/** Draw many rows around the current one for paper, which cannot be scrolled. */
export function drawListForPrint(around) {
  printing = true;
  const here = positionOf(current.step);
  const first = Math.max(here - around, 0);
  const last = Math.min(here + around, shownCount());
  byId("list-space").style.height = `${(last - first) * ROW}px`;
  drawRows(first, last, 0);
}

export function endPrint() {
  printing = false;
}

function drawRows(first, last, offset = first * ROW) {
  drawnRange = `${first}-${last}`;
  const list = byId("list");
  const steps = Array.from({ length: last - first }, (_, index) => stepAt(first + index + 1));
  list.style.top = `${offset}px`;
  list.replaceChildren(
    ...steps.map((step, index) => drawRow(step, first + index + 1, index > 0 ? steps[index - 1] : 0)),
  );
  const selected = steps.includes(current.step) ? `event-${current.step}` : null;
  selected ? list.setAttribute("aria-activedescendant", selected) : list.removeAttribute("aria-activedescendant");
  const graph = byId("graph");
  graph.style.top = `${offset}px`;
  graph.setAttribute("width", graphWidth);
  graph.setAttribute("height", steps.length * ROW);
  graph.replaceChildren(...drawGraph(steps, first));
}

function drawRow(step, position, before) {
  const event = events[step - 1];
  const covered = current.predict && step > current.shown;
  const classes = ["row"];
  if (step > current.shown) classes.push("future");
  if (!covered && isTrouble(event)) classes.push("trouble");
  const same = events[before - 1]?.context === event.context ? " same" : "";
  const who = el("b", { class: `${colourOf(event.context)}${same}` }, contextLabel(event.context));
  const text = covered
    ? [el("span", { class: "covered" }, step === current.step ? "what happens?" : "covered")]
    : [who, " ", ...toNodes(describe(event))];
  const body = el("span", { class: "text" }, ...text);
  if (!covered) {
    body.style.paddingInlineStart = `${Math.min(depths[step - 1], 6) * 10}px`;
  }
  return el(
    "div",
    {
      class: classes.join(" "),
      role: "option",
      id: `event-${step}`,
      "data-step": step,
      "aria-selected": step === current.step ? "true" : "false",
      "aria-setsize": shownCount(),
      "aria-posinset": position,
    },
    el("span", { class: "step" }, step),
    body,
  );
}

/** Draw a line for each lane that is alive, a dot for who runs, and a curve for each switch. */
function drawGraph(steps, first) {
  if (steps.length === 0) {
    return [];
  }
  const limit = current.predict ? current.shown : Infinity;
  const shapes = [];
  const middle = (index) => index * ROW + ROW / 2;
  for (const [id, { birth, death }] of lives) {
    const from = steps.findIndex((step) => step >= birth);
    if (from < 0 || birth > limit || death < steps[0] || !showsLane(id)) {
      continue;
    }
    const to = steps.findLastIndex((step) => step <= Math.min(death, limit));
    const top = birth < steps[0] ? 0 : middle(from);
    const bottom = death > steps.at(-1) && limit > steps.at(-1) ? steps.length * ROW : middle(Math.max(to, from));
    shapes.push(svg("line", { class: `life ${colourOf(id)}`, x1: x(id), x2: x(id), y1: top, y2: bottom }));
    if (death <= Math.min(steps.at(-1), limit) && steps[to] === death) {
      shapes.push(svg("line", { class: `death ${colourOf(id)}`, x1: x(id) - 5, x2: x(id) + 5, y1: bottom, y2: bottom }));
    }
  }
  steps.forEach((step, index) => {
    const event = events[step - 1];
    const before = events[(index > 0 ? steps[index - 1] : stepAt(first)) - 1];
    if (step > limit) {
      return;
    }
    if (!before || before.context === event.context) {
      return;
    }
    const origin = event.kind === "begin" ? contexts.get(event.context)?.parent : before.context;
    if (columns.has(origin)) {
      const [x1, x2, y1, y2] = [x(origin), x(event.context), middle(index - 1), middle(index)];
      const d = `M${x1} ${y1} C${x1} ${y2}, ${x2} ${y1}, ${x2} ${y2}`;
      shapes.push(svg("path", { class: `change ${colourOf(event.context)}`, d }));
    }
  });
  steps.forEach((step, index) => {
    const { context } = events[step - 1];
    if (step <= limit) {
      const here = step === current.step;
      const dot = { cx: x(context), cy: middle(index), r: here ? 6 : 3.5 };
      shapes.push(svg("circle", { class: `dot ${colourOf(context)}${here ? " here" : ""}`, ...dot }));
    }
  });
  return shapes;
}

/** Let the list be scrolled, clicked and walked through with the up and down keys. */
export function setUpList({ go, step }) {
  byId("list-scroller").addEventListener("scroll", () => {
    if (rowsInView().join("-") !== drawnRange) {
      drawList(current, false);
    }
  });
  byId("list").addEventListener("click", (click) => {
    const row = click.target.closest(".row");
    if (row) {
      go(Number(row.dataset.step));
    }
  });
  byId("list").addEventListener("keydown", (press) => {
    const direction = { ArrowDown: 1, ArrowUp: -1 }[press.key];
    if (direction) {
      press.preventDefault();
      step(direction);
    }
  });
}
