/**
 * `time.sleep(x)` -> `await asyncio.sleep(x)`, in any expression where await is legal. The names of the two functions are
 * all that changes; anyio and trio have their own.
 */

import { whyHandedToThread } from "../offload/threads.js";
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { straddlesSharedState, whyNoAwait, whyNotSuspend } from "../text/awaiting.js";
import { awaitFrame, type Edit, referenceTo } from "../text/edits.js";
import { qualifiedName, scopeOfName } from "../text/scopes.js";
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
  withoutParentheses,
} from "../text/source.js";

export const asyncioSleep: Remedy = { name: "asyncio-sleep", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source, call } = request;
  if (finding.path[0]?.callee !== "time.sleep") return undefined;
  if (call === undefined) return refuse("the call of time.sleep does not stand in this file");
  if (finding.confidence !== "definite" || !namesSleep(source, call))
    return refuse("the call may be something else than time.sleep");
  const reason =
    whyNotDelay(source, call) ??
    whyNoAwait(source, call, request.python) ??
    whyNotSuspend(source, call) ??
    whyHandedToThread(source, call);
  if (reason) return refuse(reason);
  const library = asyncLibraryOf(source);
  const reference = library && referenceTo(source, call, library, "sleep");
  if (!reference) return refuse("this file uses the name `asyncio` for something else, or another async library");
  const callee = source.tree.child(call, "function") as NodeId;
  const [before, after] = awaitFrame(source, call);
  const edits: Edit[] = [
    ...reference.edits,
    { start: expressionStart(source, call), end: endOf(source, callee), text: before + reference.text },
  ];
  if (after) edits.push({ start: endOf(source, call), end: endOf(source, call), text: after });
  return {
    kind: "proposal",
    title: `Await ${library}.sleep instead`,
    action: "quickfix",
    preferred: !straddlesSharedState(source, call),
    edits,
  };
}

/** The callee is time.sleep by an import, and no variable that somebody may set. */
function namesSleep(source: Source, call: NodeId): boolean {
  const callee = source.tree.child(call, "function") as NodeId;
  const isFromStar = source.scopes.star && textOf(source, callee) === "sleep" && !scopeOfName(source, "sleep", callee);
  return isFromStar || qualifiedName(source, callee) === "time.sleep";
}

/** Why the call is not time.sleep with one plain delay. */
function whyNotDelay(source: Source, call: NodeId): string | undefined {
  const callee = source.tree.child(call, "function") as NodeId;
  if (
    [...descendantsOf(source, callee)].some(
      (node) => !/^(identifier|attribute|parenthesized_expression)$/.test(kindOf(source, node)),
    )
  ) {
    return "what is called is the result of an expression, which would no longer be evaluated";
  }
  if (hasComment(source, startOf(source, call), endOf(source, callee)))
    return "a comment stands inside the name of what is called";
  const delays = argumentsOf(source, call);
  const [delay] = delays;
  if (
    delays.length !== 1 ||
    delay === undefined ||
    /^(keyword_argument|list_splat|dictionary_splat)$/.test(kindOf(source, delay))
  ) {
    return "time.sleep takes one argument by position";
  }
  const value = withoutParentheses(source, delay);
  if (kindOf(source, value) === "unary_operator" && textOf(source, value).startsWith("-")) {
    return "time.sleep raises ValueError for a negative delay, asyncio.sleep does not";
  }
  return undefined;
}
