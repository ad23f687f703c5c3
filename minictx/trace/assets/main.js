// Put everything together: one model says what is shown, draw() shows it.
import { readAddress, writeAddress } from "./address.js";
import { drawControls, drawFilters, setUpControls, setUpFilters } from "./controls.js";
import { contextLabel, contexts, events, objectLabel, placeOf, python } from "./data.js";
import { describe, isTrouble, question, toNodes } from "./describe.js";
import { byId, el } from "./dom.js";
import { neighbour } from "./filter.js";
import { colourOf, drawLanes } from "./lanes.js";
import { drawLines } from "./lines.js";
import { drawList, drawListForPrint, endPrint, setUpList } from "./list.js";
import { drawProxies } from "./proxies.js";
import { drawSource } from "./source.js";
import { stateAt } from "./state.js";

const model = {
  step: 0, // where we are: after this many events
  covered: false, // the effect of this step is not to be seen yet
  predict: false,
  shown: 0, // the last step whose effect may be seen
  event: null, // the event of that step
  state: null, // what it led to
};

/** Go to a step, covered or not. */
function go(step, covered = false) {
  const whole = Number.isFinite(step) ? Math.trunc(step) : 0;
  model.step = Math.min(Math.max(whole, 0), events.length);
  model.covered = covered && model.step > 0;
  model.shown = model.covered ? model.step - 1 : model.step;
  model.event = model.shown > 0 ? events[model.shown - 1] : null;
  model.state = stateAt(model.shown);
  draw();
}

/** Step forward or back; false at the end. In predict mode a step is covered first. */
function step(direction) {
  if (direction > 0 && model.covered) {
    reveal();
    return true;
  }
  const next = neighbour(model.step, direction);
  if (next === null) {
    return false;
  }
  go(next, model.predict && direction > 0);
  return true;
}

function reveal() {
  const hadFocus = document.activeElement === byId("reveal");
  go(model.step);
  if (hadFocus) {
    byId("forward").focus(); // the button that had it is gone
  }
}

function setPredict(predict) {
  model.predict = predict;
  go(model.step);
}

function draw() {
  drawList(model); // first, since it asks how far it is scrolled: nothing has to be laid out yet
  drawNow();
  drawProxies(model.event);
  drawLanes(model);
  drawSource(model.covered ? lineToThinkAbout() : model.event);
  drawControls(model);
  showRunningLane();
  drawLines(model);
  writeAddress(model);
}

/** Return the event whose line may be seen while its effect is covered. */
function lineToThinkAbout() {
  const next = events[model.step - 1];
  return ["begin", "switch", "left"].includes(next.kind) ? model.event : next;
}

function drawNow() {
  const event = events[model.step - 1];
  byId("now-title").textContent = `Step ${model.step} of ${events.length}`;
  byId("reveal").hidden = !model.covered;
  byId("now").className = !model.covered && event && isTrouble(event) ? "trouble" : "";
  if (!event) {
    byId("sentence").replaceChildren("Before the first event. Step forward to begin.");
    byId("details").replaceChildren();
  } else if (model.covered) {
    byId("sentence").replaceChildren(...toNodes(question(event)));
    byId("details").replaceChildren(el("p", { class: "note" }, "Say what you expect, then reveal it."));
  } else {
    const who = el("b", { class: colourOf(event.context) }, contextLabel(event.context));
    byId("sentence").replaceChildren(who, " ", ...toNodes(describe(event)));
    byId("details").replaceChildren(...drawDetails(event));
  }
}

function drawDetails(event) {
  const [file, line, name] = placeOf(event);
  const facts = [el("span", { class: "kind" }, event.kind)];
  if (file !== null) {
    facts.push(el("span", {}, el("code", {}, `${file.split(/[\\/]/).at(-1)}:${line}`)));
  }
  if (name) {
    facts.push(el("span", {}, "in ", el("code", {}, name)));
  }
  if (typeof event.t === "number") {
    facts.push(el("span", {}, `after ${(event.t * 1000).toFixed(3)} ms`));
  }
  const details = [el("p", { class: "facts" }, ...facts)];
  if (event.message) {
    details.push(el("pre", { tabindex: 0, "aria-label": "Message" }, event.message));
  }
  if (event.kind === "signal" && event.value) {
    details.push(el("p", { class: "note" }, "with ", el("code", {}, event.value)));
  }
  if (event.left?.length) {
    const items = event.left.slice(0, 20).map(({ object, context, name: attribute, value }) => {
      const where = attribute === null ? objectLabel(object) : `${objectLabel(object)}.${attribute}`;
      return el("li", {}, el("code", {}, value), " in ", el("code", {}, where), ` of ${contextLabel(context)}`);
    });
    details.push(el("p", { class: "note" }, "Still stored:"), el("ul", { class: "left-list" }, ...items));
  }
  return details;
}

/** Scroll sideways until the lane of this event is in view. */
function showRunningLane() {
  const lane = byId(`lane-${model.event?.context}`)?.closest(".lane");
  const scroller = byId("scroller");
  if (!lane || scroller.scrollWidth <= scroller.clientWidth) {
    return;
  }
  const [box, view] = [lane.getBoundingClientRect(), scroller.getBoundingClientRect()];
  if (box.left < view.left || box.right > view.right) {
    scroller.scrollLeft += box.left - view.left - Math.max((view.width - box.width) / 2, 0);
  }
}

function followAddress() {
  const asked = readAddress();
  drawFilters();
  model.predict = asked.predict;
  go(asked.step, asked.predict);
}

const types = [...contexts.values()].map(({ type }) => type);
const kinds = [...new Set(types)]
  .map((type) => [types.filter((other) => other === type).length, type])
  .map(([number, type]) => `${number} ${type}${number === 1 ? "" : "s"}`)
  .join(", ");
byId("summary").textContent =
  `Python ${python}. ${events.length} events, ${kinds}.`;

setUpControls({ model, go, step, reveal, setPredict });
setUpList({ go, step });
setUpFilters(() => {
  drawFilters();
  draw();
});
window.addEventListener("hashchange", followAddress);
window.addEventListener("beforeprint", () => drawListForPrint(25));
window.addEventListener("afterprint", () => {
  endPrint();
  draw();
});
const resized = new ResizeObserver(() => {
  drawList(model, false);
  drawLines(model);
});
resized.observe(byId("list-scroller"));
resized.observe(byId("board"));
byId("scroller").addEventListener("scroll", () => drawLines(model), { passive: true });
followAddress();
