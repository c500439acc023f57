/**
 * A session of requests that lives in one coroutine, moved to httpx.AsyncClient:
 *
 *     with requests.Session() as session:              async with httpx.AsyncClient(follow_redirects=True) as session:
 *         session.headers.update(HEADERS)       ->         session.headers.update(HEADERS)
 *         return session.get(url).json()                   return (await session.get(url)).json()
 *
 * Each request is translated as one that is made alone; what httpx wants to be told when the client is made must be the same
 * for all of them.
 */

import { holdOpen, removeLines } from "../clients/object-block.js";
import { missingNote } from "../packages.js";
import { type FixRequest, type Proposal, type Refusal, refuse } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { awaitEdits, type Edit, indentBlocks, moduleReferenceTo } from "../text/edits.js";
import { literalOf } from "../text/literals.js";
import { argumentsOf, endOf, indentStep, kindOf, type NodeId, type Source, startOf } from "../text/source.js";
import { type HttpxCall, hasPlainUrl, translateForHttpx, translateSetting } from "./httpx-arguments.js";
import { certificatesFor } from "./httpx-client.js";
import { HTTPX_ERRORS, isRaisingAlike, rewriteUse, textNote } from "./httpx-response.js";
import { type Streamed, streamThrough, withoutBodies } from "./httpx-stream.js";
import { readArguments } from "./requests-call.js";
import { translateErrors } from "./requests-errors.js";
import { type Session, type SessionCall, whyNotArgument } from "./requests-session.js";
import type { Moved } from "./response-block.js";
import { usesInHelper } from "./response-helper.js";
import { type AttributeUse, lifeOf } from "./response-life.js";

export function sessionToHttpx(request: FixRequest, session: Session): Proposal | Refusal {
  const { source } = request;
  if (asyncLibraryOf(source) === undefined) return refuse("httpx runs on asyncio, anyio and trio only");
  const httpx = moduleReferenceTo(source, session.construction, "httpx", "requests");
  if (!httpx) return refuse("this file uses the name `httpx` for something else");
  const certificates = certificatesFor(source, session.construction, httpx);
  if (!certificates)
    return refuse("there is no place for what all clients of httpx should share: imports at the top of the file");
  const client = clientFor(source, session, httpx.text);
  if (typeof client === "string") return refuse(client);
  const given = [...(client.verifies ? [`verify=${certificates.text}`] : []), ...client.arguments];
  const opened = openClient(source, session, client.removed, `${httpx.text}.AsyncClient(${given.join(", ")})`);
  if (typeof opened === "string") return refuse(opened);
  const sent = sendAll(request, session, client, opened.moved);
  if (typeof sent === "string") return refuse(sent);
  const silent = [session.construction, ...session.uses.map(({ response }) => response)];
  const isStreamed = client.calls.some(({ translated }) => translated.isStreamed);
  const errors = isStreamed ? withoutBodies(HTTPX_ERRORS) : HTTPX_ERRORS;
  const handlers = translateErrors(request, session.calls, sent.uses, { ...errors, spelling: httpx.text }, silent);
  if ("kind" in handlers) return handlers;
  const changed = [...client.edits, ...sent.edits, ...handlers, ...opened.edits];
  const moved = indentBlocks(source, [...opened.moved, ...sent.moved], indentStep(source, session.construction), changed);
  return {
    kind: "proposal",
    title: `Use httpx.AsyncClient for the whole session${textNote(sent.uses)}${missingNote(request, "httpx")}`,
    action: "quickfix",
    preferred: false,
    edits: [...httpx.edits, ...(client.verifies ? certificates.edits : []), ...changed, ...moved],
  };
}

interface Sent {
  readonly edits: readonly Edit[];
  /** Lines that move into the blocks of responses that have one. */
  readonly moved: readonly Moved[];
  /** Of all responses. */
  readonly uses: readonly AttributeUse[];
}

/** All requests of the session sent through the client. `outer`: the lines that move into its block. */
function sendAll(request: FixRequest, session: Session, client: Client, outer: readonly Moved[]): Sent | string {
  const { source } = request;
  const edits: Edit[] = [];
  const uses: AttributeUse[] = [];
  const moved: Moved[] = [];
  const blocks: ((others: readonly Moved[]) => Streamed | string)[] = [];
  for (const { made, translated } of client.calls) {
    const life = lifeOf(request, made.call, usesInHelper);
    if (typeof life === "string") return life;
    uses.push(...life.uses);
    const raisesAlike = isRaisingAlike(source, made, translated) && !client.isConditional;
    if (translated.isStreamed || life.isManaged) {
      const head = { open: `${session.name}.stream`, raisesAlike };
      const block = (others: readonly Moved[]) => streamThrough(request, life, made, translated, head, others);
      const alone = block(outer);
      if (typeof alone === "string") return alone;
      moved.push(alone.moved);
      blocks.push(block);
      edits.push(...translated.edits);
      continue;
    }
    for (const use of life.uses) {
      const outcome = rewriteUse(source, use, raisesAlike);
      if (typeof outcome === "string") return outcome;
      edits.push(...outcome);
    }
    edits.push(...awaitCall(source, made, translated));
  }
  if (moved.some((one) => moved.some((other) => one.start < other.start && other.start < one.end && one.end < other.end)))
    return "the lives of two responses overlap";
  for (const [index, block] of blocks.entries()) {
    const streamed = block([...outer, ...moved.filter((_, other) => other !== index)]);
    if (typeof streamed === "string") return streamed;
    edits.push(...streamed.edits);
  }
  return { edits, moved, uses };
}

