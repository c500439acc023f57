/**
 * A wait with a time limit, the asyncio way. Where the old one raised, it stays an expression; where it answered whether it
 * was in time, the answer is made by a `try`:
 *
 *     job = jobs.get(timeout=5)       job = await asyncio.wait_for(jobs.get(), 5)
 *     if ready.wait(timeout=5):  ->   try:
 *         ...                             is_set = await asyncio.wait_for(ready.wait(), 5)
 *                                     except asyncio.TimeoutError:
 *                                         is_set = False
 *                                     if is_set:
 *                                         ...
 */
import { awaitFrame, type Edit, localName, referenceTo } from "../text/edits.js";
import { whyNotHoisted } from "../text/hoisting.js";
import { literalOf } from "../text/literals.js";
import {
  endOf,
  expressionStart,
  hasComment,
  indentOf,
  indentStep,
  isFirstOnLine,
  kindOf,
  lineEnd,
  lineOf,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  statementOf,
  textOf,
  withoutParentheses,
} from "../text/source.js";

/** A call that waits, as its twin will be called. */
export interface LimitedCall {
  readonly call: NodeId;
  /** `jobs.get()`, without `await` and limit. */
  readonly text: string;
  /** Seconds, as they are written. */
  readonly limit: string;
}

/** The limit is none, a number of seconds above zero, or something that asyncio might take otherwise. */
export function limitOf(source: Source, value: NodeId | undefined): "none" | "some" | "other" {
  if (value === undefined) return "none";
  const literal = literalOf(source, value);
  const text = textOf(source, literal);
  if (kindOf(source, literal) === "none") return "none";
  if (!/^(integer|float)$/.test(kindOf(source, literal))) return "other";
  return Number(text.replaceAll("_", "")) > 0 ? "some" : "other";
}

/** For a call that raises when it was not in time. */
export function raisingLimit(source: Source, { call, text, limit }: LimitedCall): readonly Edit[] | string {
  const waitFor = referenceTo(source, call, "asyncio", "wait_for");
  if (!waitFor) return NO_ASYNCIO;
  const [before, after] = awaitFrame(source, call);
  const waiting = `${before}${waitFor.text}(${text}, ${limit})${after}`;
  return [...waitFor.edits, { start: expressionStart(source, call), end: endOf(source, call), text: waiting }];
}

const NO_ASYNCIO = "this file uses the name `asyncio` for something else";

/** For a call that answers whether it was in time; `name`: of a variable for the answer, where one is needed. */
export function answeringLimit(source: Source, limited: LimitedCall, name: string): readonly Edit[] | string {
  const { call, text, limit } = limited;
  const waitFor = referenceTo(source, call, "asyncio", "wait_for");
  const error = referenceTo(source, call, "asyncio", "TimeoutError");
  if (!waitFor || !error) return NO_ASYNCIO;
  const statement = statementOf(source, call);
  const waiting = `await ${waitFor.text}(${text}, ${limit})`;
  const references = [...waitFor.edits, ...error.edits];
  const lines = { indent: indentOf(source, startOf(source, statement)), step: indentStep(source, call), newline: source.newline };
  const attempt = (done: readonly string[], late: string, at = lines): string =>
    [
      "try:",
      ...done.map((line) => at.indent + at.step + line),
      `${at.indent}except ${error.text}:`,
      `${at.indent}${at.step}${late}`,
    ].join(at.newline);

  if (isLoopUntil(source, statement, call)) {
    const reason = whyNotOpened(source, statement);
    if (reason) return reason;
    const condition = source.tree.child(statement, "condition") as NodeId;
    const head = lineEnd(source, endOf(source, condition));
    const inner = { ...lines, indent: lines.indent + lines.step };
    return [
      ...references,
      { start: startOf(source, condition), end: endOf(source, condition), text: "True" },
      { start: head, end: head, text: lines.newline + inner.indent + attempt([waiting, "break"], "pass", inner) },
    ];
  }
  const reason = whyNotHoisted(source, call) ?? whyNotAlone(source, statement);
  if (reason) return reason;
  const [expression] = source.tree.children(statement);
  const isStatement = kindOf(source, statement) === "expression_statement" && expression !== undefined;
  const whole = { start: startOf(source, statement), end: endOf(source, statement) };
  if (isStatement && withoutParentheses(source, expression) === call)
    return [...references, { ...whole, text: attempt([waiting], "pass") }];
  if (isStatement && kindOf(source, expression) === "assignment") {
    const left = source.tree.child(expression, "left") as NodeId;
    const isPlain = kindOf(source, left) === "identifier" && source.tree.child(expression, "type") === undefined;
    if (isPlain && source.tree.child(expression, "right") === call) {
      const target = textOf(source, left);
      return [...references, { ...whole, text: attempt([`${target} = ${waiting}`], `${target} = False`) }];
    }
  }
  const answer = localName(source, call, name);
  const made = attempt([`${answer} = ${waiting}`], `${answer} = False`) + lines.newline + lines.indent;
  return [
    ...references,
    { start: whole.start, end: whole.start, text: made },
    { start: expressionStart(source, call), end: endOf(source, call), text: answer },
  ];
}

/** `while not stop.wait(1):` and nothing behind it. */
function isLoopUntil(source: Source, statement: NodeId, call: NodeId): boolean {
  if (kindOf(source, statement) !== "while_statement" || source.tree.child(statement, "alternative") !== undefined) return false;
  const condition = source.tree.child(statement, "condition");
  if (condition === undefined || kindOf(source, condition) !== "not_operator") return false;
  const [denied] = source.tree.children(condition);
  return denied !== undefined && withoutParentheses(source, denied) === call;
}

/** Why no lines can be put at the top of the loop's body. */
function whyNotOpened(source: Source, loop: NodeId): string | undefined {
  const condition = source.tree.child(loop, "condition") as NodeId;
  const body = source.tree.child(loop, "body") as NodeId;
  if (!isFirstOnLine(source, startOf(source, loop))) return "the loop shares its line with something else";
  if (lineOf(source, startOf(source, body)) === lineOf(source, endOf(source, condition))) return "the loop stands on one line";
  if (/[\r\n]/.test(textOf(source, condition)) || hasComment(source, startOf(source, loop), endOf(source, condition)))
    return "the head of the loop goes over several lines";
  return undefined;
}

/** Why the statement's line cannot become several. */
function whyNotAlone(source: Source, statement: NodeId): string | undefined {
  if (!/^(expression|return|raise)_statement$/.test(kindOf(source, statement))) return undefined;
  const end = endOf(source, statement);
  const isLast = /^\s*(#.*)?$/.test(source.text.slice(end, lineEnd(source, end)));
  return isLast && kindOf(source, parentOf(source, statement)) !== "module" ? undefined : "its line holds another statement";
}
