/**
 * Places where no loop runs, as far as the text shows: behind a look whether one does. What stands there blocks nobody.
 */
import type { DefId, Expr, ExprId, Region, Scope, Site } from "../facts/types.js";
import { textOf } from "./calls.js";
import { exprOf, isAsync, isGenerator, scopeOf, type Unit } from "./entities.js";
import type { Evaluator } from "./evaluate.js";
import { caughtBy, isInside } from "./regions.js";
import { asksForLoop, asksWhetherLoopRuns, insistsOnLoop, namesThisThread } from "./special.js";

type If = Region & { readonly kind: "if" };
type Handler = Region & { readonly kind: "except" };

/** Names followed from one to the next. */
const MAX_HOPS = 4;

/** `if TYPE_CHECKING`, `if not loop.is_running()`, `if loop is None`. */
export function isOffLoop(evaluator: Evaluator, unit: Unit, scope: Scope, { condition, negated }: If): boolean {
  return truthOnLoop(evaluator, unit, scope, condition, 0) === negated;
}

/** The `except RuntimeError` of `asyncio.get_running_loop()`. */
export function isWithoutLoop(unit: Unit, scope: Scope, region: Handler): boolean {
  return handlersWithoutLoop(unit, scope).includes(region);
}

/**
 * Whether a condition holds where a loop runs, as far as it speaks of that: `TYPE_CHECKING` does not, `loop.is_running()`
 * does, and a name does that only the handler of a missing loop sets otherwise.
 */
function truthOnLoop(evaluator: Evaluator, unit: Unit, scope: Scope, id: ExprId, hops: number): boolean | undefined {
  if (hops > MAX_HOPS) return undefined;
  const expr = exprOf(unit, id);
  switch (expr.kind) {
    case "name":
    case "attribute":
      return expr.name === "TYPE_CHECKING" ? false : undefined;
    case "unary": {
      const of = expr.operator === "not" ? truthOnLoop(evaluator, unit, scope, expr.of, hops + 1) : undefined;
      return of === undefined ? undefined : !of;
    }
    case "boolean": {
      const left = truthOnLoop(evaluator, unit, scope, expr.left, hops + 1);
      const right = truthOnLoop(evaluator, unit, scope, expr.right, hops + 1);
      if (expr.operator === "or") return left || right || (left === false && right === false ? false : undefined);
      if (left === false || right === false) return false;
      // `if loop and loop.is_running(): ... else: loop.run_until_complete()`
      return right;
    }
    case "local": {
      const values = boundOnLoop(unit, scope, expr.defs);
      return values && values.length > 0 ? sameAnswer(values.map((value) => isTrue(unit, value))) : undefined;
    }
    case "compare":
      return comparisonOnLoop(unit, scope, expr);
    case "call": {
      const callee = exprOf(unit, expr.callee);
      if (callee.kind === "attribute" && asksWhetherLoopRuns(callee.name)) return true;
      return expr.args.length === 0 ? answerOnLoop(evaluator, unit, expr.callee) : undefined;
    }
    default:
      return undefined;
  }
}

function comparisonOnLoop(unit: Unit, scope: Scope, { operators, operands }: Expr & { kind: "compare" }): boolean | undefined {
  const [operator] = operators;
  const differs = operator === "!=" || operator === "is not";
  if (operators.length !== 1 || (!differs && operator !== "==" && operator !== "is")) return undefined;
  // `if threading.current_thread() is threading.main_thread(): ... else:` some other thread.
  if (operands.some((operand) => namesThisThread(textOf(unit, operand)))) return !differs;
  const [left, right] = operands.map((operand) => exprOf(unit, operand));
  if (left?.kind !== "local" || right?.kind !== "constant" || right.value !== null) return undefined;
  const isNone = sameAnswer(boundOnLoop(unit, scope, left.defs)?.map((value) => isNothing(unit, value)) ?? []);
  return isNone === undefined ? undefined : isNone !== differs;
}

