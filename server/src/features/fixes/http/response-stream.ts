/**
 * Loops over the body of a response as it comes in: `for chunk in response.iter_content(8192):`. What is done with each piece
 * must not depend on where the body is cut, since every library cuts it elsewhere. Knows requests and no other library.
 */
import type { FixRequest } from "../request.js";
import { whyNoAwait, whyNotSuspend } from "../text/awaiting.js";
import { mentionsOf } from "../text/flow.js";
import { isNumber, literalOf } from "../text/literals.js";
import { isBinding } from "../text/scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  contains,
  descendantsOf,
  endOf,
  functionAround,
  isFirstOnLine,
  isSuite,
  kindOf,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  statementOf,
  statementsOf,
  textOf,
} from "../text/source.js";
import type { AttributeUse } from "./response-life.js";

/** A loop whose iterable is the body of a response. */
export interface StreamLoop {
  /** The `for` statement. */
  readonly loop: NodeId;
  /** `response.iter_content(...)`. */
  readonly call: NodeId;
  /** What each round gets: bytes up to some size, or a line without its end. */
  readonly pieces: "chunks" | "lines";
  /** The size as written; undefined: whatever has come in. */
  readonly size?: string;
  /** The variable of the loop. */
  readonly name: string;
}

const LOOPS = /^iter_(content|lines)$/;

export function isStreamLoop({ name }: Pick<AttributeUse, "name">): boolean {
  return LOOPS.test(name);
}

/** The loop that the use stands at the head of, or why it cannot become an `async for`. */
export function streamLoopOf(request: FixRequest, use: AttributeUse): StreamLoop | string {
  const { source } = request;
  const loop = loopOf(source, use);
  if (typeof loop === "string") return loop;
  const { call } = loop;
  const reason = whyNoAwait(source, call, request.python) ?? whyNotSuspend(source, call);
  if (reason) return reason;
  if (loop.pieces === "chunks") {
    const cut = whyCutMatters(source, loop);
    if (cut) return cut;
  }
  return loop;
}

/** `for NAME in RESPONSE.iter_content(SIZE):`, whatever is done in it. */
export function loopOf(source: Source, { name, call }: AttributeUse): StreamLoop | string {
  if (call === undefined) return `\`${name}\` of the response is handed on`;
  const loop = parentOf(source, call);
  const isHead = kindOf(source, loop) === "for_statement" && source.tree.field(call) === "right";
  if (!isHead || source.tree.tokens(loop).includes("async")) return `\`${name}\` does not stand behind the \`in\` of a loop`;
  const variable = source.tree.child(loop, "left");
  if (variable === undefined || kindOf(source, variable) !== "identifier")
    return `the loop over \`${name}\` unpacks what it gets`;
  const [body] = statementsOf(source, source.tree.child(loop, "body") ?? loop);
  if (body === undefined || !isFirstOnLine(source, startOf(source, body))) return `the loop over \`${name}\` stands on one line`;
  const pieces = name === "iter_lines" ? "lines" : "chunks";
  const size = sizeOf(source, call, pieces);
  if (typeof size === "string") return size;
  return { loop, call, pieces, name: textOf(source, variable), ...size };
}

/** `iter_content(8192)`, `iter_content(chunk_size=8192)`. */
function sizeOf(source: Source, call: NodeId, pieces: StreamLoop["pieces"]): { readonly size?: string } | string {
  let size: string | undefined = pieces === "chunks" ? "1" : undefined;
  for (const [index, argument] of argumentsOf(source, call).entries()) {
    const isKeyword = kindOf(source, argument) === "keyword_argument";
    const name = isKeyword ? textOf(source, source.tree.child(argument, "name") as NodeId) : index === 0 ? "chunk_size" : "";
    const value = isKeyword ? (source.tree.child(argument, "value") as NodeId) : argument;
    if (name === "decode_unicode" && kindOf(source, value) === "false") continue;
    if (name === "decode_unicode") return "the body is decoded piece by piece, which each library does in its own way";
    if (name !== "chunk_size") return "the body is cut at more than lines or sizes";
    if (isNumber(source, value)) size = textOf(source, value);
    else if (kindOf(source, literalOf(source, value)) === "none") size = undefined;
    else return "the size of the pieces may be no number";
  }
  return size === undefined || pieces === "lines" ? {} : { size };
}

