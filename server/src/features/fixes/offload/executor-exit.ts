/**
 * Leaving an executor waits for its work; so that the loop does not, a thread waits instead:
 *
 *     with ThreadPoolExecutor() as pool:        pool = ThreadPoolExecutor()
 *         ...                              ->   try:
 *                                                   ...
 *                                               finally:
 *                                                   await asyncio.to_thread(pool.shutdown)
 *
 * and `pool.shutdown()` -> `await asyncio.to_thread(pool.shutdown)`. Whatever ran or was waited for before still is.
 */

import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { offloadAt } from "../text/asynchrony.js";
import { whyNoAwait, whyNotSuspend, withItems } from "../text/awaiting.js";
import { type Edit, freshName } from "../text/edits.js";
import { mentionsOf } from "../text/flow.js";
import { isBinding, qualifiedName } from "../text/scopes.js";
import {
  contains,
  endOf,
  functionAround,
  hasComment,
  indentOf,
  indentStep,
  isFirstOnLine,
  kindOf,
  lineEnd,
  lineOf,
  type NodeId,
  parentOf,
  runningIn,
  type Source,
  startOf,
  statementsOf,
  textOf,
} from "../text/source.js";
import { whyNotRun } from "./threads.js";
import { enteredBlock, NO_NAMES, offloadCall, whyNotMoved } from "./to-thread.js";

export const executorExit: Remedy = { name: "executor-exit", propose };

const EXECUTORS = /^concurrent\.futures\.((thread|process)\.)?(Thread|Process)PoolExecutor$/;

function propose(request: FixRequest): Proposal | Refusal | undefined {
  if (request.finding.rule !== "executor-exit-blocks") return undefined;
  const block = enteredBlock(request);
  const edits = block === undefined ? shutDown(request) : leave(request, block);
  if (typeof edits === "string") return refuse(edits);
  return {
    kind: "proposal",
    title: `Wait for the executor in a thread with ${edits.name}`,
    action: "quickfix",
    preferred: request.finding.severity === "hint" ? false : "alone",
    edits: edits.edits,
  };
}

interface Waiting {
  readonly name: string;
  readonly edits: readonly Edit[];
}

function shutDown(request: FixRequest): Waiting | string {
  const { source, python, call } = request;
  const callee = call === undefined ? undefined : source.tree.child(call, "function");
  if (call === undefined || callee === undefined || kindOf(source, callee) !== "attribute") return "what waits here is no call";
  const isShutdown = textOf(source, source.tree.child(callee, "attribute") as NodeId) === "shutdown";
  if (!isShutdown || request.finding.path.length > 1) return "the executor is left in a function that is called here";
  return (
    whyNotMoved(request, call) ??
    whyNotRun(request, call) ??
    offloadCall(source, call, (hasKeywords) => offloadAt(source, call, python, hasKeywords))
  );
}

function leave(request: FixRequest, block: NodeId): Waiting | string {
  const { source, python } = request;
  const items = withItems(source, block);
  const [item] = items;
  const body = source.tree.child(block, "body");
  if (item === undefined || body === undefined || items.length > 1) return "the block enters more than the executor";
  const callee = kindOf(source, item.value) === "call" ? source.tree.child(item.value, "function") : undefined;
  if (callee === undefined || !EXECUTORS.test(qualifiedName(source, callee) ?? ""))
    return "the executor is made elsewhere, where others may have it";
  const [target] = item.target === undefined ? [] : source.tree.children(item.target);
  if (item.target !== undefined && (target === undefined || kindOf(source, target) !== "identifier"))
    return "the executor gets no plain name";
  const name = target === undefined ? freshName(source, "executor") : textOf(source, target);
  const reason = whyNoAwait(source, block, python) ?? whyNotSuspend(source, block) ?? whyNotOpened(source, block, body, name);
  if (reason) return reason;
  const offload = offloadAt(source, block, python, false);
  if (!offload) return NO_NAMES;

  const { newline } = source;
  const indent = indentOf(source, startOf(source, block));
  const end = lineEnd(source, endOf(source, block));
  const head = source.text.indexOf(":", endOf(source, clauseOf(source, block)));
  const edits: Edit[] = [
    ...offload.edits,
    { start: startOf(source, block), end: head, text: `${name} = ${textOf(source, item.value)}${newline}${indent}try` },
    {
      start: end,
      end,
      text: [
        "",
        `${indent}finally:`,
        `${indent}${indentStep(source, block)}await ${offload.before}${name}.shutdown${offload.after}`,
      ].join(newline),
    },
  ];
  return { name: offload.name, edits };
}

function clauseOf(source: Source, block: NodeId): NodeId {
  return source.tree.children(block).find((child) => kindOf(source, child) === "with_clause") as NodeId;
}

/** Why the block cannot become a `try`. */
function whyNotOpened(source: Source, block: NodeId, body: NodeId, name: string): string | undefined {
  const clause = clauseOf(source, block);
  if (
    !isFirstOnLine(source, startOf(source, block)) ||
    lineOf(source, startOf(source, body)) === lineOf(source, endOf(source, clause))
  )
    return "the block stands on one line";
  if (hasComment(source, startOf(source, block), endOf(source, clause))) return "a comment stands in the head of the block";
  const around = functionAround(source, block);
  if ([...runningIn(source, around)].some((node) => kindOf(source, node) === "yield"))
    return "an asynchronous generator may be left without being finished, and could not await then";
  const isBoundAgain = mentionsOf(source, name, statementsOf(source, body)[0] as NodeId).some(
    (mention) => contains(source, body, mention) && (isBinding(source, mention) || isDeleted(source, mention)),
  );
  return isBoundAgain ? `\`${name}\` is bound again in the block` : undefined;
}

function isDeleted(source: Source, mention: NodeId): boolean {
  return kindOf(source, parentOf(source, mention)) === "delete_statement";
}
