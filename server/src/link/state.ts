/**
 * State that the tree shows: an executor whose work is done when it is left, a future that is finished when it is asked
 * or that only the waiting loop itself could finish.
 */

import type { Confidence } from "../base/stall.js";
import { type Expr, type ExprId, NO_REGION, type Site, type SiteId } from "../facts/types.js";
import { type Calls, textOf } from "./calls.js";
import { exprOf, type FunctionEntity, onlyDef, scopeOf, type Unit } from "./entities.js";
import type { Evaluator } from "./evaluate.js";
import { type Holders, refineLock } from "./locks.js";
import { isOverMemory } from "./memory.js";
import type { Found } from "./names.js";
import type { Effect } from "./propagate.js";
import { isInside, isSuspension, regionsFrom } from "./regions.js";
import {
  asksForLoop,
  awaitsWork,
  endsWaiting,
  givesDoneSet,
  givesFinishedFutures,
  givesUpWaiting,
  insistsOnLoop,
  makesNonBlocking,
  runsOnLoop,
  submitsWork,
  waitsForAll,
} from "./special.js";

/** The effect of a primitive at a site of `entry`, as what stands around the site leaves it; undefined: it does not block. */
export function refine(calls: Calls, entry: FunctionEntity, effect: Effect, holders: Holders): Effect | undefined {
  if (effect.via.kind !== "primitive") return effect;
  if (effect.rule === "executor-exit-blocks") return refineExecutorExit(calls, entry, effect);
  if (effect.rule === "blocking-network" && isNonBlocking(entry, effect.site, holders)) return undefined;
  if (effect.stall === "tree" && mayEndEarly(entry.unit, effect.site)) return { ...effect, confidence: "probable" };
  if (effect.rule === "blocking-process" && isOver(entry.unit, effect.site)) return undefined;
  const mayBeMemory = effect.rule === "blocking-file" || effect.rule === "blocking-database";
  if (mayBeMemory && isOverMemory(calls.evaluator, entry.unit, effect.site, effect.via.name)) return undefined;
  if (effect.rule === "blocking-file" && effect.stall === "whole-file" && isSmall(entry, effect.site))
    return { ...effect, stall: "inode" };
  if (effect.rule !== "blocking-wait") return effect;
  if (effect.stall === "lock") return refineLock(calls, entry, effect, holders);
  if (isFinishedFuture(calls.evaluator, entry, effect.site)) return undefined;
  if (holdsSomething(entry.unit, effect.site)) return undefined;
  const owed = owedByThisLoop(calls.evaluator, entry.unit, effect.site);
  if (!owed) return effect;
  const isBounded = effect.bound?.kind !== "constant" || effect.bound.value !== null;
  return { ...effect, rule: "loop-deadlock", stall: isBounded ? effect.stall : "never", confidence: owed };
}

/** `run_coroutine_threadsafe(coroutine, loop).result()` where `loop` is the one this code runs on: it waits for itself. */
function owedByThisLoop(evaluator: Evaluator, unit: Unit, siteId: SiteId): Confidence | undefined {
  const future = receiverOf(unit, siteId);
  const call = future === undefined ? undefined : valueBehind(unit, future);
  if (call?.kind !== "call" || !runsOnLoop(evaluator.names.symbol(unit, call.callee) ?? "")) return undefined;
  const loop = call.args.find(({ name }) => name === "loop") ?? call.args[1];
  return loop && isRunningLoop(evaluator, unit, loop.value, 0);
}

/** The expression behind a local name that is bound once. */
function valueBehind(unit: Unit, id: ExprId): Expr {
  const expr = exprOf(unit, id);
  const def = expr.kind === "local" ? onlyDef(unit, expr.defs) : undefined;
  return def?.kind === "assign" ? valueBehind(unit, def.value) : expr;
}

