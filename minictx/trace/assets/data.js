// The trace, as it was written into this page. docs/trace-format.md describes it; here, each
// event says with `at` where it happened: the index of a [file, line, function] in `places`.
import { byId } from "./dom.js";

const data = JSON.parse(byId("trace").textContent);

export const { title, python, sources, places, events } = data;

/** {id: {id, type, label, parent}}: who ran. */
export const contexts = new Map(data.contexts.map((context) => [context.id, context]));

/** {id: {id, type, label}}: the Locals, LocalStacks and LocalProxies. */
export const objects = new Map(data.objects.map((object) => [object.id, object]));

/** {context's id: {birth, death}}, in steps; death is Infinity for one that never ended. */
export const lives = findLives();

/** {proxy's id: {source, name}}: what each proxy asks, where the trace tells. */
export const links = new Map(
  events.filter((event) => event.kind === "proxy").map((event) => [event.object, event]),
);

/** How deep each event is nested in hooks, views, pushes and pops of its context. */
export const depths = findDepths();

// Flask keeps its contexts in ContextVars since 2.2, so that no LocalStack tells of them.
// Towers are then built from the events that say that a context is pushed or popped.
export const contextTowers = new Map([["app", "app contexts"], ["request", "request contexts"]]);
export const needsContextTowers = !pushesContextsOnStacks();

export function contextLabel(id) {
  return contexts.get(id)?.label ?? `context ${id}`;
}

export function objectLabel(id) {
  return objects.get(id)?.label ?? String(id ?? "?");
}

/** Return in whose storage an event reads or writes; mostly that of who runs. */
export function ownerOf(event) {
  return event.owner ?? event.context;
}

/** Return [file, line, function]; each is null where the trace does not know it. */
export function placeOf(event) {
  return places[event.at] ?? [null, null, null];
}

function findLives() {
  const found = new Map();
  events.forEach((event, index) => {
    const life = found.get(event.context);
    if (!life) {
      found.set(event.context, { birth: index + 1, death: Infinity });
    }
    if (event.kind === "end") {
      found.get(event.context).death = index + 1;
    }
  });
  return found;
}

function findDepths() {
  const open = new Map();
  return Uint8Array.from(events, (event) => {
    let depth = open.get(event.context) ?? 0;
    if (event.phase === "end") {
      depth = Math.max(depth - 1, 0);
      open.set(event.context, depth);
    } else if (event.phase === "begin") {
      open.set(event.context, depth + 1);
    }
    return Math.min(depth, 255);
  });
}

function pushesContextsOnStacks() {
  const pushing = new Map();
  for (const { kind, phase, context } of events) {
    const inside = pushing.get(context) ?? 0;
    if (kind === "context_push") {
      pushing.set(context, inside + (phase === "end" ? -1 : 1));
    } else if (kind === "push" && inside > 0) {
      return true;
    }
  }
  return false;
}
