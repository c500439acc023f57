/**
 * httpx's own asynchronous client in the place of its blocking one: for a client that one coroutine makes and uses, and for
 * the functions of the module, which make a client for each call.
 *
 *     with httpx.Client() as client:        async with httpx.AsyncClient() as client:
 *         client.get(url)             ->        await client.get(url)
 *
 * The two have the same arguments, responses and exceptions. What a client is used for that has no twin is a reason to refuse.
 */

import { objectLifeOf } from "../clients/object-life.js";
import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { removeArguments } from "../text/arguments.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { soleWithOf, straddlesSharedState, whyNoAwait, whyNotSuspend } from "../text/awaiting.js";
import { awaitEdits, type Edit, freshName, moduleReferenceTo, referenceTo } from "../text/edits.js";
import { isRead, maySee, mentionsOf } from "../text/flow.js";
import { isString } from "../text/literals.js";
import { qualifiedName } from "../text/scopes.js";
import {
  argumentsOf,
  contains,
  descendantsOf,
  endOf,
  kindOf,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  textOf,
  withoutParentheses,
} from "../text/source.js";
import { certificatesFor, wrapInClient } from "./httpx-client.js";
import { type AttributeUse, attributeUse, lifeOf } from "./response-life.js";

export const httpxAsyncClient: Remedy = { name: "httpx-async-client", propose };

const FUNCTION = /^httpx\.(?:_api\.)?(get|post|put|delete|patch|head|options|request|stream)$/;
const METHOD = /^httpx\.(?:_client\.)?Client\.(\w+)$/;
const VERBS = /^(get|post|put|delete|patch|head|options|request|send)$/;
/** Attributes of a client that mean the same in both. */
const SAME = /^(build_request|headers|cookies|params|timeout|base_url|is_closed|trust_env|follow_redirects|max_redirects)$/;
/** Arguments of a client that are objects of the blocking kind. */
const BLOCKING_PARTS = /^(transport|mounts|app|event_hooks|proxies)$/;

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source, call } = request;
  const callee = finding.path[0]?.callee ?? "";
  const isFunction = FUNCTION.test(callee);
  if (!isFunction && !METHOD.test(callee)) return undefined;
  if (call === undefined || finding.confidence !== "definite") return refuse("the call may be something else than httpx");
  if (asyncLibraryOf(source) === undefined) return refuse("httpx runs on asyncio, anyio and trio only");
  const outcome = isFunction ? translateFunction(request, call) : translateClient(request, call);
  if (typeof outcome === "string") return refuse(outcome);
  return {
    kind: "proposal",
    title: "Await httpx.AsyncClient instead",
    action: "quickfix",
    preferred: outcome.isDropIn,
    edits: outcome.edits,
  };
}

interface Outcome {
  readonly edits: readonly Edit[];
  readonly isDropIn: boolean;
}

const OF_CLIENT = /^(cookies|verify|cert|trust_env|proxy)$/;

/** `httpx.get(url)`. */
function translateFunction(request: FixRequest, call: NodeId): Outcome | string {
  const { source } = request;
  const name = qualifiedName(source, source.tree.child(call, "function") as NodeId) ?? "";
  const method = FUNCTION.exec(name)?.[1];
  if (method === undefined) return "the call may be something else than httpx";
  const reason =
    whyNoAwait(source, call, request.python) ??
    whyNotSuspend(source, call) ??
    whyNotSent(source, call) ??
    whyClosed(request, call);
  if (reason) return reason;
  const httpx = moduleReferenceTo(source, call, "httpx");
  const certificates = httpx && certificatesFor(source, call, httpx);
  if (!certificates) return "this file uses the name `httpx` for something else";
  const given = argumentsOf(source, call).flatMap((node) => {
    const at = kindOf(source, node) === "keyword_argument" ? source.tree.child(node, "name") : undefined;
    return at === undefined ? [] : [{ node, name: textOf(source, at) }];
  });
  const moved = given.filter((argument) => OF_CLIENT.test(argument.name));
  const isMaking = ({ node }: { node: NodeId }) =>
    [...descendantsOf(source, node)].some((part) => kindOf(source, part) === "call");
  const made = moved.find(isMaking);
  if (made) return `\`${made.name}\` belongs to the client, and is made by a call in between`;
  if (given.some(({ name: other }) => other === "proxies")) return "`proxies` is written otherwise in newer httpx";
  const removed = removeArguments(
    source,
    call,
    moved.map(({ node }) => node),
  );
  if (typeof removed === "string") return removed;
  const decides = moved.some((argument) => /^(verify|cert|trust_env)$/.test(argument.name));
  const client = [...(decides ? [] : [`verify=${certificates.text}`]), ...moved.map(({ node }) => textOf(source, node))];
  const block =
    method === "stream"
      ? streamThrough(request, call, `${httpx.text}.AsyncClient(${client.join(", ")})`)
      : wrapInClient(source, call, { method, edits: removed, client }, httpx.text);
  if (typeof block === "string") return block;
  return { edits: [...(decides ? [] : certificates.edits), ...removed, ...block], isDropIn: false };
}

