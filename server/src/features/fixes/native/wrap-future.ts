/**
 * `future.result()` of a thread or process pool -> `await asyncio.wrap_future(future)`. A time limit becomes a `wait_for`
 * that leaves the future alone, as `result` does.
 */

import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { isOlder, straddlesSharedState, whyNoAwait, whyNotSuspend } from "../text/awaiting.js";
import { awaitFrame, type Edit, referenceTo } from "../text/edits.js";
import { qualifiedName } from "../text/scopes.js";
import {
  argumentsOf,
  descendantsOf,
  endOf,
  expressionStart,
  hasComment,
  kindOf,
  type NodeId,
  type Source,
  startOf,
  textOf,
} from "../text/source.js";

export const wrapFuture: Remedy = { name: "wrap-future", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source, call } = request;
  const [step] = finding.path;
  if (!/^concurrent\.futures\.(_base\.)?Future\.result$/.test(step?.callee ?? "") || finding.path.length > 1) return undefined;
  const callee = call === undefined ? undefined : source.tree.child(call, "function");
  if (call === undefined || callee === undefined || kindOf(source, callee) !== "attribute")
    return refuse("result is not called on a future");
  if (finding.confidence !== "definite") return refuse("it may be something else than a future of threads");
  if (asyncLibraryOf(source) !== "asyncio") return refuse("only asyncio can wait for a future of threads");
  const limit = limitOf(source, call);
  if (typeof limit === "string") return refuse(limit);
  const reason =
    whyNoAwait(source, call, request.python) ??
    whyNotSuspend(source, call) ??
    whyNotCancelled(source, callee) ??
    whyNotLimited(request, limit);
  if (reason) return refuse(reason);
  const wrap = referenceTo(source, call, "asyncio", "wrap_future");
  const waitFor = limit === undefined ? undefined : referenceTo(source, call, "asyncio", "wait_for");
  const shield = limit === undefined ? undefined : referenceTo(source, call, "asyncio", "shield");
  if (!wrap || (limit !== undefined && (!waitFor || !shield)))
    return refuse("this file uses the name `asyncio` for something else");
  const [before, after] = awaitFrame(source, call);
  const start = expressionStart(source, call);
  const future = source.tree.child(callee, "object") as NodeId;
  const end = endOf(source, call);
  const open = waitFor && shield ? `${waitFor.text}(${shield.text}(${wrap.text}(` : `${wrap.text}(`;
  const close = limit === undefined ? ")" : `)), ${textOf(source, limit)})`;
  const edits: Edit[] = [
    ...[wrap, waitFor, shield].flatMap((reference) => reference?.edits ?? []),
    { start, end: start, text: before + open },
    { start: endOf(source, future), end, text: close + after },
  ];
  return {
    kind: "proposal",
    title: "Await asyncio.wrap_future instead",
    action: "quickfix",
    preferred: limit === undefined && !straddlesSharedState(source, call),
    edits,
  };
}

/** The time limit, if there is one; a text says why it cannot be followed. */
function limitOf(source: Source, call: NodeId): NodeId | undefined | string {
  const [first, ...rest] = argumentsOf(source, call);
  if (hasComment(source, startOf(source, source.tree.child(call, "arguments") as NodeId), endOf(source, call)))
    return "a comment stands in the call";
  if (first === undefined) return undefined;
  if (rest.length > 0 || /^(list_splat|dictionary_splat|generator_expression)$/.test(kindOf(source, first)))
    return "its arguments are not written out";
  const value = kindOf(source, first) === "keyword_argument" ? source.tree.child(first, "value") : first;
  if (value === undefined) return "its arguments are not written out";
  return kindOf(source, value) === "none" ? undefined : value;
}

/** `result` raises another CancelledError, one that `except Exception` catches. */
function whyNotCancelled(source: Source, callee: NodeId): string | undefined {
  const future = textOf(source, source.tree.child(callee, "object") as NodeId);
  for (const node of descendantsOf(source, 0)) {
    if (kindOf(source, node) === "attribute" && textOf(source, node) === `${future}.cancel`)
      return `\`${future}.cancel\` is used in this file, and asyncio raises another CancelledError`;
    if (kindOf(source, node) === "keyword_argument" && textOf(source, node).startsWith("cancel_futures"))
      return "this file cancels futures, and asyncio raises another CancelledError";
    if (/^(attribute|identifier)$/.test(kindOf(source, node)) && CANCELLED.test(qualifiedName(source, node) ?? ""))
      return "concurrent.futures.CancelledError is named in this file, and asyncio raises another one";
  }
  return undefined;
}

const CANCELLED = /^concurrent\.futures\.(_base\.)?CancelledError$/;

/** The error at the end of a time limit is another one before Python 3.11. */
function whyNotLimited({ source, python }: FixRequest, limit: NodeId | undefined): string | undefined {
  if (limit === undefined) return undefined;
  if (isOlder(python, 3, 11)) return "before Python 3.11 asyncio raises another TimeoutError at the end of a time limit";
  const isSimple = [...descendantsOf(source, limit)].every(
    (node) => !/^(call|await|yield|named_expression)$/.test(kindOf(source, node)),
  );
  return isSimple ? undefined : "the time limit is the result of a call";
}
