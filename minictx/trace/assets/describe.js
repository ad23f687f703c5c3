// Say in words what an event is: as a list of texts, and of { code } for what Python shows.
import { contextLabel, contexts, links, objectLabel, ownerOf, placeOf } from "./data.js";
import { el } from "./dom.js";

const code = (text) => ({ code: String(text) });
const place = (event) => code(`${objectLabel(event.object)}.${event.name}`);

/** The error with which a phase ended. */
const raised = (event) => (event.error ? [", which raised ", code(event.error)] : []);

/** Who else's storage an event touches, where it is not that of who runs. */
function elsewhere(event) {
  const owner = ownerOf(event);
  return owner === event.context ? "" : `, in the storage of ${contextLabel(owner)}`;
}

// A Map, since a kind is any text: an object would know "constructor", too.
const SAY = new Map(Object.entries({
  begin: (e) => {
    const parent = contexts.get(e.context)?.parent;
    return ["begins to run", parent == null ? "" : `; ${contextLabel(parent)} started it`];
  },
  switch: (e) => ["takes over from ", contextLabel(e.from)],
  end: (e) => ["ends", leaves(e)],
  set: (e) => ["sets ", place(e), " to ", code(e.value), elsewhere(e)],
  get: (e) =>
    e.value === null || e.value === undefined
      ? ["looks for ", place(e), ": it is not there", elsewhere(e)]
      : ["reads ", place(e), ": ", code(e.value), elsewhere(e)],
  delete: (e) => ["deletes ", place(e), elsewhere(e)],
  release: (e) => ["releases ", code(objectLabel(e.object)), ": it holds nothing here now", elsewhere(e)],
  inherit: (e) => ["finds in its context: ", code(held(e))],
  push: (e) => ["pushes ", code(e.value), " on ", code(objectLabel(e.object)), elsewhere(e)],
  pop: (e) =>
    e.value === null || e.value === undefined
      ? ["pops ", code(objectLabel(e.object)), ": it is empty", elsewhere(e)]
      : ["pops ", code(e.value), " from ", code(objectLabel(e.object)), elsewhere(e)],
  change: (e) => ["finds ", code(objectLabel(e.object)), " changed by hand: ", code(`[${e.held.map(({ value }) => value).join(", ")}]`), elsewhere(e)],
  proxy: (e) => ["makes the proxy ", code(objectLabel(e.object)), asks(e)],
  resolve: (e) => ["uses ", code(objectLabel(e.object)), ": it stands for ", code(e.value)],
  unbound: (e) => ["uses ", code(objectLabel(e.object)), ": it stands for nothing here"],
  context_push: (e) => [
    e.phase === "end" ? "has pushed the " : "pushes the ", `${e.type} context `, code(e.value), ...raised(e),
  ],
  context_pop: (e) => [
    e.phase === "end" ? "has popped the " : "pops the ", `${e.type} context `, code(e.value), ...raised(e),
  ],
  hook: (e) =>
    e.phase === "end"
      ? ["is done with ", code(e.function_name), ` (${e.name})`, ...raised(e)]
      : ["runs ", code(e.function_name), `, a function for ${e.name}`],
  view: (e) =>
    e.phase === "end"
      ? ["is done with the view ", code(e.name), ...raised(e)]
      : ["runs the view ", code(e.name)],
  signal: (e) => ["sends the signal ", code(e.name)],
  session: (e) => [e.name === "save" ? "saves the session " : "opens the session ", code(e.value)],
  error: (e) => ["meets the error ", code(e.value), e.handled ? ", which is handled" : ", which nobody handles"],
  line: (e) => ["reaches line ", String(placeOf(e)[1]), " of ", code(placeOf(e)[2])],
  left: (e) => ["ends the recording", leaves(e)],
  limit: (e) => [`reaches the limit of ${e.limit} events: nothing after this was recorded`],
}));

/** Return what an event's context does, without saying who it is. */
export function describe(event) {
  const parts = SAY.get(event.kind)?.(event) ?? [`does "${event.kind}"`];
  return parts.filter((part) => part !== "");
}

/** Return the same as plain text, with who does it. */
export function describeText(event) {
  const parts = describe(event).map((part) => part.code ?? part);
  return `${contextLabel(event.context)} ${parts.join("")}`;
}

/** Return nodes for what describe() returned. */
export function toNodes(parts) {
  return parts.map((part) => (part.code === undefined ? part : el("code", {}, part.code)));
}

/** Tell whether an event is bad news. */
export function isTrouble(event) {
  return (
    ["unbound", "limit"].includes(event.kind) ||
    (event.kind === "error" && !event.handled) ||
    Boolean(event.left?.length)
  );
}

/** What a student is asked before a step is shown; nothing in it gives the answer away. */
export function question(event) {
  const who = contextLabel(event.context);
  const object = code(objectLabel(event.object));
  switch (event.kind) {
    case "begin":
    case "switch":
    case "inherit":
    case "change":
    case "left":
    case "limit":
      return ["Who runs next, and what happens?"];
    case "end":
      return [`${who} ends here. What does it leave behind?`];
    case "set":
      return [`${who} sets `, place(event), ". What is stored, and for whom?"];
    case "get":
      return [`${who} reads `, place(event), ". What is there?"];
    case "delete":
    case "release":
      return [`${who} clears something of `, object, ". What is left, and for whom?"];
    case "push":
      return [`${who} pushes something on `, object, ". What do the towers look like then?"];
    case "pop":
      return [`${who} pops `, object, ". What comes off, and what is on top then?"];
    case "resolve":
    case "unbound":
      return [`${who} uses `, object, ". What does it stand for here?"];
    case "context_push":
    case "context_pop":
      return [`${who} pushes or pops a context. Which one?`];
    default:
      return [`${who} goes on. What happens next?`];
  }
}

function leaves(event) {
  const count = event.left?.length ?? 0;
  if (count === 0) {
    return "";
  }
  return `, and leaves ${count} ${count === 1 ? "value" : "values"} behind`;
}

/** What a context has copied from the one that began it: a stack, or names with their values. */
function held(event) {
  const object = objectLabel(event.object);
  if (event.held[0].name === null) {
    return `${object} = [${event.held.map((entry) => entry.value).join(", ")}]`;
  }
  return event.held.map((entry) => `${object}.${entry.name} = ${entry.value}`).join(", ");
}

/** What a proxy asks each time, where the trace tells. */
function asks(event) {
  const source = links.get(event.object)?.source ?? null;
  if (source === null) {
    return "";
  }
  const { name } = links.get(event.object);
  return name ? `, for ${name} of ${objectLabel(source)}` : `, for ${objectLabel(source)}`;
}
