/**
 * Arguments of a call of requests as aiohttp takes them, or why one has no twin.
 */

import { type Refusal, refuse } from "../request.js";
import { isNumber, isString, literalOf } from "../text/literals.js";
import {
  descendantsOf,
  endOf,
  hasComment,
  kindOf,
  type NodeId,
  type Source,
  startOf,
  textOf,
  withoutParentheses,
} from "../text/source.js";
import { ownFilesOf } from "./request-files.js";
import {
  hasNamedHost,
  isPlainDict,
  isPlainMapping,
  isStreamed,
  mayBeUrl,
  type RequestsArgument,
  type RequestsCall,
  readArguments,
} from "./requests-call.js";

export interface Translated {
  /** Arguments of the session's method, as text. */
  readonly arguments: readonly string[];
  /** A time limit is among them; else the one of the session holds. */
  readonly hasTimeout: boolean;
  /** The body is read when asked for only. */
  readonly isStreamed: boolean;
  /** Arguments of the session of this request, as text. */
  readonly session: readonly string[];
}

/** The time limit of requests that have none: aiohttp's own would be five minutes. */
export function unlimited(library: string): string {
  return `${library}.ClientTimeout(total=None)`;
}

/** The arguments for aiohttp, in the order they were evaluated in, or why one has no twin. */
export function translateForAiohttp(source: Source, request: RequestsCall, library: string): Translated | string {
  const list = source.tree.child(request.call, "arguments") as NodeId;
  if (hasComment(source, startOf(source, list), endOf(source, list))) return "a comment stands between the arguments";
  const given = readArguments(source, request);
  if (typeof given === "string") return given;
  const translated: string[] = [];
  const session: string[] = [];
  const files = filesOf(source, given);
  if (typeof files === "string") return files;
  for (const { name, value, isKeyword } of given) {
    if (files !== undefined && (name === "files" || name === "data")) {
      if (name === "files") translated.push(files.text);
      continue;
    }
    if (name === "cookies") {
      const cookies = translateCookies(source, value, library);
      if (typeof cookies === "string") return cookies;
      session.push(...cookies);
      continue;
    }
    const text = translateArgument(source, name, value, library);
    if (typeof text !== "string") return text.reason;
    if (text !== "") translated.push(!isKeyword && /^(url|method)$/.test(name) ? textOf(source, value) : text);
  }
  const has = (name: string) => given.some((argument) => argument.name === name);
  if (has("data") && has("json")) return "requests ignores `json` beside `data`, aiohttp refuses both";
  if (session.length === 0 && mayLogIn(source, request, given)) session.push(`cookie_jar=${library}.CookieJar(unsafe=True)`);
  return { arguments: translated, hasTimeout: has("timeout"), isStreamed: isStreamed(source, given), session };
}

/**
 * What is posted may be answered by a cookie and a redirect that needs it, by a host that may be an address, whose cookies
 * aiohttp forgets.
 */
function mayLogIn(source: Source, request: RequestsCall, given: readonly RequestsArgument[]): boolean {
  const isPosted = request.method === "post" && given.some(({ name }) => name === "data");
  const isFollowed = !given.some(
    ({ name, value }) => name === "allow_redirects" && kindOf(source, literalOf(source, value)) === "false",
  );
  return isPosted && isFollowed && !hasNamedHost(source, request);
}

/** `data={...}` for files, with the form beside them; undefined without any. Or why they have no twin. */
function filesOf(source: Source, given: readonly RequestsArgument[]): { readonly text: string } | string | undefined {
  const files = given.find(({ name }) => name === "files");
  if (files === undefined || kindOf(source, literalOf(source, files.value)) === "none") return undefined;
  if (given.some(({ name }) => name === "json")) return "requests ignores `json` beside `files`";
  const found = ownFilesOf(source, files.value);
  if (found === undefined) return "`files` are no files that are opened in binary mode for this request only";
  const form = given.find(({ name }) => name === "data");
  if (form === undefined || kindOf(source, literalOf(source, form.value)) === "none")
    return { text: `data=${textOf(source, files.value)}` };
  if (!isPlainDict(source, literalOf(source, form.value), (item) => isString(source, item)))
    return "`data` is no plain form: aiohttp would send another Content-Type";
  return { text: `data={**${textOf(source, form.value)}, **${textOf(source, files.value)}}` };
}

/** Cookies of one request; aiohttp would keep them from a host that is an address, and put quotes around some. */
function translateCookies(source: Source, value: NodeId, library: string): readonly string[] | string {
  const literal = literalOf(source, value);
  if (kindOf(source, literal) === "none") return [];
  const isPlain = isPlainDict(source, literal, (item) => isString(source, item));
  const isCalling = [...descendantsOf(source, value)].some((node) => kindOf(source, node) === "call");
  if (!isPlain || isCalling) return "`cookies` are no plain names and texts";
  return [`cookies=${textOf(source, value)}`, `cookie_jar=${library}.CookieJar(unsafe=True, quote_cookie=False)`];
}

