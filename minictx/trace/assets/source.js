// Show the source around the line where an event happened.
import { placeOf, sources } from "./data.js";
import { byId, el } from "./dom.js";

const ABOVE = 4; // lines
const BELOW = 7;

/** Show the excerpt of this event; nothing of ours has run at step 0. */
export function drawSource(event) {
  const [file, line] = event ? placeOf(event) : [null, null];
  const source = sources.find(
    ({ file: name, first, lines }) => name === file && first <= line && line < first + lines.length,
  );
  if (!source) {
    const text = event ? "No line of source was recorded for this step." : "Nothing has run yet.";
    byId("excerpt").replaceChildren(el("p", { class: "note" }, file ? `${file}, line ${line}: ${text}` : text));
    return;
  }
  const start = Math.max(line - ABOVE, source.first);
  const lines = source.lines.slice(start - source.first, line + BELOW + 1 - source.first);
  const rows = lines.map((text, index) => drawLine(start + index, text, start + index === line));
  byId("excerpt").replaceChildren(
    el("p", { class: "file" }, el("code", {}, `${file}:${line}`)),
    el("ol", { class: "code", tabindex: 0, "aria-label": `${file} around line ${line}` }, ...rows),
  );
}

function drawLine(number, text, current) {
  return el(
    "li",
    { "aria-current": current ? "step" : null },
    el("span", { class: "number" }, number, " "),
    el("code", {}, ...colour(text), "\n"),
  );
}

const KEYWORDS =
  "and|as|assert|async|await|break|case|class|continue|def|del|elif|else|except|finally|for|from|" +
  "global|if|import|in|is|lambda|match|nonlocal|not|or|pass|raise|return|try|while|with|yield|" +
  "None|True|False";
const TOKENS = new RegExp(
  `(?<comment>#.*)|(?<string>[rbfRBF]{0,2}(?:"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'))|` +
    `(?<keyword>\\b(?:${KEYWORDS})\\b)|(?<decorator>^\\s*@[\\w.]+)`,
  "g",
);

/** Colour one line, which is enough to read an excerpt; strings of many lines stay plain. */
function colour(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    const kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
    parts.push(text.slice(end, match.index), el("span", { class: kind }, match[0]));
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)];
}
