/**
 * The exceptions of a request after it is made by another library: the handlers around it, and around what is done with its
 * response, are taught the new names, or it is said why that cannot be right. What other calls in the same `try` may raise
 * stays caught.
 */

import { type FixRequest, type Refusal, refuse } from "../request.js";
import { withItems } from "../text/awaiting.js";
import { type Edit, referenceTo } from "../text/edits.js";
import { clausesOf, type Handler, handlersAround, replaceType, suppressedTypes, typesOf } from "../text/handlers.js";
import { literalOf } from "../text/literals.js";
import { bindingsOf, isBinding, qualifiedName } from "../text/scopes.js";
import {
  ancestorsOf,
  contains,
  descendantsOf,
  endOf,
  functionAround,
  kindOf,
  NO_NODE,
  type NodeId,
  parentOf,
  runningIn,
  type Source,
  textOf,
} from "../text/source.js";
import { type RequestsCall, readArguments } from "./requests-call.js";
import type { AttributeUse } from "./response-life.js";

/** How the exceptions of requests are called in another library. */
export interface ErrorDialect {
  /** The module, as its own documentation calls it: "httpx". */
  readonly library: string;
  /** The twins of an exception of requests; undefined: it has none. Names of modules are written out: `json.JSONDecodeError`. */
  readonly twins: Readonly<Record<string, readonly string[]>>;
  /** Other exceptions whose handlers would no longer fit, or would fit now. */
  readonly foreign: RegExp;
  /** Twins of what a handler reads of HTTPError: `response.status_code`. */
  readonly reads: Readonly<Record<string, string>>;
  /** What a url that is none raises, where requests raises a ValueError. */
  readonly invalidUrl: readonly string[];
  /** Why the twin of this exception would catch something else there. */
  whyNot?(error: string, earlier: readonly string[]): string | undefined;
}

/** A dialect with the name that its library has in some text. */
export interface SpokenDialect extends ErrorDialect {
  readonly spelling: string;
}

/** A place that can raise: the request, or what is done with its response. */
interface Place {
  readonly node: NodeId;
  readonly does: "request" | "raise_for_status" | "json" | "other";
}

const REQUESTS_ERRORS =
  /^(requests\.(exceptions\b|packages\b|(\w*(Error|Exception|Warning|Timeout|Invalid\w+|TooManyRedirects|URLRequired|MissingSchema))$)|urllib3\b)/;

/**
 * Edits that make every handler around the requests of one function fit, or why there are none. `uses`: of all their
 * responses. `silent`: what is called there besides and raises none of this, as closing a session.
 */
