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

import { type Translated, translateForAiohttp } from "./aiohttp-arguments.js";
import { type Plan, planOf, type Use } from "./aiohttp-block.js";
import { asyncLibraryOf } from "./asynchrony.js";
import { awaitFrame, type Edit, freshName, indentLines, moduleReferenceTo, referenceTo } from "./edits.js";
import { missingNote } from "./packages.js";
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "./request.js";
import { requestsCallOf } from "./requests-call.js";
import { type ErrorDialect, translateErrors } from "./requests-errors.js";
import { lifeOf } from "./response-life.js";
import {
  ancestorsOf,
  endOf,
  indentStep,
  kindOf,
  lineEnd,
  lineOf,
  lineStart,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  statementsOf,
} from "./source.js";

export const requestsToAiohttp: Remedy = { name: "requests-to-aiohttp", brings: "aiohttp", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { source } = request;
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
  const plan = planOf(request, life, call);
  if (typeof plan === "string") return refuse(plan);
  const handlers = translateErrors(request, found, life.uses, { ...ERRORS, spelling: aiohttp.text });
  if ("kind" in handlers) return handlers;
  return {
    kind: "proposal",
    title: `Fetch with aiohttp instead${missingNote(request, "aiohttp")}`,
    action: "quickfix",
    preferred: false,
    edits: [...aiohttp.edits, ...handlers, ...rewrite(request, call, plan, method, values, aiohttp.text)],
  };
}

const ERRORS: ErrorDialect = {
  library: "aiohttp",
  twins: {
    RequestException: ["aiohttp.ClientError", "asyncio.TimeoutError"],
    Timeout: ["asyncio.TimeoutError"],
    ConnectionError: ["aiohttp.ClientConnectionError"],
    HTTPError: ["aiohttp.ClientResponseError"],
    TooManyRedirects: ["aiohttp.TooManyRedirects"],
    InvalidURL: ["aiohttp.InvalidURL"],
    MissingSchema: ["aiohttp.InvalidURL"],
    JSONDecodeError: ["json.JSONDecodeError"],
  },
  foreign:
    /^(builtins\.)?(OSError|IOError|EnvironmentError|Connection\w*Error|BrokenPipeError|TimeoutError|InterruptedError)$|^(socket|http|ssl|asyncio(?!\.CancelledError)|urllib|httpx|aiohttp)\b/,
  reads: { "response.status_code": "status" },
  // A url that is none raises a ValueError in both.
  invalidUrl: [],
  whyNot: (error, others) =>
    error === "ConnectionError" && !others.some((other) => /^(Timeout|RequestException)$/.test(other))
      ? "whose twin in aiohttp is raised for time limits as well"
      : undefined,
};

/** Longer heads are broken inside their brackets. */
const MAX_LINE = 100;

function rewrite(request: FixRequest, call: NodeId, plan: Plan, method: string, values: Translated, library: string): Edit[] {
  const { source } = request;
  const { newline } = source;
  const session = freshName(source, "session");
  const start = startOf(source, plan.first);
  const line = lineStart(source, start);
  const indent = source.text.slice(line, start);
  const step = indentStep(source, call);
  const open = `async with ${library}.ClientSession(trust_env=True) as ${session}, ${session}.${method}(`;
  const close = `) as ${plan.response}:`;
  const given = values.arguments.join(", ");
  const isLong = indent.length + open.length + given.length + close.length > MAX_LINE;
  const head = isLong ? `${open}${newline}${indent}${step}${given}${newline}${indent}${close}` : open + given + close;
  const readAll = `${newline}${indent}${step}await ${plan.response}.read()`;
  const edits: Edit[] = [];
  if (plan.isAssignment || plan.uses.length === 0) {
    // The statement turns into the head of the block; a comment behind it stays where it is.
    edits.push({ start, end: endOf(source, plan.first), text: head });
    if (plan.readsFirst) {
      const end = lineEnd(source, endOf(source, plan.first));
      edits.push({ start: end, end, text: readAll });
    }
    const rest = statementsOf(source, parentOf(source, plan.first)).filter(
      (sibling) => sibling > plan.first && sibling <= plan.last,
    );
    const [next] = rest;
    if (next !== undefined)
      edits.push(...indentLines(source, startOfBlock(source, plan.first), lineEnd(source, endOf(source, plan.last)), step));
  } else {
    edits.push({ start: line, end: line, text: `${indent}${head}${newline}` });
    edits.push(...indentLines(source, line, lineEnd(source, endOf(source, plan.last)), step));
  }
  for (const use of plan.uses) edits.push(...rewriteUse(request, use, plan));
  return edits;
}

/** The line behind the one on which `statement` ends: comments between two statements move with the second. */
function startOfBlock(source: Source, statement: NodeId): number {
  const line = lineOf(source, endOf(source, statement));
  return source.lineStarts[line + 1] ?? source.text.length;
}

function rewriteUse(request: FixRequest, use: Use, plan: Plan): Edit[] {
  const { source } = request;
  const start = startOf(source, use.node);
  const end = endOf(source, use.node);
  const [before, after] = awaitFrame(source, use.node);
  const awaited = (text: string): Edit[] => [{ start, end, text: before + text + after }];
  switch (use.attribute) {
    case "status_code":
      return [{ start, end, text: `${before.startsWith(" ") ? " " : ""}${plan.response}.status` }];
    case "json":
      return jsonUse(request, use, plan);
    case "text":
      return awaited(`${plan.response}.text()`);
    case "content":
      return awaited(`${plan.response}.read()`);
    default: {
      // The same name: only the request in front of it goes.
      const object = source.tree.child(use.node, "object") as NodeId;
      return plan.isAssignment ? [] : [{ start, end: endOf(source, object), text: plan.response }];
    }
  }
}

/**
 * aiohttp gives None for an empty body where requests raises, which matters only where that is caught: there the body is
 * read by json itself.
 */
function jsonUse(request: FixRequest, use: Use, plan: Plan): Edit[] {
  const { source } = request;
  const start = startOf(source, use.node);
  const end = endOf(source, use.node);
  const [before, after] = awaitFrame(source, use.node);
  const isCaught = [...ancestorsOf(source, use.node)].some(
    (ancestor) => kindOf(source, ancestor) === "try_statement" && hasHandler(source, ancestor),
  );
  const loads = isCaught ? referenceTo(source, use.node, "json", "loads") : undefined;
  const space = before.startsWith(" ") ? " " : "";
  if (loads) return [...loads.edits, { start, end, text: `${space}${loads.text}(await ${plan.response}.read())` }];
  return [{ start, end, text: `${before}${plan.response}.json(content_type=None)${after}` }];
}

function hasHandler(source: Source, statement: NodeId): boolean {
  return source.tree.children(statement).some((child) => /^except(_group)?_clause$/.test(kindOf(source, child)));
}
