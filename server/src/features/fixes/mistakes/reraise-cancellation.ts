/**
 * A cancellation that is swallowed is passed on:
 *
 *     except asyncio.CancelledError:        except asyncio.CancelledError:
 *         pass                         ->       raise
 *
 *     except BaseException as error:   ->   except asyncio.CancelledError:
 *         print(error)                          raise
 *                                           except BaseException as error:
 *                                               print(error)
 *
 * What the handler does beyond logging it still does, and raises behind. Nothing is offered where code behind the handler
 * would no longer run, and it may be there to clean up.
 */

import { type FixRequest, type Proposal, type Refusal, type Remedy, refuse } from "../request.js";
import { asyncLibraryOf } from "../text/asynchrony.js";
import { withItems } from "../text/awaiting.js";
import { type Edit, localName, outdentLines, referenceTo } from "../text/edits.js";
import { qualifiedName } from "../text/scopes.js";
import {
  ancestorsOf,
  argumentsOf,
  contains,
  descendantsOf,
  endOf,
  indentOf,
  indentStep,
  isFirstOnLine,
  isSuite,
  kindOf,
  lineEnd,
  lineOf,
  lineStart,
  type NodeId,
  parentOf,
  runningIn,
  type Source,
  startOf,
  statementOf,
  statementsOf,
  textOf,
} from "../text/source.js";

export const reraiseCancellation: Remedy = { name: "reraise-cancellation", propose };

function propose(request: FixRequest): Proposal | Refusal | undefined {
  const { finding, source, start, end, call } = request;
  if (finding.rule !== "swallowed-cancellation") return undefined;
  if (asyncLibraryOf(source) !== "asyncio")
    return refuse("this file is written for another library, which cancels in its own way");
  if (finding.path[0]?.role === "enter") return call === undefined ? undefined : withoutSuppression(request, call);
  for (let node = 0; node < source.parents.length; node++) {
    if (kindOf(source, node) === "except_clause" && startOf(source, node) === start && endOf(source, node) >= end)
      return inHandler(request, node);
  }
  return refuse("the handler is one of exception groups");
}

function proposal({ finding }: FixRequest, title: string, edits: readonly Edit[], isPlain: boolean): Proposal {
  return { kind: "proposal", title, action: "quickfix", preferred: isPlain && finding.confidence === "definite", edits };
}

const RAISE = "Raise the cancellation again";

function inHandler(request: FixRequest, clause: NodeId): Proposal | Refusal {
  const { source } = request;
  const body = source.tree.children(clause).find((child) => kindOf(source, child) === "block");
  const statement = parentOf(source, clause);
  const last = body === undefined ? undefined : statementsOf(source, body).at(-1);
  if (body === undefined || last === undefined) return refuse("the handler is empty");
  const guarded = source.tree.child(statement, "body");
  const reason =
    whyNotLeft(source, body, last) ??
    (guarded === undefined ? undefined : whyNotOwn(source, guarded)) ??
    whyNotSkipped(source, statement, kindOf(source, last));
  if (reason) return refuse(reason);
  const caught = caughtBy(source, clause);
  const isPlain = statementsOf(source, body).every((child) => isIdle(source, child));
  if (caught.type !== undefined && isCancelledError(source, caught.type))
    return proposal(request, RAISE, raiseAtEnd(source, body, last, "raise"), isPlain);
  const reference = referenceTo(source, clause, "asyncio", "CancelledError");
  if (!reference) return refuse("this file uses the name `asyncio` for something else");
  if (isPlain) {
    const start = startOf(source, clause);
    if (!isFirstOnLine(source, start)) return refuse("the handler does not begin its line");
    const indent = indentOf(source, start);
    const { newline } = source;
    const text = `except ${reference.text}:${newline}${indent}${indentStep(source, clause)}raise${newline}${indent}`;
    return proposal(request, RAISE, [...reference.edits, { start, end: start, text }], true);
  }
  if (!isFirstOnLine(source, startOf(source, last))) return refuse("the handler stands on the line of its head");
  const name = caught.name ?? localName(source, clause, "error");
  const edits = [...reference.edits, ...raiseAtEnd(source, body, last, `if isinstance(${name}, ${reference.text}):`, "raise")];
  if (caught.name === undefined) {
    const head = caught.type === undefined ? startOf(source, clause) + "except".length : endOf(source, caught.type);
    edits.push({ start: head, end: head, text: `${caught.type === undefined ? " BaseException" : ""} as ${name}` });
  }
  return proposal(request, RAISE, edits, false);
}

interface Caught {
  /** The expression behind `except`. */
  readonly type?: NodeId;
  readonly name?: string;
}

function caughtBy(source: Source, clause: NodeId): Caught {
  const head = source.tree.children(clause).filter((child) => kindOf(source, child) !== "block");
  const [type] = head;
  if (type === undefined) return {};
  if (kindOf(source, type) !== "as_pattern")
    return head.length > 1 ? { type, name: textOf(source, head[1] as NodeId) } : { type };
  const target = source.tree.child(type, "alias");
  const [inner] = source.tree.children(type);
  return { ...(inner === undefined ? {} : { type: inner }), ...(target === undefined ? {} : { name: textOf(source, target) }) };
}

