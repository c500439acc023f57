/**
 * `f(a, k=b)` -> `await asyncio.to_thread(f, a, k=b)` for the call at which the finding's path leaves the coroutine. The
 * callee and the arguments are evaluated where they were, in the same order; only the call itself moves. `with` blocks
 * over files move whole (block-to-thread.ts).
 */

import { type FixRequest, type Proposal, type Refusal, type Remedy, type RequestAround, refuse } from "../request.js";
import { type Offload, offloadAt } from "../text/asynchrony.js";
import { isStored, straddlesSharedState, whyNoAwait, whyNotSuspend } from "../text/awaiting.js";
import { awaitFrame, type Edit } from "../text/edits.js";
import { isRead, mentionsOf } from "../text/flow.js";
import { qualifiedName, scopeOfName } from "../text/scopes.js";
import {
  argumentsOf,
  descendantsOf,
  endOf,
  expressionStart,
  hasComment,
  indentOf,
  isFirstOnLine,
  kindOf,
  type NodeId,
  nodeAt,
  parentOf,
  type Source,
  startOf,
  textOf,
} from "../text/source.js";
import { blockToThread } from "./block-to-thread.js";
import { handOver } from "./hand-over.js";
import { stepInThread } from "./step-in-thread.js";
import { changesSharedState, handedToThread, whyNotInThread, whyNotRun } from "./threads.js";

export const NO_NAMES = "this file uses the names that the fix needs for something else, or another async library";

export const toThread: Remedy = { name: "to-thread", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source } = request;
  const isLeft = finding.rule === "executor-exit-blocks";
  if (!finding.rule.startsWith("blocking-") && !isLeft) return undefined;
  const step = finding.path[0];
  const block = enteredBlock(request);
  if (isLeft) return block === undefined ? undefined : blockToThread(request, block);
  if (block !== undefined) {
    const outcome = blockToThread(request, block);
    // Leaving the block where it is and opening the file in a thread would leave its reads on the loop.
    if (outcome.kind === "proposal" || step?.role !== "call" || finding.rule === "blocking-file") return outcome;
  }
  if (step?.role === "read") return proposeRead(request);
  const call = request.call;
  if (call === undefined) return refuse("what blocks here is no call");
  if (step?.role === "iterate" && isWalked(source, call)) return proposeListing(request, call);
  if (LAZY.test(qualifiedName(source, source.tree.child(call, "function") ?? call) ?? ""))
    return refuse("it makes an iterator only: what blocks is each step, taken where the iterator is read");
  const moved = fileChain(request, call) ?? call;
  const handed = handedToThread(source, call);
  if (handed) return handOver(request, call, handed);
  const reason = whyNotMoved(request, moved) ?? whyNotInThread(request, call);
  if (reason) return refuse(reason);
  const edits = moved === call ? offloadInThread(request, call) : offloadExpression(request, moved);
  if (typeof edits === "string") return refuse(edits);
  return proposal(edits, isSafeToPrefer(request, call), finding.gil === "shared" ? GIL : "");
}

/** What a thread does not do for work in Python. */
const GIL = ", beside the loop in turns of the GIL";

/** The call stands behind the `in` of a loop or comprehension, and is no `sorted()` or the like that consumes by itself. */
function isWalked(source: Source, call: NodeId): boolean {
  const name = qualifiedName(source, source.tree.child(call, "function") ?? call) ?? "";
  if (CONSUMERS.test(name)) return false;
  let value = call;
  while (kindOf(source, parentOf(source, value)) === "parenthesized_expression") value = parentOf(source, value);
  return /^for_(statement|in_clause)$/.test(kindOf(source, parentOf(source, value))) && source.tree.field(value) === "right";
}

const CONSUMERS = /^builtins\.(list|tuple|set|frozenset|dict|sorted|sum|any|all|max|min|len)$/;

/** Calls of the functions that they are given come later. */
const LAZY = /^(builtins\.(iter|map|filter|zip|enumerate|reversed)|itertools\.\w+)$/;

/** Iterators over folders: what they give does not depend on what is done between two items. */
const LISTINGS = /^(pathlib\.(_local\.)?Path\.(glob|rglob|iterdir)|glob\.iglob)$/;

/** `for p in path.glob("*")`: each step of the iterator blocks, so all of them move. */
function proposeListing(request: FixRequest, call: NodeId): Proposal | Refusal {
  const { source, finding } = request;
  const steps = stepInThread(request, call);
  if (steps) return typeof steps === "string" ? refuse(steps) : proposal(steps, false);
  if (finding.path.length > 1 || !LISTINGS.test(finding.path[0]?.callee ?? "")) {
    return refuse("each step of the loop blocks, and what happens between them cannot move to a thread with it");
  }
  const reason = whyNotMoved(request, call);
  if (reason) return refuse(reason);
  if (scopeOfName(source, "list", call)) return refuse("the name `list` means something else here");
  const offload = offloadAt(source, call, request.python, false);
  if (!offload) return refuse(NO_NAMES);
  const end = endOf(source, call);
  const [before] = awaitFrame(source, call);
  const start = startOf(source, call);
  const edits = [
    ...offload.edits,
    { start, end: start, text: `${before}${offload.before}list, ` },
    { start: end, end, text: offload.after },
  ];
  return proposal({ name: offload.name, edits }, false);
}

