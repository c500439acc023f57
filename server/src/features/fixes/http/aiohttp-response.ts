/**
 * The block in which a response of aiohttp lives, as text: its head, what moves into it, and the twin of each use of the
 * response. Knows nothing of where the session comes from.
 */

import type { FixRequest } from "../request.js";
import { awaitFrame, type Edit, moduleReferenceTo, referenceTo } from "../text/edits.js";
import {
  ancestorsOf,
  endOf,
  indentOf,
  indentStep,
  kindOf,
  lineEnd,
  lineStart,
  type NodeId,
  type Source,
  startOf,
  statementsOf,
  textOf,
} from "../text/source.js";
import type { ErrorDialect } from "./requests-errors.js";
import { depthAt, linesMoved, type Moved, type Plan, turnsIntoHead, type Use } from "./response-block.js";
import type { StreamLoop } from "./response-stream.js";

/** Exceptions of requests in aiohttp. */
export const AIOHTTP_ERRORS: ErrorDialect = {
  library: "aiohttp",
  twins: {
    RequestException: ["aiohttp.ClientError", "asyncio.TimeoutError"],
    Timeout: ["asyncio.TimeoutError"],
    ConnectionError: ["aiohttp.ClientConnectionError"],
    HTTPError: ["aiohttp.ClientResponseError"],
    TooManyRedirects: ["aiohttp.TooManyRedirects"],
    ChunkedEncodingError: ["aiohttp.ClientPayloadError"],
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

/** Lines of a body that are longer raise in aiohttp: twice this. */
const LINE_BUFFER = "read_bufsize=2**24";

/** What the session is told when it is made, so that its responses are read as those of requests. */
export function sessionArguments(plans: readonly Plan[]): readonly string[] {
  return plans.some(({ uses }) => uses.some(({ loop }) => loop?.pieces === "lines")) ? [LINE_BUFFER] : [];
}

/** Longer heads are broken inside their brackets. */
export const MAX_LINE = 100;

/** The head of the block, in pieces. */
export interface Head {
  /** Up to the bracket of the method: `async with session.get(`. */
  readonly open: string;
  readonly arguments: readonly string[];
}

/** Opens the block and translates what is used in it; moving its lines is left to the caller. `others`: blocks that move besides. */
export function openBlock(
  request: FixRequest,
  plan: Plan,
  { open, arguments: given }: Head,
  others: readonly Moved[] = [],
): Edit[] {
  const { source } = request;
  const { newline } = source;
  const start = startOf(source, plan.first);
  const line = lineStart(source, start);
  const step = indentStep(source, plan.first);
  const indent = step.repeat(depthAt(others, line)) + source.text.slice(line, start);
  const close = `) as ${plan.response}:`;
  const all = given.join(", ");
  const isLong = indent.length + open.length + all.length + close.length > MAX_LINE;
  const head = isLong ? `${open}${newline}${indent}${step}${all}${newline}${indent}${close}` : open + all + close;
  const edits: Edit[] = [];
  if (plan.isManaged) edits.push(...openManaged(source, plan, head, indent + step));
  else if (turnsIntoHead(plan)) {
    // A comment behind the statement stays where it is.
    edits.push({ start, end: endOf(source, plan.first), text: head });
    if (plan.readsFirst) {
      const end = lineEnd(source, endOf(source, plan.first));
      edits.push({ start: end, end, text: `${newline}${indent}${step}await ${plan.response}.read()` });
    }
  } else edits.push({ start: line, end: line, text: `${indent}${head}${newline}` });
  const moved = [...others, linesMoved(source, plan)];
  for (const use of plan.uses) {
    if (use.loop === undefined) edits.push(...rewriteUse(request, use, plan));
    else edits.push(...loopUse(source, use.loop, plan, step.repeat(depthAt(moved, startOf(source, use.loop.loop)))));
  }
  return edits;
}

/** The head of a `with` that stays: its body is the block. */
function openManaged(source: Source, plan: Plan, head: string, indent: string): Edit[] {
  const body = source.tree.child(plan.first, "body") as NodeId;
  const clause = source.tree.children(plan.first).find((child) => kindOf(source, child) === "with_clause") as NodeId;
  const colon = source.text.indexOf(":", endOf(source, clause));
  const [inner] = statementsOf(source, body);
  const line = lineStart(source, startOf(source, inner as NodeId));
  return [
    { start: startOf(source, plan.first), end: colon + 1, text: head },
    ...(plan.readsFirst ? [{ start: line, end: line, text: `${indent}await ${plan.response}.read()${source.newline}` }] : []),
  ];
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
      return textUse(source, use, plan, awaited);
    case "repeated":
      return [{ start, end, text: repeatedHeader(source, use, plan) }];
    case "content":
      return awaited(`${plan.response}.read()`);
    default: {
      // The same name: only the request in front of it goes.
      const object = source.tree.child(use.node, "object") as NodeId;
      return plan.isAssignment ? [] : [{ start, end: endOf(source, object), text: plan.response }];
    }
  }
}

/** What a text is encoded in is said by its headers as requests reads them; aiohttp guesses, which takes a while. */
function textUse(source: Source, { node }: Use, { response }: Plan, awaited: (text: string) => Edit[]): Edit[] {
  const requests = moduleReferenceTo(source, node, "requests");
  if (!requests) return awaited(`${response}.text()`);
  return [
    ...requests.edits,
    ...awaited(`${response}.text(${requests.text}.utils.get_encoding_from_headers(${response}.headers))`),
  ];
}

/** `response.headers["Vary"]`: requests puts all of them in one text. */
function repeatedHeader(source: Source, { node }: Use, { response }: Plan): string {
  const space = awaitFrame(source, node)[0].startsWith(" ") ? " " : "";
  return `${space}", ".join(${response}.headers.getall(${textOf(source, source.tree.child(node, "subscript") as NodeId)}))`;
}

/** `async for chunk in response.content.iter_chunked(8192):`; lines keep their ends in aiohttp. `outer`: how far its lines move. */
function loopUse(source: Source, { loop, call, pieces, size, name }: StreamLoop, { response }: Plan, outer: string): Edit[] {
  const head: Edit = { start: startOf(source, loop), end: startOf(source, loop), text: "async " };
  const replaced = (text: string): Edit => ({ start: startOf(source, call), end: endOf(source, call), text: response + text });
  if (pieces === "chunks")
    return [head, replaced(size === undefined || size === "1" ? ".content.iter_any()" : `.content.iter_chunked(${size})`)];
  const [first] = statementsOf(source, source.tree.child(loop, "body") as NodeId);
  const start = startOf(source, first as NodeId);
  const strip = `${name} = ${name}.rstrip(b"\\r\\n")${source.newline}${outer}${indentOf(source, start)}`;
  return [head, replaced(".content"), { start, end: start, text: strip }];
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
