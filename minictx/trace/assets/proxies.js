// Draw the proxies, the names that all lanes share, and find what one stands for.
import { contextTowers, events, links, needsContextTowers, objectLabel, objects, ownerOf } from "./data.js";
import { byId, el } from "./dom.js";

const CHIPS = 12;

const used = new Set(
  events.filter(({ kind }) => kind === "resolve" || kind === "unbound").map((event) => event.object),
);

/** Draw the proxies that are used in this trace; that of this event with what it stands for. */
export function drawProxies(event) {
  const active = isUse(event) ? event.object : null;
  const shown = [...used].filter((id, index) => index < CHIPS || id === active);
  const chips = shown.map((id) => (id === active ? drawActive(event) : chip(id)));
  const more = used.size - shown.length;
  byId("proxies").replaceChildren(
    ...(shown.length === 0
      ? []
      : [
          el("p", { id: "proxies-title" }, "proxies: one name for all"),
          el("ul", { "aria-labelledby": "proxies-title" }, ...chips),
          more > 0 ? el("p", {}, `and ${more} more`) : "",
        ]),
  );
}

function chip(id) {
  return el("li", { "data-object": id }, el("code", {}, objectLabel(id)));
}

function drawActive(event) {
  const value = event.kind === "resolve" ? el("code", { title: event.value }, event.value) : "nothing here";
  const kind = event.kind === "resolve" ? "active" : "active unbound";
  return el(
    "li",
    { class: kind, "data-object": event.object },
    el("code", {}, objectLabel(event.object)),
    el("span", { class: "value" }, "→ ", value),
  );
}

export function isUse(event) {
  return event?.kind === "resolve" || event?.kind === "unbound";
}

// A task has no storage of its own in a Local: its events say whose it uses, but for this one.
const homes = new Map(
  events.filter((event) => event.owner != null).map((event) => [event.context, event.owner]),
);

/** Return the element that a proxy stands for, or is part of: a tower's top, a table's row. */
export function targetOf(event) {
  return targetIn(event, ownerOf(event)) ?? targetIn(event, homes.get(event.context));
}

function targetIn(event, owner) {
  const lane = byId("lanes").querySelector(`[data-context="${Number(owner)}"]`);
  if (!lane) {
    return null;
  }
  const link = links.get(event.object);
  const id = link?.source ?? guessSource(event);
  const inLane = [...lane.querySelectorAll("[data-object]")];
  const source = inLane.find((element) => element.dataset.object === String(id));
  if (source) {
    const rows = [...source.querySelectorAll("[data-name]")];
    return rows.find((row) => row.dataset.name === link?.name) ?? source.querySelector(".top") ?? source;
  }
  // Where it asks is not known: is what it found what someone's top or row is?
  const values = [...lane.querySelectorAll(".top > code, tr > td > code")];
  return values.find((value) => value.textContent === event.value)?.parentElement ?? null;
}

// A proxy does not say what it asks where that is a ContextVar, or where it was made before the
// recording. Flask's are known by their names.
const FLASKS = new Map([
  ["request", "request"], ["session", "request"], ["request_ctx", "request"],
  ["current_app", "app"], ["g", "app"], ["app_ctx", "app"],
]);

function guessSource(event) {
  const type = FLASKS.get(objectLabel(event.object));
  if (type === undefined) {
    return null;
  }
  if (needsContextTowers) {
    return contextTowers.get(type);
  }
  const labels = [`_${type}_ctx_stack`, `_cv_${type}`];
  return [...objects.values()].find(({ label }) => labels.includes(label))?.id ?? null;
}
