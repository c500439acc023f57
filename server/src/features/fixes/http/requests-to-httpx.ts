/**
 * A request moved from requests to httpx.AsyncClient:
 *
 *     response = requests.get(url, timeout=3)         async with httpx.AsyncClient(follow_redirects=True) as client:
 *     response.raise_for_status()               ->        response = await client.get(url, timeout=3)
 *     return response.json()                          response.raise_for_status()
 *                                                     return response.json()
 *
 * The response is complete when the call returns, as that of requests is, so it may be used wherever it is: what matters is
 * that each use means the same. What the two libraries do differently is written out (redirects, time limits, success) or a
 * reason to refuse.
 */

import { missingNote } from "../packages.js";
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { type Edit, freshName, indentBlocks, moduleReferenceTo } from "../text/edits.js";
import { indentStep, type NodeId, type Source } from "../text/source.js";
import { type HttpxCall, translateForHttpx } from "./httpx-arguments.js";
import { type CallOfClient, certificatesFor, wrapInClient } from "./httpx-client.js";
import { HTTPX_ERRORS, isRaisingAlike, rewriteUse, textNote } from "./httpx-response.js";
import { streamThrough, withoutBodies } from "./httpx-stream.js";
import { type RequestsCall, requestsCallOf } from "./requests-call.js";
import { translateErrors } from "./requests-errors.js";
import { sessionOf } from "./requests-session.js";
import { usesInHelper } from "./response-helper.js";
import { lifeOf, type ResponseLife } from "./response-life.js";
import { sessionToHttpx } from "./session-to-httpx.js";

export const requestsToHttpx: Remedy = { name: "requests-to-httpx", brings: "httpx", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { source } = request;
  const session = sessionOf(request);
  if (session !== undefined) return "kind" in session ? session : sessionToHttpx(request, session);
  const found = requestsCallOf(request);
  if (found === undefined || "kind" in found) return found;
  const { call } = found;
  if (asyncLibraryOf(source) === undefined) return refuse("httpx runs on asyncio, anyio and trio only");
  const httpx = moduleReferenceTo(source, call, "httpx", "requests");
  if (!httpx) return refuse("this file uses the name `httpx` for something else");
  const certificates = certificatesFor(source, call, httpx);
  if (!certificates)
    return refuse("there is no place for what all clients of httpx should share: imports at the top of the file");
  const translated = translateForHttpx(source, found, httpx.text);
  if (typeof translated === "string") return refuse(translated);
  const life = lifeOf(request, call, usesInHelper);
  if (typeof life === "string") return refuse(life);
  const errors = translated.isStreamed ? withoutBodies(HTTPX_ERRORS) : HTTPX_ERRORS;
  const handlers = translateErrors(request, [found], life.uses, { ...errors, spelling: httpx.text });
  if ("kind" in handlers) return handlers;
  const client = [...(translated.verifies ? [`verify=${certificates.text}`] : []), ...translated.client];
  const raisesAlike = isRaisingAlike(source, found, translated);
  const block =
    translated.isStreamed || life.isManaged
      ? streamAlone(request, life, found, translated, { made: `${httpx.text}.AsyncClient(${client.join(", ")})`, raisesAlike })
      : sendAlone(source, life, call, { ...translated, client }, { library: httpx.text, raisesAlike });
  if (typeof block === "string") return refuse(block);
  return {
    kind: "proposal",
    title: `Fetch with httpx.AsyncClient instead${textNote(life.uses)}${missingNote(request, "httpx")}`,
    action: "quickfix",
    preferred: false,
    edits: [...httpx.edits, ...(translated.verifies ? certificates.edits : []), ...handlers, ...translated.edits, ...block],
  };
}

/** The response is complete when the call returns, so only its statement moves into the block of the client. */
function sendAlone(
  source: Source,
  life: ResponseLife,
  call: NodeId,
  made: CallOfClient,
  { library, raisesAlike }: { readonly library: string; readonly raisesAlike: boolean },
): readonly Edit[] | string {
  const uses: Edit[] = [];
  for (const use of life.uses) {
    const outcome = rewriteUse(source, use, raisesAlike);
    if (typeof outcome === "string") return outcome;
    uses.push(...outcome);
  }
  const block = wrapInClient(source, call, made, library);
  return typeof block === "string" ? block : [...uses, ...block];
}

/** The response lives in a block with its client. `made`: the construction of the client. */
function streamAlone(
  request: FixRequest,
  life: ResponseLife,
  found: RequestsCall,
  translated: HttpxCall,
  { made, raisesAlike }: { readonly made: string; readonly raisesAlike: boolean },
): readonly Edit[] | string {
  const { source } = request;
  const client = freshName(source, "client", found.call);
  const head = { open: `${made} as ${client}, ${client}.stream`, raisesAlike };
  const streamed = streamThrough(request, life, found, translated, head);
  if (typeof streamed === "string") return streamed;
  const { edits, moved } = streamed;
  return [...edits, ...indentBlocks(source, [moved], indentStep(source, found.call), [...translated.edits, ...edits])];
}
