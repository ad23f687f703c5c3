// Buttons, keys and filters: all that changes what is shown.
import { contextLabel, events } from "./data.js";
import { byId, el } from "./dom.js";
import { counts, neighbour, neighbourWithSame, positionOf, refilter, shownCount, stepAt, without } from "./filter.js";
import { colourOf } from "./lanes.js";

const BOXES = 200; // more lanes than this are not offered one by one

/** Connect the controls to what main.js can do: go(step), step(direction), redraw() and so on. */
export function setUpControls(actions) {
  const { model, go, step, reveal, setPredict } = actions;
  const play = player(step, model);
  const same = (key, direction) => {
    const found = neighbourWithSame(key, model.step, direction);
    if (found !== null) {
      go(found);
    }
  };
  const buttons = {
    first: () => go(0),
    back: () => step(-1),
    play: () => play.toggle(),
    forward: () => step(1),
    last: () => go(stepAt(shownCount())),
    "kind-back": () => same("kind", -1),
    "kind-next": () => same("kind", 1),
    "lane-back": () => same("context", -1),
    "lane-next": () => same("context", 1),
    predict: () => setPredict(!model.predict),
    reveal,
    "help-button": () => byId("help").showModal(),
  };
  for (const [id, action] of Object.entries(buttons)) {
    byId(id).addEventListener("click", () => {
      if (id !== "play" && id !== "help-button") {
        play.stop();
      }
      action();
    });
  }
  byId("slider").addEventListener("input", () => go(stepAt(Number(byId("slider").value))));
  byId("goto").addEventListener("change", () => go(Number(byId("goto").value)));
  byId("speed").addEventListener("change", () => play.restart());
  document.addEventListener("keydown", (press) => onKey(press, buttons));
}

/** Show in the controls what the model says. */
export function drawControls(model) {
  const slider = byId("slider");
  slider.max = shownCount();
  slider.value = positionOf(model.step);
  slider.setAttribute("aria-valuetext", `step ${model.step} of ${events.length}`);
  byId("goto").max = events.length;
  byId("goto").value = model.step;
  byId("predict").setAttribute("aria-pressed", model.predict);
  // Not `disabled`: a button that is disabled while it has the focus would lose it.
  const atStart = neighbour(model.step, -1) === null;
  const atEnd = neighbour(model.step, 1) === null && !model.covered;
  for (const [id, off] of Object.entries({ first: atStart, back: atStart, forward: atEnd, last: atEnd })) {
    byId(id).setAttribute("aria-disabled", off);
  }
  for (const id of ["kind-back", "kind-next", "lane-back", "lane-next"]) {
    byId(id).setAttribute("aria-disabled", model.step === 0);
  }
}

/** Step again and again. Meanwhile nothing is read aloud: it would never be done. */
function player(step, model) {
  let timer = 0;
  const show = (playing) => {
    byId("play").querySelector(".play-text").textContent = playing ? "Pause" : "Play";
    byId("play").querySelector(".play-icon").textContent = playing ? "❚❚" : "▶";
    byId("sentence").setAttribute("aria-live", playing ? "off" : "polite");
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    show(false);
  };
  const start = () => {
    show(true);
    timer = setInterval(() => {
      if (!step(1)) {
        stop();
      }
    }, 1000 / Number(byId("speed").value));
  };
  return {
    stop,
    toggle() {
      timer ? stop() : start();
    },
    restart() {
      if (timer) {
        stop();
        start();
      }
    },
  };
}

const KEYS = { ArrowRight: "forward", ArrowLeft: "back", Home: "first", End: "last" };
const LETTERS = {
  " ": "play", p: "predict", k: "kind-next", K: "kind-back", l: "lane-next", L: "lane-back", "?": "help-button",
};

function onKey(press, buttons) {
  const { key, target } = press;
  const types = target.matches("input[type=number], input[type=range], select");
  if (press.ctrlKey || press.altKey || press.metaKey || types || byId("help").open) {
    return;
  }
  const presses = target.matches("button, summary, input"); // space and Enter are theirs
  if (key === "Enter" && !presses && !byId("reveal").hidden) {
    byId("reveal").click();
  } else if (KEYS[key]) {
    byId(KEYS[key]).click();
  } else if (byId("letters").checked && !(key === " " && presses) && (LETTERS[key] || jumps[key])) {
    LETTERS[key] ? byId(LETTERS[key]).click() : jumps[key]();
  } else {
    return;
  }
  press.preventDefault();
}

function changeSpeed(by) {
  const speed = byId("speed");
  speed.selectedIndex = Math.min(Math.max(speed.selectedIndex + by, 0), speed.options.length - 1);
  speed.dispatchEvent(new Event("change"));
}

const jumps = {
  "+": () => changeSpeed(1),
  "-": () => changeSpeed(-1),
  g: () => byId("goto").select(),
  e: () => byId("list").focus(),
  f: () => {
    byId("filters").open = true;
    byId("filters").querySelector("summary").focus();
  },
};

/** Make a box for each lane and each kind; `changed` is called when one is ticked. */
export function setUpFilters(changed) {
  const groups = [
    ["lanes", contextLabel, colourOf],
    ["kinds", String, () => ""],
  ];
  for (const [what, label, colour] of groups) {
    const boxes = [...counts[what]].slice(0, BOXES).map(([key, count]) => {
      const box = el("input", { type: "checkbox", "data-key": key });
      box.addEventListener("change", () => {
        box.checked ? without[what].delete(key) : without[what].add(key);
        changed();
      });
      return el("label", { class: colour(key) }, box, ` ${label(key)} `, el("small", {}, count));
    });
    const all = button("all", () => without[what].clear());
    const none = button("none", () => [...counts[what].keys()].forEach((key) => without[what].add(key)));
    all.setAttribute("aria-label", `all ${what}`);
    none.setAttribute("aria-label", `no ${what}`);
    byId(`filter-${what}`).append(...boxes, el("span", { class: "pair" }, all, none));
  }

  function button(text, action) {
    const made = el("button", { type: "button" }, text);
    made.addEventListener("click", () => {
      action();
      changed();
    });
    return made;
  }
}

/** Tick the boxes of what is shown, and say how much of the trace that is. */
export function drawFilters() {
  for (const what of ["lanes", "kinds"]) {
    const keys = [...counts[what].keys()];
    byId(`filter-${what}`).querySelectorAll("input").forEach((box, index) => {
      box.checked = !without[what].has(keys[index]);
    });
  }
  refilter();
  const count = shownCount();
  byId("filter-note").textContent =
    count === events.length ? `${count}` : `${count} of ${events.length} shown`;
}