function isCancelledError(source: Source, type: NodeId): boolean {
  return /^asyncio\.(exceptions\.)?CancelledError$/.test(qualifiedName(source, type) ?? "");
}

/** `raise`, or an `if` with it in its suite, in the place of a last `pass`, `continue` or `return`, or before or behind it. */
function raiseAtEnd(source: Source, body: NodeId, last: NodeId, head: string, inner?: string): Edit[] {
  const start = startOf(source, last);
  const isOwnLine = isFirstOnLine(source, start);
  const { newline } = source;
  const indent = indentOf(source, start);
  const text =
    inner === undefined ? head : isOwnLine ? `${head}${newline}${indent}${indentStep(source, body)}${inner}` : `${head} ${inner}`;
  const isEmpty = /^(pass|\.\.\.)$/.test(textOf(source, last));
  if (isEmpty || (inner === undefined && /^(continue|return)_statement$/.test(kindOf(source, last))))
    return [{ start, end: endOf(source, last), text }];
  if (/^(continue|return)_statement$/.test(kindOf(source, last)) && isOwnLine)
    return [{ start, end: start, text: `${text}${newline}${indent}` }];
  if (!isOwnLine) return [{ start: endOf(source, last), end: endOf(source, last), text: `; ${text}` }];
  const end = lineEnd(source, endOf(source, last));
  return [{ start: end, end, text: newline + indent + text }];
}

/** The handler ends otherwise than at its end, or with what a `raise` cannot replace. */
function whyNotLeft(source: Source, body: NodeId, last: NodeId): string | undefined {
  for (const node of runningIn(source, body)) {
    const kind = kindOf(source, node);
    if (!/^(return|break|continue)_statement$/.test(kind)) continue;
    const inLoop = [...ancestorsOf(source, node)].some(
      (ancestor) => contains(source, body, ancestor) && /^(for|while)_statement$/.test(kindOf(source, ancestor)),
    );
    if (kind !== "return_statement" && inLoop) continue;
    if (node !== last) return "the handler is left in several places";
    if (kind === "break_statement") return "the handler leaves the loop, and the code behind it would no longer run";
    if (kind === "return_statement" && !/^return(\s+None)?$/.test(textOf(source, node)))
      return "the handler returns a value, which nobody would get";
  }
  // A last `if` in a suite on the line of its head could not be joined to another one.
  const isOwnLine = isFirstOnLine(source, startOf(source, last));
  if (!isOwnLine && statementsOf(source, body).length > 1) return "the handler stands on one line";
  return undefined;
}

/** The cancellation may be that of a task that is awaited there, which somebody else has cancelled. */
function whyNotOwn(source: Source, guarded: NodeId): string | undefined {
  const isTask = (node: NodeId): boolean => /^(identifier|attribute|subscript|list_splat)$/.test(kindOf(source, node));
  for (const node of runningIn(source, guarded)) {
    const awaited = kindOf(source, node) === "await" ? source.tree.children(node)[0] : undefined;
    if (awaited === undefined) continue;
    const callee = kindOf(source, awaited) === "call" ? source.tree.child(awaited, "function") : undefined;
    const isWaiting =
      callee !== undefined && /^asyncio\.(gather|wait|wait_for|shield)$/.test(qualifiedName(source, callee) ?? "");
    if (isTask(awaited) || (isWaiting && argumentsOf(source, awaited).some(isTask)))
      return `what is cancelled may be \`${textOf(source, awaited)}\` alone`;
  }
  return undefined;
}

/** Code that runs behind the statement when a cancellation was swallowed in it, and no longer when it is passed on. */
function whyNotSkipped(source: Source, statement: NodeId, ending: string): string | undefined {
  const isLeft = /^(continue|return)_statement$/.test(ending);
  for (const follower of followersOf(source, statement, isLeft ? ending : undefined)) {
    if (isIdle(source, follower)) continue;
    const [line] = textOf(source, follower).split(/\r\n|\r|\n/);
    return `\`${line}\` behind it would no longer run when the task is cancelled: move it into a \`finally\` first`;
  }
  return undefined;
}

/** Statements that come after `statement` in its function, and not before the next round of an endless loop. */
function* followersOf(source: Source, statement: NodeId, ending: string | undefined): Generator<NodeId> {
  if (ending === "return_statement") return;
  let isPassedOver = ending === "continue_statement";
  let child = statement;
  for (const ancestor of ancestorsOf(source, statement)) {
    if (/^(function_definition|lambda|class_definition)$/.test(kindOf(source, ancestor))) return;
    if (isSuite(source, ancestor)) {
      if (!isPassedOver) for (const sibling of statementsOf(source, ancestor)) if (sibling > child) yield sibling;
    } else if (kindOf(source, ancestor) === "try_statement" && source.tree.child(ancestor, "body") === child) {
      const otherwise = source.tree.children(ancestor).find((clause) => kindOf(source, clause) === "else_clause");
      const suite = otherwise === undefined ? undefined : source.tree.children(otherwise).at(-1);
      if (!isPassedOver && suite !== undefined) yield* statementsOf(source, suite);
    } else if (/^(for|while)_statement$/.test(kindOf(source, ancestor))) {
      if (kindOf(source, ancestor) === "while_statement" && isEndless(source, ancestor)) return;
      isPassedOver = false;
    }
    child = ancestor;
  }
}

