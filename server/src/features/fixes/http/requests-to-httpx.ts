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
import { type Edit, moduleReferenceTo } from "../text/edits.js";
import { translateForHttpx } from "./httpx-arguments.js";
import { certificatesFor, wrapInClient } from "./httpx-client.js";
import { HTTPX_ERRORS, isRaisingAlike, rewriteUse } from "./httpx-response.js";
import { requestsCallOf } from "./requests-call.js";
import { translateErrors } from "./requests-errors.js";
import { sessionOf } from "./requests-session.js";
import { lifeOf } from "./response-life.js";
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
  const life = lifeOf(request, call);
  if (typeof life === "string") return refuse(life);
  const uses: Edit[] = [];
  for (const use of life.uses) {
    const outcome = rewriteUse(source, use, isRaisingAlike(source, found, translated));
    if (typeof outcome === "string") return refuse(outcome);
    uses.push(...outcome);
  }
  const handlers = translateErrors(request, [found], life.uses, { ...HTTPX_ERRORS, spelling: httpx.text });
  if ("kind" in handlers) return handlers;
  const client = [...(translated.verifies ? [`verify=${certificates.text}`] : []), ...translated.client];
  const block = wrapInClient(source, call, { ...translated, client }, httpx.text);
  if (typeof block === "string") return refuse(block);
  return {
    kind: "proposal",
    title: `Fetch with httpx.AsyncClient instead${missingNote(request, "httpx")}`,
    action: "quickfix",
    preferred: false,
    edits: [
      ...httpx.edits,
      ...(translated.verifies ? certificates.edits : []),
      ...handlers,
      ...uses,
      ...translated.edits,
      ...block,
    ],
  };
}