/** `with httpx.stream(...)` -> `async with httpx.AsyncClient() as client, client.stream(...)`. */
function streamThrough(request: FixRequest, call: NodeId, client: string): readonly Edit[] | string {
  const { source } = request;
  const translated = translateStream(request, call);
  if (typeof translated === "string") return translated;
  const callee = source.tree.child(call, "function") as NodeId;
  const name = freshName(source, "client", call);
  const text = `${client} as ${name}, ${name}.stream`;
  return [...translated, { start: startOf(source, callee), end: endOf(source, callee), text }];
}

/** `client.get(url)` of a client that this coroutine makes. */
function translateClient(request: FixRequest, call: NodeId): Outcome | string {
  const { source } = request;
  const callee = source.tree.child(call, "function") as NodeId;
  const receiver = kindOf(source, callee) === "attribute" ? source.tree.child(callee, "object") : undefined;
  if (receiver === undefined) return "the client is not a local variable";
  const life = objectLifeOf(source, receiver, "client");
  if (typeof life === "string") return life;
  const made = source.tree.child(life.construction, "function") as NodeId;
  if (qualifiedName(source, made) !== "httpx.Client") return `\`${life.name}\` is not made by httpx.Client()`;
  const parts = whyNotMade(source, life.construction);
  if (parts) return parts;
  const reference = referenceTo(source, made, "httpx", "AsyncClient");
  if (!reference) return "this file uses the name `httpx` for something else";
  const edits: Edit[] = [...reference.edits, { start: startOf(source, made), end: endOf(source, made), text: reference.text }];
  if (life.isManaged) {
    const reason = whyNoAsyncWith(request, life.statement);
    if (reason) return reason;
    edits.push(asyncBefore(source, life.statement));
  }
  let isDropIn = true;
  for (const use of life.uses) {
    const translated = translateUse(request, use);
    if (typeof translated === "string") return translated;
    edits.push(...translated);
    if (use.call !== undefined && straddlesSharedState(source, use.call)) isDropIn = false;
  }
  return { edits, isDropIn };
}

function translateUse(request: FixRequest, use: AttributeUse): readonly Edit[] | string {
  const { source } = request;
  const { name, call } = use;
  if (SAME.test(name)) return [];
  if (call === undefined) return `\`${name}\` of the client is used, which has no twin that is known to be equal`;
  if (name === "stream") return translateStream(request, call);
  const isClosing = name === "close";
  if (!isClosing && !VERBS.test(name)) return `\`${name}\` of the client has no twin that is known to be equal`;
  const reason =
    whyNoAwait(source, call, request.python) ??
    whyNotSuspend(source, call) ??
    (isClosing ? undefined : (whyNotSent(source, call) ?? whyClosed(request, call)));
  if (reason) return reason;
  if (name === "send" && argumentsOf(source, call).length !== 1) return "`send` has options, which may stream the response";
  return awaited(source, call, isClosing ? { attribute: use.attribute, name: "aclose" } : undefined);
}

/** `await` in front of a call, with a new name for the method. */
function awaited(source: Source, call: NodeId, renamed?: { readonly attribute: NodeId; readonly name: string }): Edit[] {
  const edits = awaitEdits(source, call);
  if (renamed) {
    const at = source.tree.child(renamed.attribute, "attribute") as NodeId;
    edits.push({ start: startOf(source, at), end: endOf(source, at), text: renamed.name });
  }
  return edits;
}

function asyncBefore(source: Source, statement: NodeId): Edit {
  return { start: startOf(source, statement), end: startOf(source, statement), text: "async " };
}

/** Why a `with` cannot become an `async with`. */
function whyNoAsyncWith(request: FixRequest, statement: NodeId): string | undefined {
  const { source } = request;
  const [inner] = source.tree.children(statement);
  if (inner === undefined) return "the block is empty";
  return whyNoAwait(source, inner, request.python) ?? whyNotSuspend(source, inner);
}

const STREAMS: Readonly<Record<string, string>> = {
  iter_bytes: "aiter_bytes",
  iter_text: "aiter_text",
  iter_lines: "aiter_lines",
  iter_raw: "aiter_raw",
};

