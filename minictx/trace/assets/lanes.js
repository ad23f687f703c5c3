// Draw a lane for each context: who it is, whether it runs, and what it holds.
import { contextLabel, contexts, lives, ownerOf } from "./data.js";
import { byId, el } from "./dom.js";
import { showsLane } from "./filter.js";
import { room } from "./state.js";
import { drawStorage } from "./towers.js";

const COLOURS = 8;
const LANES = 12; // lanes side by side; more could be neither drawn quickly nor read

const parents = new Set([...contexts.values()].map(({ parent }) => parent));
/** Everyone who ran, stored something or started someone, in the order of the trace. */
export const order = [...contexts.keys()].filter(
  (id) => lives.has(id) || room.has(id) || parents.has(id),
);
const colours = new Map(order.map((id, index) => [id, index % COLOURS]));

/** Return the class that gives a context its colour, in its lane and in the list. */
export function colourOf(id) {
  return `colour-${colours.get(id) ?? 0}`;
}

/** Draw the lanes as they are at `shown`, the last step whose effect may be seen. */
export function drawLanes({ state, shown, event }) {
  const wanted = order.filter(showsLane);
  const drawn = wanted.length > LANES ? mostWanted(wanted, state, shown, event) : wanted;
  const runs = event ? event.context : null;
  byId("lanes").replaceChildren(...drawn.map((id) => drawLane(id, state, shown, event, runs)));
  const note = byId("more-lanes");
  note.hidden = drawn.length === wanted.length;
  note.textContent = `${wanted.length - drawn.length} more lanes are not drawn; filter them.`;
}

/** Choose the lanes that matter at this step: who takes part, who is alive, who left something. */
function mostWanted(wanted, state, shown, event) {
  const rank = (id) => {
    if (event && [event.context, ownerOf(event), event.from].includes(id)) return 0;
    if (state.holds(id) && !state.ended.has(id)) return 1;
    if (state.hasLeft(id)) return 2;
    const { birth = Infinity, death = 0 } = lives.get(id) ?? {};
    return 3 + Math.max(birth - shown, shown - death, 0);
  };
  const ranks = new Map(wanted.map((id) => [id, rank(id)]));
  const chosen = [...wanted].sort((a, b) => ranks.get(a) - ranks.get(b)).slice(0, LANES);
  return wanted.filter((id) => chosen.includes(id));
}

function drawLane(id, state, shown, event, runs) {
  const { type, parent } = contexts.get(id);
  const [status, text] = statusOf(id, state, shown, runs);
  const kin = parent == null ? type : `${type}, started by ${contextLabel(parent)}`;
  const heading = `lane-${id}`;
  return el(
    "article",
    {
      class: `lane ${colourOf(id)} ${status}${room.has(id) ? "" : " slim"}`,
      "data-context": id,
      "aria-labelledby": heading,
    },
    el("h3", { id: heading }, contextLabel(id)),
    el("p", { class: "kin" }, kin),
    el(
      "p",
      { class: "status" },
      el("span", { class: "badge" }, text),
      state.hasLeft(id) ? el("span", { class: "badge trouble" }, "left something behind") : null,
    ),
    drawStorage(id, state, event),
  );
}

function statusOf(id, state, shown, runs) {
  const life = lives.get(id);
  if (!life) return ["unborn", "runs nothing here"];
  if (life.birth > shown) return ["unborn", "not begun"];
  if (state.ended.has(id)) return ["ended", `ended at step ${state.ended.get(id)}`];
  if (id === runs) return ["running", "▶ runs now"];
  return ["waiting", `waits, began at step ${life.birth}`];
}
