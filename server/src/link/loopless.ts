/**
 * Places where no loop runs, as far as the text shows: behind a look whether one does. What stands there blocks nobody.
 */
import type { Constant, Expr, ExprId, Region, Scope, Site } from "../facts/types.js";
import { textOf } from "./calls.js";
import { exprOf, type Unit } from "./entities.js";
import { isInside } from "./regions.js";
import { asksForLoop, asksWhetherLoopRuns, insistsOnLoop, namesThisThread } from "./special.js";

type If = Region & { readonly kind: "if" };
type Handler = Region & { readonly kind: "except" };

/** `if TYPE_CHECKING`, `if not loop.is_running()`, `if loop is None`. */
export function isOffLoop(unit: Unit, scope: Scope, region: If): boolean {
  let negated = region.negated;
  let expr = exprOf(unit, region.condition);
  while (expr.kind === "unary" && expr.operator === "not") {
    negated = !negated;
    expr = exprOf(unit, expr.of);
  }
  if ((expr.kind === "name" || expr.kind === "attribute") && expr.name === "TYPE_CHECKING") return !negated;
  if (expr.kind === "call") {
    const callee = exprOf(unit, expr.callee);
    return callee.kind === "attribute" && asksWhetherLoopRuns(callee.name) && negated;
  }
  if (expr.kind === "boolean" && expr.operator === "and" && negated) {
    // `if loop and loop.is_running(): ... else: loop.run_until_complete()`
    const right = exprOf(unit, expr.right);
    const callee = right.kind === "call" ? exprOf(unit, right.callee) : undefined;
    return callee?.kind === "attribute" && asksWhetherLoopRuns(callee.name);
  }
  if (expr.kind === "local") return negated && saysWhetherLoopRuns(unit, scope, expr);
  if (expr.kind !== "compare" || expr.operators.length !== 1) return false;
  const [operator] = expr.operators;
  const differs = operator === "!=" || operator === "is not";
  if (!differs && operator !== "==" && operator !== "is") return false;
  // `if threading.current_thread() is threading.main_thread(): ... else:` some other thread.
  if (expr.operands.some((id) => namesThisThread(textOf(unit, id)))) return negated !== differs;
  const [left, right] = expr.operands.map((id) => exprOf(unit, id));
  return negated === differs && left?.kind === "local" && isNone(right) && saysWhetherLoopRuns(unit, scope, left);
}

function isNone(expr: Expr | undefined): boolean {
  return expr?.kind === "constant" && expr.value === null;
}

/**
 * ```python
 * try:
 *     loop = asyncio.get_running_loop()
 * except RuntimeError:
 *     loop = None
 * ```
 * The same with `running = True` and `running = False`.
 */
function saysWhetherLoopRuns(unit: Unit, scope: Scope, { defs }: Expr & { kind: "local" }): boolean {
  const constants = new Set<Constant>();
  let isLoop = false;
  for (const id of defs) {
    const def = unit.chunk.defs[id];
    const value = def?.kind === "assign" || def?.kind === "annotated" ? def.value : undefined;
    if (value === undefined) return false;
    const expr = exprOf(unit, value);
    if (expr.kind === "constant" && typeof expr.value !== "string" && typeof expr.value !== "number") constants.add(expr.value);
    else if (asksAt(unit, value, insistsOnLoop)) isLoop = true;
    else return false;
  }
  if (isLoop) return constants.size === 1 && constants.has(null);
  const isFlag = constants.size === 2 && constants.has(true) && constants.has(false);
  return isFlag && unit.chunk.regions.some((region) => region.kind === "except" && isWithoutLoop(unit, scope, region));
}

/** The `except RuntimeError` of `asyncio.get_running_loop()`. */
export function isWithoutLoop(unit: Unit, scope: Scope, region: Handler): boolean {
  const type = region.type === undefined ? undefined : exprOf(unit, region.type);
  const names = type?.kind === "sequence" ? type.items.map((item) => exprOf(unit, item)) : type ? [type] : [];
  const catches =
    region.type === undefined ||
    names.some((name) => name.kind === "name" && (name.name === "RuntimeError" || name.name === "Exception"));
  if (!catches) return false;
  return scope.sites.some((id) => {
    const site = unit.chunk.sites[id] as Site;
    return site.kind === "call" && isInside(unit, site.region, region.of) && asksAt(unit, site.expr, asksForLoop);
  });
}

function asksAt(unit: Unit, id: ExprId, asks: (callee: string) => boolean): boolean {
  const call = exprOf(unit, id);
  const callee = call.kind === "call" ? exprOf(unit, call.callee) : undefined;
  return (callee?.kind === "attribute" || callee?.kind === "name" || callee?.kind === "local") && asks(callee.name);
}
