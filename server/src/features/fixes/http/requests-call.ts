/**
 * A call of requests as the remedies that translate it see it: which function is called, each argument under its name, and
 * what the tree shows of values that the other libraries treat differently.
 */

import { type FixRequest, type Refusal, refuse } from "../request.js";
import { whyNoAwait, whyNotSuspend } from "../text/awaiting.js";
import { filledDictOf, isString, literalOf } from "../text/literals.js";
import { qualifiedName } from "../text/scopes.js";
import { argumentsOf, kindOf, type NodeId, type Source, textOf } from "../text/source.js";

const METHODS = /^requests\.(?:api\.)?(get|post|put|delete|patch|head|options|request)$/;

/** The name is that of a function of requests, and of a method of its sessions, that sends a request. */
export function isMethod(name: string): boolean {
  return METHODS.test(`requests.${name}`);
}

export interface RequestsCall {
  readonly call: NodeId;
  /** "get", "post", ..., "request". */
  readonly method: string;
}

/** The call of a function of requests at the finding; undefined when the finding is about something else. */
export function requestsCallOf(request: FixRequest): RequestsCall | Refusal | undefined {
  const { finding, source, call } = request;
  const callee = finding.path[0]?.callee ?? "";
  const method = METHODS.exec(callee)?.[1];
  if (method === undefined) return undefined;
  if (call === undefined || finding.path[0]?.role !== "call") return refuse("the request is not a plain call");
  const name = qualifiedName(source, source.tree.child(call, "function") as NodeId);
  if (finding.confidence !== "definite" || !METHODS.test(name ?? ""))
    return refuse("the call may be something else than requests");
  const reason = whyNoAwait(source, call, request.python) ?? whyNotSuspend(source, call);
  return reason ? refuse(reason) : { call, method };
}

export interface RequestsArgument {
  /** The parameter it is for. */
  readonly name: string;
  readonly value: NodeId;
  /** The argument as a whole, `name=` included. */
  readonly node: NodeId;
  readonly isKeyword: boolean;
}

const POSITIONAL: Readonly<Record<string, readonly string[]>> = {
  get: ["url", "params"],
  options: ["url"],
  head: ["url"],
  post: ["url", "data", "json"],
  put: ["url", "data"],
  patch: ["url", "data"],
  delete: ["url"],
  request: ["method", "url"],
};

/** The arguments of a call in order, or why they cannot be told. */
export function readArguments(source: Source, { call, method }: RequestsCall): readonly RequestsArgument[] | string {
  const found: RequestsArgument[] = [];
  for (const [index, node] of argumentsOf(source, call).entries()) {
    const kind = kindOf(source, node);
    if (kind === "list_splat" || kind === "dictionary_splat") return "arguments are unpacked, so what is passed is not known";
    const isKeyword = kind === "keyword_argument";
    const name = isKeyword ? textOf(source, source.tree.child(node, "name") as NodeId) : POSITIONAL[method]?.[index];
    const value = isKeyword ? source.tree.child(node, "value") : node;
    if (name === undefined || value === undefined) return "the call has more arguments than requests takes";
    found.push({ name, value, node, isKeyword });
  }
  return found.some(({ name }) => name === "url") ? found : "the call has no url";
}

/** `stream=True` is among the arguments: the body is read when asked for only. */
export function isStreamed(source: Source, given: readonly RequestsArgument[]): boolean {
  return given.some(({ name, value }) => name === "stream" && kindOf(source, literalOf(source, value)) === "true");
}

/** A dictionary whose keys are strings and whose values are as asked for. */
export function isPlainDict(source: Source, literal: NodeId, isPlain: (value: NodeId) => boolean): boolean {
  if (kindOf(source, literal) !== "dictionary") return false;
  return source.tree.children(literal).every((pair) => {
    const key = source.tree.child(pair, "key");
    const value = source.tree.child(pair, "value");
    return kindOf(source, pair) === "pair" && key !== undefined && value !== undefined && isString(source, key) && isPlain(value);
  });
}

/** The same for a value that may be a variable, which is filled before or after. */
export function isPlainMapping(source: Source, value: NodeId, isPlain: (value: NodeId) => boolean): boolean {
  const filled = filledDictOf(source, value);
  if (filled === undefined || !isPlainDict(source, filled.literal, isPlain)) return false;
  return filled.stores.every((store) => isString(source, store.key) && isPlain(store.value));
}

/** The literal is none of the things that a url can never be. */
export function mayBeUrl(source: Source, literal: NodeId): boolean {
  return !/^(none|integer|float|dictionary|list|tuple|lambda)$/.test(kindOf(source, literal));
}

/** The url begins with a host that has a name. */
export function hasNamedHost(source: Source, made: RequestsCall): boolean {
  const given = readArguments(source, made);
  const url = typeof given === "string" ? undefined : given.find(({ name }) => name === "url");
  return url !== undefined && beginsWithName(source, url.value);
}

function beginsWithName(source: Source, value: NodeId, depth = 4): boolean {
  const node = literalOf(source, value);
  if (depth === 0) return false;
  if (kindOf(source, node) === "binary_operator") {
    const left = source.tree.child(node, "left");
    return source.tree.tokens(node).includes("+") && left !== undefined && beginsWithName(source, left, depth - 1);
  }
  if (kindOf(source, node) !== "string") return false;
  const text = textOf(source, node);
  if (/^[a-z]*["']+https?:\/\/[a-z][\w-]*(\.[\w-]+)*[/:"']/i.test(text)) return true;
  const part = source.tree.children(node).find((child) => kindOf(source, child) === "interpolation");
  const inner = part === undefined ? undefined : source.tree.children(part)[0];
  return /^f["']+\{/i.test(text) && inner !== undefined && beginsWithName(source, inner, depth - 1);
}
