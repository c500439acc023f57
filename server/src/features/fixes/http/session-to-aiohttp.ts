/**
 * A session of requests that lives in one coroutine, moved to aiohttp:
 *
 *     with requests.Session() as session:              async with aiohttp.ClientSession(headers=HEADERS) as session:
 *         session.headers.update(HEADERS)       ->         async with session.get(url) as response:
 *         response = session.get(url)                          return await response.json(content_type=None)
 *         return response.json()
 *
 * Each response gets the block that a request made alone would give it; what is set on the session is said when it is made.
 */

import { type Held, holdOpen, removeLines } from "../clients/object-block.js";
import { missingNote } from "../packages.js";
import { type FixRequest, type Proposal, type Refusal, refuse } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { type Edit, indentBlocks, moduleReferenceTo } from "../text/edits.js";
import { isString, literalOf } from "../text/literals.js";
import { bindingsOf } from "../text/scopes.js";
import {
  ancestorsOf,
  contains,
  descendantsOf,
  endOf,
  functionAround,
  indentOf,
  indentStep,
  kindOf,
  type NodeId,
  parentOf,
  runningIn,
  type Source,
  startOf,
  statementsOf,
  textOf,
  withoutParentheses,
} from "../text/source.js";
import { translateArgument, translateForAiohttp, unlimited } from "./aiohttp-arguments.js";
import { AIOHTTP_ERRORS, MAX_LINE, openBlock, sessionArguments } from "./aiohttp-response.js";
import { hasNamedHost, isPlainDict, readArguments } from "./requests-call.js";
import { translateErrors } from "./requests-errors.js";
import { type Session, type SessionCall, type Setting, whyNotArgument } from "./requests-session.js";
import { linesMoved, type Plan, planOf } from "./response-block.js";
import { type AttributeUse, lifeOf } from "./response-life.js";

export function sessionToAiohttp(request: FixRequest, session: Session): Proposal | Refusal {
  const { source } = request;
  if (asyncLibraryOf(source) !== "asyncio")
    return refuse("aiohttp runs on asyncio, and this file is written for another library");
  const aiohttp = moduleReferenceTo(source, session.construction, "aiohttp", "requests");
  if (!aiohttp) return refuse("this file uses the name `aiohttp` for something else");
  const settings = readSettings(source, session, aiohttp.text);
  if (typeof settings === "string") return refuse(settings);
  const requests = planRequests(request, session, settings, aiohttp.text);
  if (typeof requests === "string") return refuse(requests);
  const held = session.isManaged ? undefined : hold(source, session, requests);
  if (typeof held === "string") return refuse(held);
  const silent = [session.construction, ...session.uses.map(({ response }) => response)];
  const uses = requests.flatMap((each) => each.uses);
  const handlers = translateErrors(request, session.calls, uses, { ...AIOHTTP_ERRORS, spelling: aiohttp.text }, silent);
  if ("kind" in handlers) return handlers;
  const blocks = [...requests.map(({ plan }) => linesMoved(source, plan)), ...(held?.moved ?? [])];
  const step = indentStep(source, session.construction);
  const edits: Edit[] = [
    ...session.settings.map(({ statement }) => removeLines(source, statement)),
    ...openSession(source, session, held, constructionOf(source, session, settings, requests, aiohttp.text)),
  ];
  for (const { plan, made, given } of requests) {
    const others = blocks.filter((_, index) => requests[index]?.plan !== plan);
    const head = { open: `async with ${session.name}.${made.method}(`, arguments: given };
    edits.push(...openBlock(request, plan, head, others));
  }
  const changed = [...handlers, ...edits];
  return {
    kind: "proposal",
    title: `Use aiohttp for the whole session${missingNote(request, "aiohttp")}`,
    action: "quickfix",
    preferred: false,
    edits: [...aiohttp.edits, ...changed, ...indentBlocks(source, blocks, step, changed)],
  };
}

interface Settings {
  /** The value of `headers=`; undefined without any. */
  readonly headers?: string;
  /** `auth=...` for each request: aiohttp 3.8 would send that of a session to whoever it is redirected to. */
  readonly auth?: string;
  readonly isUnverified: boolean;
  readonly trustsEnvironment: boolean;
}

