/**
 * A request whose response lives in one function, moved from requests to aiohttp:
 *
 *     response = requests.get(url, timeout=3)         async with aiohttp.ClientSession(trust_env=True) as session, session.get(
 *     response.raise_for_status()               ->        url, timeout=aiohttp.ClientTimeout(total=None, sock_connect=3, sock_read=3)
 *     return response.json()                          ) as response:
 *                                                         response.raise_for_status()
 *                                                         return await response.json(content_type=None)
 *
 * What the two libraries do differently is written out (time limits, proxies from the environment, JSON of any content
 * type) or a reason to refuse. Nothing is offered unless every use of the response is one whose twin is known.
 */

import { missingNote } from "../packages.js";
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { freshName, indentBlocks, moduleReferenceTo } from "../text/edits.js";
import { indentStep } from "../text/source.js";
import { translateForAiohttp, unlimited } from "./aiohttp-arguments.js";
import { AIOHTTP_ERRORS, openBlock, sessionArguments } from "./aiohttp-response.js";
import { requestsCallOf } from "./requests-call.js";
import { translateErrors } from "./requests-errors.js";
import { sessionOf } from "./requests-session.js";
import { linesMoved, planOf } from "./response-block.js";
import { lifeOf } from "./response-life.js";
import { sessionToAiohttp } from "./session-to-aiohttp.js";

export const requestsToAiohttp: Remedy = { name: "requests-to-aiohttp", brings: "aiohttp", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { source } = request;
  const made = sessionOf(request);
  if (made !== undefined) return "kind" in made ? made : sessionToAiohttp(request, made);
  const found = requestsCallOf(request);
  if (found === undefined || "kind" in found) return found;
  const { call, method } = found;
  if (asyncLibraryOf(source) !== "asyncio")
    return refuse("aiohttp runs on asyncio, and this file is written for another library");
  const aiohttp = moduleReferenceTo(source, call, "aiohttp", "requests");
  if (!aiohttp) return refuse("this file uses the name `aiohttp` for something else");
  const values = translateForAiohttp(source, found, aiohttp.text);
  if (typeof values === "string") return refuse(values);
  const life = lifeOf(request, call);
  if (typeof life === "string") return refuse(life);
  const plan = planOf(request, life, call, values.isStreamed);
  if (typeof plan === "string") return refuse(plan);
  const handlers = translateErrors(request, [found], life.uses, { ...AIOHTTP_ERRORS, spelling: aiohttp.text });
  if ("kind" in handlers) return handlers;
  const session = freshName(source, "session");
  const options = ["trust_env=True", ...values.session, ...sessionArguments([plan])].join(", ");
  const open = `async with ${aiohttp.text}.ClientSession(${options}) as ${session}, ${session}.${method}(`;
  const given = values.hasTimeout ? values.arguments : [...values.arguments, `timeout=${unlimited(aiohttp.text)}`];
  const block = openBlock(request, plan, { open, arguments: given });
  return {
    kind: "proposal",
    title: `Fetch with aiohttp instead${missingNote(request, "aiohttp")}`,
    action: "quickfix",
    preferred: false,
    edits: [
      ...aiohttp.edits,
      ...handlers,
      ...block,
      ...indentBlocks(source, [linesMoved(source, plan)], indentStep(source, call), block),
    ],
  };
}