/** Whether an expression is the loop that runs where it is evaluated, as far as it shows. */
function isRunningLoop(evaluator: Evaluator, unit: Unit, id: ExprId, depth: number): Confidence | undefined {
  const expr = valueBehind(unit, id);
  if (depth > 4) return undefined;
  if (expr.kind === "call") {
    const callee = exprOf(unit, expr.callee);
    const name = callee.kind === "attribute" || callee.kind === "name" || callee.kind === "local" ? callee.name : "";
    if (!asksForLoop(name)) return undefined;
    // An object may be made before its loop runs: what `get_event_loop` says then need not be the one that runs later.
    return depth === 0 || insistsOnLoop(name) ? "definite" : "probable";
  }
  // The function around a closure asked.
  const places =
    expr.kind === "name"
      ? evaluator.names.lookup(unit, expr.scope, expr.name).filter((place) => place.unit !== unit.file.moduleUnit)
      : expr.kind === "attribute"
        ? attributePlaces(evaluator, unit, expr)
        : [];
  const answers = places.flatMap(({ unit: at, defs }) =>
    defs.flatMap((defId) => {
      const def = at.chunk.defs[defId];
      const value = def?.kind === "assign" || def?.kind === "annotated" ? def.value : undefined;
      if (value === undefined) return def?.kind === "annotated" ? [] : [undefined];
      const known = exprOf(at, value);
      return known.kind === "constant" && known.value === null ? [] : [isRunningLoop(evaluator, at, value, depth + 1)];
    }),
  );
  if (answers.length === 0 || answers.includes(undefined)) return undefined;
  return answers.includes("probable") ? "probable" : "definite";
}

function attributePlaces(evaluator: Evaluator, unit: Unit, expr: Expr & { kind: "attribute" }): readonly Found[] {
  const of = evaluator.typeOf(unit, expr.of);
  return of.kind === "instance" ? evaluator.classes.allMemberPlaces(of.class, expr.name) : [];
}

/** A transfer on a socket that this function, or a method of the same object, made non-blocking. */
function isNonBlocking(entry: FunctionEntity, siteId: SiteId, holders: Holders): boolean {
  const receiver = receiverOf(entry.unit, siteId);
  if (receiver === undefined) return false;
  const text = textOf(entry.unit, receiver);
  const { owner, unit } = entry;
  const own = scopeOf(entry)
    .sites.filter((id) => id < siteId)
    .some((id) => unblocks(unit, id, text));
  const isOfSelf = owner !== undefined && text.startsWith(`${scopeOf(entry).parameters[0]?.name}.`);
  if (own || !isOfSelf) return own;
  holders.watch(entry);
  const { units, facts } = unit.file;
  return units.some(
    (other, index) =>
      facts.outers[index] === owner.scopeId && other.chunk.scopes[0]?.sites.some((id) => unblocks(other, id, text)),
  );
}

function unblocks(unit: Unit, siteId: SiteId, receiverText: string): boolean {
  const receiver = receiverOf(unit, siteId);
  if (receiver === undefined || textOf(unit, receiver) !== receiverText) return false;
  const call = exprOf(unit, (unit.chunk.sites[siteId] as Site).expr) as Expr & { kind: "call" };
  const callee = exprOf(unit, call.callee) as Expr & { kind: "attribute" };
  const argument = call.args[0] && exprOf(unit, call.args[0].value);
  return argument?.kind === "constant" && makesNonBlocking(callee.name, argument.value);
}

/** `x` of a call `x.method()`. */
function receiverOf(unit: Unit, siteId: SiteId): ExprId | undefined {
  const site = unit.chunk.sites[siteId] as Site;
  const call = site.kind === "call" ? exprOf(unit, site.expr) : undefined;
  const callee = call?.kind === "call" ? exprOf(unit, call.callee) : undefined;
  return callee?.kind === "attribute" ? callee.of : undefined;
}

/**
 * Leaving an executor waits for what was given to it and is not finished: not awaited, or awaited by something that may
 * give up first. Where all of it was awaited it waits only when this is cancelled.
 */
