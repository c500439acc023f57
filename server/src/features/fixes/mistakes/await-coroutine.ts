/**
 * A coroutine that is made and dropped, awaited: `notify(user)` -> `await notify(user)`. Only where the function around is
 * a coroutine; who holds it in a plain function has to become one first.
 */

import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { straddlesSharedState, whyNoAwait, whyNotSuspend } from "../text/awaiting.js";
import { awaitEdits } from "../text/edits.js";
import { qualifiedName } from "../text/scopes.js";
import { argumentsOf, endOf, expressionStart } from "../text/source.js";

export const awaitCoroutine: Remedy = { name: "await-coroutine", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source, call } = request;
  const callee = finding.path[0]?.callee ?? "";
  const isGathered = finding.rule === "lost-task" && callee === "asyncio.gather";
  if ((finding.rule !== "unawaited-coroutine" && !isGathered) || call === undefined) return undefined;
  const function_ = source.tree.child(call, "function");
  if (function_ === undefined) return undefined;
  // The coroutines are what `asyncio.wait` is given.
  if (/\bwait$/.test(qualifiedName(source, function_) ?? "") && !/\bwait$/.test(callee)) return undefined;
  const reason =
    whyNoAwait(source, call, request.python) ??
    whyNotSuspend(source, call) ??
    (callee.endsWith(`.${finding.path[0]?.function}`) ? "it would wait for itself" : undefined);
  if (reason) return refuse(reason);
  const start = expressionStart(source, call);
  return {
    kind: "proposal",
    title: `Await ${nameOf(source.text.slice(start, endOf(source, function_)))}()`,
    action: "quickfix",
    // Others may have been meant to run in the background.
    preferred: MEANT_TO_BE_AWAITED.has(callee) && argumentsOf(source, call).length <= 1 && !straddlesSharedState(source, call),
    edits: awaitEdits(source, call),
  };
}

/** Coroutines that nobody starts for anything but to wait for them, and that end soon or when they say. */
const MEANT_TO_BE_AWAITED = new Set([
  "asyncio.sleep",
  "asyncio.StreamWriter.drain",
  "asyncio.StreamWriter.wait_closed",
  "asyncio.streams.StreamWriter.drain",
  "asyncio.streams.StreamWriter.wait_closed",
]);

function nameOf(callee: string): string {
  return /[^.\s]+$/.exec(callee)?.[0] ?? callee;
}