const GATHERING = /^(write|update|extend|feed)$/;

/** Why it matters where the body is cut; undefined when the pieces are only put together again. */
function whyCutMatters(source: Source, { loop, name }: StreamLoop): string | undefined {
  const body = source.tree.child(loop, "body") as NodeId;
  const seen = mentionsOf(source, name, loop).filter((mention) => mention !== source.tree.child(loop, "left"));
  for (const mention of seen) {
    if (!contains(source, body, mention) || isBinding(source, mention))
      return `\`${name}\` is used for more than a piece of the body in its loop`;
    if (!isGathered(source, mention)) return `\`${name}\` is used in a way that depends on where the body is cut`;
  }
  const other = [...descendantsOf(source, body)].find(
    (node) => isSimple(source, node) && !isOfPiece(source, node, seen) && !isIndifferent(source, node),
  );
  return other === undefined ? undefined : "the loop does something for each piece, and the body is cut elsewhere";
}

/** `file.write(chunk)`, `await asyncio.to_thread(file.write, chunk)`, `len(chunk)`, `body += chunk`, `if chunk:`. */
function isGathered(source: Source, mention: NodeId): boolean {
  const parent = parentOf(source, mention);
  switch (kindOf(source, parent)) {
    case "argument_list": {
      const call = parentOf(source, parent);
      const callee = source.tree.child(call, "function");
      if (callee === undefined) return false;
      if (textOf(source, callee) === "len") return true;
      if (/(^|\.)(to_thread|run_in_executor)$/.test(textOf(source, callee)))
        return argumentsOf(source, call).some((argument) => argument !== mention && isGathering(source, argument));
      return isGathering(source, callee);
    }
    case "augmented_assignment":
      return source.tree.field(mention) === "right" && source.tree.tokens(parent).includes("+=");
    case "if_statement":
    case "not_operator":
      return true;
    default:
      return false;
  }
}

function isGathering(source: Source, callee: NodeId): boolean {
  return (
    kindOf(source, callee) === "attribute" && GATHERING.test(textOf(source, source.tree.child(callee, "attribute") as NodeId))
  );
}

/** A statement that does something: no compound one, none that only leaves. */
function isSimple(source: Source, node: NodeId): boolean {
  return kindOf(source, node) === "expression_statement" && isSuite(source, parentOf(source, node));
}

function isOfPiece(source: Source, statement: NodeId, seen: readonly NodeId[]): boolean {
  return seen.some((mention) => contains(source, statement, mention));
}

/** `file.flush()`, `await asyncio.sleep(0)`: as often as it likes. */
function isIndifferent(source: Source, statement: NodeId): boolean {
  return /^(await )?([\w.]*\.)?(flush|fsync|sleep)\(.*\)$/.test(textOf(source, statement));
}

/**
 * Why the body cannot be read both as a whole and in a loop: whoever has read it whole must have left before the loop begins.
 */
export function whyReadTwice(source: Source, bodies: readonly NodeId[], loops: readonly NodeId[]): string | undefined {
  const [loop, ...others] = loops;
  if (loop === undefined) return undefined;
  if (others.length > 0) return "the body is read in more than one loop";
  return bodies.every((body) => isLeft(source, body, loop))
    ? undefined
    : "the body is read as a whole and in a loop, which aiohttp and httpx do once";
}

/** After `node` the function, or a loop around both, is left before `loop` is come to. */
function isLeft(source: Source, node: NodeId, loop: NodeId): boolean {
  if (startOf(source, node) > endOf(source, loop)) return false;
  const limit = functionAround(source, node);
  for (const ancestor of ancestorsOf(source, statementOf(source, node))) {
    if (ancestor === limit || contains(source, ancestor, loop)) break;
    if (kindOf(source, ancestor) === "try_statement") return false;
    const last = isSuite(source, ancestor) ? statementsOf(source, ancestor).at(-1) : undefined;
    if (last !== undefined && /^(return|raise|continue|break)_statement$/.test(kindOf(source, last))) return true;
  }
  return /^(return|raise)_statement$/.test(kindOf(source, statementOf(source, node)));
}
