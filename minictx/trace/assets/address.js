// Keep the step and the filters in the address, #step=17&lanes=1,3, so that it can be shared.
import { counts, without } from "./filter.js";

/** Return what the address asks for, and set the filters that it names. */
export function readAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  leaveOut(without.lanes, counts.lanes, asked.get("lanes"), Number);
  leaveOut(without.kinds, counts.kinds, asked.get("kinds"), String);
  return { step: Number(asked.get("step")) || 0, predict: asked.get("predict") === "1" };
}

function leaveOut(excluded, all, list, convert) {
  excluded.clear();
  if (list !== null) {
    const chosen = new Set(list.split(",").filter(Boolean).map(convert));
    [...all.keys()].filter((key) => !chosen.has(key)).forEach((key) => excluded.add(key));
  }
}

let timer = 0;

/** Write the address, a moment later: browsers limit how often a page may do so. */
export function writeAddress({ step, predict }) {
  clearTimeout(timer);
  timer = setTimeout(() => history.replaceState(null, "", address(step, predict)), 150);
}

// Half of a surrogate pair, which a saved trace may have, would raise an error.
const encode = (key) => encodeURIComponent(String(key).replace(/\p{Surrogate}/gu, "\ufffd"));

function address(step, predict) {
  const parts = [`step=${step}`];
  for (const what of ["lanes", "kinds"]) {
    if (without[what].size > 0) {
      const chosen = [...counts[what].keys()].filter((key) => !without[what].has(key));
      parts.push(`${what}=${chosen.map(encode).join(",")}`);
    }
  }
  return `#${parts.concat(predict ? "predict=1" : []).join("&")}`;
}
