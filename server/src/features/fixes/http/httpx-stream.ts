/**
 * A response of httpx that lives in a block: one that is streamed, or that a `with` of its own held open.
 *
 *     with requests.get(url, stream=True) as response:       async with httpx.AsyncClient() as client, client.stream("GET", url) as response:
 *         for chunk in response.iter_content(8192):    ->        async for chunk in response.aiter_bytes(8192):
 *             file.write(chunk)                                      file.write(chunk)
 *
 * Knows nothing of where the client comes from.
 */
import type { FixRequest } from "../request.js";
import { whyNoAwait, whyNotSuspend } from "../text/awaiting.js";
import type { Edit } from "../text/edits.js";
import {
  ancestorsOf,
  endOf,
  hasComment,
  indentOf,
  indentStep,
  isFirstOnLine,
  kindOf,
  lineStart,
  type NodeId,
  type Source,
  startOf,
  statementOf,
  statementsOf,
} from "../text/source.js";
import type { HttpxCall } from "./httpx-arguments.js";
import { rewriteUse } from "./httpx-response.js";
import type { RequestsCall } from "./requests-call.js";
import type { ErrorDialect } from "./requests-errors.js";
import { depthAt, linesMoved, type Moved, type Plan, planOf, type Use } from "./response-block.js";
import type { AttributeUse, ResponseLife } from "./response-life.js";
import { isStreamLoop, streamLoopOf } from "./response-stream.js";

export interface Streamed {
  readonly edits: readonly Edit[];
  /** The lines that move into the block. */
  readonly moved: Moved;
}

/** A body that is not read yet has no text to ask an error for. */
export function withoutBodies(dialect: ErrorDialect): ErrorDialect {
  const reads = Object.entries(dialect.reads).filter(([, twin]) => /\.(status_code|reason_phrase)$/.test(twin));
  return { ...dialect, reads: Object.fromEntries(reads) };
}

/**
 * The block of a response and what is read in it, or why there is none. `open`: what stands before the brackets of the call,
 * up to the name of the method. `others`: further lines that move.
 */
export function streamThrough(
  request: FixRequest,
  life: ResponseLife,
  { call, method }: RequestsCall,
  translated: HttpxCall,
  { open, raisesAlike }: { readonly open: string; readonly raisesAlike: boolean },
  others: readonly Moved[] = [],
): Streamed | string {
  const { source } = request;
  if (life.name === undefined) return "the response is streamed, and has no name";
  const readers = new Map<Use, AttributeUse>();
  const plan = planOf(request, life, call, translated.isStreamed, (_, found) => {
    const loop = isStreamLoop(found) && translated.isStreamed ? streamLoopOf(request, found) : undefined;
    if (typeof loop === "string") return loop;
    if (loop?.pieces === "lines") return "`iter_lines` gives bytes, and httpx texts that it cuts at other characters as well";
    const use: Use = { node: found.attribute, attribute: found.name, ...(loop === undefined ? {} : { loop }) };
    readers.set(use, found);
    return use;
  });
  if (typeof plan === "string") return plan;
  const moved = linesMoved(source, plan);
  const edits: Edit[] = [...openStream(source, plan, call, open), ...nameMethod(source, call, method, translated)];
  if (!translated.isStreamed) edits.push(readAtHead(source, plan, [...others, moved]));
  const reading = new Map<NodeId, Edit>();
  for (const use of plan.uses) {
    const found = readers.get(use) as AttributeUse;
    if (use.loop !== undefined) {
      const { loop, call: iterable, size } = use.loop;
      const start = endOf(source, source.tree.child(found.attribute, "object") as NodeId);
      edits.push({ start: startOf(source, loop), end: startOf(source, loop), text: "async " });
      edits.push({ start, end: endOf(source, iterable), text: `.aiter_bytes(${size ?? ""})` });
      continue;
    }
    const outcome = rewriteUse(source, found, raisesAlike);
    if (typeof outcome === "string") return outcome;
    edits.push(...outcome);
    if (!translated.isStreamed || !/^(text|content|json)$/.test(found.name)) continue;
    const read = readBefore(request, found, plan, [...others, moved]);
    if (typeof read === "string") return read;
    reading.set(statementOf(source, found.attribute), read);
  }
  if (hasComment(source, startOf(source, plan.first), startOf(source, source.tree.child(call, "arguments") as NodeId)))
    return "a comment stands inside the name of what is called";
  return { edits: [...edits, ...reading.values()], moved };
}

/** `response = requests.get(` or `with requests.get(` -> `async with client.stream(`. */
function openStream(source: Source, plan: Plan, call: NodeId, open: string): Edit[] {
  const start = startOf(source, plan.first);
  const callee = source.tree.child(call, "function") as NodeId;
  if (plan.isManaged)
    return [
      { start, end: start, text: "async " },
      { start: startOf(source, callee), end: endOf(source, callee), text: open },
    ];
  return [
    { start, end: endOf(source, callee), text: `async with ${open}` },
    { start: endOf(source, call), end: endOf(source, plan.first), text: ` as ${plan.response}:` },
  ];
}

/** `client.stream("GET", ...)`: the method is its first argument. */
function nameMethod(source: Source, call: NodeId, method: string, translated: HttpxCall): Edit[] {
  if (translated.method === "request") return [];
  const at = startOf(source, source.tree.child(call, "arguments") as NodeId) + 1;
  return [{ start: at, end: at, text: `"${method.toUpperCase()}", ` }];
}

/** The whole body is there when the block begins, as that of requests is. */
function readAtHead(source: Source, plan: Plan, moved: readonly Moved[]): Edit {
  const body = source.tree.child(plan.first, "body") as NodeId;
  const start = lineStart(source, startOf(source, statementsOf(source, body)[0] as NodeId));
  const step = indentStep(source, plan.first);
  const indent = step.repeat(depthAt(moved, start) + 1) + indentOf(source, startOf(source, plan.first));
  return { start, end: start, text: `${indent}await ${plan.response}.aread()${source.newline}` };
}

/** A statement that asks for the body as a whole gets `await response.aread()` in front of it. */
function readBefore(request: FixRequest, use: AttributeUse, plan: Plan, moved: readonly Moved[]): Edit | string {
  const { source, python } = request;
  const statement = statementOf(source, use.attribute);
  const start = startOf(source, statement);
  const reason = whyNoAwait(source, use.attribute, python) ?? whyNotSuspend(source, use.attribute);
  if (reason) return reason;
  const isSimple = /^(expression|return|raise)_statement$/.test(kindOf(source, statement)) && isFirstOnLine(source, start);
  const isLazy = [...ancestorsOf(source, use.attribute)].some(
    (ancestor) => ancestor > statement && /^(boolean_operator|conditional_expression)$/.test(kindOf(source, ancestor)),
  );
  if (!isSimple || isLazy) return `\`${use.name}\` of a streamed response is read where it cannot be waited for`;
  const indent = indentStep(source, statement).repeat(depthAt(moved, start)) + indentOf(source, start);
  return { start, end: start, text: `await ${plan.response}.aread()${source.newline}${indent}` };
}
