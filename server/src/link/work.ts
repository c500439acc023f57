/**
 * The program's own work, as far as its text shows: loops that never end, loops with more rounds than the event loop can
 * spare, and functions whose calls double with every step.
 */
import type { Expr, ExprId, Region, RegionId, Scope, Site, SiteId } from "../facts/types.js";
import { type Calls, textOf } from "./calls.js";
import { exprOf, type FunctionEntity, onlyDef, scopeOf, type Unit } from "./entities.js";
import { fullSymbol } from "./evaluate.js";
import type { Effect } from "./propagate.js";
import { isInside, isSuspension, regionsFrom } from "./regions.js";
import { countsRounds, neverRunsOut } from "./special.js";

/** More rounds than this take tens of milliseconds, whatever happens in them. */
const MANY_ROUNDS = 1_000_000;
/** From here on a function that calls itself twice takes as long: it runs its body some 2^n times. */
export const DOUBLED_TOO_OFTEN = 25;

type Loop = Region & { readonly kind: "loop" };

/** What the loop whose head stands at a site does to the thread. */
export function loopAt(calls: Calls, entity: FunctionEntity, siteId: SiteId): Effect | undefined {
  const { unit } = entity;
  const site = unit.chunk.sites[siteId] as Site;
  const scope = scopeOf(entity);
  // A generator expression gives up the thread's turn with each element: whoever takes them decides when it ends.
  const found = (scope.kind === "generator" ? undefined : endless(calls, unit, scope, site)) ?? heavy(calls, unit, site);
  if (!found) return undefined;
  const via = { kind: "primitive" as const, name: found.name, twins: [] };
  const role = site.kind === "loop" ? "loop" : "iterate";
  const { stall, confidence } = found;
  return { rule: "blocking-cpu", stall, confidence, distance: 0, iterated: false, gil: "shared", site: siteId, role, via };
}

type Found = Pick<Effect, "stall" | "confidence"> & { readonly name: string };

// ---- Loops without an end ----

/** A `while True` that nothing leaves never returns, nor does running through what never runs out. */
function endless(calls: Calls, unit: Unit, scope: Scope, site: Site): Found | undefined {
  if (site.kind === "iterate") {
    const head = exprOf(unit, site.expr);
    const made = head.kind === "call" ? symbolOf(calls, unit, head.callee) : undefined;
    if (head.kind !== "call" || made === undefined || !neverRunsOut(made, head.args.length)) return undefined;
    return steadyLoop(unit, site) === undefined ? undefined : { stall: "never", confidence: "definite", name: made };
  }
  const head = exprOf(unit, site.expr);
  const isTrue = head.kind === "constant" && !!head.value;
  if (!isTrue && !isUnchanged(calls, unit, scope, site)) return undefined;
  // What nothing here changes another thread may.
  const confidence = isTrue ? "definite" : "probable";
  return { stall: "never", confidence, name: isTrue ? "while True" : `while ${textOf(unit, stateOf(unit, site.expr))}` };
}

/** `while self.running: pass`: the condition reads one name or attribute, and nothing in the loop can change it. */
function isUnchanged(calls: Calls, unit: Unit, scope: Scope, loop: Site): boolean {
  const state = exprOf(unit, stateOf(unit, loop.expr));
  if (state.kind === "attribute") {
    const of = exprOf(unit, state.of);
    const isSelf = of.kind === "local" && of.name === scope.parameters[0]?.name;
    if (!isSelf || scope.attributes.some(([name]) => name === state.name)) return false;
    if (calls.evaluator.propertiesOf(calls.evaluator.typeOf(unit, state.of), state.name).length > 0) return false;
  } else if (state.kind === "local") {
    // A name that the loop binds has a binding that joins those before it and those of its rounds.
    if (state.defs.some((id) => unit.chunk.defs[id]?.kind === "join")) return false;
  } else return false;
  return scope.sites.every((id) => {
    const site = unit.chunk.sites[id] as Site;
    if (site === loop || !isInside(unit, site.region, loop.region)) return true;
    const { unknown, given, parameter, handed, targets } = calls.link(unit, id);
    if (unknown !== undefined || given.length > 0 || parameter) return false;
    if (handed.length > 0 || (site.kind === "call" && targets.length === 0)) return false;
    return targets.every(({ type }) => type.function.unit.file.origin === "typeshed" && type.bound === undefined);
  });
}

/** What a loop's condition reads: `running` of `not self.running`. */
function stateOf(unit: Unit, id: ExprId): ExprId {
  const expr = exprOf(unit, id);
  return expr.kind === "unary" && expr.operator === "not" ? stateOf(unit, expr.of) : id;
}

// ---- Loops with many rounds ----

/** The outermost of loops whose counts, multiplied, pass what the loop can spare. */
function heavy(calls: Calls, unit: Unit, site: Site): Found | undefined {
  const loop = site.kind === "iterate" && !site.async ? steadyLoop(unit, site) : undefined;
  if (loop === undefined || roundsOf(calls, unit, loop) === undefined) return undefined;
  for (const [id] of regionsFrom(unit, site.region)) if (roundsOf(calls, unit, id) !== undefined) return undefined;
  let most = 0;
  unit.chunk.regions.forEach((_, id) => {
    if (!isInside(unit, id, loop)) return;
    let product = 1;
    for (const [around] of regionsFrom(unit, id)) {
      product *= roundsOf(calls, unit, around) ?? 1;
      if (around === loop) break;
    }
    most = Math.max(most, product);
  });
  return most > MANY_ROUNDS ? { stall: "cpu", confidence: "definite", name: `a loop of ${most} rounds` } : undefined;
}

