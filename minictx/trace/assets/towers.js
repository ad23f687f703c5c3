// Draw what one context holds: a tower for each LocalStack, a table for each Local.
import { contextTowers, needsContextTowers, objectLabel, objects, ownerOf } from "./data.js";
import { el } from "./dom.js";
import { room } from "./state.js";

// More than this many items or names are not drawn, so that a step stays quick.
const TOP_ITEMS = 8;
const NAMES = 24;

/** Return the towers and tables of a context, as they are after `event`. */
export function drawStorage(context, state, event) {
  const ids = [...(room.get(context)?.keys() ?? [])];
  const towers = ids.filter((id) => isStack(id, context));
  const tables = ids.filter((id) => !isStack(id, context));
  const left = state.hasLeft(context);
  return el(
    "div",
    { class: "storage" },
    el("div", { class: "towers" }, ...towers.map((id) => drawTower(context, id, state, event, left))),
    ...tables.map((id) => drawTable(context, id, state, event, left)),
  );
}

function isStack(id) {
  return objects.get(id)?.type !== "Local";
}

/** Tell whether an event is about this stack or local of this context. */
function concerns(event, context, id) {
  if (!event || ownerOf(event) !== context) {
    return false;
  }
  return event.object === id || (needsContextTowers && contextTowers.get(event.type) === id);
}

function drawTower(context, id, state, event, left) {
  const items = state.stack(context, id);
  const here = concerns(event, context, id);
  const pushed = here && (event.kind === "push" || (event.kind === "context_push" && event.phase !== "end"));
  const popped = here && (event.kind === "pop" || (event.kind === "context_pop" && event.phase !== "begin"));
  const list = el("ol", { "aria-label": `${objectLabel(id)}, from bottom to top` });
  list.style.setProperty("--room", Math.min(room.get(context).get(id), 4));
  const hidden = Math.max(items.length - TOP_ITEMS, 0);
  if (hidden > 0) {
    list.append(el("li", { class: "more" }, `${hidden} more below`));
  }
  items.slice(hidden).forEach((value, index) => {
    const top = hidden + index === items.length - 1;
    const note = (left && "left behind") || (top && (pushed ? "pushed" : "top"));
    const kind = `item${top ? " top" : ""}${top && pushed ? " new" : ""}${left ? " left" : ""}`;
    list.append(item(kind, value, note));
  });
  if (popped && event.value !== null) {
    list.append(item("item gone", event.value, "popped"));
  } else if (items.length === 0) {
    list.append(el("li", { class: "empty" }, "empty"));
  }
  return el(
    "figure",
    { class: "tower", "data-object": id },
    list,
    el("figcaption", {}, el("code", {}, objectLabel(id))),
  );
}

function item(kind, value, note) {
  const tag = note ? el("span", { class: "tag" }, note) : null;
  return el("li", { class: kind }, el("code", { title: value }, value), " ", tag);
}

function drawTable(context, id, state, event, left) {
  const names = state.names(context, id);
  const here = concerns(event, context, id) ? event : null;
  const shown = [...names].filter(([name], index) => index < NAMES || name === here?.name);
  const rows = shown.map(([name, value]) => {
    const [isSet, isRead] = ["set", "get"].map((kind) => here?.name === name && here.kind === kind);
    const note = (left && "left behind") || (isSet && "set") || (isRead && "read");
    const kind = `${isSet ? "new" : ""}${isRead ? "read" : ""}${left ? " left" : ""}`;
    return row(kind, name, value, note);
  });
  if (here?.kind === "delete") {
    rows.push(row("gone", here.name, "", "deleted"));
  } else if (here?.kind === "get" && !names.has(here.name)) {
    rows.push(row("missing", here.name, "not there", null));
  }
  if (rows.length === 0) {
    rows.push(el("tr", {}, el("td", { class: "empty", colspan: 2 }, "empty")));
  }
  if (shown.length < names.size) {
    rows.push(el("tr", {}, el("td", { class: "more", colspan: 2 }, `${names.size - shown.length} more`)));
  }
  return el(
    "table",
    { class: "names", "data-object": id },
    el("caption", {}, el("code", {}, objectLabel(id))),
    el("tbody", {}, ...rows),
  );
}

function row(kind, name, value, note) {
  return el(
    "tr",
    { class: kind.trim() || null, "data-name": name },
    el("th", { scope: "row" }, el("code", {}, name)),
    el("td", {}, el("code", { title: value }, value), " ", note ? el("span", { class: "tag" }, note) : null),
  );
}