function refineExecutorExit(calls: Calls, entry: FunctionEntity, effect: Effect): Effect | undefined {
  const { unit } = entry;
  const exit = unit.chunk.sites[effect.site] as Site;
  const isExit = effect.role === "exit";
  // Of an executor that was made elsewhere nobody knows what it has to do.
  if (!isExit && !isMadeHere(calls, entry, effect.site)) return { ...effect, confidence: "probable" };
  let given = false;
  let left = false;
  let awaited = false;
  let givesUp = false;
  let drained = false;
  for (const id of scopeOf(entry).sites) {
    const site = unit.chunk.sites[id] as Site;
    if (isExit ? !isWithin(unit, site, exit.partner ?? -1) : id >= effect.site) continue;
    if (site.kind === "await") awaited = true;
    if (site.kind !== "call") continue;
    const name = lastName(unit, site);
    // `for future in as_completed(futures):` has waited for all of them.
    if (!site.async && givesFinishedFutures(calls.evaluator.names.symbol(unit, site.expr) ?? "")) drained = true;
    const isWork =
      submitsWork(name) || calls.link(unit, id).handed.some(({ place }) => place === "thread" || place === "process");
    const isAwaited = site.async === true && (isWork || awaitsWork(name));
    if (isWork) given = true;
    if (isWork && !site.async) left = true;
    if (isAwaited) awaited = true;
    if (site.async && (givesUpWaiting(name) || (awaitsWork(name) && waitsForSome(unit, site)))) givesUp = true;
    if (isAwaited && isUnderTimeout(unit, site)) givesUp = true;
  }
  if (!given) return undefined;
  return givesUp || (left && !awaited && !drained) ? effect : { ...effect, stall: "lock" };
}

/** `pool = ThreadPoolExecutor()` and nothing else is the executor of `pool.shutdown()`, and only this function gives it work. */
function isMadeHere(calls: Calls, { unit }: FunctionEntity, siteId: SiteId): boolean {
  const receiver = receiverOf(unit, siteId);
  const expr = receiver === undefined ? undefined : exprOf(unit, receiver);
  const def = expr?.kind === "local" ? onlyDef(unit, expr.defs) : undefined;
  const made = def?.kind === "assign" ? exprOf(unit, def.value) : undefined;
  if (expr?.kind !== "local" || made?.kind !== "call" || calls.evaluator.typeOf(unit, made.callee).kind !== "class") return false;
  const isPool = (id: ExprId): boolean => exprOf(unit, id).kind === "local" && textOf(unit, id) === expr.name;
  const { defs, exprs, scopes } = unit.chunk;
  const isKept =
    defs.some((other) => other.kind === "assign" && isPool(other.value)) ||
    scopes.some(({ returnValues, yields }) => returnValues.some(isPool) || yields?.some(isPool)) ||
    // A function inside, or one that gets it, may give it work, too.
    exprs.some((other) => {
      if (other.kind === "name") return other.name === expr.name;
      if (other.kind !== "call" || !other.args.some(({ value }) => isPool(value))) return false;
      return other.site === undefined || calls.link(unit, other.site).handed.length === 0;
    });
  return !isKept;
}

/** `wait(futures, return_when=FIRST_COMPLETED)`, `wait(futures, timeout=5)`. */
function waitsForSome(unit: Unit, site: Site): boolean {
  const call = exprOf(unit, site.expr) as Expr & { kind: "call" };
  return call.args.some(({ name, value }) => {
    const isAll = name === "return_when" && waitsForAll(textOf(unit, value));
    return (name === "return_when" || name === "timeout") && !isAll;
  });
}

/** `async with asyncio.timeout(5):` */
function isUnderTimeout(unit: Unit, site: Site): boolean {
  for (const [, region] of regionsFrom(unit, site.region)) {
    if (region.kind !== "with") continue;
    const entered = unit.chunk.sites[region.site] as Site;
    if (exprOf(unit, entered.expr).kind === "call" && endsWaiting(lastName(unit, entered))) return true;
  }
  return false;
}

function isWithin(unit: Unit, site: Site, enter: SiteId): boolean {
  for (const [, region] of regionsFrom(unit, site.region)) if (region.kind === "with" && region.site === enter) return true;
  return false;
}

