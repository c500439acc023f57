/**
 * `f(a, k=b)` -> `await asyncio.to_thread(f, a, k=b)` for the call at which the finding's path leaves the coroutine. The
 * callee and the arguments are evaluated where they were, in the same order; only the call itself moves. `with` blocks
 * over files move whole (block-to-thread.ts).
 */
import { offloadAt } from "./asynchrony.js";
import { straddlesSharedState, whyNoAwait, whyNotSuspend } from "./awaiting.js";
import { blockToThread } from "./block-to-thread.js";
import { awaitFrame, type Edit } from "./edits.js";
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "./request.js";
import { qualifiedName } from "./scopes.js";
import {
  argumentsOf,
  descendantsOf,
  endOf,
  hasComment,
  indentOf,
  isFirstOnLine,
  kindOf,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  textOf,
} from "./source.js";
import { whyNotInThread } from "./threads.js";

export const toThread: Remedy = { name: "to-thread", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source } = request;
  if (!finding.rule.startsWith("blocking-")) return undefined;
  const step = finding.path[0];
  const block = enteredBlock(request);
  if (block !== undefined) {
    const outcome = blockToThread(request, block);
    // Leaving the block where it is and opening the file in a thread would leave its reads on the loop.
    if (outcome.kind === "proposal" || step?.role !== "call" || finding.rule === "blocking-file") return outcome;
  }
  const call = request.call;
  if (step?.role === "read") return refuse("a property is read here: put the work into a method first");
  if (call === undefined) return refuse("what blocks here is no call");
  const moved = fileChain(request, call) ?? call;
  const reason = whyNoAwait(source, moved, request.python) ?? whyNotSuspend(source, moved) ?? whyNotInThread(request, call);
  if (reason) return refuse(reason);
  if (kindOf(source, parentOf(source, call)) === "await")
    return refuse("its result is awaited, so a part of it needs the event loop");
  const edits = moved === call ? offloadCall(request, call) : offloadExpression(request, moved);
  if (typeof edits === "string") return refuse(edits);
  return {
    kind: "proposal",
    title: `Run in a thread with ${edits.name}`,
    action: "quickfix",
    preferred:
      straddlesSharedState(source, call) || finding.partOf !== undefined || holdsLock(finding.path[0]?.callee) ? false : "alone",
    edits: edits.edits,
  };
}

interface Offloaded {
  readonly name: string;
  readonly edits: readonly Edit[];
}

/** A lock taken in a thread stays held across the await. */
function holdsLock(callee: string | undefined): boolean {
  return callee !== undefined && /\.acquire$/.test(callee);
}

/** The `with` statement whose context manager is made or entered at the finding's site. */
function enteredBlock(request: FixRequest): NodeId | undefined {
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

function offloadCall(request: FixRequest, call: NodeId): Offloaded | string {
  const { source } = request;
  const callee = source.tree.child(call, "function") as NodeId;
  const list = source.tree.child(call, "arguments") as NodeId;
  const values = argumentsOf(source, call);
  const [first] = values;
  const isGenerator = first === list;
  const gapStart = endOf(source, callee);
  const gapEnd = startOf(source, list) + (isGenerator ? 0 : 1);
  if (hasComment(source, gapStart, gapEnd)) return "a comment stands between the function and its arguments";
  const hasKeywords = values.some((value) => /^(keyword_argument|dictionary_splat)$/.test(kindOf(source, value)));
  const offload = offloadAt(source, call, request.python, hasKeywords);
  if (!offload) return "this file uses the names that the fix needs for something else, or another async library";
  const [before, after] = awaitFrame(source, call);
  const open = before + offload.before;
  const close = offload.after + after;
  const function_ = textOf(source, callee);
  const edits: Edit[] = [...offload.edits];
  const end = endOf(source, call);
  if (first === undefined) {
    edits.push({ start: startOf(source, call), end: gapEnd, text: open + function_ });
  } else if (isGenerator) {
    edits.push({ start: startOf(source, call), end: gapEnd, text: `${open + function_}, ` });
    edits.push({ start: end, end, text: close });
    return { name: offload.name, edits };
  } else if (isFirstOnLine(source, startOf(source, first)) && startOf(source, first) > gapEnd) {
    // One argument a line: the function becomes the first of them.
    edits.push({ start: startOf(source, call), end: gapEnd, text: open });
    const separator = `,${source.newline}${indentOf(source, startOf(source, first))}`;
    edits.push({ start: startOf(source, first), end: startOf(source, first), text: function_ + separator });
  } else edits.push({ start: startOf(source, call), end: startOf(source, first), text: `${open + function_}, ` });
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
  if (!offload) return "this file uses the names that the fix needs for something else, or another async library";
  const [before, after] = awaitFrame(source, expression);
  const start = startOf(source, expression);
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
