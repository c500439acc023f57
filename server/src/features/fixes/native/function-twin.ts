/**
 * `pkg.load(path)` -> `await pkg.aio.load(path)`, where a stub names an asynchronous function of another module in the place
 * of the one that is called. Preferred where the stub says that its arguments are the same.
 */
import { nameOf } from "../../../analysis/twins.js";
import { rewriteCall } from "../clients/twin-call.js";
import { whyHandedToThread } from "../offload/threads.js";
import { missingNote } from "../packages.js";
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { straddlesSharedState, whyNoAwait, whyNotSuspend } from "../text/awaiting.js";
import { awaitEdits } from "../text/edits.js";
import { endOf, startOf } from "../text/source.js";

export const functionTwin: Remedy = { name: "function-twin", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source, call, host, path, python } = request;
  if (call === undefined || finding.path[0]?.role !== "call" || !finding.rule.startsWith("blocking-")) return undefined;
  const [twin] = host.twinCalls(path, startOf(source, call), endOf(source, call));
  if (!twin) return undefined;
  const reason = whyNoAwait(source, call, python) ?? whyNotSuspend(source, call) ?? whyHandedToThread(source, call);
  if (reason) return refuse(reason);
  if (asyncLibraryOf(source) !== "asyncio") return refuse("this file is written for another library than asyncio");
  const rewritten = rewriteCall(source, call, twin);
  if (typeof rewritten === "string") return refuse(rewritten);
  const edits = [...awaitEdits(source, call), ...rewritten];
  const isSame = Object.keys(twin.renamed).length === 0 && twin.dropped.length === 0;
  return {
    kind: "proposal",
    title: `Await ${nameOf(twin)} instead${missingNote(request, twin.module.split(".", 1)[0] as string)}`,
    action: "quickfix",
    preferred: isSame && finding.confidence === "definite" && !straddlesSharedState(source, call),
    edits,
  };
}
