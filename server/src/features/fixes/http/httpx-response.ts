/**
 * A response of requests as httpx has it: the twin of each use, and the twins of the exceptions. Knows nothing of how the
 * request is sent.
 */
import type { Edit } from "../text/edits.js";
import { filledDictOf } from "../text/literals.js";
import {
  argumentsOf,
  endOf,
  expressionStart,
  indentOf,
  indentStep,
  isFirstOnLine,
  kindOf,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  statementOf,
  textOf,
} from "../text/source.js";
import type { HttpxCall } from "./httpx-arguments.js";
import { endOfLines } from "./httpx-client.js";
import { type RequestsCall, readArguments } from "./requests-call.js";
import type { ErrorDialect } from "./requests-errors.js";
import { type AttributeUse, isKeyRead, isPlainCall } from "./response-life.js";
import { loopOf } from "./response-stream.js";

/** Exceptions of requests in httpx. */
export const HTTPX_ERRORS: ErrorDialect = {
  library: "httpx",
  twins: {
    RequestException: ["httpx.HTTPError", "httpx.InvalidURL"],
    Timeout: ["httpx.TimeoutException"],
    ReadTimeout: ["httpx.ReadTimeout"],
    ConnectTimeout: ["httpx.ConnectTimeout"],
    // A connection that is dropped is an error of the protocol there.
    ConnectionError: ["httpx.NetworkError", "httpx.ConnectTimeout", "httpx.RemoteProtocolError", "httpx.ProxyError"],
    HTTPError: ["httpx.HTTPStatusError"],
    TooManyRedirects: ["httpx.TooManyRedirects"],
    ChunkedEncodingError: ["httpx.RemoteProtocolError"],
    ContentDecodingError: ["httpx.DecodingError"],
    ProxyError: ["httpx.ProxyError"],
    InvalidURL: ["httpx.InvalidURL"],
    MissingSchema: ["httpx.UnsupportedProtocol"],
    InvalidSchema: ["httpx.UnsupportedProtocol"],
    JSONDecodeError: ["json.JSONDecodeError"],
  },
  foreign: /^(builtins\.)?(OSError|IOError|EnvironmentError)$|^(socket|ssl|urllib|httpx)\b/,
  reads: {
    "response.status_code": "response.status_code",
    "response.text": "response.text",
    "response.content": "response.content",
    "response.json": "response.json",
    "response.reason": "response.reason_phrase",
  },
  invalidUrl: ["httpx.InvalidURL", "httpx.UnsupportedProtocol"],
};

/** What a title says where a text is read: of one that names no charset, requests has another opinion. */
export function textNote(uses: readonly AttributeUse[]): string {
  return uses.some(({ name }) => name === "text") ? ", where a text without a charset is UTF-8" : "";
}

/** httpx raises for 3xx too, which is seen where redirects are not followed, or for 304. */
export function isRaisingAlike(source: Source, call: RequestsCall, { follows }: HttpxCall): boolean {
  const given = readArguments(source, call);
  const headers = typeof given === "string" ? undefined : given.find(({ name }) => name === "headers");
  const filled = headers && filledDictOf(source, headers.value);
  const names = filled ? [filled.literal, ...filled.stores.map(({ key }) => key)] : [];
  const isConditional = names.some((node) => /["']If-/i.test(textOf(source, node)));
  return follows && !isConditional;
}

/** A use of the response as httpx has it, or why it has no twin. */
export function rewriteUse(source: Source, use: AttributeUse, raisesAlike: boolean): readonly Edit[] | string {
  const { attribute, name, call, isSole } = use;
  const isKept = name === "raise_for_status" && raisesAlike && isPlainCall(source, use);
  if (!isSole && RENAMED.test(name) && !isKept) return `\`${name}\` is also read of what may come from elsewhere`;
  const dot = endOf(source, source.tree.child(attribute, "object") as NodeId);
  const rename = (text: string): Edit => ({ start: dot, end: endOf(source, attribute), text: `.${text}` });
  switch (name) {
    case "status_code":
    case "text":
    case "content":
      return call === undefined ? [] : `\`${name}\` of the response is called`;
    case "json":
      return call === undefined ? "json is not called" : [];
    case "headers":
    case "cookies":
      return isKeyRead(source, attribute) ? [] : `the ${name} as a whole are used, which httpx holds differently`;
    case "reason":
      return call === undefined ? [rename("reason_phrase")] : `\`${name}\` of the response is called`;
    case "is_redirect":
      return call === undefined ? [rename("has_redirect_location")] : `\`${name}\` of the response is called`;
    case "ok":
      return call === undefined ? negate(source, attribute, rename("is_error")) : "`ok` of the response is called";
    case "iter_content":
      return readPieces(source, use);
    case "close":
      if (call === undefined || !isPlainCall(source, use)) return "close is not called as a statement";
      return [{ start: expressionStart(source, call), end: expressionStart(source, call), text: "await " }, rename("aclose")];
    case "raise_for_status":
      if (call === undefined || !isPlainCall(source, use)) return "raise_for_status is not called as a statement";
      return raisesAlike ? [] : guard(source, call, use);
    default:
      return `\`${name}\` of the response has no twin in httpx that is known to be equal`;
  }
}

const RENAMED = /^(reason|is_redirect|ok|raise_for_status|iter_content|close)$/;

/** `for chunk in response.iter_content(512)` of a body that is there already: httpx cuts it in the same places. */
function readPieces(source: Source, use: AttributeUse): Edit[] | string {
  const loop = loopOf(source, use);
  if (typeof loop === "string") return loop;
  const start = endOf(source, source.tree.child(use.attribute, "object") as NodeId);
  return [{ start, end: endOf(source, loop.call), text: `.iter_bytes(${loop.size ?? ""})` }];
}

/** `r.ok` -> `not r.is_error`, `not r.ok` -> `r.is_error`. */
function negate(source: Source, attribute: NodeId, renamed: Edit): Edit[] {
  const parent = parentOf(source, attribute);
  const start = expressionStart(source, attribute);
  if (kindOf(source, parent) === "not_operator") return [{ start: startOf(source, parent), end: start, text: "" }, renamed];
  const isPlain =
    /^(if|elif|while|return|expression)_(statement|clause)$|^(assignment|boolean_operator|argument_list|keyword_argument|parenthesized_expression|interpolation)$/;
  if (isPlain.test(kindOf(source, parent))) return [{ start, end: start, text: "not " }, renamed];
  return [
    { start, end: start, text: "(not " },
    { ...renamed, text: `${renamed.text})` },
  ];
}

/** `if r.is_error: r.raise_for_status()`, in two lines. */
function guard(source: Source, call: NodeId, { response }: AttributeUse): Edit[] | string {
  if (kindOf(source, response) !== "identifier" || argumentsOf(source, call).length > 0)
    return "raise_for_status of a request that is not kept";
  const statement = statementOf(source, call);
  const start = startOf(source, statement);
  if (!isFirstOnLine(source, start) || endOfLines(source, statement) !== endOf(source, statement))
    return "raise_for_status does not stand on a line of its own";
  const indent = indentOf(source, start) + indentStep(source, call);
  return [{ start, end: start, text: `if ${textOf(source, response)}.is_error:${source.newline}${indent}` }];
}
