// Which events are shown and stepped through: those of the chosen lanes and kinds.
import { contexts, events } from "./data.js";

/** How many events each lane and each kind has; the kinds in the order of the trace. */
export const counts = { lanes: new Map(), kinds: new Map() };
for (const { context, kind } of events) {
  counts.lanes.set(context, (counts.lanes.get(context) ?? 0) + 1);
  counts.kinds.set(kind, (counts.kinds.get(kind) ?? 0) + 1);
}

/** What is left out. Nothing is, at first. */
export const without = { lanes: new Set(), kinds: new Set() };

/** The steps that are shown, in order. Step 1 is that of the first event. */
let steps = choose();

export function refilter() {
  steps = choose();
}

function choose() {
  const chosen = [];
  events.forEach(({ context, kind }, index) => {
    if (!without.lanes.has(context) && !without.kinds.has(kind)) {
      chosen.push(index + 1);
    }
  });
  return chosen;
}

export function shownCount() {
  return steps.length;
}

/** Return the step of the shown event in this position, counted from 1; 0 is the start. */
export function stepAt(position) {
  return position < 1 ? 0 : steps[Math.min(position, steps.length) - 1] ?? 0;
}

/** Return how many shown events there are up to a step. */
export function positionOf(step) {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] <= step) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Return the next (or previous) shown step, or null. */
export function neighbour(step, direction) {
  const here = positionOf(step);
  if (direction > 0) {
    return here < steps.length ? steps[here] : null;
  }
  const before = stepAt(here) === step ? here - 1 : here;
  return step === 0 ? null : stepAt(before);
}

/** Return the next (or previous) shown step whose event has the same `key`, or null. */
export function neighbourWithSame(key, step, direction) {
  const wanted = events[step - 1]?.[key];
  let next = neighbour(step, direction);
  while (next && wanted !== undefined && events[next - 1][key] !== wanted) {
    next = neighbour(next, direction);
  }
  return next || null;
}

/** Tell whether a lane is drawn. */
export function showsLane(id) {
  return contexts.has(id) && !without.lanes.has(id);
}