/** The loop whose head a site is, if only its head says when it ends. */
function steadyLoop({ chunk }: Unit, site: Site): RegionId | undefined {
  const id = chunk.regions.findIndex(
    (region) => region.kind === "loop" && region.head === site.expr && region.parent === site.region,
  );
  const loop = chunk.regions[id];
  return loop?.kind === "loop" && loop.steady ? id : undefined;
}

/** How often a loop runs that says so, and that nothing leaves before. */
function roundsOf(calls: Calls, unit: Unit, id: RegionId): number | undefined {
  const region = unit.chunk.regions[id];
  if (region?.kind !== "loop" || !region.steady || region.type === "while" || awaitsInside(unit, region, id)) return undefined;
  const head = exprOf(unit, region.head);
  if (head.kind !== "call" || head.args.some(({ name, star }) => name !== undefined || star !== undefined)) return undefined;
  const numbers = head.args.map(({ value }) => numberOf(calls, unit, value, 0));
  if (numbers.length === 0 || numbers.includes(undefined) || !countsRounds(symbolOf(calls, unit, head.callee) ?? ""))
    return undefined;
  const [first = 0, second, step = 1] = numbers as number[];
  const [from, to] = second === undefined ? [0, first] : [first, second];
  return step === 0 ? undefined : Math.max(0, Math.ceil((to - from) / step));
}

/** `[await fetch(n) for n in range(9)]`. */
function awaitsInside(unit: Unit, { type }: Loop, id: RegionId): boolean {
  return type === "comprehension" && unit.chunk.sites.some((site) => isSuspension(site) && isInside(unit, site.region, id));
}

function symbolOf({ evaluator }: Calls, unit: Unit, callee: ExprId): string | undefined {
  const type = evaluator.typeOf(unit, callee);
  return type.kind === "class" ? fullSymbol(type.class) : undefined;
}

/** A number that is written down: `10_000`, `10**6`, `SIZE * 2`, or a name for one. */
function numberOf(calls: Calls, unit: Unit, id: ExprId, depth: number): number | undefined {
  const expr: Expr = exprOf(unit, id);
  if (depth > 6) return undefined;
  switch (expr.kind) {
    case "constant":
      return typeof expr.value === "number" ? expr.value : undefined;
    case "binary": {
      const left = numberOf(calls, unit, expr.left, depth + 1);
      const right = numberOf(calls, unit, expr.right, depth + 1);
      return left === undefined || right === undefined ? undefined : computed(left, expr.operator, right);
    }
    case "local": {
      const def = onlyDef(unit, expr.defs);
      return def?.kind === "assign" ? numberOf(calls, unit, def.value, depth + 1) : undefined;
    }
    case "name":
    case "attribute": {
      const constant = calls.evaluator.names.moduleConstant(unit, id);
      return typeof constant === "number" ? constant : undefined;
    }
    default:
      return undefined;
  }
}

function computed(left: number, operator: string, right: number): number | undefined {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "**":
      return left ** right;
    case "//":
      return right === 0 ? undefined : Math.floor(left / right);
    default:
      return undefined;
  }
}

// ---- Functions that call themselves ----

/**
 * The parameter a function counts down in two calls of itself: `fib(n - 1) + fib(n - 2)`. A function that walks a tree
 * calls itself twice as well, once for each part of what it was given; and one that remembers results computes each once.
 */
export function callsItselfTwice(calls: Calls, entity: FunctionEntity): string | undefined {
  const { unit } = entity;
  if (unit.file.origin !== "workspace") return undefined;
  const { sites, parameters } = scopeOf(entity);
  const own = sites.flatMap((id) => {
    const site = unit.chunk.sites[id] as Site;
    const counted = site.kind === "call" ? countedDown(unit, exprOf(unit, site.expr)) : undefined;
    if (counted === undefined || !calls.link(unit, id).targets.some(({ type }) => type.function === entity)) return [];
    return [{ site, counted }];
  });
  const twice = own.find(({ site, counted }, index) =>
    own.slice(index + 1).some((other) => other.counted === counted && !areExclusive(unit, site.region, other.site.region)),
  );
  const remembers = sites.some((id) => unit.chunk.sites[id]?.methods?.[0] === "__setitem__");
  return !remembers && parameters.some(({ name }) => name === twice?.counted) ? twice?.counted : undefined;
}

/** `n` of a call with an argument `n - 1`. */
function countedDown(unit: Unit, call: Expr): string | undefined {
  if (call.kind !== "call") return undefined;
  for (const { value } of call.args) {
    const expr = exprOf(unit, value);
    if (expr.kind !== "binary" || expr.operator !== "-") continue;
    const [left, right] = [exprOf(unit, expr.left), exprOf(unit, expr.right)];
    const isParameter = left.kind === "local" && onlyDef(unit, left.defs)?.kind === "parameter";
    if (isParameter && right.kind === "constant" && typeof right.value === "number") return left.name;
  }
  return undefined;
}

/** Two places of which one run reaches only one. */
function areExclusive(unit: Unit, one: RegionId, other: RegionId): boolean {
  for (const [, a] of regionsFrom(unit, one)) {
    if (a.kind !== "if") continue;
    for (const [, b] of regionsFrom(unit, other)) {
      if (b.kind === "if" && a.condition === b.condition && a.negated !== b.negated) return true;
    }
  }
  return false;
}