/** `while True` without a `break` of its own. */
function isEndless(source: Source, loop: NodeId): boolean {
  const condition = source.tree.child(loop, "condition");
  const body = source.tree.child(loop, "body");
  if (condition === undefined || body === undefined || !/^(True|1)$/.test(textOf(source, condition))) return false;
  for (const node of runningIn(source, body)) {
    if (kindOf(source, node) !== "break_statement") continue;
    const innermost = [...ancestorsOf(source, node)].find((ancestor) => /^(for|while)_statement$/.test(kindOf(source, ancestor)));
    if (innermost === loop) return false;
  }
  return true;
}

const LOGGING = new RegExp(
  "^(print|warnings\\.warn|traceback\\.print_exc|logging\\.getLogger|" +
    "((\\w+\\.)*_*(log|logger|logging)|logging\\.getLogger\\([^()]*\\))" +
    "\\.(debug|info|warning|warn|error|exception|critical|fatal|log|trace|success))$",
  "i",
);
const HARMLESS = /^(asyncio\.sleep|builtins\.(str|repr|type|len|format))$/;

/** Nobody misses it when a task is cancelled: logging, a pause, a variable of the function, an end. */
function isIdle(source: Source, statement: NodeId): boolean {
  for (const node of descendantsOf(source, statement)) {
    switch (kindOf(source, node)) {
      case "call": {
        const callee = source.tree.child(node, "function");
        if (callee === undefined) return false;
        if (!LOGGING.test(textOf(source, callee)) && !HARMLESS.test(qualifiedName(source, callee) ?? "")) return false;
        break;
      }
      case "assignment":
      case "augmented_assignment": {
        const left = source.tree.child(node, "left");
        if (
          left === undefined ||
          kindOf(source, left) !== "identifier" ||
          source.scopes.at[node]?.declared.has(textOf(source, left))
        )
          return false;
        break;
      }
      case "delete_statement":
      case "raise_statement":
      case "yield":
      case "with_statement":
      case "for_statement":
      case "function_definition":
      case "class_definition":
      case "await":
        if (kindOf(source, node) === "await" && /\bsleep\(/.test(textOf(source, node))) break;
        return false;
      default:
        break;
    }
  }
  return true;
}

/** `suppress(CancelledError)` taken away, alone or from among others. */
function withoutSuppression(request: FixRequest, call: NodeId): Proposal | Refusal {
  const { source } = request;
  const statement = statementOf(source, call);
  const body = kindOf(source, statement) === "with_statement" ? source.tree.child(statement, "body") : undefined;
  if (body === undefined) return refuse("what suppresses it is not entered by a `with` statement");
  const reason = whyNotOwn(source, body) ?? whyNotSkipped(source, statement, "");
  if (reason) return refuse(reason);
  const types = argumentsOf(source, call);
  const cancelled = types.filter((type) => isCancelledError(source, type));
  const [type] = cancelled;
  if (type === undefined || cancelled.length > 1) return refuse("it suppresses every exception, not just the cancellation");
  const title = "Do not suppress the cancellation";
  if (types.length > 1) {
    const index = types.indexOf(type);
    const [start, end] =
      index === 0
        ? [startOf(source, type), startOf(source, types[1] as NodeId)]
        : [endOf(source, types[index - 1] as NodeId), endOf(source, type)];
    return proposal(request, title, [{ start, end, text: "" }], true);
  }
  if (withItems(source, statement).length > 1) return refuse("the same statement enters something else");
  const start = startOf(source, statement);
  if (lineOf(source, startOf(source, body)) === lineOf(source, start))
    return proposal(request, title, [{ start, end: startOf(source, body), text: "" }], true);
  const first = lineStart(source, startOf(source, statementsOf(source, body)[0] as NodeId));
  const head =
    source.lineStarts[
      lineOf(source, source.tree.child(statement, "body") === undefined ? start : headEnd(source, statement, body)) + 1
    ] ?? first;
  const step = indentOf(source, startOf(source, body)).slice(indentOf(source, start).length);
  if (
    !isFirstOnLine(source, start) ||
    source.tree.comments().some((comment) => startOf(source, comment) >= start && startOf(source, comment) < head)
  )
    return refuse("a comment stands behind the head of the block");
  return proposal(
    request,
    title,
    [{ start: lineStart(source, start), end: head, text: "" }, ...outdentLines(source, head, endOf(source, body), step)],
    true,
  );
}

/** Where the head of the block ends: at its colon. */
function headEnd(source: Source, statement: NodeId, body: NodeId): number {
  const clause = source.tree.children(statement).find((child) => kindOf(source, child) === "with_clause");
  return clause === undefined ? startOf(source, body) : endOf(source, clause);
}