/** `if in_loop():` of a function that asks for the loop and answers otherwise only where there is none. */
function answerOnLoop(evaluator: Evaluator, unit: Unit, callee: ExprId): boolean | undefined {
  const type = evaluator.typeOf(unit, callee);
  if (type.kind !== "function" || isAsync(type.function) || isGenerator(type.function)) return undefined;
  const { unit: at } = type.function;
  evaluator.depends(at.cell);
  const scope = scopeOf(type.function);
  const loopless = handlersWithoutLoop(at, scope);
  const answers = scope.returnValues.filter((_, index) => !loopless.some(({ returns }) => isWithin(returns, index)));
  if (answers.length === 0 || answers.length === scope.returnValues.length) return undefined;
  return sameAnswer(answers.map((answer) => isTrue(at, answer)));
}

/**
 * What a name was bound to where a loop runs: not by the handler of a missing one, and not to the None that stands for it.
 * Undefined where nobody asked.
 *
 * ```python
 * try:
 *     loop = asyncio.get_running_loop()
 * except RuntimeError:
 *     loop = None
 * ```
 */
function boundOnLoop(unit: Unit, scope: Scope, defs: readonly DefId[]): readonly ExprId[] | undefined {
  const loopless = handlersWithoutLoop(unit, scope);
  const values: ExprId[] = [];
  const seen = new Set<DefId>();
  const queue = [...defs];
  let isAsked = false;
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const at = id;
    if (seen.has(at)) continue;
    seen.add(at);
    const def = unit.chunk.defs[at];
    if (loopless.some((handler) => isWithin(handler.defs, at))) isAsked = true;
    else if (def?.kind === "join" || def?.kind === "narrow") queue.push(...def.of);
    else if ((def?.kind === "assign" || def?.kind === "annotated") && def.value !== undefined) values.push(def.value);
    else return undefined;
  }
  const loops = values.filter((value) => asksAt(unit, value, insistsOnLoop));
  if (!isAsked && loops.length === 0) return undefined;
  return loops.length > 0 ? values.filter((value) => isNothing(unit, value) !== true) : values;
}

/** Per function, since each of its sites asks. A function's scope and the regions of its chunk are never changed, only replaced. */
const handlers = new WeakMap<Scope, readonly Handler[]>();

function handlersWithoutLoop(unit: Unit, scope: Scope): readonly Handler[] {
  let found = handlers.get(scope);
  if (!found) {
    const asking = scope.sites.map((id) => unit.chunk.sites[id] as Site).filter(({ expr }) => asksAt(unit, expr, asksForLoop));
    found =
      asking.length === 0
        ? []
        : unit.chunk.regions.filter(
            (region): region is Handler =>
              region.kind === "except" &&
              catchesMissingLoop(unit, region) &&
              asking.some((site) => isInside(unit, site.region, region.of)),
          );
    handlers.set(scope, found);
  }
  return found;
}

function catchesMissingLoop(unit: Unit, handler: Handler): boolean {
  const caught = caughtBy(unit, handler).map((id) => exprOf(unit, id));
  return (
    caught.length === 0 ||
    caught.some((type) => type.kind === "name" && (type.name === "RuntimeError" || type.name === "Exception"))
  );
}

function asksAt(unit: Unit, id: ExprId, asks: (callee: string) => boolean): boolean {
  const call = exprOf(unit, id);
  const callee = call.kind === "call" ? exprOf(unit, call.callee) : undefined;
  return (callee?.kind === "attribute" || callee?.kind === "name" || callee?.kind === "local") && asks(callee.name);
}

function isTrue(unit: Unit, id: ExprId): boolean | undefined {
  const expr = exprOf(unit, id);
  if (expr.kind === "constant") return expr.value !== null && expr.value !== false && expr.value !== 0 && expr.value !== "";
  return asksAt(unit, id, asksForLoop) ? true : undefined;
}

function isNothing(unit: Unit, id: ExprId): boolean | undefined {
  const expr = exprOf(unit, id);
  if (expr.kind === "constant") return expr.value === null;
  return asksAt(unit, id, asksForLoop) ? false : undefined;
}

function sameAnswer(answers: readonly (boolean | undefined)[]): boolean | undefined {
  return answers.every((answer) => answer === answers[0]) ? answers[0] : undefined;
}

function isWithin([from, to]: readonly [number, number], index: number): boolean {
  return index >= from && index < to;
}
