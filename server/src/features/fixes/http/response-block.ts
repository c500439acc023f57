/**
 * The block in which a response that is read as it comes lives: the statements that move into it, and each use of the response
 * with the attribute it reads. Says why where there is no such block, or a use has no twin.
 */

import type { FixRequest } from "../request.js";
import { whyNoAwait } from "../text/awaiting.js";
import { freshName } from "../text/edits.js";
import { mentionsOf } from "../text/flow.js";
import { literalOf } from "../text/literals.js";
import { isBinding } from "../text/scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  contains,
  descendantsOf,
  endOf,
  isFirstOnLine,
  isSuite,
  kindOf,
  lineEnd,
  lineOf,
  lineStart,
  type NodeId,
  parentOf,
  runningIn,
  type Source,
  startOf,
  statementsOf,
  textOf,
} from "../text/source.js";
import { type AttributeUse, isKeyRead, isPlainCall, type ResponseLife } from "./response-life.js";
import { isStreamLoop, type StreamLoop, streamLoopOf, whyReadTwice } from "./response-stream.js";

export interface Use {
  /** The expression that is replaced. */
  readonly node: NodeId;
  /** The attribute of the response that is used. */
  readonly attribute: string;
  /** The loop over the body that it stands at the head of. */
  readonly loop?: StreamLoop;
}

export interface Plan {
  /** First and last statement that move into the block. */
  readonly first: NodeId;
  readonly last: NodeId;
  /** The request is bound to a variable by `first`, which disappears into the head of the block. */
  readonly isAssignment: boolean;
  /** `first` is a `with` statement: its body is the block already. */
  readonly isManaged: boolean;
  readonly response: string;
  readonly uses: readonly Use[];
  /** Read the whole body at once, as requests does, since it is used later or not at all. */
  readonly readsFirst: boolean;
}

/** The twin of a use, or why it has none. */
export type Reader = (request: FixRequest, use: AttributeUse) => Use | string;

/** The block for a response, or why there is none. `isStreamed`: its body is read when asked for only. */
export function planOf(
  request: FixRequest,
  life: ResponseLife,
  call: NodeId,
  isStreamed: boolean,
  read: Reader = useOf,
): Plan | string {
  const plan = life.isManaged ? planManaged(request, life, read) : planLines(request, life, call, read);
  if (typeof plan === "string") return plan;
  const { source } = request;
  const loops = plan.uses.flatMap(({ loop }) => (loop === undefined ? [] : [loop.call]));
  const bodies = plan.uses.filter(({ attribute }) => BODY.test(attribute)).map(({ node }) => node);
  const twice = whyReadTwice(source, bodies, loops);
  if (twice) return twice;
  if (isStreamed && plan.uses.length === 0) return "nothing is read of the response, which is streamed";
  return isStreamed || loops.length > 0 ? { ...plan, readsFirst: false } : plan;
}

function planLines(request: FixRequest, life: ResponseLife, call: NodeId, read: Reader): Plan | string {
  const { source } = request;
  const { statement, name } = life;
  if (!isSuite(source, parentOf(source, statement)) || !isFirstOnLine(source, startOf(source, statement)))
    return "the statement does not stand on a line of its own";
  if (!isFirstOf(source, statement, call)) return "the request is a part of a compound statement";
  return name === undefined ? planExpression(request, life, call, read) : planAssignment(request, life, name, read);
}

/** The statement is a simple one, or begins with what the request is a part of: `if requests.get(url).ok:`. */
function isFirstOf(source: Source, statement: NodeId, call: NodeId): boolean {
  const kind = kindOf(source, statement);
  if (/^(expression|return)_statement$/.test(kind)) return true;
  const head = kind === "if_statement" ? "condition" : kind === "for_statement" ? "right" : undefined;
  const part = head === undefined ? undefined : source.tree.child(statement, head);
  return part !== undefined && contains(source, part, call) && !source.tree.tokens(statement).includes("async");
}

