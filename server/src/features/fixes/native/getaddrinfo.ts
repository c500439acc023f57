/**
 * `socket.getaddrinfo(host, port)` -> `await asyncio.get_running_loop().getaddrinfo(host, port)`, whose further arguments
 * have names only; `getnameinfo` likewise.
 */

import { whyHandedToThread } from "../offload/threads.js";
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { isOlder, straddlesSharedState, whyNoAwait, whyNotSuspend } from "../text/awaiting.js";
import { awaitFrame, type Edit, referenceTo } from "../text/edits.js";
import { qualifiedName } from "../text/scopes.js";
import { argumentsOf, endOf, expressionStart, hasComment, kindOf, type NodeId, startOf } from "../text/source.js";

export const getaddrinfo: Remedy = { name: "getaddrinfo", propose };

/** Names of the parameters; those of the loop's method behind the `*` have to be named. */
const PARAMETERS: Readonly<Record<string, { readonly positional: number; readonly named: readonly string[] }>> = {
  getaddrinfo: { positional: 2, named: ["family", "type", "proto", "flags"] },
  getnameinfo: { positional: 2, named: [] },
};

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source, call } = request;
  const method = /^_?socket\.(getaddrinfo|getnameinfo)$/.exec(finding.path[0]?.callee ?? "")?.[1];
  if (method === undefined || finding.path.length > 1) return undefined;
  const callee = call === undefined ? undefined : source.tree.child(call, "function");
  if (call === undefined || callee === undefined || qualifiedName(source, callee) !== `socket.${method}`)
    return refuse(`the call may be something else than socket.${method}`);
  if (asyncLibraryOf(source) !== "asyncio") return refuse("this file is written for another library than asyncio");
  const reason = whyNoAwait(source, call, request.python) ?? whyNotSuspend(source, call) ?? whyHandedToThread(source, call);
  if (reason) return refuse(reason);
  const { positional, named } = PARAMETERS[method] as { positional: number; named: readonly string[] };
  const edits: Edit[] = [];
  for (const [index, argument] of argumentsOf(source, call).entries()) {
    const kind = kindOf(source, argument);
    if (/^(list_splat|dictionary_splat|generator_expression)$/.test(kind)) return refuse("its arguments are not written out");
    if (kind === "keyword_argument" || index < positional) continue;
    const name = named[index - positional];
    if (name === undefined) return refuse(`socket.${method} takes fewer arguments`);
    edits.push({ start: startOf(source, argument), end: startOf(source, argument), text: `${name}=` });
  }
  const loop = referenceTo(source, call, "asyncio", isOlder(request.python, 3, 7) ? "get_event_loop" : "get_running_loop");
  if (!loop) return refuse("this file uses the name `asyncio` for something else");
  if (hasComment(source, startOf(source, call), endOf(source, callee)))
    return refuse("a comment stands inside the name of what is called");
  const [before, after] = awaitFrame(source, call);
  const end = endOf(source, call);
  edits.push(...loop.edits, {
    start: expressionStart(source, call),
    end: endOf(source, callee as NodeId),
    text: `${before}${loop.text}().${method}`,
  });
  if (after) edits.push({ start: end, end, text: after });
  return {
    kind: "proposal",
    title: `Await the loop's ${method} instead`,
    action: "quickfix",
    preferred: finding.confidence === "definite" && !straddlesSharedState(source, call),
    edits,
  };
}