/** A property whose getter blocks: reading it moves as a lambda. */
function proposeRead(request: FixRequest): Proposal | Refusal {
  const { source } = request;
  const node = nodeAt(source, "attribute", request.start, request.end);
  if (node === undefined || endOf(source, node) !== request.end || isStored(source, node))
    return refuse("what blocks here is no call");
  const reason = whyNotMoved(request, node) ?? whyNotRun(request, node);
  if (reason) return refuse(reason);
  const edits = offloadExpression(request, node);
  return typeof edits === "string" ? refuse(edits) : proposal(edits, false);
}

function proposal(edits: Offloaded, isPreferred: boolean, but = ""): Proposal {
  return {
    kind: "proposal",
    title: `Run in a thread with ${edits.name}${but}`,
    action: "quickfix",
    preferred: isPreferred ? "alone" : false,
    edits: edits.edits,
  };
}

/** Why the expression must stay where it is, whatever it does. */
export function whyNotMoved(request: RequestAround, node: NodeId): string | undefined {
  const { source } = request;
  const reason = whyNoAwait(source, node, request.python) ?? whyNotSuspend(source, node);
  return reason ?? (isAwaitedLater(source, node) ? "its result is awaited, so a part of it needs the event loop" : undefined);
}

/** The value is awaited, iterated over or entered asynchronously, or made a task: at once, or through a variable. */
export function isAwaitedLater(source: Source, node: NodeId): boolean {
  let value = node;
  while (kindOf(source, parentOf(source, value)) === "parenthesized_expression") value = parentOf(source, value);
  const parent = parentOf(source, value);
  switch (kindOf(source, parent)) {
    case "await":
      return true;
    case "for_statement":
    case "for_in_clause":
      return source.tree.tokens(parent).includes("async");
    case "as_pattern": {
      const item = parentOf(source, parent);
      return kindOf(source, item) === "with_item" && isEnteredLater(source, item);
    }
    case "with_item":
      return isEnteredLater(source, parent);
    case "argument_list": {
      const callee = source.tree.child(parentOf(source, parent), "function");
      const name = callee === undefined ? "" : textOf(source, callee);
      return /(^|\.)(create_task|ensure_future|gather|wait_for|shield|run_coroutine_threadsafe|start_soon|aclosing)$/.test(name);
    }
    case "assignment": {
      const target = source.tree.child(parent, "left");
      if (target === undefined || kindOf(source, target) !== "identifier") return false;
      const reads = mentionsOf(source, textOf(source, target), target).filter((mention) => isRead(source, mention));
      return reads.some((mention) => isAwaitedLater(source, mention));
    }
    default:
      return false;
  }
}

/** The item belongs to an `async with`. */
function isEnteredLater(source: Source, item: NodeId): boolean {
  return source.tree.tokens(parentOf(source, parentOf(source, item))).includes("async");
}

/**
 * Fit to be applied unseen: worth a thread, and nothing that two tasks could now do at the same time. What runs on the
 * loop is never interrupted; in threads, two calls of the same function are.
 */
function isSafeToPrefer(request: FixRequest, call: NodeId): boolean {
  const { finding, source } = request;
  if (finding.severity === "hint" || finding.partOf !== undefined || finding.gil === "shared") return false;
  // A lock taken in a thread stays held across the await.
  if (/\.acquire$/.test(finding.path[0]?.callee ?? "")) return false;
  return !straddlesSharedState(source, call) && !changesSharedState(request, call);
}

export interface Offloaded {
  readonly name: string;
  readonly edits: readonly Edit[];
}

/** The `with` statement whose context manager is made or entered at the finding's site. */
export function enteredBlock(request: FixRequest): NodeId | undefined {
  const { source, start, end, call } = request;
  for (let node = 0; node < source.parents.length; node++) {
    if (kindOf(source, node) !== "with_item" || startOf(source, node) > start || endOf(source, node) < end) continue;
    const value = source.tree.child(node, "value");
    const [manager] = value !== undefined && kindOf(source, value) === "as_pattern" ? source.tree.children(value) : [value];
    if (manager === undefined) continue;
    const isSite =
      startOf(source, manager) <= start &&
      end <= endOf(source, manager) &&
      (call === undefined || managerIs(source, manager, call));
    if (isSite) return parentOf(source, parentOf(source, node));
  }
  return undefined;
}