/** `with requests.get(...) as response:`, all in the block. */
function planManaged(request: FixRequest, { statement, name, uses: found }: ResponseLife, read: Reader): Plan | string {
  const { source } = request;
  const body = source.tree.child(statement, "body") as NodeId;
  const [inner] = statementsOf(source, body);
  if (name === undefined) return "the response has no name in its `with`";
  if (inner === undefined || !isFirstOnLine(source, startOf(source, statement)) || !isFirstOnLine(source, startOf(source, inner)))
    return "the `with` of the response stands on one line";
  const uses: Use[] = [];
  for (const each of found) {
    if (each.isNested) return `\`${name}\` is used in a nested function, a lambda or a generator`;
    if (!each.isSole) return `\`${name}\` is also used where it may come from elsewhere`;
    if (!contains(source, body, each.response)) return `\`${name}\` is used behind its block`;
    const use = read(request, each);
    if (typeof use === "string") return use;
    uses.push(use);
  }
  if (mentionsOf(source, name, statement).some((mention) => isBinding(source, mention) && contains(source, body, mention)))
    return `\`${name}\` is assigned anew among its uses`;
  const closed = whyBodyClosed(source, uses);
  if (closed) return closed;
  const plan = { first: statement, last: statement, isAssignment: true, isManaged: true, response: name, uses };
  return { ...plan, readsFirst: readsFirst(request, uses, source.tree.children(statement)[0] as NodeId, statement) };
}

/** `response = requests.get(...)`: every use stands in the statements that follow. */
function planAssignment(request: FixRequest, life: ResponseLife, name: string, read: Reader): Plan | string {
  const { source } = request;
  const { statement } = life;
  const uses: Use[] = [];
  const siblings = statementsOf(source, parentOf(source, statement));
  let last = statement;
  for (const found of life.uses) {
    if (found.isNested) return `\`${name}\` is used in a nested function, a lambda or a generator`;
    if (!found.isSole) return `\`${name}\` is also used where it may come from elsewhere`;
    const use = read(request, found);
    if (typeof use === "string") return use;
    uses.push(use);
    const holder = siblings.find((sibling) => contains(source, sibling, found.response)) as NodeId;
    if (holder > last) last = holder;
  }
  const moved = siblings.filter((sibling) => sibling >= statement && sibling <= last);
  const isReassigned = mentionsOf(source, name, statement).some(
    (mention) =>
      isBinding(source, mention) && moved.some((sibling) => sibling !== statement && contains(source, sibling, mention)),
  );
  if (isReassigned) return `\`${name}\` is assigned anew among its uses`;
  const ended = ownLines(source, siblings, statement, last);
  if (typeof ended === "string") return ended;
  const closed = whyBodyClosed(source, uses);
  if (closed) return closed;
  const plan = { first: statement, last: ended, isAssignment: true, isManaged: false, response: name, uses };
  // Who reads a body piece by piece holds it open anyway.
  if (!uses.some(({ loop }) => loop !== undefined) && moved.some((sibling) => isSuspending(source, sibling))) {
    return "the function yields between the request and the last use of its response";
  }
  return { ...plan, readsFirst: readsFirst(request, plan.uses, statement, last) };
}

/** A generator gives control away there. */
function isSuspending(source: Source, statement: NodeId): boolean {
  return [...runningIn(source, statement)].some((node) => kindOf(source, node) === "yield");
}

/** aiohttp closes the response when raise_for_status raises: what was caught leaves no body to read. */
function whyBodyClosed(source: Source, uses: readonly Use[]): string | undefined {
  const raising = uses.filter((use) => use.attribute === "raise_for_status");
  const bodies = uses.filter((use) => BODY.test(use.attribute));
  for (const { node } of raising) {
    for (const ancestor of ancestorsOf(source, node)) {
      const body = kindOf(source, ancestor) === "try_statement" ? source.tree.child(ancestor, "body") : undefined;
      if (body === undefined || !contains(source, body, node)) continue;
      if (bodies.some((use) => use.node > node && !contains(source, body, use.node))) {
        return "the body is read after raise_for_status may have raised, and aiohttp has closed the response by then";
      }
    }
  }
  return undefined;
}