/** What is set on the session, or why it has no twin. */
function readSettings(source: Source, session: Session, library: string): Settings | string {
  for (const setting of session.settings) {
    const reason = whyNotArgument(source, setting);
    if (reason) return reason;
  }
  const named = (name: string) => session.settings.filter((setting) => setting.name === name);
  if (named("params").length > 0) return "`params` of the session have no twin in aiohttp";
  for (const { name, value } of [...named("verify"), ...named("trust_env")])
    if (kindOf(source, value) !== "false") return `\`${name}\` of the session is not False`;
  const headers = headersOf(source, named("headers"), session.isManaged);
  if (typeof headers === "string") return headers;
  const auth = authOf(source, named("auth"), library);
  if (typeof auth === "string") return auth;
  // aiohttp refuses both, where requests writes the one over the other.
  if (auth.text !== undefined && /authorization/i.test(source.text)) return "`auth` of the session stands beside a header for it";
  return {
    ...(headers.text === undefined ? {} : { headers: headers.text }),
    ...(auth.text === undefined ? {} : { auth: auth.text }),
    isUnverified: named("verify").length > 0,
    trustsEnvironment: named("trust_env").length === 0,
  };
}

/** One dictionary of all headers. */
function headersOf(source: Source, settings: readonly Setting[], isManaged: boolean): { readonly text?: string } | string {
  const pairs: string[] = [];
  const keys = new Set<string>();
  for (const { key, value, isWhole } of settings) {
    const literal = literalOf(source, value);
    const isText = (item: NodeId) => isString(source, item);
    const isPlain = key === undefined ? isPlainDict(source, literal, isText) : isText(key) && isText(value);
    if (!isPlain) return "`headers` of the session may hold None, which requests drops and aiohttp refuses";
    if (settings.length === 1 && key === undefined) return { text: moveText(source, value, isManaged) };
    const here = key === undefined ? source.tree.children(literal) : [key];
    if (isWhole || (key === undefined && literal !== value)) return "`headers` of the session are set more than once";
    for (const part of here) {
      const name = textOf(source, source.tree.child(part, "key") ?? part);
      if (!/^["'][\w-]+["']$/.test(name) || keys.has(name.slice(1, -1).toLowerCase()))
        return "a header of the session is set twice, or its name is not written out";
      keys.add(name.slice(1, -1).toLowerCase());
      pairs.push(
        key === undefined ? textOf(source, part) : `${textOf(source, key)}: ${textOf(source, withoutParentheses(source, value))}`,
      );
    }
  }
  return pairs.length === 0 ? {} : { text: `{${pairs.join(", ")}}` };
}

/** The text of a value that moves among the arguments of the construction, which stand where the block of a `with` does. */
function moveText(source: Source, value: NodeId, isManaged: boolean): string {
  const text = textOf(source, value);
  const holdsLines = [...descendantsOf(source, value)].some(
    (node) => kindOf(source, node) === "string" && textOf(source, node).includes("\n"),
  );
  return isManaged || holdsLines ? text : text.replaceAll("\n", `\n${indentStep(source, value)}`);
}

function authOf(source: Source, settings: readonly Setting[], library: string): { readonly text?: string } | string {
  const [setting, ...others] = settings;
  if (setting === undefined) return {};
  const items = kindOf(source, setting.value) === "tuple" ? source.tree.children(setting.value) : [];
  // It is written once for each request, so it must mean the same there.
  const isConstant = items.every((item) => {
    const isName = kindOf(source, item) === "identifier" && bindingsOf(source, textOf(source, item), item).length === 1;
    return isName || kindOf(source, item) === "string";
  });
  if (others.length > 0 || !isConstant) return "`auth` of the session is no pair of constants or names that are bound once";
  const text = translateArgument(source, "auth", setting.value, library);
  return typeof text === "string" ? { text } : text.reason;
}

interface PlannedRequest {
  readonly made: SessionCall;
  readonly plan: Plan;
  readonly uses: readonly AttributeUse[];
  /** Arguments of the method, as text. */
  readonly given: readonly string[];
  readonly hasTimeout: boolean;
}

/** The blocks of all responses, each in another or apart from it. */
function planRequests(
  request: FixRequest,
  session: Session,
  settings: Settings,
  library: string,
): readonly PlannedRequest[] | string {
  const { source } = request;
  const planned: PlannedRequest[] = [];
  for (const made of session.calls) {
    const translated = translateForAiohttp(source, made, library);
    if (typeof translated === "string") return translated;
    if (translated.session.some((argument) => argument.startsWith("cookies=")))
      return "`cookies` of one request would be those of the whole session";
    const life = lifeOf(request, made.call);
    if (typeof life === "string") return life;
    const plan = planOf(request, life, made.call, translated.isStreamed);
    if (typeof plan === "string") return plan;
    const names = readArguments(source, made);
    const has = (wanted: string) => typeof names !== "string" && names.some(({ name }) => name === wanted);
    if (settings.isUnverified && has("verify")) return "`verify` is set for the session and for a request of it";
    const given = [
      ...translated.arguments,
      ...(settings.auth !== undefined && !has("auth") ? [settings.auth] : []),
      ...(settings.isUnverified ? ["ssl=False"] : []),
    ];
    planned.push({ made, plan, uses: life.uses, given, hasTimeout: translated.hasTimeout });
  }
  const nested = nestPlans(
    source,
    planned.map(({ plan }) => plan),
  );
  if (typeof nested === "string") return nested;
  for (const { plan, made } of planned) {
    const isHeld = planned.some(
      (other) => other.made !== made && other.plan.uses.some(({ node }) => contains(source, made.call, node)),
    );
    if (isHeld) return "a request is given what another response holds in one statement with it";
    if (planned.some((other) => other.plan !== plan && other.plan.first === plan.first))
      return "two requests are made in one statement";
  }
  return planned.map((each, index) => ({ ...each, plan: nested[index] as Plan }));
}

/** Blocks that would overlap end together. */
function nestPlans(source: Source, plans: readonly Plan[]): readonly Plan[] | string {
  const nested = plans.map((plan) => ({ ...plan }));
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const outer of nested) {
      for (const inner of nested) {
        if (inner.first <= outer.first || startOf(source, inner.first) > endOf(source, outer.last)) continue;
        if (endOf(source, inner.last) <= endOf(source, outer.last)) continue;
        if (parentOf(source, inner.first) !== parentOf(source, outer.first)) return "the lives of two responses overlap";
        outer.last = inner.last;
        isChanged = true;
      }
    }
  }
  for (const { first, last } of nested) {
    const moved = statementsOf(source, parentOf(source, first)).filter((sibling) => sibling > first && sibling <= last);
    if (moved.some((sibling) => [...runningIn(source, sibling)].some((node) => kindOf(source, node) === "yield")))
      return "the function yields between the request and the last use of its response";
  }
  return nested;
}

