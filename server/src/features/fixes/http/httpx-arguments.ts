/**
 * Arguments of a call of requests as httpx takes them, changed where they stand so that comments and line breaks stay; and
 * what httpx wants to be told when the client is made. Or why an argument has no twin.
 */
import { removeArguments } from "../text/arguments.js";
import type { Edit } from "../text/edits.js";
import { isNumber, isString, literalOf } from "../text/literals.js";
import { qualifiedName } from "../text/scopes.js";
import {
  argumentsOf,
  descendantsOf,
  endOf,
  kindOf,
  type NodeId,
  type Source,
  startOf,
  textOf,
  withoutParentheses,
} from "../text/source.js";
import { isNamedFile, isOwnFile, ownFilesOf } from "./request-files.js";
import {
  isPlainDict,
  isPlainMapping,
  isStreamed,
  mayBeUrl,
  type RequestsArgument,
  type RequestsCall,
  readArguments,
} from "./requests-call.js";
import type { Setting } from "./requests-session.js";

export interface HttpxCall {
  /** The method of the client. */
  readonly method: string;
  readonly edits: readonly Edit[];
  /** Arguments of the client, as text. */
  readonly client: readonly string[];
  /** Redirects are followed. */
  readonly follows: boolean;
  /** Certificates are checked, and nobody says how. */
  readonly verifies: boolean;
  /** The body is read when asked for only. */
  readonly isStreamed: boolean;
}

/** What becomes of one argument: its new name or value, or it goes; and what the client is told instead. */
interface Translation {
  readonly name?: string;
  readonly value?: string;
  readonly isDropped?: boolean;
  readonly client?: string;
}

const KEEP: Translation = {};
const DROP: Translation = { isDropped: true };
/** These methods of httpx take no body. */
const WITHOUT_BODY = /^(get|head|options|delete)$/;

/** The call as httpx wants it, or why it has no twin. */
export function translateForHttpx(source: Source, call: RequestsCall, library: string): HttpxCall | string {
  const given = readArguments(source, call);
  if (typeof given === "string") return given;
  const has = (name: string) => given.some((argument) => argument.name === name);
  if (has("data") && has("json")) return "requests ignores `json` beside `data`, and httpx may not";
  const edits: Edit[] = [];
  const client: string[] = [];
  const dropped: NodeId[] = [];
  for (const argument of given) {
    const { name, node, value, isKeyword } = argument;
    const translation = translate(source, argument, given, library);
    if (typeof translation === "string") return translation;
    if (translation.client !== undefined) client.push(translation.client);
    if (translation.isDropped) {
      dropped.push(node);
      continue;
    }
    const newName = translation.name ?? name;
    if (!isKeyword && !/^(url|method)$/.test(name)) {
      edits.push({ start: startOf(source, node), end: startOf(source, node), text: `${newName}=` });
    } else if (isKeyword && newName !== name) {
      const at = source.tree.child(node, "name") as NodeId;
      edits.push({ start: startOf(source, at), end: endOf(source, at), text: newName });
    }
    if (translation.value !== undefined)
      edits.push({ start: startOf(source, value), end: endOf(source, value), text: translation.value });
  }
  const removed = removeArguments(source, call.call, dropped);
  if (typeof removed === "string") return removed;
  edits.push(...removed);
  if (!has("timeout")) client.push("timeout=None");
  const redirects = given.find(({ name }) => name === "allow_redirects");
  const follows =
    redirects === undefined ? call.method !== "head" : kindOf(source, literalOf(source, redirects.value)) === "true";
  if (follows) client.unshift("follow_redirects=True");
  const isRequest = WITHOUT_BODY.test(call.method) && (has("data") || has("json") || has("files"));
  if (isRequest) {
    const at = startOf(source, source.tree.child(call.call, "arguments") as NodeId) + 1;
    edits.push({ start: at, end: at, text: `"${call.method.toUpperCase()}", ` });
  }
  return {
    method: isRequest ? "request" : call.method,
    edits,
    client,
    follows,
    verifies: !client.includes("verify=False"),
    isStreamed: isStreamed(source, given),
  };
}