interface Client {
  readonly calls: readonly { readonly made: SessionCall; readonly translated: HttpxCall }[];
  /** Arguments of the client, but for its certificates. */
  readonly arguments: readonly string[];
  readonly verifies: boolean;
  /** All requests may carry a condition, so that the answer may be 304. */
  readonly isConditional: boolean;
  /** Settings that became arguments. */
  readonly removed: readonly NodeId[];
  /** What changes among the settings and the arguments of the requests. */
  readonly edits: readonly Edit[];
}

/** The client that all requests of the session can share, or why there is none. */
function clientFor(source: Source, session: Session, library: string): Client | string {
  const calls: { made: SessionCall; translated: HttpxCall }[] = [];
  for (const made of session.calls) {
    const translated = translateForHttpx(source, made, library);
    if (typeof translated === "string") return translated;
    calls.push({ made, translated });
  }
  const edits: Edit[] = [];
  const removed: NodeId[] = [];
  const settings = new Map<string, string>();
  for (const setting of session.settings) {
    const translated = translateSetting(source, setting, library);
    if (typeof translated === "string") return translated;
    if (translated.client === undefined) edits.push(...translated.edits);
    else {
      const reason = whyNotArgument(source, setting);
      if (reason) return reason;
      settings.set(setting.name, translated.client);
      removed.push(setting.statement);
    }
  }
  const hasParams = session.settings.some(({ name }) => name === "params");
  if (hasParams && !session.calls.every((made) => hasPlainUrl(source, made)))
    return "a url may have a query of its own, which newer httpx drops beside `params`";
  const given = calls.flatMap(({ translated }) => translated.client);
  const own = given.find((argument) => /^cookies=/.test(argument));
  if (own) return "`cookies` of one request would be those of the whole client";
  const checks = settings.has("verify") ? false : sameForAll(calls.map(({ translated }) => translated.verifies));
  if (checks === undefined) return "`verify` is not the same for all requests, and belongs to the client in httpx";
  const follows = calls.some(({ translated }) => translated.follows);
  return {
    calls,
    arguments: [
      ...(follows ? ["follow_redirects=True"] : []),
      ...(given.includes("timeout=None") ? ["timeout=None"] : []),
      ...(checks ? [] : ["verify=False"]),
      ...(settings.has("trust_env") ? [settings.get("trust_env") as string] : []),
    ],
    verifies: checks,
    // Where a header may be set that makes it so.
    isConditional: session.settings.some(({ name }) => name === "headers") && /["']If-/i.test(source.text),
    removed,
    edits: [
      ...edits,
      ...removed.map((statement) => removeLines(source, statement)),
      ...calls.flatMap(({ made, translated }) => {
        return follows && !translated.follows ? [doNotFollow(source, made)] : [];
      }),
    ],
  };
}

function sameForAll(values: readonly boolean[]): boolean | undefined {
  return values.every((value) => value === values[0]) ? values[0] : undefined;
}

/** `follow_redirects=False` behind the last argument that stays. */
function doNotFollow(source: Source, made: SessionCall): Edit {
  const given = readArguments(source, made);
  const going = typeof given === "string" ? [] : given.filter(({ name, value }) => isDropped(source, name, value));
  const kept = argumentsOf(source, made.call).filter((node) => !going.some((argument) => argument.node === node));
  const at = endOf(source, kept.at(-1) as NodeId);
  return { start: at, end: at, text: ", follow_redirects=False" };
}

/** Arguments that a call of httpx does without. */
function isDropped(source: Source, name: string, value: NodeId): boolean {
  return /^(allow_redirects|verify|stream)$/.test(name) || kindOf(source, literalOf(source, value)) === "none";
}

function awaitCall(source: Source, { call, method, use }: SessionCall, translated: HttpxCall): Edit[] {
  const edits: Edit[] = [...translated.edits, ...awaitEdits(source, call)];
  if (translated.method !== method) {
    const name = source.tree.child(use.attribute, "attribute") as NodeId;
    edits.push({ start: startOf(source, name), end: endOf(source, name), text: translated.method });
  }
  return edits;
}

/** Makes the client in the place of the session, held open for its whole life. */
function openClient(
  source: Source,
  session: Session,
  removed: readonly NodeId[],
  made: string,
): Pick<Sent, "edits" | "moved"> | string {
  const { statement, construction, isManaged, uses, closes } = session;
  const construct: Edit = { start: startOf(source, construction), end: endOf(source, construction), text: made };
  if (isManaged) {
    const start = startOf(source, statement);
    return { edits: [{ start, end: start, text: "async " }, construct], moved: [] };
  }
  const held = holdOpen(source, {
    name: session.name,
    noun: "session",
    statement,
    closes,
    places: uses.map(({ response }) => response),
    removed,
  });
  if (typeof held === "string") return held;
  if (held.close !== undefined) {
    const callee = source.tree.child(held.close, "function") as NodeId;
    const name = source.tree.child(callee, "attribute") as NodeId;
    const start = startOf(source, held.close);
    const edits: Edit[] = [
      construct,
      { start, end: start, text: "await " },
      { start: startOf(source, name), end: endOf(source, name), text: "aclose" },
    ];
    return { edits, moved: [] };
  }
  return { edits: [construct, ...held.edits], moved: held.moved };
}
