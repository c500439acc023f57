/**
 * `async def` -> `def` for a handler that awaits nothing, where the framework runs plain functions in a thread: then all that
 * blocks in it leaves the loop. Only where nobody else calls the handler, and nothing in it needs the loop.
 */
import type { TraitWay } from "../../../analysis/traits.js";
import { reasonOf } from "../offload/threads.js";
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import {
  endOf,
  functionAround,
  kindOf,
  NO_NODE,
  type NodeId,
  parentOf,
  runningIn,
  type Source,
  startOf,
} from "../text/source.js";

export const dropAsync: Remedy = { name: "drop-async", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { host, path, source, finding } = request;
  if (!finding.rule.startsWith("blocking-")) return undefined;
  const handler = functionAround(source, request.call ?? nodeAtOffset(source, request.start));
  if (handler === NO_NODE || !isDecorated(source, handler) || !source.tree.tokens(handler).includes("async")) return undefined;
  const name = source.tree.child(handler, "name");
  const body = source.tree.child(handler, "body");
  if (name === undefined || body === undefined || suspends(source, body)) return undefined;
  const mentions = host.mentions(path, startOf(source, name));
  if (mentions?.function.place !== "loop-or-thread" || mentions.function.nameStart !== startOf(source, name)) return undefined;
  if (mentions.function.decorators.length > 1) return refuse("another decorator of the handler may await it");
  if (mentions.function.overriding !== undefined) return refuse(`the handler is one of several: ${mentions.function.overriding}`);
  const [call] = mentions.calls;
  if (call) return refuse(`the handler is also called at ${call.place}, which awaits it`);
  if (mentions.others.length > 0) return refuse(`somebody else may await the handler: ${mentions.others[0]}`);
  const reason = whyOnLoop(request, body, mentions.traits);
  if (reason) return refuse(reason);
  const start = startOf(source, handler);
  const keyword = /^async\s+/.exec(source.text.slice(start));
  if (!keyword) return undefined;
  return {
    kind: "proposal",
    title: `Drop async: the framework then runs ${source.tree.textOf(name)} in a thread`,
    action: "refactor.rewrite",
    preferred: false,
    edits: [{ start, end: start + keyword[0].length, text: "" }],
    elsewhere: [],
  };
}

function nodeAtOffset(source: Source, offset: number): NodeId {
  let found: NodeId = 0;
  for (let node = 0; node < source.parents.length; node++) {
    if (startOf(source, node) <= offset && offset < endOf(source, node)) found = node;
  }
  return found;
}

function isDecorated(source: Source, handler: NodeId): boolean {
  return kindOf(source, parentOf(source, handler)) === "decorated_definition";
}

/** Something in the code gives way to the loop, or to whoever iterates over it. */
function suspends(source: Source, body: NodeId): boolean {
  for (const node of runningIn(source, body)) {
    const kind = kindOf(source, node);
    if (kind === "await" || kind === "yield") return true;
    if (/^(for_statement|with_statement|for_in_clause)$/.test(kind) && source.tree.tokens(node).includes("async")) return true;
  }
  return false;
}

/** Why the body has to run on the loop, or alone. */
function whyOnLoop(request: FixRequest, body: NodeId, traits: readonly TraitWay[]): string | undefined {
  for (const way of traits) {
    // What belongs to one request only is changed by nobody else, and StopIteration is an error there and here.
    if (way.kind === "stop-iteration" || way.parameter !== undefined) continue;
    if (way.kind === "changes")
      return `two requests would then do this at the same time: \`${way.callees.at(-1)}\` changes what they share`;
    const reason = reasonOf(request, body, way);
    if (reason) return `${reason}, and all of the handler would run in a thread`;
  }
  return undefined;
}
