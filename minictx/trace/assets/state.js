// What all stacks and locals hold after a number of events: minictx/trace/state.py, once more.
import { contextTowers, events, needsContextTowers, ownerOf } from "./data.js";

export class State {
  /** {context: {stack: [values from bottom to top]}} */
  stacks = new Map();
  /** {context: {local: {name: value}}} */
  locals = new Map();
  /** Whoever ran last. */
  running = null;
  begun = new Set();
  /** {context: the step at which it ended} */
  ended = new Map();
  /** The recording is over: all that is still stored was left behind. */
  over = false;

  copy() {
    const copy = new State();
    for (const [context, stacks] of this.stacks) {
      copy.stacks.set(context, new Map([...stacks].map(([id, items]) => [id, [...items]])));
    }
    for (const [context, locals] of this.locals) {
      copy.locals.set(context, new Map([...locals].map(([id, names]) => [id, new Map(names)])));
    }
    copy.running = this.running;
    copy.begun = new Set(this.begun);
    copy.ended = new Map(this.ended);
    copy.over = this.over;
    return copy;
  }

  stack(context, id) {
    return this.stacks.get(context)?.get(id) ?? [];
  }

  names(context, id) {
    return this.locals.get(context)?.get(id) ?? new Map();
  }

  /** Tell whether a context left something behind: it ended, and has it still. */
  hasLeft(context) {
    return (this.over || this.ended.has(context)) && this.holds(context);
  }

  holds(context) {
    return Boolean(this.stacks.get(context)?.size || this.locals.get(context)?.size);
  }

  /** Take one more event into account. */
  apply(event, step) {
    const owner = ownerOf(event);
    this.running = event.context;
    this.begun.add(event.context);
    switch (event.kind) {
      case "end":
        this.ended.set(event.context, step);
        this.clear(event.context);
        this.setLeft(event.left);
        break;
      case "left":
        this.over = true;
        [...this.begun].filter((id) => !this.ended.has(id)).forEach((id) => this.clear(id));
        this.setLeft(event.left);
        break;
      case "inherit":
        this.setLeft(event.held);
        break;
      case "change":
        drop(this.stacks, owner, event.object);
        this.setLeft(event.held);
        break;
      case "set":
        inner(inner(this.locals, owner), event.object).set(event.name, event.value);
        break;
      case "delete":
        this.delete(owner, event.object, event.name);
        break;
      case "release":
        drop(this.locals, owner, event.object);
        drop(this.stacks, owner, event.object);
        break;
      case "push":
        this.push(owner, event.object, event.value);
        break;
      case "pop":
        this.pop(owner, event.object);
        break;
      case "context_push":
        if (needsContextTowers && event.phase !== "end") {
          this.push(owner, contextTowers.get(event.type), event.value);
        }
        break;
      case "context_pop": // its teardown functions, in between, still see it
        if (needsContextTowers && event.phase !== "begin") {
          this.pop(owner, contextTowers.get(event.type));
        }
        break;
    }
  }

  push(owner, id, value) {
    const stacks = inner(this.stacks, owner);
    stacks.has(id) ? stacks.get(id).push(value) : stacks.set(id, [value]);
  }

  pop(owner, id) {
    const items = this.stack(owner, id);
    items.pop();
    if (items.length === 0) {
      drop(this.stacks, owner, id);
    }
  }

  delete(owner, id, name) {
    const names = this.names(owner, id);
    names.delete(name);
    if (names.size === 0) {
      drop(this.locals, owner, id);
    }
  }

  clear(context) {
    this.stacks.delete(context);
    this.locals.delete(context);
  }

  // The list of what was left is the truth, also for what was stored before the recording.
  setLeft(left) {
    const items = (left ?? []).filter((entry) => entry.name === null);
    for (const { context, object } of items) {
      drop(this.stacks, context, object);
    }
    for (const { context, object, value } of items) {
      this.push(context, object, value);
    }
    for (const { context, object, name, value } of left ?? []) {
      if (name !== null) {
        inner(inner(this.locals, context), object).set(name, value);
      }
    }
  }
}

function inner(maps, key) {
  if (!maps.has(key)) {
    maps.set(key, new Map());
  }
  return maps.get(key);
}

function drop(maps, context, id) {
  maps.get(context)?.delete(id);
  if (maps.get(context)?.size === 0) {
    maps.delete(context);
  }
}

// To go back is to go forward from a copy that was kept, at most this many events earlier.
const BETWEEN_COPIES = 1000;
const copies = [];

/** {context: {stack or local: how much it ever holds}}: room to keep, so that nothing jumps. */
export const room = new Map();

readAll();

/** Read all events once: keep the copies, and see which lane ever holds what. */
function readAll() {
  const state = new State();
  copies.push(state.copy());
  events.forEach((event, index) => {
    state.apply(event, index + 1);
    if ((index + 1) % BETWEEN_COPIES === 0) {
      copies.push(state.copy());
    }
    if (["inherit", "change", "left", "end"].includes(event.kind)) {
      (event.held ?? event.left ?? []).forEach((entry) => measure(state, entry.context, entry.object));
    } else if (["push", "set", "context_push"].includes(event.kind)) {
      measure(state, ownerOf(event), event.object ?? contextTowers.get(event.type));
    }
  });
}

function measure(state, owner, id) {
  const size = Math.max(state.stack(owner, id).length, state.names(owner, id).size);
  const rooms = inner(room, owner);
  if (size > 0 || rooms.has(id)) {
    rooms.set(id, Math.max(size, rooms.get(id) ?? 0));
  }
}

/** Return the state after this many events. */
export function stateAt(step) {
  const kept = Math.floor(step / BETWEEN_COPIES);
  const state = copies[kept].copy();
  for (let next = kept * BETWEEN_COPIES + 1; next <= step; next++) {
    state.apply(events[next - 1], next);
  }
  return state;
}