/** The last statement to move, with those that share its line; the first must have its lines for itself. */
function ownLines(source: Source, siblings: readonly NodeId[], first: NodeId, last: NodeId): NodeId | string {
  const after = siblings.find((sibling) => sibling > first);
  if (after !== undefined && lineOf(source, startOf(source, after)) === lineOf(source, endOf(source, first))) {
    return "another statement stands on the same line";
  }
  let end = last;
  for (const sibling of siblings) {
    if (sibling > end && lineOf(source, startOf(source, sibling)) === lineOf(source, endOf(source, end))) end = sibling;
  }
  return end;
}

/** `requests.get(...).json()` inside a statement, which moves into the block as it is. */
function planExpression(
  request: FixRequest,
  { statement, uses: [found] }: ResponseLife,
  call: NodeId,
  read: Reader,
): Plan | string {
  const { source } = request;
  const use = found && read(request, found);
  if (typeof use === "string") return use;
  const early = whyNotFirst(source, call, statement);
  if (early) return early;
  if (isSuspending(source, statement)) return "the function yields in the statement of the request";
  const ended = ownLines(source, statementsOf(source, parentOf(source, statement)), statement, statement);
  if (typeof ended === "string") return ended;
  const response = freshName(source, "response");
  const uses = use ? [use] : [];
  return { first: statement, last: ended, isAssignment: false, isManaged: false, response, uses, readsFirst: !use };
}

/** Why the request cannot go to the head of its statement: something else is evaluated before it, or it may not run. */
function whyNotFirst(source: Source, call: NodeId, statement: NodeId): string | undefined {
  let child = call;
  for (const ancestor of ancestorsOf(source, call)) {
    switch (kindOf(source, ancestor)) {
      case "boolean_operator":
        if (source.tree.child(ancestor, "left") !== child) return "the request is made on a condition";
        break;
      case "conditional_expression":
        return "the request is made on a condition";
      case "comparison_operator":
        if (source.tree.children(ancestor).length > 2) return "the request is a part of a longer comparison";
        break;
      case "list_comprehension":
      case "set_comprehension":
      case "dictionary_comprehension":
      case "generator_expression":
        return "the request is made in a comprehension";
      case "yield":
      case "named_expression":
        return "the request is a part of a yield or a named expression";
      default:
        break;
    }
    if (ancestor === statement) break;
    child = ancestor;
  }
  const [expression] = source.tree.children(statement);
  let from = startOf(source, statement);
  let assignment = expression;
  while (assignment !== undefined && /assignment$/.test(kindOf(source, assignment))) {
    // Targets are stored to last; of an augmented one the old value is read first, which a plain name does not mind.
    const left = source.tree.child(assignment, "left") as NodeId;
    if (kindOf(source, assignment) === "augmented_assignment" && kindOf(source, left) !== "identifier")
      return "the target of the assignment is read before the request";
    assignment = source.tree.child(assignment, "right");
    if (assignment !== undefined) from = startOf(source, assignment);
  }
  for (const node of descendantsOf(source, statement)) {
    if (startOf(source, node) < from || startOf(source, node) >= startOf(source, call) || contains(source, node, call)) continue;
    if (
      /^(call|await|subscript|binary_operator|comparison_operator|named_expression|interpolation|list_comprehension)$/.test(
        kindOf(source, node),
      )
    ) {
      return "something else is evaluated before the request";
    }
  }
  return undefined;
}

/** The twin of a use, or why it has none. */
function useOf(request: FixRequest, found: AttributeUse): Use | string {
  const { source } = request;
  const { attribute, name, call } = found;
  if (isStreamLoop(found)) {
    const loop = streamLoopOf(request, found);
    return typeof loop === "string" ? loop : { node: loop.call, attribute: name, loop };
  }
  switch (name) {
    case "status_code":
    case "ok":
    case "reason":
      return call === undefined ? { node: attribute, attribute: name } : `\`${name}\` of the response is called`;
    case "headers":
      return isKeyRead(source, attribute)
        ? headerUse(source, attribute)
        : "the headers as a whole are used, which aiohttp holds differently";
    case "raise_for_status":
      return isPlainCall(source, call === undefined ? {} : { call })
        ? { node: attribute, attribute: name }
        : "raise_for_status is not called as a statement";
    case "json":
      if (call === undefined || argumentsOf(source, call).length > 0) return "json is not called without arguments";
      return awaitable(request, call, name);
    case "close":
      return isPlainCall(source, call === undefined ? {} : { call })
        ? { node: attribute, attribute: name }
        : "close is not called as a statement";
    case "text":
    case "content":
      if (call !== undefined) return `\`${name}\` of the response is called`;
      return awaitable(request, attribute, name);
    default:
      return `\`${name}\` of the response has no twin in aiohttp that is known to be equal`;
  }
}