function lastName(unit: Unit, site: Site): string {
  const call = exprOf(unit, site.expr) as Expr & { kind: "call" };
  const callee = exprOf(unit, call.callee);
  return callee.kind === "attribute" || callee.kind === "name" || callee.kind === "local" ? callee.name : "";
}

/** `future.result()` behind `if future.done()`, after it was awaited, or for a future of the done set. */
function isFinishedFuture(evaluator: Evaluator, entry: FunctionEntity, siteId: SiteId): boolean {
  const { unit } = entry;
  const site = unit.chunk.sites[siteId] as Site;
  if (site.kind !== "call") return false;
  const call = exprOf(unit, site.expr) as Expr & { kind: "call" };
  const callee = exprOf(unit, call.callee);
  if (callee.kind !== "attribute" || (callee.name !== "result" && callee.name !== "exception")) return false;
  const receiver = exprOf(unit, callee.of);
  const name = nameOf(unit, callee.of);
  if (name === undefined) return false;
  for (const [condition, holds] of decidedAt(unit, siteId)) if (saysDone(unit, condition, holds, name)) return true;
  if (receiver.kind === "local") {
    // Came out of `as_completed(...)` or the done set of `wait(...)`: the wait itself is what blocks.
    for (const id of receiver.defs) {
      const def = unit.chunk.defs[id];
      if (def?.kind === "assign" && isNextFinished(evaluator, unit, def.value)) return true;
      if (def?.kind !== "iterate") continue;
      if (givesFinished(evaluator, unit, def.value)) return true;
      const source = exprOf(unit, def.value);
      if (source.kind === "local" && source.defs.some((from) => isDoneSet(evaluator, unit, from))) return true;
    }
  }
  return scopeOf(entry).sites.some((id) => {
    const other = unit.chunk.sites[id] as Site;
    if (id >= siteId) return false;
    if (other.kind === "await") return nameOf(unit, other.expr) === name;
    if (other.kind !== "call" || !other.async) return false;
    const awaited = exprOf(unit, other.expr) as Expr & { kind: "call" };
    return awaited.args.some((argument) => nameOf(unit, argument.value) === name);
  });
}

/** `as_completed(futures)`, by itself or in a variable. */
function givesFinished(evaluator: Evaluator, unit: Unit, id: ExprId): boolean {
  const expr = exprOf(unit, id);
  if (expr.kind === "call") return givesFinishedFutures(evaluator.names.symbol(unit, expr.callee) ?? "");
  const def = expr.kind === "local" ? onlyDef(unit, expr.defs) : undefined;
  const value = def?.kind === "assign" ? exprOf(unit, def.value) : undefined;
  return value?.kind === "call" && givesFinishedFutures(evaluator.names.symbol(unit, value.callee) ?? "");
}

/** `next(as_completed(futures))`, or a thread that is handed the two. */
function isNextFinished(evaluator: Evaluator, unit: Unit, id: ExprId): boolean {
  const expr = exprOf(unit, id);
  const call = expr.kind === "await" ? exprOf(unit, expr.of) : expr;
  if (call.kind !== "call") return false;
  const handed = [call.callee, ...call.args.map(({ value }) => value)];
  const at = handed.findIndex((each) => evaluator.names.symbol(unit, each) === "builtins.next");
  const iterator = handed[at + 1];
  return at >= 0 && iterator !== undefined && (at === 0 || expr.kind === "await") && givesFinished(evaluator, unit, iterator);
}

function isDoneSet(evaluator: Evaluator, unit: Unit, defId: number): boolean {
  const def = unit.chunk.defs[defId];
  if (def?.kind !== "unpack" || def.index !== 0) return false;
  const whole = unit.chunk.defs[def.of];
  const value = whole?.kind === "assign" ? exprOf(unit, whole.value) : undefined;
  const call = value?.kind === "await" ? exprOf(unit, value.of) : value;
  if (call?.kind !== "call") return false;
  // `await asyncio.to_thread(concurrent.futures.wait, futures)` has waited as well.
  const given = value?.kind === "await" ? call.args.map((argument) => argument.value) : [];
  const handed = given.flatMap((each) => {
    const partial = exprOf(unit, each);
    return partial.kind === "call" && partial.args[0] ? [each, partial.args[0].value] : [each];
  });
  return [call.callee, ...handed].some((each) => givesDoneSet(evaluator.names.symbol(unit, each) ?? ""));
}