function translate(
  source: Source,
  { name, value }: RequestsArgument,
  given: readonly RequestsArgument[],
  library: string,
): Translation | string {
  const literal = literalOf(source, value);
  const kind = kindOf(source, literal);
  switch (name) {
    case "method":
    case "json":
      return KEEP;
    case "url":
      return mayBeUrl(source, literal) ? KEEP : "the url is no string";
    case "params": {
      if (kind === "none") return DROP;
      const url = given.find((argument) => argument.name === "url");
      if (!isPlainMapping(source, value, (item) => isString(source, item) || isNumber(source, item)))
        return "`params` may hold None or True, which requests drops or spells and httpx sends otherwise";
      return url !== undefined && hasNoQuery(source, literalOf(source, url.value))
        ? KEEP
        : "the url may have a query of its own, which newer httpx drops beside `params`";
    }
    case "headers":
      if (kind === "none") return DROP;
      return isPlainMapping(source, value, (item) => isString(source, item))
        ? KEEP
        : "`headers` may hold None, which requests drops and httpx refuses";
    case "cookies":
      if (kind === "none") return DROP;
      return isPlainDict(source, literal, (item) => isString(source, item)) && !hasCall(source, value)
        ? { isDropped: true, client: `cookies=${textOf(source, value)}` }
        : "`cookies` are no plain names and texts";
    case "data":
      if (kind === "none") return DROP;
      if (isPlainMapping(source, value, (item) => isString(source, item) || isNumber(source, item))) return KEEP;
      return isRawBody(source, literal) ? { name: "content" } : "`data` is no plain form and no bytes";
    case "files": {
      if (kind === "none") return DROP;
      if (given.some((argument) => argument.name === "json")) return "requests ignores `json` beside `files`, and httpx may not";
      const isFile = (item: NodeId) => isOwnFile(source, item) || isNamedFile(source, item);
      return ownFilesOf(source, value, isFile) !== undefined
        ? KEEP
        : "`files` are no files that are opened in binary mode for this request only";
    }
    case "timeout":
      return translateTimeout(source, value, literal, library);
    case "allow_redirects":
      return kind === "true" || kind === "false" ? DROP : "`allow_redirects` is not a constant";
    case "verify":
      if (kind === "true") return DROP;
      return kind === "false" ? { isDropped: true, client: "verify=False" } : "`verify` names certificates or is not a constant";
    case "stream":
      return kind === "false" || kind === "true" ? DROP : "`stream` is not a constant";
    case "auth":
      return translateAuth(source, value, literal, library);
    case "cert":
      return "`cert` would become a part of the certificates that all clients share";
    case "proxies":
      return "`proxies` are written otherwise in newer httpx";
    default:
      return `\`${name}\` has no twin in httpx that is known to be equal`;
  }
}

/** What becomes of a setting of a session: an argument of the client, or edits where it stands. Or why it has no twin. */
export function translateSetting(
  source: Source,
  { name, value, key, isWhole }: Setting,
  library: string,
): { readonly client?: string; readonly edits: readonly Edit[] } | string {
  const literal = literalOf(source, value);
  const kind = kindOf(source, literal);
  const keep = { edits: [] };
  switch (name) {
    case "headers": {
      const isText = (item: NodeId) => isString(source, item);
      const isPlain = key === undefined ? isPlainDict(source, literal, isText) : isText(key) && isText(value);
      return isPlain ? keep : "`headers` of the session may hold None, which requests drops and httpx refuses";
    }
    case "params":
      return isWhole && isPlainDict(source, literal, (item) => isString(source, item) || isNumber(source, item))
        ? keep
        : "`params` of the session may hold None or True, which requests drops or spells and httpx sends otherwise";
    case "auth": {
      const translated = kind === "none" ? "`auth` of the session is taken back" : translateAuth(source, value, literal, library);
      if (typeof translated === "string" || translated.value === undefined)
        return typeof translated === "string" ? translated : keep;
      return { edits: [{ start: startOf(source, value), end: endOf(source, value), text: translated.value }] };
    }
    case "verify":
    case "trust_env":
      return kindOf(source, value) === "false"
        ? { client: `${name}=False`, edits: [] }
        : `\`${name}\` of the session is not False`;
    default:
      return `\`${name}\` of the session has no twin in httpx that is known to be equal`;
  }
}

