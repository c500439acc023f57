/**
 * Conditions and amounts that travel with an effect: `def take(block=True): return queue.get(block)` blocks unless its
 * caller says `block=False`. Conditions speak of the parameters of one function and are rewritten, call by call, into
 * those of its caller, until literals decide them or nothing more is known.
 */
import type { Argument, Constant, Expr, ExprId, Parameter } from "../facts/types.js";
import type { Bound } from "./arguments.js";
import { onlyDef, type Unit } from "./entities.js";

export type Condition =
  | Value
  | { readonly kind: "parameter"; readonly name: string }
  /** `("fast", "quick")`, what `in` looks through. */
  | Sequence
  /** The parameter was passed at all. */
  | { readonly kind: "given"; readonly name: string }
  /** The parameter is an instance of one of the classes. */
  | { readonly kind: "instance"; readonly name: string; readonly of: readonly Lineage[] }
  | { readonly kind: "not"; readonly of: Condition }
  | { readonly kind: "and" | "or"; readonly left: Condition; readonly right: Condition }
  | { readonly kind: "compare"; readonly operator: string; readonly left: Condition; readonly right: Condition }
  | { readonly kind: "unknown" };

/** What is written down; `member`: of an enumeration, by its full name. */
export type Value = { readonly kind: "constant"; readonly value: Constant } | { readonly kind: "member"; readonly name: string };

/** Several of them; `open`: more may be put in later. */
export interface Sequence {
  readonly kind: "sequence";
  readonly items: readonly Condition[];
  readonly open?: true;
}

const UNKNOWN: Condition = { kind: "unknown" };

/** Full names of a class and its bases, nearest first. */
export type Lineage = readonly string[];

/** What a caller says of a parameter. */
export type Said = (
  | (Value & { readonly given: boolean })
  /** Its own parameter, handed on. */
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "unknown"; readonly given: boolean }
) & {
  /** What it may be, where all of that is known. */
  readonly classes?: readonly Lineage[];
};

/** What is known of expressions beyond the function they stand in. */
export interface Values {
  /** Value of a name that is bound outside the function, a constant of a module, and members of enumerations. */
  valueOf(unit: Unit, id: ExprId): Value | undefined;
  /** What the collection holds that a name stands for, where it is written down. */
  itemsOf(unit: Unit, id: ExprId): Sequence | undefined;
  classesOf(unit: Unit, id: ExprId): readonly Lineage[] | undefined;
  /** The classes that the second argument of `isinstance` names. */
  checkedBy(unit: Unit, id: ExprId): readonly Lineage[] | undefined;
}

/** Reads an expression over the parameters of the function it stands in; what it cannot read is unknown. */
export function readCondition(unit: Unit, id: ExprId, values: Values): Condition {
  const expr = unit.chunk.exprs[id] as Expr;
  switch (expr.kind) {
    case "constant":
      return { kind: "constant", value: expr.value };
    case "local": {
      const def = onlyDef(unit, expr.defs);
      return def?.kind === "parameter" ? { kind: "parameter", name: expr.name } : UNKNOWN;
    }
    case "unary":
      return expr.operator === "not" ? { kind: "not", of: readCondition(unit, expr.of, values) } : UNKNOWN;
    case "boolean":
      return combine(expr.operator, readCondition(unit, expr.left, values), readCondition(unit, expr.right, values));
    case "compare": {
      const [left, right] = expr.operands;
      if (expr.operators.length !== 1 || left === undefined || right === undefined) return UNKNOWN;
      const sides = { left: readOperand(unit, left, values), right: readOperand(unit, right, values) };
      // A switch of the program's own, `if MODE == "fast"`, is there to be changed: it decides nothing.
      if (!mentionsParameter(sides.left) && !mentionsParameter(sides.right)) return UNKNOWN;
      return { kind: "compare", operator: expr.operators[0] as string, ...sides };
    }
    case "call": {
      const callee = unit.chunk.exprs[expr.callee] as Expr;
      const [first, second] = expr.args;
      const argument = first && (unit.chunk.exprs[first.value] as Expr);
      if (callee.kind !== "name" || callee.name !== "isinstance" || argument?.kind !== "local" || !second) return UNKNOWN;
      const of = onlyDef(unit, argument.defs)?.kind === "parameter" ? values.checkedBy(unit, second.value) : undefined;
      return of ? { kind: "instance", name: argument.name, of } : UNKNOWN;
    }
    default:
      return UNKNOWN;
  }
}

