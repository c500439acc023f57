/**
 * `to_thread(f(x))` -> `to_thread(f, x)`: a function that is called on the loop, and whose result is handed to the thread
 * in its stead. Only where that result is known to be nothing that a thread could call.
 */

import { type FixRequest, type Proposal, type Refusal, refuse } from "../request.js";
import { arrangeEdits } from "../text/edits.js";
import { argumentsOf, endOf, kindOf, type NodeId, startOf } from "../text/source.js";
import { type HandedCall, sitesAt, whyNotInThread } from "./threads.js";

export function handOver(request: FixRequest, call: NodeId, handed: HandedCall): Proposal | Refusal {
  const { source } = request;
  const instead = refuse(`its result is what ${handed.name} is to call: hand over the function and its arguments instead`);
  const callee = source.tree.child(call, "function");
  const list = source.tree.child(call, "arguments");
  const isPlain = sitesAt(request, call).some(({ kind, givesPlainValue }) => kind === "call" && givesPlainValue);
  if (callee === undefined || list === undefined || kindOf(source, list) !== "argument_list" || !isPlain) return instead;
  const args = argumentsOf(source, call);
  const hasKeywords = args.some((argument) => /^(keyword_argument|dictionary_splat)$/.test(kindOf(source, argument)));
  if (argumentsOf(source, handed.call).at(-1) !== call || (hasKeywords && !handed.takesKeywords)) return instead;
  const reason = whyNotInThread(request, call);
  if (reason) return refuse(reason);
  const [first] = args;
  const end = endOf(source, call);
  const edits = arrangeEdits(
    first === undefined
      ? [{ start: endOf(source, callee), end, text: "" }]
      : [
          { start: endOf(source, callee), end: startOf(source, first), text: ", " },
          { start: end - 1, end, text: "" },
        ],
  );
  if (!edits) return instead;
  return {
    kind: "proposal",
    title: `Hand the function and its arguments to ${handed.name}`,
    action: "quickfix",
    preferred: false,
    edits,
  };
}
