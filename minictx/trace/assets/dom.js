// Make elements. Text is always set as text: nothing in a trace can become markup.

const SVG = "http://www.w3.org/2000/svg";

/** Return the element of the page with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Make an element: el("p", { class: "note" }, "some text", anotherElement). */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Make an SVG element, in the same way. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}