/** `name=value` for aiohttp; "" when it need not be said. */
export function translateArgument(source: Source, name: string, value: NodeId, library: string): string | Refusal {
  const text = textOf(source, value);
  const literal = literalOf(source, value);
  const kind = kindOf(source, literal);
  switch (name) {
    case "method":
      return `method=${text}`;
    case "url":
      return whyNotUrl(source, value) ?? `url=${text}`;
    case "json":
      return `json=${text}`;
    case "params": {
      if (kind === "none") return "";
      const isPlain = isPlainMapping(source, value, (item) => isString(source, item) || isNumber(source, item));
      return isPlain
        ? `params=${text}`
        : refuse("`params` may hold None or True, which requests drops or spells and aiohttp refuses");
    }
    case "headers": {
      if (kind === "none") return "";
      return isPlainMapping(source, value, (item) => isString(source, item))
        ? `headers=${text}`
        : refuse("`headers` may hold None, which requests drops and aiohttp refuses");
    }
    case "data": {
      if (kind === "none") return "";
      return isPlainMapping(source, value, (item) => isString(source, item))
        ? `data=${text}`
        : refuse("`data` is no plain form: aiohttp would send another Content-Type");
    }
    case "timeout":
      return translateTimeout(source, value, literal, library);
    case "allow_redirects":
      return kind === "true" || kind === "false" ? `allow_redirects=${text}` : refuse("`allow_redirects` is not a constant");
    case "verify":
      if (kind === "true") return "";
      return kind === "false" ? "ssl=False" : refuse("`verify` names certificates, for which aiohttp wants an SSL context");
    case "stream":
      return kind === "false" || kind === "true" ? "" : refuse("`stream` is not a constant");
    case "auth": {
      const items = kind === "tuple" && kindOf(source, value) === "tuple" ? source.tree.children(literal) : [];
      if (items.length !== 2) return refuse("`auth` is no pair of name and password");
      return `auth=${library}.BasicAuth(${items.map((item) => textOf(source, item)).join(", ")})`;
    }
    case "files":
      // Those that are given are sent with the form.
      return "";
    case "cert":
      return refuse("`cert` is a part of an SSL context in aiohttp");
    case "proxies":
      return refuse("`proxies` are one for each scheme, and aiohttp takes one for the request");
    default:
      return refuse(`\`${name}\` has no twin in aiohttp that is known to be equal`);
  }
}

/** yarl quotes anew what is quoted already. */
function whyNotUrl(source: Source, value: NodeId): Refusal | undefined {
  const literal = literalOf(source, value);
  for (const node of descendantsOf(source, literal)) {
    const isQuoted = kindOf(source, node) === "string_content" && textOf(source, node).includes("%");
    const callee = kindOf(source, node) === "call" ? source.tree.child(node, "function") : undefined;
    const isQuoting = callee !== undefined && /(^|\.)(quote|quote_plus|urlencode)$/.test(textOf(source, callee));
    if (isQuoted || isQuoting) return refuse("the url is quoted already, and aiohttp would quote it anew");
  }
  return mayBeUrl(source, literal) ? undefined : refuse("the url is no string");
}

/** requests' number limits connecting and each read, never the whole. */
function translateTimeout(source: Source, value: NodeId, literal: NodeId, library: string): string | Refusal {
  const limit = (connect: string, read: string) =>
    `timeout=${library}.ClientTimeout(total=None, sock_connect=${connect}, sock_read=${read})`;
  const isLimit = (item: NodeId) => kindOf(source, item) === "none" || isRepeatable(source, item);
  switch (kindOf(source, literal)) {
    case "none":
      return `timeout=${unlimited(library)}`;
    case "tuple": {
      const items = source.tree.children(literal);
      const [connect, read] = items;
      const isPair = items.length === 2 && connect !== undefined && read !== undefined && isLimit(connect) && isLimit(read);
      const isHere = kindOf(source, withoutParentheses(source, value)) === "tuple";
      if (!isPair) return refuse("`timeout` is no number and no pair of numbers");
      return isHere
        ? limit(textOf(source, connect), textOf(source, read))
        : limit(`${textOf(source, value)}[0]`, `${textOf(source, value)}[1]`);
    }
    default:
      return isRepeatable(source, value)
        ? limit(textOf(source, value), textOf(source, value))
        : refuse("`timeout` may be something else than a number");
  }
}

/** A number that may be written twice: a literal or a name. */
function isRepeatable(source: Source, value: NodeId): boolean {
  return isNumber(source, value) && /^(integer|float|identifier)$/.test(kindOf(source, withoutParentheses(source, value)));
}