export function translateErrors(
  request: FixRequest,
  made: readonly RequestsCall[],
  uses: readonly AttributeUse[],
  dialect: SpokenDialect,
  silent: readonly NodeId[] = [],
): readonly Edit[] | Refusal {
  const { source } = request;
  const calls = made.map(({ call }) => call);
  const isUrlKnown = made.every((each) => hasKnownUrl(source, each));
  if (/\brequests_mock\b|^\s*import responses\b|\bpatch(\.object)?\(\s*["'][^"']*requests/m.test(source.text)) {
    return refuse("this file puts a stand-in in the place of requests");
  }
  const places: Place[] = [
    ...calls.map((node): Place => ({ node, does: "request" })),
    ...uses.map(({ attribute, name, at }): Place => {
      return { node: at ?? attribute, does: name === "raise_for_status" || name === "json" ? name : "other" };
    }),
  ];
  const handlers = handlersAround(
    source,
    places.map(({ node }) => node),
  );
  const mentions = errorMentions(source);
  const reason = mentions
    .map((mention) => whyNotKept(source, mention, calls[0] as NodeId, handlers, dialect))
    .find((found) => found);
  if (reason) return refuse(reason);
  const edits: Edit[] = [];
  for (const handler of handlers) {
    const outcome = isUrlKnown ? [] : widenValueError(source, handler, calls, dialect);
    if (typeof outcome === "string") return refuse(outcome);
    edits.push(...outcome);
  }
  for (const handler of handlers) {
    const outcome = translateHandler(source, handler, places, silent, dialect);
    if (typeof outcome === "string") return refuse(outcome);
    edits.push(...outcome);
  }
  return edits;
}

/** Expressions that name an exception of requests, imports aside. */
function errorMentions(source: Source): NodeId[] {
  const found: NodeId[] = [];
  for (const name of source.scopes.imported) {
    for (const mention of source.scopes.mentions.get(name) ?? []) {
      let node = mention;
      while (kindOf(source, parentOf(source, node)) === "attribute") node = parentOf(source, node);
      if (!isBinding(source, mention) && REQUESTS_ERRORS.test(qualifiedName(source, node) ?? "")) found.push(node);
    }
  }
  return found;
}

/** Why an exception named there would miss what the request raises; undefined when it is translated, or out of reach. */
function whyNotKept(
  source: Source,
  mention: NodeId,
  call: NodeId,
  handlers: readonly Handler[],
  { library }: ErrorDialect,
): string | undefined {
  const isTranslated = handlers.some(({ types }) => types.includes(mention));
  if (isTranslated || isRaised(source, mention)) return undefined;
  const body = bodyCaughtBy(source, mention);
  // Exceptions travel: whoever names them may wait for those of this request.
  if (body === undefined || mayReach(source, call, body))
    return `\`${textOf(source, mention)}\` is used in this file, and ${library} raises other exceptions`;
  return undefined;
}

/** What is run under the handler whose head names the exception. */
function bodyCaughtBy(source: Source, mention: NodeId): NodeId | undefined {
  for (const ancestor of ancestorsOf(source, mention)) {
    const body = source.tree.child(ancestor, "body");
    if (body === undefined) continue;
    if (kindOf(source, ancestor) === "with_statement") {
      const isSuppressed = withItems(source, ancestor).some(({ value }) => suppressedTypes(source, value)?.includes(mention));
      if (isSuppressed) return body;
    }
    if (clausesOf(source, ancestor).some((clause) => typesOf(source, clause).includes(mention))) return body;
  }
  return undefined;
}

/** `raise HTTPError(...)`: that waits for nobody. */
function isRaised(source: Source, mention: NodeId): boolean {
  const parent = parentOf(source, mention);
  const isCalled = kindOf(source, parent) === "call" && source.tree.field(mention) === "function";
  return kindOf(source, isCalled ? parentOf(source, parent) : parent) === "raise_statement";
}

/**
 * What the function of the request raises may get to the body of a `try`: it names that function, or one that does, or it
 * waits for something in a function that does. By names alone.
 */
function mayReach(source: Source, call: NodeId, body: NodeId): boolean {
  const names = new Set<string>([nameOf(source, functionAround(source, call))]);
  const functions = [...descendantsOf(source, 0)].filter((node) => kindOf(source, node) === "function_definition");
  const mentions = (node: NodeId): boolean =>
    [...descendantsOf(source, node)].some((part) => kindOf(source, part) === "identifier" && names.has(textOf(source, part)));
  for (let size = 0; size < names.size; ) {
    size = names.size;
    for (const node of functions) if (mentions(source.tree.child(node, "body") ?? node)) names.add(nameOf(source, node));
  }
  if (mentions(body)) return true;
  const waits = [...descendantsOf(source, body)].some(
    (node) => /^(await|yield)$/.test(kindOf(source, node)) || textOf(source, node) === "result",
  );
  const around = functionAround(source, body);
  const outside = around === NO_NODE ? 0 : (source.tree.child(around, "body") ?? around);
  return waits && mentions(outside);
}

function nameOf(source: Source, definition: NodeId): string {
  const name = definition === NO_NODE ? undefined : source.tree.child(definition, "name");
  return name === undefined ? "" : textOf(source, name);
}

/** Exceptions of requests that clauses before this one catch already. */
function earlierNames(source: Source, { statement, clause }: Handler): string[] {
  if (clause === undefined) return [];
  const before = clausesOf(source, statement).filter((other) => other < clause);
  return before.flatMap((other) => typesOf(source, other).flatMap((type) => requestsError(source, type) ?? []));
}

/** `HTTPError` of `requests.exceptions.HTTPError`. */
function requestsError(source: Source, type: NodeId): string | undefined {
  return /^requests\.(?:exceptions\.)?(\w+)$/.exec(qualifiedName(source, type) ?? "")?.[1];
}

/** The url is a text that begins like one. */
function hasKnownUrl(source: Source, call: RequestsCall): boolean {
  const given = readArguments(source, call);
  const url = typeof given === "string" ? undefined : given.find(({ name }) => name === "url")?.value;
  return url !== undefined && /^[a-z]*["']+https?:\/\/\w/i.test(textOf(source, literalOf(source, url)));
}

/** `except ValueError` around the request: it caught urls that are none. */
function widenValueError(
  source: Source,
  handler: Handler,
  calls: readonly NodeId[],
  dialect: SpokenDialect,
): readonly Edit[] | string {
  const { types, clause, body, statement } = handler;
  if (dialect.invalidUrl.length === 0 || !calls.some((call) => contains(source, body, call))) return [];
  const type = types.find((candidate) => qualifiedName(source, candidate) === "builtins.ValueError");
  if (type === undefined) return [];
  const all = clause === undefined ? types : clausesOf(source, statement).flatMap((other) => typesOf(source, other));
  if (all.some((other) => requestsError(source, other) !== undefined)) return [];
  const known = new Set(types.map((other) => qualifiedName(source, other)));
  const named = nameAll(source, type, dialect.invalidUrl, known, dialect);
  if (typeof named === "string" || named.names.length === 0) return typeof named === "string" ? named : [];
  return [...named.edits, replaceType(source, type, [textOf(source, type), ...named.names], clause === undefined)];
}

/** How to write exceptions in the place of `type`, without those that are known there. */
function nameAll(
  source: Source,
  type: NodeId,
  twins: readonly string[],
  known: Set<string | undefined>,
  { library, spelling }: SpokenDialect,
): { readonly names: readonly string[]; readonly edits: readonly Edit[] } | string {
  const names: string[] = [];
  const edits: Edit[] = [];
  for (const twin of twins) {
    if (known.has(twin)) continue;
    known.add(twin);
    const dot = twin.lastIndexOf(".");
    if (twin.slice(0, dot) === library) {
      names.push(spelling + twin.slice(dot));
      continue;
    }
    const reference = referenceTo(source, type, twin.slice(0, dot), twin.slice(dot + 1));
    if (!reference) return `this file uses the name \`${twin.slice(0, dot)}\` for something else`;
    edits.push(...reference.edits);
    names.push(reference.text);
  }
  return { names, edits };
}

function translateHandler(
  source: Source,
  handler: Handler,
  places: readonly Place[],
  silent: readonly NodeId[],
  dialect: SpokenDialect,
): readonly Edit[] | string {
  const { types, clause, body } = handler;
  const earlier = earlierNames(source, handler);
  const held = places.filter(({ node }) => contains(source, body, node));
  const errors = types.map((type) => requestsError(source, type));
  const isOurs = errors.some((error) => error !== undefined);
  const foreign = types.find((type, index) => errors[index] === undefined && namesForeign(source, type, dialect, isOurs));
  const verb = clause === undefined ? "suppressed" : "caught";
  if (foreign !== undefined) return `\`${textOf(source, foreign)}\` is ${verb} here, which is not what ${dialect.library} raises`;
  const reads = clause === undefined ? [] : caughtReads(source, clause);
  const known = new Set(types.map((type) => qualifiedName(source, type)));
  const isAlone = !mayRaiseOthers(source, body, new Set([...places.map(({ node }) => node), ...silent]));
  const edits: Edit[] = [];
  let isReplaced = false;
  for (const [index, type] of types.entries()) {
    const error = errors[index];
    if (error === undefined) continue;
    const twins = twinsOf(error, held, dialect);
    const reason = dialect.whyNot?.(error, [...earlier, ...errors.flatMap((other) => other ?? [])]);
    if (twins === undefined || reason)
      return `\`${textOf(source, type)}\` is caught here, ${reason ?? `which has no twin in ${dialect.library}`}`;
    if (twins.includes("asyncio.TimeoutError") && waitsWithLimit(source, body))
      return `\`${textOf(source, type)}\` is caught here, and what it becomes would catch the time limit of asyncio as well`;
    const named = nameAll(source, type, twins, known, dialect);
    if (typeof named === "string") return named;
    edits.push(...named.edits);
    if (named.names.length === 0) continue;
    isReplaced ||= isAlone;
    edits.push(replaceType(source, type, isAlone ? named.names : [textOf(source, type), ...named.names], clause === undefined));
  }
  const translated = translateReads(source, reads, errors, isReplaced, dialect);
  return typeof translated === "string" ? translated : [...edits, ...translated];
}

/** The twins of an exception, as far as what is held can raise it; an empty list when it cannot. */
function twinsOf(error: string, held: readonly Place[], { twins }: ErrorDialect): readonly string[] | undefined {
  const found = twins[error];
  // Broken JSON is a RequestException, and no exception of the other libraries.
  const isJson = error === "RequestException" && held.some(({ does }) => does === "json");
  return found && isJson ? [...found, "json.JSONDecodeError"] : found;
}

/** `asyncio.wait_for(...)` and its like run there. */
function waitsWithLimit(source: Source, body: NodeId): boolean {
  return [...runningIn(source, body)].some((node) => {
    const callee = kindOf(source, node) === "call" ? source.tree.child(node, "function") : undefined;
    return callee !== undefined && /(^|\.)(wait_for|timeout|timeout_at)$/.test(textOf(source, callee));
  });
}

/** The expression names an exception whose handler would no longer fit. */
function namesForeign(source: Source, expression: NodeId, { foreign, library }: ErrorDialect, besideOurs: boolean): boolean {
  for (const part of descendantsOf(source, expression)) {
    if (!/^(identifier|attribute)$/.test(kindOf(source, part))) continue;
    if (/^(attribute|as_pattern_target)$/.test(kindOf(source, parentOf(source, part)))) continue;
    const name = qualifiedName(source, part) ?? textOf(source, part);
    // Written there by the fix of another request of the same block.
    if (besideOurs && (name.startsWith(`${library}.`) || name === "asyncio.TimeoutError")) continue;
    if (foreign.test(name)) return true;
  }
  return false;
}

/** `error.response.status_code` of `except ... as error`: the attributes that are read of what was caught, as far as they go. */
function caughtReads(source: Source, clause: NodeId): NodeId[] {
  const target = [...descendantsOf(source, clause)].find((node) => kindOf(source, node) === "as_pattern_target");
  if (target === undefined) return [];
  const name = textOf(source, target);
  return [...descendantsOf(source, clause)].filter((part) => {
    const object = kindOf(source, part) === "attribute" ? source.tree.child(part, "object") : undefined;
    return object !== undefined && kindOf(source, object) === "identifier" && textOf(source, object) === name;
  });
}

/** What is read of the exception, under its new names. */
function translateReads(
  source: Source,
  reads: readonly NodeId[],
  errors: readonly (string | undefined)[],
  isReplaced: boolean,
  { reads: twins, library }: ErrorDialect,
): readonly Edit[] | string {
  const edits: Edit[] = [];
  for (const read of reads) {
    const name = textOf(source, source.tree.child(read, "attribute") as NodeId);
    const outer = parentOf(source, read);
    const inner =
      name === "response" && kindOf(source, outer) === "attribute"
        ? textOf(source, source.tree.child(outer, "attribute") as NodeId)
        : undefined;
    const twin = inner === undefined ? undefined : twins[`${name}.${inner}`];
    const isHttpError = errors.length > 0 && errors.every((error) => error === "HTTPError");
    const isSame = twin === `${name}.${inner}`;
    if (inner === undefined || twin === undefined || !isHttpError || !(isReplaced || isSame)) {
      const attribute = inner === undefined ? name : `${name}.${inner}`;
      return `\`${attribute}\` of the caught exception is an attribute that is used, and ${library} raises other exceptions`;
    }
    if (isSame) continue;
    const start = endOf(source, source.tree.child(read, "object") as NodeId);
    edits.push({ start, end: endOf(source, outer), text: `.${twin}` });
  }
  return edits;
}

const HARMLESS = /^(builtins|json|logging|asyncio|re|time|datetime|os\.path|math)\./;
const HARMLESS_METHODS = new Set(
  (
    "items keys values append extend add update strip split rstrip lstrip splitlines join format lower upper startswith " +
    "endswith replace encode decode copy info debug warning error exception critical"
  ).split(" "),
);

/** Something else in the body may raise an exception of requests. */
function mayRaiseOthers(source: Source, body: NodeId, roots: ReadonlySet<NodeId>): boolean {
  for (const node of runningIn(source, body)) {
    if (kindOf(source, node) === "raise_statement" && node !== body) return true;
    if (kindOf(source, node) !== "call" || roots.has(node)) continue;
    const callee = source.tree.child(node, "function") as NodeId;
    if (HARMLESS.test(qualifiedName(source, callee) ?? "")) continue;
    if (kindOf(source, callee) === "attribute") {
      const method = textOf(source, source.tree.child(callee, "attribute") as NodeId);
      if (HARMLESS_METHODS.has(method) || isRootedIn(source, callee, roots)) continue;
    }
    return true;
  }
  return false;
}

/** The callee is an attribute of the response, or of a value that came out of it. */
function isRootedIn(source: Source, callee: NodeId, roots: ReadonlySet<NodeId>, depth = 3): boolean {
  let node = callee;
  for (;;) {
    if (roots.has(node)) return true;
    const next =
      kindOf(source, node) === "attribute"
        ? source.tree.child(node, "object")
        : kindOf(source, node) === "call"
          ? source.tree.child(node, "function")
          : kindOf(source, node) === "subscript"
            ? source.tree.child(node, "value")
            : kindOf(source, node) === "parenthesized_expression"
              ? source.tree.children(node)[0]
              : undefined;
    if (next === undefined) break;
    node = next;
  }
  if (kindOf(source, node) !== "identifier" || depth === 0) return false;
  const bindings = bindingsOf(source, textOf(source, node), node);
  return (
    bindings.length > 0 &&
    bindings.every((binding) => {
      const assignment = parentOf(source, binding.node);
      const right = binding.how === "assignment" ? source.tree.child(assignment, "right") : undefined;
      return right !== undefined && isRootedIn(source, right, roots, depth - 1);
    })
  );
}