function managerIs(source: Source, manager: NodeId, call: NodeId): boolean {
  let node = manager;
  while (node !== call && kindOf(source, node) === "parenthesized_expression") node = source.tree.children(node)[0] as NodeId;
  return node === call;
}

function offloadInThread({ source, python }: FixRequest, call: NodeId): Offloaded | string {
  return offloadCall(source, call, (hasKeywords) => offloadAt(source, call, python, hasKeywords));
}

/** Hands a call's function and arguments over, in the order in which they stand; or why that has no spelling. */
export function offloadCall(
  source: Source,
  call: NodeId,
  offloadFor: (hasKeywords: boolean) => Offload | undefined,
): Offloaded | string {
  const callee = source.tree.child(call, "function") as NodeId;
  const list = source.tree.child(call, "arguments") as NodeId;
  const values = argumentsOf(source, call);
  const [first] = values;
  const isGenerator = first === list;
  const gapStart = endOf(source, callee);
  const gapEnd = startOf(source, list) + (isGenerator ? 0 : 1);
  if (hasComment(source, gapStart, gapEnd)) return "a comment stands between the function and its arguments";
  const hasKeywords = values.some((value) => /^(keyword_argument|dictionary_splat)$/.test(kindOf(source, value)));
  const offload = offloadFor(hasKeywords);
  if (!offload) return NO_NAMES;
  const [before, after] = awaitFrame(source, call);
  const open = before + offload.before;
  const close = offload.after + after;
  const function_ = source.text.slice(expressionStart(source, call), endOf(source, callee));
  const edits: Edit[] = [...offload.edits];
  const end = endOf(source, call);
  if (first === undefined) {
    edits.push({ start: expressionStart(source, call), end: gapEnd, text: open + function_ });
  } else if (isGenerator) {
    edits.push({ start: expressionStart(source, call), end: gapEnd, text: `${open + function_}, ` });
    edits.push({ start: end, end, text: close });
    return { name: offload.name, edits };
  } else if (isFirstOnLine(source, startOf(source, first)) && startOf(source, first) > gapEnd) {
    // One argument a line: the function becomes the first of them.
    edits.push({ start: expressionStart(source, call), end: gapEnd, text: open });
    const separator = `,${source.newline}${indentOf(source, startOf(source, first))}`;
    edits.push({ start: startOf(source, first), end: startOf(source, first), text: function_ + separator });
  } else edits.push({ start: expressionStart(source, call), end: startOf(source, first), text: `${open + function_}, ` });
  // The call's own closing bracket becomes the innermost of the new ones.
  if (close.length > 1) edits.push({ start: end, end, text: close.slice(1) });
  return { name: offload.name, edits };
}

const READERS = new Set([
  "json.load",
  "pickle.load",
  "marshal.load",
  "tomllib.load",
  "tomli.load",
  "yaml.safe_load",
  "yaml.load",
  "builtins.list",
]);

/**
 * A file that is opened and used in one expression, `open(p).read()` or `json.load(open(p))`: the whole expression, since
 * reading blocks as well.
 */
function fileChain(request: FixRequest, call: NodeId): NodeId | undefined {
  const { source, finding } = request;
  if (finding.rule !== "blocking-file" || !/(^|\.)open$/.test(finding.path[0]?.callee ?? "") || finding.path.length > 1)
    return undefined;
  const parent = parentOf(source, call);
  const outer = parentOf(source, parent);
  if (
    kindOf(source, parent) === "attribute" &&
    kindOf(source, outer) === "call" &&
    source.tree.child(outer, "function") === parent
  )
    return outer;
  const isFirst = kindOf(source, parent) === "argument_list" && argumentsOf(source, outer)[0] === call;
  if (!isFirst || kindOf(source, outer) !== "call") return undefined;
  const callee = source.tree.child(outer, "function");
  return callee !== undefined && READERS.has(qualifiedName(source, callee) ?? "") ? outer : undefined;
}

/** Moves a whole expression, as a lambda: nothing between now and the await can change what it reads. */
function offloadExpression(request: FixRequest, expression: NodeId): Offloaded | string {
  const { source } = request;
  for (const node of descendantsOf(source, expression)) {
    if (/^(await|yield|named_expression)$/.test(kindOf(source, node)))
      return "the expression holds an await, a yield or an assignment";
    if (kindOf(source, node) === "identifier" && qualifiedName(source, node) === "builtins.super")
      return "super() needs the method around it";
  }
  const offload = offloadAt(source, expression, request.python, false);
  if (!offload) return NO_NAMES;
  const [before, after] = awaitFrame(source, expression);
  const start = expressionStart(source, expression);
  const end = endOf(source, expression);
  return {
    name: offload.name,
    edits: [
      ...offload.edits,
      { start, end: start, text: `${before}${offload.before}lambda: ` },
      { start: end, end, text: offload.after + after },
    ],
  };
}
