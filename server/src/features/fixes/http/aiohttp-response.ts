/**
 * The block in which a response of aiohttp lives, as text: its head, what moves into it, and the twin of each use of the
 * response. Knows nothing of where the session comes from.
 */

import type { FixRequest } from "../request.js";
import { awaitFrame, type Edit, referenceTo } from "../text/edits.js";
import {
  ancestorsOf,
  endOf,
  indentStep,
  kindOf,
  lineEnd,
  lineOf,
  lineStart,
  type NodeId,
  type Source,
  startOf,
} from "../text/source.js";
import type { Plan, Use } from "./aiohttp-block.js";
import type { ErrorDialect } from "./requests-errors.js";

/** Exceptions of requests in aiohttp. */
export const AIOHTTP_ERRORS: ErrorDialect = {
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
export const MAX_LINE = 100;

/** The head of the block, in pieces. */
export interface Head {
  /** Up to the bracket of the method: `async with session.get(`. */
  readonly open: string;
  readonly arguments: readonly string[];
}

/** Lines [start, end) that move one step in; none when both are the same. */
export interface Moved {
  readonly start: number;
  readonly end: number;
}

/** The lines that move into the block of a response; its head stands before them. */
export function linesMoved(source: Source, plan: Plan): Moved {
  const end = lineEnd(source, endOf(source, plan.last));
  if (!turnsIntoHead(plan)) return { start: lineStart(source, startOf(source, plan.first)), end };
  const start = startOfBlock(source, plan.first);
  return plan.first === plan.last || start > end ? { start, end: start } : { start, end };
}

/** The statement of the request turns into the head; else the head is put in front of it. */
function turnsIntoHead(plan: Plan): boolean {
  return plan.isAssignment || plan.uses.length === 0;
}

/** Opens the block and translates what is used in it; moving its lines is left to the caller. `outer`: how far they move besides. */
export function openBlock(request: FixRequest, plan: Plan, { open, arguments: given }: Head, outer = ""): Edit[] {
  const { source } = request;
  const { newline } = source;
  const start = startOf(source, plan.first);
  const line = lineStart(source, start);
  const indent = outer + source.text.slice(line, start);
  const step = indentStep(source, plan.first);
  const close = `) as ${plan.response}:`;
  const all = given.join(", ");
  const isLong = indent.length + open.length + all.length + close.length > MAX_LINE;
  const head = isLong ? `${open}${newline}${indent}${step}${all}${newline}${indent}${close}` : open + all + close;
  const edits: Edit[] = [];
  if (turnsIntoHead(plan)) {
    // A comment behind the statement stays where it is.
    edits.push({ start, end: endOf(source, plan.first), text: head });
    if (plan.readsFirst) {
      const end = lineEnd(source, endOf(source, plan.first));
      edits.push({ start: end, end, text: `${newline}${indent}${step}await ${plan.response}.read()` });
    }
  } else edits.push({ start: line, end: line, text: `${indent}${head}${newline}` });
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
