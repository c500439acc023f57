/**
 * How an object that one coroutine makes, uses and gives up is given up whatever happens: by the `finally` that closes it
 * already, or by an `async with` around its life. Knows no library.
 */
import type { Edit } from "../text/edits.js";
import {
  contains,
  endOf,
  isFirstOnLine,
  kindOf,
  lineEnd,
  lineOf,
  lineStart,
  type NodeId,
  parentOf,
  runningIn,
  type Source,
  startOf,
  statementOf,
  statementsOf,
} from "../text/source.js";

/** An object that a plain assignment makes. */
export interface OpenObject {
  readonly name: string;
  /** For reasons: "connection". */
  readonly noun: string;
  /** `name = construction`. */
  readonly statement: NodeId;
  /** Where it, or what came out of it, is used. */
  readonly places: readonly NodeId[];
  /** The calls that close it. */
  readonly closes: readonly NodeId[];
  /** Statements directly behind the first that go. */
  readonly removed: readonly NodeId[];
}

export interface Held {
  /** The call that closes it, and stays: to be awaited. Nothing else changes then. */
  readonly close?: NodeId;
  /** Turns the assignment into the head of a block; a close at its end goes. */
  readonly edits: readonly Edit[];
  /** The lines that move into the block. */
  readonly moved: readonly { readonly start: number; readonly end: number }[];
}

/** How the object is held open for its whole life and no longer, or why that cannot be. */
export function holdOpen(source: Source, object: OpenObject): Held | string {
  const { noun, statement, places, closes, removed } = object;
  const siblings = statementsOf(source, parentOf(source, statement));
  const next = siblings[siblings.indexOf(removed.at(-1) ?? statement) + 1];
  const [close] = closes;
  if (next === undefined || close === undefined || closes.length > 1 || !closesFinally(source, next, close))
    return wrap(source, object);
  const within = [next, ...removed];
  if (places.some((place) => !within.some((holder) => contains(source, holder, place))))
    return `the ${noun} is used outside of the block that closes it`;
  if (places.some((place) => startOf(source, place) > endOf(source, close))) return `the ${noun} is used behind its end`;
  return { close, edits: [], moved: [] };
}

/** `try: ... finally: db.close()`. */
function closesFinally(source: Source, statement: NodeId, close: NodeId): boolean {
  if (kindOf(source, statement) !== "try_statement") return false;
  const last = source.tree.children(statement).at(-1);
  const block = last !== undefined && kindOf(source, last) === "finally_clause" ? source.tree.children(last).at(-1) : undefined;
  const first = block === undefined ? undefined : statementsOf(source, block)[0];
  return first !== undefined && source.tree.children(first)[0] === close;
}

/** `async with` around everything from the assignment to the last use; a close at the end goes. */
function wrap(source: Source, { name, noun, statement, places, closes, removed }: OpenObject): Held | string {
  const siblings = statementsOf(source, parentOf(source, statement));
  const start = startOf(source, statement);
  const holders = places.map((place) => siblings.find((sibling) => contains(source, sibling, place)));
  if (holders.some((holder) => holder === undefined || holder < statement))
    return `\`${name}\` is used outside of the suite it is made in`;
  const closing = closes.map((call) => statementOf(source, call));
  const last = Math.max(statement, ...(holders as NodeId[]));
  const ends = closing.every((closed) => closed === last && parentOf(source, closes[0] as NodeId) === closed);
  if (closing.length > 1 || !ends) return `the ${noun} is closed on some ways only, or before its last use`;
  const moved = siblings.filter((sibling) => sibling > statement && sibling <= last && !closing.includes(sibling));
  const end = moved.filter((sibling) => !removed.includes(sibling)).at(-1);
  if (end === undefined) return `nothing is done with the ${noun}`;
  // What comes out of the object must not be used behind its end.
  if (moved.some((sibling) => [...runningIn(source, sibling)].some((node) => kindOf(source, node) === "yield")))
    return `the function yields while the ${noun} is open`;
  const lines = [statement, ...moved, ...closing];
  if (lines.some((line) => !isAlone(source, line))) return "several statements stand on one line";
  const [assignment] = source.tree.children(statement);
  const right = assignment === undefined ? undefined : source.tree.child(assignment, "right");
  if (right === undefined) return `the ${noun} is not kept in a plain variable`;
  const edits: Edit[] = [
    { start, end: startOf(source, right), text: "async with " },
    { start: endOf(source, right), end: endOf(source, statement), text: ` as ${name}:` },
    ...closing.map((closed) => removeLines(source, closed)),
  ];
  const from = source.lineStarts[lineOf(source, endOf(source, statement)) + 1] as number;
  return { edits, moved: [{ start: from, end: lineEnd(source, endOf(source, end)) }] };
}

/** The statement has its lines for itself. */
export function isAlone(source: Source, statement: NodeId): boolean {
  const siblings = statementsOf(source, parentOf(source, statement));
  const next = siblings[siblings.indexOf(statement) + 1];
  const isShared = next !== undefined && lineOf(source, startOf(source, next)) === lineOf(source, endOf(source, statement));
  return isFirstOnLine(source, startOf(source, statement)) && !isShared;
}

/** Takes out the lines of a statement that has them for itself. */
export function removeLines(source: Source, statement: NodeId): Edit {
  const next = source.lineStarts[lineOf(source, endOf(source, statement)) + 1] ?? source.text.length;
  return { start: lineStart(source, startOf(source, statement)), end: next, text: "" };
}