/** What stands on one side of a comparison: also names for constants, members of enumerations, several of them. */
function readOperand(unit: Unit, id: ExprId, values: Values): Condition {
  const expr = unit.chunk.exprs[id] as Expr;
  if (expr.kind === "name" || expr.kind === "attribute") return values.valueOf(unit, id) ?? values.itemsOf(unit, id) ?? UNKNOWN;
  if (expr.kind === "sequence") return { kind: "sequence", items: expr.items.map((item) => readOperand(unit, item, values)) };
  return readCondition(unit, id, values);
}

export function mentionsParameter(condition: Condition): boolean {
  switch (condition.kind) {
    case "parameter":
    case "given":
    case "instance":
      return true;
    case "not":
      return mentionsParameter(condition.of);
    case "sequence":
      return condition.items.some(mentionsParameter);
    case "and":
    case "or":
    case "compare":
      return mentionsParameter(condition.left) || mentionsParameter(condition.right);
    default:
      return false;
  }
}

/** Rewrites a condition by what a caller says of its parameters, and decides what can be decided. */
export function rewrite(condition: Condition, said: (name: string) => Said): Condition {
  switch (condition.kind) {
    case "constant":
    case "member":
    case "unknown":
      return condition;
    case "sequence":
      return { ...condition, items: condition.items.map((item) => rewrite(item, said)) };
    case "parameter": {
      const value = said(condition.name);
      if (value.kind === "constant") return { kind: "constant", value: value.value };
      if (value.kind === "member") return { kind: "member", name: value.name };
      return value.kind === "parameter" ? { kind: "parameter", name: value.name } : UNKNOWN;
    }
    case "given": {
      // What a parameter of the caller holds is passed on, whatever it is.
      const value = said(condition.name);
      return { kind: "constant", value: value.kind === "parameter" || value.given };
    }
    case "instance": {
      const value = said(condition.name);
      const answers = new Set((value.classes ?? []).map((lineage) => isInstance(lineage, condition.of)));
      const [answer] = answers;
      if (answers.size === 1 && answer !== undefined) return { kind: "constant", value: answer };
      return value.kind === "parameter" ? { ...condition, name: value.name } : UNKNOWN;
    }
    case "not": {
      const of = rewrite(condition.of, said);
      const truth = truthOf(of);
      return truth === undefined ? { kind: "not", of } : { kind: "constant", value: !truth };
    }
    case "and":
    case "or":
      return combine(condition.kind, rewrite(condition.left, said), rewrite(condition.right, said));
    case "compare": {
      const left = rewrite(condition.left, said);
      const right = rewrite(condition.right, said);
      const answer = compareSides(condition.operator, left, right);
      if (answer === "open") return { kind: "compare", operator: condition.operator, left, right };
      return answer === undefined ? UNKNOWN : { kind: "constant", value: answer };
    }
  }
}

function combine(kind: "and" | "or", left: Condition, right: Condition): Condition {
  const decisive = kind === "or";
  if (truthOf(left) === decisive || truthOf(right) === decisive) return { kind: "constant", value: decisive };
  if (truthOf(left) === !decisive) return right;
  if (truthOf(right) === !decisive) return left;
  return { kind, left, right };
}

/** Undefined where a subclass of what is declared may be meant. */
function isInstance(lineage: Lineage, of: readonly Lineage[]): boolean | undefined {
  if (of.some(([name]) => name !== undefined && lineage.includes(name))) return true;
  const [own] = lineage;
  return of.some((checked) => own !== undefined && checked.includes(own)) ? undefined : false;
}

/** "open": it depends on what callers say; undefined: nobody knows. */
function compareSides(operator: string, left: Condition, right: Condition): boolean | "open" | undefined {
  if (!isValue(left)) return "open";
  if (right.kind === "sequence") {
    if (!right.items.every(isValue)) return "open";
    const answers = right.items.map((item) => compareSides("==", left, item));
    if (operator !== "in" && operator !== "not in") return undefined;
    if (answers.includes(true)) return operator === "in";
    return right.open || answers.includes(undefined) ? undefined : operator === "not in";
  }
  if (!isValue(right)) return "open";
  if (left.kind === "constant" && right.kind === "constant") return compare(operator, left.value, right.value);
  if (!/^(?:==|!=|is|is not)$/.test(operator)) return undefined;
  const isSame = operator === "==" || operator === "is";
  if (left.kind === "member" && right.kind === "member") return (left.name === right.name) === isSame;
  // What a member is worth may equal a constant, but never None.
  const constant = left.kind === "constant" ? left.value : right.kind === "constant" ? right.value : undefined;
  return constant === null ? !isSame : undefined;
}

