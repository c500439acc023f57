/**
 * `f(a)` -> `await loop.run_in_executor(pool, f, a)` for work that keeps the GIL: a process of its own computes, and the
 * loop goes on. Only functions that a process can import, with plain data as arguments and result.
 */

import { type FixRequest, type Proposal, type Refusal, type Remedy, type RequestAround, refuse } from "../request.js";
import { isStored, whyNoAwait, whyNotSuspend } from "../text/awaiting.js";
import type { NodeId } from "../text/source.js";
import { processAt } from "./pools.js";
import { type Standard, whyNotInProcess } from "./processes.js";
import { whyHandedToThread } from "./threads.js";
import { offloadCall } from "./to-thread.js";

export const processPool: Remedy = { name: "process-pool", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, call } = request;
  if (finding.rule !== "blocking-cpu" || finding.gil === "released" || finding.stall.class === "never") return undefined;
  if (call === undefined || finding.path[0]?.role !== "call") return refuse("what computes here is no call of a function");
  return runInProcess(request, call, "known");
}

/** The call, run in a process; or why not. */
export function runInProcess(request: RequestAround, call: NodeId, standard: Standard): Proposal | Refusal {
  const { source, python } = request;
  const reason =
    whyNoAwait(source, call, python) ??
    whyNotSuspend(source, call) ??
    whyHandedToThread(source, call) ??
    (isStored(source, call) ? "it is assigned to" : undefined) ??
    whyNotInProcess(request, call, standard);
  if (reason) return refuse(reason);
  const edits = offloadCall(source, call, (hasKeywords) => processAt(source, call, python, hasKeywords));
  if (typeof edits === "string") return refuse(edits);
  const pool = edits.name === "loop.run_in_executor" ? "ProcessPoolExecutor" : edits.name;
  return {
    kind: "proposal",
    title: `Run in a process pool with ${pool}`,
    action: "quickfix",
    preferred: false,
    edits: edits.edits,
  };
}