/** The url of the call has no query, as far as it is written there. */
export function hasPlainUrl(source: Source, call: RequestsCall): boolean {
  const given = readArguments(source, call);
  const url = typeof given === "string" ? undefined : given.find(({ name }) => name === "url");
  return url !== undefined && hasNoQuery(source, literalOf(source, url.value));
}

/** The url is a text without a question mark, as far as it is written here. */
function hasNoQuery(source: Source, literal: NodeId): boolean {
  return /^(string|concatenated_string)$/.test(kindOf(source, literal)) && !textOf(source, literal).includes("?");
}

function hasCall(source: Source, node: NodeId): boolean {
  return [...descendantsOf(source, node)].some((part) => kindOf(source, part) === "call");
}

/** Bytes, or a text that is ASCII for certain: other texts are encoded in different ways. */
function isRawBody(source: Source, literal: NodeId): boolean {
  switch (kindOf(source, literal)) {
    case "string":
      return /^[\x20-\x7e\s]*$/.test(textOf(source, literal)) && !/^\w*f/i.test(textOf(source, literal));
    case "call": {
      const callee = source.tree.child(literal, "function") as NodeId;
      if (kindOf(source, callee) === "attribute" && textOf(source, source.tree.child(callee, "attribute") as NodeId) === "encode")
        return isString(source, source.tree.child(callee, "object") as NodeId);
      const isAscii = argumentsOf(source, literal).every((argument) => {
        const text = textOf(source, argument);
        return kindOf(source, argument) !== "dictionary_splat" && !/^ensure_ascii\b/.test(text);
      });
      return qualifiedName(source, callee) === "json.dumps" && isAscii;
    }
    default:
      return false;
  }
}

/** A number means the same in both; of a pair, httpx wants to know which is which. */
function translateTimeout(source: Source, value: NodeId, literal: NodeId, library: string): Translation | string {
  const isLimit = (item: NodeId) => kindOf(source, item) === "none" || isNumber(source, item);
  const pair = (connect: string, read: string): Translation => {
    return { value: `${library}.Timeout(None, connect=${connect}, read=${read})` };
  };
  if (isLimit(literal)) return KEEP;
  if (kindOf(source, literal) !== "tuple")
    return isNumber(source, value) ? KEEP : "`timeout` may be something else than a number";
  const items = source.tree.children(literal);
  const [connect, read] = items;
  if (items.length !== 2 || connect === undefined || read === undefined || !items.every(isLimit))
    return "`timeout` is no number and no pair of numbers";
  const isHere = kindOf(source, withoutParentheses(source, value)) === "tuple";
  return isHere
    ? pair(textOf(source, connect), textOf(source, read))
    : pair(`${textOf(source, value)}[0]`, `${textOf(source, value)}[1]`);
}

const AUTH: Readonly<Record<string, string>> = {
  "requests.auth.HTTPBasicAuth": "BasicAuth",
  "requests.auth.HTTPDigestAuth": "DigestAuth",
};

function translateAuth(source: Source, value: NodeId, literal: NodeId, library: string): Translation | string {
  if (kindOf(source, literal) === "none") return DROP;
  if (kindOf(source, literal) === "tuple" && source.tree.children(literal).length === 2) return KEEP;
  const call = withoutParentheses(source, value);
  const callee = kindOf(source, call) === "call" ? source.tree.child(call, "function") : undefined;
  const twin = callee === undefined ? undefined : AUTH[qualifiedName(source, callee) ?? ""];
  if (callee === undefined || twin === undefined) return "`auth` is no pair of name and password";
  const rest = source.text.slice(endOf(source, callee), endOf(source, call));
  return { value: `${library}.${twin}${rest}` };
}