function isValue(condition: Condition): condition is Value {
  return condition.kind === "constant" || condition.kind === "member";
}

/** Undefined where the constants cannot be compared that way. */
function compare(operator: string, left: Constant, right: Constant): boolean | undefined {
  // Python: True == 1, False == 0.
  const plain = (value: Constant): Constant => (typeof value === "boolean" && operator !== "is" ? Number(value) : value);
  const [a, b] = [plain(left), plain(right)];
  const isOrder = operator.startsWith("<") || operator.startsWith(">");
  if (isOrder && typeof a !== typeof b) return undefined;
  switch (operator) {
    case "==":
    case "is":
      return a === b;
    case "!=":
    case "is not":
      return a !== b;
    case "<":
      return (a as number) < (b as number);
    case "<=":
      return (a as number) <= (b as number);
    case ">":
      return (a as number) > (b as number);
    case ">=":
      return (a as number) >= (b as number);
    case "in":
    case "not in":
      return typeof a === "string" && typeof b === "string" ? b.includes(a) === (operator === "in") : undefined;
    default:
      return undefined;
  }
}

/** Whether the condition holds, as far as it is decided. */
export function truthOf(condition: Condition): boolean | undefined {
  return condition.kind === "constant"
    ? condition.value !== null && condition.value !== 0 && condition.value !== "" && condition.value !== false
    : undefined;
}

export function conditionKey(condition: Condition | undefined): string {
  return condition === undefined ? "" : JSON.stringify(condition);
}

export function conjunction(left: Condition | undefined, right: Condition | undefined): Condition | undefined {
  if (!left || !right) return left ?? right;
  return { kind: "and", left, right };
}

/** What a call says of the parameters of the function it calls. */
export function saidBy(
  unit: Unit,
  parameters: readonly Parameter[],
  calleeUnit: Unit,
  bound: Bound,
  values: Values,
): (name: string) => Said {
  return (name) => {
    const argument = bound.byName.get(name);
    if (argument) return saidOf(unit, argument, values);
    if (bound.open) return { kind: "unknown", given: true };
    const parameter = parameters.find((candidate) => candidate.name === name);
    if (parameter?.default === undefined) return { kind: "unknown", given: false };
    const value = readValue(calleeUnit, parameter.default, values, 0);
    return isValue(value) ? { ...value, given: false } : { kind: "unknown", given: false };
  };
}

function saidOf(unit: Unit, argument: Argument, values: Values): Said {
  const value = readValue(unit, argument.value, values, 0);
  const found = values.classesOf(unit, argument.value);
  const classes = found && { classes: found };
  if (isValue(value)) return { ...value, given: true, ...classes };
  return value.kind === "parameter" ? { ...value, ...classes } : { kind: "unknown", given: true, ...classes };
}

/** A constant or a parameter behind local names: `delay = 0.1; nap(delay)`, or flags put together. */
function readValue(unit: Unit, id: ExprId, values: Values, depth: number): Condition {
  const expr = unit.chunk.exprs[id] as Expr;
  if (expr.kind === "constant") return { kind: "constant", value: expr.value };
  if (expr.kind === "name" || expr.kind === "attribute") return values.valueOf(unit, id) ?? UNKNOWN;
  if (depth > 4) return UNKNOWN;
  // Flags: `os.WEXITED | os.WNOHANG`.
  if (expr.kind === "binary" && expr.operator === "|") {
    const [left, right] = [expr.left, expr.right].map((side) => readValue(unit, side, values, depth + 1));
    const isKnown = left?.kind === "constant" && right?.kind === "constant";
    return isKnown && typeof left.value === "number" && typeof right.value === "number"
      ? { kind: "constant", value: left.value | right.value }
      : UNKNOWN;
  }
  if (expr.kind !== "local") return UNKNOWN;
  const def = onlyDef(unit, expr.defs);
  if (def?.kind === "parameter") return { kind: "parameter", name: expr.name };
  return def?.kind === "assign" ? readValue(unit, def.value, values, depth + 1) : UNKNOWN;
}