function hold(source: Source, session: Session, requests: readonly PlannedRequest[]): Held | string {
  return holdOpen(source, {
    name: session.name,
    noun: "session",
    statement: session.statement,
    closes: session.closes,
    places: [...session.uses.map(({ response }) => response), ...requests.map(({ plan }) => plan.last)],
    removed: session.settings.map(({ statement }) => statement),
  });
}

/** `aiohttp.ClientSession(...)` in the place of the construction. */
function constructionOf(
  source: Source,
  session: Session,
  settings: Settings,
  requests: readonly PlannedRequest[],
  library: string,
): string {
  const given = [
    ...(settings.headers === undefined ? [] : [`headers=${settings.headers}`]),
    ...(requests.every(({ hasTimeout }) => hasTimeout) ? [] : [`timeout=${unlimited(library)}`]),
    ...(settings.trustsEnvironment ? ["trust_env=True"] : []),
    ...sessionArguments(requests.map(({ plan }) => plan)),
    ...(keepsCookies(source, session) ? [`cookie_jar=${library}.CookieJar(unsafe=True)`] : []),
  ];
  const indent = indentOf(source, startOf(source, session.statement));
  const open = `${library}.ClientSession(`;
  const all = given.join(", ");
  const length = indent.length + `async with  as ${session.name}:`.length + open.length + all.length;
  if (length <= MAX_LINE && !all.includes("\n")) return `${open}${all})`;
  const inner = source.newline + indent + indentStep(source, session.construction);
  return `${open}${given.map((argument) => `${inner}${argument},`).join("")}${source.newline}${indent})`;
}

/** Cookies of a host that may be written as an address may be sent again, for which aiohttp wants to be asked. */
function keepsCookies(source: Source, session: Session): boolean {
  const [only, ...others] = session.calls;
  const isOnce = others.length === 0 && only !== undefined && !isRepeated(source, only.call);
  return !isOnce && !session.calls.every((made) => hasNamedHost(source, made));
}

function isRepeated(source: Source, node: NodeId): boolean {
  const limit = functionAround(source, node);
  for (const ancestor of ancestorsOf(source, node)) {
    if (ancestor === limit) return false;
    if (/^(for|while)_statement$/.test(kindOf(source, ancestor))) return true;
  }
  return false;
}

/** Makes the session where the old one was made, and closes it where that was closed. */
function openSession(source: Source, session: Session, held: Held | undefined, made: string): Edit[] {
  const { statement, construction } = session;
  const construct: Edit = { start: startOf(source, construction), end: endOf(source, construction), text: made };
  if (held === undefined)
    return [{ start: startOf(source, statement), end: startOf(source, statement), text: "async " }, construct];
  if (held.close === undefined) return [construct, ...held.edits];
  const start = startOf(source, held.close);
  return [construct, { start, end: start, text: "await " }];
}