/** `queue.get()` behind `if not queue.empty():`, in `while queue.qsize() > 0:` */
function holdsSomething(unit: Unit, siteId: SiteId): boolean {
  const receiver = receiverOf(unit, siteId);
  const site = unit.chunk.sites[siteId] as Site;
  if (receiver === undefined || lastName(unit, site) !== "get") return false;
  const text = textOf(unit, receiver);
  for (const [, region] of regionsFrom(unit, site.region)) {
    if (region.kind === "if" && saysFilled(unit, region.condition, !region.negated, text)) return true;
    if (region.kind === "loop" && region.type === "while" && saysFilled(unit, region.head, true, text)) return true;
  }
  return false;
}

/** Whether a condition that turned out `holds` says that the queue has something in it. */
function saysFilled(unit: Unit, id: ExprId, holds: boolean, queue: string): boolean {
  const expr = exprOf(unit, id);
  if (expr.kind === "unary") return expr.operator === "not" && saysFilled(unit, expr.of, !holds, queue);
  if (expr.kind === "boolean") {
    const isBoth = (expr.operator === "and") === holds;
    return isBoth && (saysFilled(unit, expr.left, holds, queue) || saysFilled(unit, expr.right, holds, queue));
  }
  if (expr.kind === "compare") {
    const [left, right] = expr.operands as [ExprId, ExprId];
    const zero = exprOf(unit, right);
    const isAboveZero = expr.operators.length === 1 && zero.kind === "constant" && zero.value === 0;
    return isAboveZero && holds && /^(?:>|!=)$/.test(expr.operators[0] as string) && asks(unit, left, "qsize", queue);
  }
  return holds ? asks(unit, id, "qsize", queue) : asks(unit, id, "empty", queue);
}

/** Whether an expression is `receiver.method()`. */
function asks(unit: Unit, id: ExprId, method: string, receiver: string): boolean {
  const expr = exprOf(unit, id);
  const callee = expr.kind === "call" ? exprOf(unit, expr.callee) : undefined;
  return callee?.kind === "attribute" && callee.name === method && textOf(unit, callee.of) === receiver;
}

/** `for folder in os.walk(path): ...; break` looks at one folder, or at all of them: the tree does not show which. */
function mayEndEarly(unit: Unit, siteId: SiteId): boolean {
  const { kind, expr } = unit.chunk.sites[siteId] as Site;
  return (
    kind === "iterate" && unit.chunk.regions.some((region) => region.kind === "loop" && region.head === expr && region.breaks)
  );
}

/** `process.wait()` behind `if process.poll() is not None:` */
function isOver(unit: Unit, siteId: SiteId): boolean {
  const receiver = receiverOf(unit, siteId);
  if (receiver === undefined) return false;
  const text = textOf(unit, receiver);
  for (const [condition, holds] of decidedAt(unit, siteId)) if (saysOver(unit, condition, holds, text)) return true;
  return false;
}

/** The conditions that hold, or do not, where a site is reached: of `if`, and of loops that have ended. */
function* decidedAt(unit: Unit, siteId: SiteId): Generator<readonly [condition: ExprId, holds: boolean]> {
  const { sites, regions } = unit.chunk;
  const place = (sites[siteId] as Site).region;
  for (const [, region] of regionsFrom(unit, place)) if (region.kind === "if") yield [region.condition, !region.negated];
  for (const [id, region] of regions.entries()) {
    if (region.kind !== "loop" || region.type !== "while" || region.breaks) continue;
    if (isInside(unit, place, id) || (region.parent !== NO_REGION && !isInside(unit, place, region.parent))) continue;
    // `while not future.done(): await asyncio.sleep(0.1)`
    if (sites.some((site, other) => other < siteId && isInside(unit, site.region, id))) yield [region.head, false];
  }
}