/** Headers that an answer has once. */
const SINGLE =
  /^["'](content-(type|length|disposition|encoding|range|location|md5)|location|etag|last-modified|date|server|retry-after|age|expires|x-request-id|(x-)?ratelimit-[\w-]+|x-total(-count|-pages)?)["']$/i;

/** A header that may be repeated is one text in requests, and a list in aiohttp. */
function headerUse(source: Source, attribute: NodeId): Use | string {
  const outer = parentOf(source, attribute);
  const isSubscript = kindOf(source, outer) === "subscript";
  const [key] = isSubscript
    ? [source.tree.child(outer, "subscript")]
    : kindOf(source, outer) === "attribute"
      ? argumentsOf(source, parentOf(source, outer))
      : [];
  const isSingle = key !== undefined && SINGLE.test(textOf(source, literalOf(source, key)));
  if (isSingle || kindOf(source, outer) === "comparison_operator") return { node: attribute, attribute: "headers" };
  const isInText = [...ancestorsOf(source, attribute)].some((ancestor) => kindOf(source, ancestor) === "interpolation");
  return isSubscript && !isInText
    ? { node: outer, attribute: "repeated" }
    : "a header that is repeated is one text in requests, and a list in aiohttp";
}

function awaitable({ source, python }: FixRequest, node: NodeId, attribute: string): Use | string {
  return whyNoAwait(source, node, python) ?? { node, attribute };
}

const BODY = /^(json|text|content)$/;

/**
 * requests has the whole body when the call returns; aiohttp reads it when asked. The difference shows when the body is
 * asked for after something else waited, or never.
 */
function readsFirst(request: FixRequest, uses: readonly Use[], first: NodeId, last: NodeId): boolean {
  const { source } = request;
  if (uses.length === 0) return true;
  const bodies = uses.filter((use) => BODY.test(use.attribute));
  const lastBody = bodies.at(-1);
  if (lastBody === undefined) return false;
  const isBetween = (offset: number) => offset >= endOf(source, first) && offset < startOf(source, lastBody.node);
  for (let node = first; node < (source.tree.next[last] as number); node++) {
    if (kindOf(source, node) === "await" && isBetween(startOf(source, node))) return true;
    if (
      /^(with|for)_statement$/.test(kindOf(source, node)) &&
      source.tree.tokens(node).includes("async") &&
      isBetween(startOf(source, node))
    )
      return true;
  }
  const waits = request.host.findings(request.path).some((finding) => {
    const line = source.lineStarts[finding.location.start.line];
    return line !== undefined && isBetween(line + finding.location.start.column);
  });
  return waits;
}

// ---- Its lines ----

/** Lines [start, end) that move one step in; none when both are the same. */
export interface Moved {
  readonly start: number;
  readonly end: number;
}

/** The lines that move into the block of a response; its head stands before them. */
export function linesMoved(source: Source, plan: Plan): Moved {
  const end = lineEnd(source, endOf(source, plan.last));
  if (plan.isManaged) return { start: end, end };
  if (!turnsIntoHead(plan)) return { start: lineStart(source, startOf(source, plan.first)), end };
  const start = startOfBlock(source, plan.first);
  return plan.first === plan.last || start > end ? { start, end: start } : { start, end };
}

/** The statement of the request turns into the head; else the head is put in front of it. */
export function turnsIntoHead(plan: Plan): boolean {
  return plan.isAssignment || plan.uses.length === 0;
}

/** How many of the blocks hold the offset. */
export function depthAt(blocks: readonly Moved[], offset: number): number {
  return blocks.filter(({ start, end }) => start <= offset && offset < end).length;
}

/** The line behind the one on which `statement` ends: comments between two statements move with the second. */
function startOfBlock(source: Source, statement: NodeId): number {
  const line = lineOf(source, endOf(source, statement));
  return source.lineStarts[line + 1] ?? source.text.length;
}