/** `with client.stream("GET", url) as response:`, with what is read of the response in the block. */
function translateStream(request: FixRequest, call: NodeId): readonly Edit[] | string {
  const { source } = request;
  const block = soleWithOf(source, call);
  if (block === undefined) return "`stream` does not stand in a `with` of its own";
  const reason = whyNoAsyncWith(request, block.statement) ?? whyNotSent(source, call);
  if (reason) return reason;
  const edits: Edit[] = [asyncBefore(source, block.statement)];
  if (block.target === undefined) return edits;
  const name = textOf(source, block.target);
  for (const mention of mentionsOf(source, name, block.target)) {
    if (
      mention === block.target ||
      (!contains(source, block.statement, mention) && !isLeaking(source, name, mention, block.statement))
    )
      continue;
    if (!contains(source, block.statement, mention)) return `\`${name}\` is also used outside of its block`;
    const use = attributeUse(source, mention);
    if (typeof use === "string") return use;
    const translated = translateStreamed(request, { ...use, isSole: true, isNested: false });
    if (typeof translated === "string") return translated;
    edits.push(...translated);
  }
  return edits;
}

/** The mention outside of the block may read what the block bound. */
function isLeaking(source: Source, name: string, mention: NodeId, statement: NodeId): boolean {
  if (!isRead(source, mention)) return false;
  return maySee(source, name, mention, statement);
}

function translateStreamed(request: FixRequest, use: AttributeUse): readonly Edit[] | string {
  const { source } = request;
  const { name, call, attribute } = use;
  const twin = STREAMS[name];
  if (twin === undefined && name !== "read" && name !== "close") return [];
  if (call === undefined) return `\`${name}\` of the response is handed on`;
  if (twin === undefined) {
    const reason = whyNoAwait(source, call, request.python) ?? whyNotSuspend(source, call);
    return reason ?? awaited(source, call, { attribute, name: `a${name}` });
  }
  const loop = parentOf(source, call);
  if (
    kindOf(source, loop) !== "for_statement" ||
    source.tree.field(call) !== "right" ||
    source.tree.tokens(loop).includes("async")
  )
    return `\`${name}\` does not stand behind the \`in\` of a loop`;
  const reason = whyNoAwait(source, call, request.python) ?? whyNotSuspend(source, call);
  if (reason) return reason;
  const at = source.tree.child(attribute, "attribute") as NodeId;
  return [asyncBefore(source, loop), { start: startOf(source, at), end: endOf(source, at), text: twin }];
}

/** Why the client cannot be made as an asynchronous one with the same arguments. */
function whyNotMade(source: Source, construction: NodeId): string | undefined {
  for (const argument of argumentsOf(source, construction)) {
    if (kindOf(source, argument) !== "keyword_argument")
      return "arguments of the client are unpacked, so what is passed is not known";
    const name = textOf(source, source.tree.child(argument, "name") as NodeId);
    if (BLOCKING_PARTS.test(name)) return `\`${name}\` of the client is of the blocking kind`;
  }
  return undefined;
}

/** Why an asynchronous client may refuse to send this: bodies that are iterated over. */
function whyNotSent(source: Source, call: NodeId): string | undefined {
  for (const argument of argumentsOf(source, call)) {
    const kind = kindOf(source, argument);
    if (kind === "dictionary_splat" || kind === "list_splat") return "arguments are unpacked, so what is passed is not known";
    if (kind !== "keyword_argument") continue;
    const name = textOf(source, source.tree.child(argument, "name") as NodeId);
    const value = source.tree.child(argument, "value") as NodeId;
    if (name === "content" && !isBody(source, value)) return "`content` may be iterated over, and not asynchronously";
    if (name === "data" && kindOf(source, withoutParentheses(source, value)) === "generator_expression")
      return "`data` is iterated over, and not asynchronously";
    if (name === "stream") return "the response is streamed";
  }
  return undefined;
}

function isBody(source: Source, value: NodeId): boolean {
  const node = withoutParentheses(source, value);
  if (kindOf(source, node) === "string" || isString(source, node)) return true;
  const callee = kindOf(source, node) === "call" ? source.tree.child(node, "function") : undefined;
  if (callee === undefined || kindOf(source, callee) !== "attribute") return false;
  return textOf(source, source.tree.child(callee, "attribute") as NodeId) === "encode";
}

/** The response of an asynchronous client cannot be closed or iterated over in the blocking way. */
function whyClosed(request: FixRequest, call: NodeId): string | undefined {
  const life = lifeOf(request, call);
  // What is handed on is complete.
  if (typeof life === "string") return undefined;
  const closing = life.uses.find(({ name }) => name === "close" || name === "stream");
  if (closing) return `\`${closing.name}\` of the response is called, which an asynchronous one refuses`;
  return undefined;
}