function saysOver(unit: Unit, id: ExprId, holds: boolean, process: string): boolean {
  const expr = exprOf(unit, id);
  const [left, right] = expr.kind === "compare" ? expr.operands.map((operand) => exprOf(unit, operand)) : [];
  if (expr.kind !== "compare" || left?.kind !== "call" || right?.kind !== "constant" || right.value !== null) return false;
  const callee = exprOf(unit, left.callee);
  const asks = callee.kind === "attribute" && callee.name === "poll" && textOf(unit, callee.of) === process;
  return asks && expr.operators[0] === (holds ? "is not" : "is");
}

/**
 * A file that is opened and neither read nor written here: `with open(path, "w"): pass`; and a write in a loop that awaits
 * in every round, which writes one piece at a time.
 */
function isSmall(entry: FunctionEntity, siteId: SiteId): boolean {
  const { unit } = entry;
  const site = unit.chunk.sites[siteId] as Site;
  if (site.kind !== "call") return false;
  if (lastName(unit, site) === "write") return isInAwaitingLoop(entry, site);
  const opened = unit.chunk.defs.flatMap((def, id) =>
    (def.kind === "enter" || def.kind === "assign") && def.value === site.expr ? [id] : [],
  );
  const isEntered = unit.chunk.sites.some((other) => other.kind === "enter" && other.expr === site.expr);
  return (isEntered || opened.length > 0) && !opened.some((id) => isUsed(unit, id));
}

function isInAwaitingLoop(entry: FunctionEntity, site: Site): boolean {
  const { unit } = entry;
  for (const [id, region] of regionsFrom(unit, site.region)) {
    if (region.kind !== "loop") continue;
    if (region.async) return true;
    const awaits = scopeOf(entry).sites.some((other) => {
      const place = unit.chunk.sites[other] as Site;
      return isSuspension(place) && isInside(unit, place.region, id);
    });
    if (awaits) return true;
  }
  return false;
}

/** What may be done with a file without reading or writing it. */
const HARMLESS = new Set(["close", "closed", "fileno", "flush", "name"]);

function isUsed(unit: Unit, defId: number): boolean {
  const { exprs } = unit.chunk;
  const names = new Set(exprs.flatMap((expr, id) => (expr.kind === "local" && expr.defs.includes(defId) ? [id] : [])));
  if (names.size === 0)
    return unit.chunk.defs.some((def) => "of" in def && (Array.isArray(def.of) ? def.of : [def.of]).includes(defId));
  const harmless = exprs.filter((expr) => expr.kind === "attribute" && names.has(expr.of) && HARMLESS.has(expr.name)).length;
  return harmless < names.size;
}

/** Whether a condition that turned out `holds` says that the future is done. */
function saysDone(unit: Unit, id: ExprId, holds: boolean, name: string): boolean {
  const expr = exprOf(unit, id);
  if (expr.kind === "unary") return expr.operator === "not" && saysDone(unit, expr.of, !holds, name);
  if (expr.kind === "boolean") {
    // `a and b` holds when both do, `a or b` fails when both do.
    const isBoth = (expr.operator === "and") === holds;
    return isBoth && (saysDone(unit, expr.left, holds, name) || saysDone(unit, expr.right, holds, name));
  }
  if (expr.kind !== "call" || !holds) return false;
  const callee = exprOf(unit, expr.callee);
  return callee.kind === "attribute" && callee.name === "done" && nameOf(unit, callee.of) === name;
}

/** `future`, `self.future`; undefined for what may be another one each time. */
function nameOf(unit: Unit, id: ExprId): string | undefined {
  const expr = exprOf(unit, id);
  if (expr.kind === "local" || expr.kind === "name") return expr.name;
  const of = expr.kind === "attribute" ? nameOf(unit, expr.of) : undefined;
  return of !== undefined && expr.kind === "attribute" ? `${of}.${expr.name}` : undefined;
}
