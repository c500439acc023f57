/**
 * `unawaited-coroutine` and `lost-task`: a coroutine or a task that nobody takes, or that is taken for its own result.
 */
import type { DefId, Expr, ExprId, Site, SiteId } from "../../facts/types.js";
import type { SiteLink } from "../../link/calls.js";
import { exprOf, type FunctionEntity, fullName, isAsync, onlyDef, scopeOf, type Unit } from "../../link/entities.js";
import type { Program } from "../../link/program.js";
import { isSuspension } from "../../link/regions.js";
import {
  collectsResults,
  consumesFirstArgument,
  isOfCoroutines,
  protocolOf,
  showsArgument,
  waitsForTasks,
} from "../../link/special.js";
import { membersOf } from "../../link/types.js";
import type { SiteEffects } from "../detect.js";
import { mistake } from "./mistake.js";

export function droppedResults(program: Program, entity: FunctionEntity): readonly SiteEffects[] {
  const { unit } = entity;
  // Read only where a call makes a coroutine or a task: few do that nobody awaits there and then.
  let [unread, mistaken]: (ReadonlySet<SiteId> | undefined)[] = [];
  return scopeOf(entity).sites.flatMap((siteId) => {
    const site = unit.chunk.sites[siteId] as Site;
    if (site.kind !== "call") return [];
    const waited = waitedCoroutines(program, entity, siteId);
    if (waited) return waited;
    if (site.async) return [];
    const name = coroutineAt(program, entity, siteId);
    if (name === undefined && !mayMakeTask(program, entity, siteId)) return [];
    unread ??= unreadCalls(entity);
    if (site.dropped || unread.has(siteId)) return droppedCall(program, entity, siteId, site, name);
    mistaken ??= mistakenCalls(program, entity);
    return name !== undefined && mistaken.has(siteId) ? [mistake(entity, siteId, "unawaited-coroutine", name)] : [];
  });
}

/** Whether a call gives something to the loop. */
function mayMakeTask(program: Program, { unit }: FunctionEntity, siteId: SiteId): boolean {
  return program.calls.link(unit, siteId).handed.some(({ place }) => place === "loop");
}

/** The name of what a call runs when all that it may mean are coroutine functions. */
function coroutineAt(program: Program, entity: FunctionEntity, siteId: SiteId): string | undefined {
  const { targets, unknown } = program.calls.link(entity.unit, siteId);
  const [first] = targets;
  // Whatever else the call may mean could be kept or awaited by somebody.
  if (!first || unknown !== undefined || targets.some(({ type }) => type.uncertain || type.captured)) return undefined;
  const isCoroutine = targets.every(({ type }) => isAsync(type.function) && scopeOf(type.function).yields === undefined);
  return isCoroutine ? nameOf(program, first) : undefined;
}

function nameOf(program: Program, { type }: SiteLink["targets"][number]): string {
  return program.stubs.ofCall(type)?.name ?? fullName(type.function);
}

/** A call whose result nobody takes: dropped at once, or bound to a name that nothing reads. */
function droppedCall(
  program: Program,
  entity: FunctionEntity,
  siteId: SiteId,
  site: Site,
  coroutine: string | undefined,
): readonly SiteEffects[] {
  if (coroutine !== undefined) return [mistake(entity, siteId, "unawaited-coroutine", coroutine)];
  const link = program.calls.link(entity.unit, siteId);
  const [first] = link.targets;
  if (!first || link.unknown !== undefined || link.targets.some(({ type }) => type.uncertain || type.captured)) return [];
  const name = nameOf(program, first);
  if (!makesTask(program, entity, link, site)) return [];
  if (site.dropped) return [mistake(entity, siteId, "lost-task", name)];
  if (collectsResults(name)) return [mistake(entity, siteId, "unawaited-coroutine", name)];
  // The name keeps the task for as long as the function runs.
  const goesOn = scopeOf(entity).sites.some((id) => id > siteId && isSuspension(entity.unit.chunk.sites[id] as Site));
  return goesOn ? [] : [mistake(entity, siteId, "lost-task", name)];
}

/** A function of the standard library that gives a coroutine to the loop and returns the task, which nobody else keeps. */
function makesTask(program: Program, entity: FunctionEntity, link: SiteLink, site: Site): boolean {
  const isOurs = link.targets.every(({ type }) => type.function.unit.file.origin === "typeshed");
  if (!isOurs || !link.handed.some(({ place }) => place === "loop")) return false;
  const result = program.evaluator.typeOf(entity.unit, site.expr);
  const isTask = membersOf(result).every(
    (member) => member.kind === "instance" && program.evaluator.isAwaitable(member) === true,
  );
  // A group that is entered with `async with` keeps what it starts.
  const isKept = link.targets.some(({ type }) => {
    const receiver = type.bound;
    return receiver?.kind === "instance" && program.evaluator.classes.memberPlaces(receiver.class, "__aexit__").length > 0;
  });
  return isTask && !isKept;
}

/** Calls whose result is bound to a local name that nothing reads. */
function unreadCalls({ unit, scopeId }: FunctionEntity): ReadonlySet<SiteId> {
  const { chunk } = unit;
  const calls = new Set<SiteId>();
  const { bindings, globals, kind } = chunk.scopes[scopeId] as (typeof chunk.scopes)[number];
  if (kind !== "function") return calls;
  for (const [name, defs] of Object.entries(bindings)) {
    const made = defs.flatMap((id) => {
      const def = chunk.defs[id];
      const value = def?.kind === "assign" ? exprOf(unit, def.value) : undefined;
      return value?.kind === "call" && value.site >= 0 ? [[id, value.site] as const] : [];
    });
    if (made.length === 0 || Object.hasOwn(globals, name)) continue;
    // A function inside may read whichever binding there is when it runs.
    if (chunk.exprs.some((expr) => expr.kind === "name" && expr.name === name)) continue;
    for (const [id, site] of made) if (!isRead(unit, name, id)) calls.add(site);
  }
  return calls;
}

function isRead({ chunk }: Unit, name: string, def: DefId): boolean {
  const means = (id: DefId, seen: Set<DefId>): boolean => {
    if (id === def) return true;
    const at = chunk.defs[id];
    if ((at?.kind !== "join" && at?.kind !== "narrow") || seen.has(id)) return false;
    seen.add(id);
    return at.of.some((inner) => means(inner, seen));
  };
  return chunk.exprs.some(
    (expr: Expr) => expr.kind === "local" && expr.name === name && expr.defs.some((id) => means(id, new Set())),
  );
}

/** Calls whose result is used as no coroutine can be: `load()["key"]`, `for row in rows()`, `if is_ready():`, `len(rows())`. */
function mistakenCalls({ evaluator }: Program, { unit }: FunctionEntity): ReadonlySet<SiteId> {
  const { exprs, sites, regions } = unit.chunk;
  const used: ExprId[] = [];
  const asked: ExprId[] = [];
  // Of a coroutine in a variable this may be the diagnosis: `print(job)`.
  const shown: ExprId[] = [];
  const ask = (id: ExprId): void => {
    const expr = exprOf(unit, id);
    if (expr.kind !== "boolean") asked.push(id);
    else for (const side of [expr.left, expr.right]) ask(side);
  };
  // `await (quick() or slow())` gives the coroutine on.
  const first = new Set(exprs.flatMap((expr) => (expr.kind === "boolean" ? [expr.left] : [])));
  const delegated = new Set(
    exprs.flatMap((expr) => (expr.kind === "yield" && expr.from && expr.of !== undefined ? [expr.of] : [])),
  );
  for (const expr of exprs) {
    if (expr.kind === "attribute" && !isOfCoroutines(expr.name)) used.push(expr.of);
    else if (expr.kind === "subscript") used.push(expr.of);
    else if (expr.kind === "binary") used.push(expr.left, expr.right);
    else if (expr.kind === "compare") asked.push(...expr.operands);
    else if (expr.kind === "unary") ask(expr.of);
    else if (expr.kind === "conditional") ask(expr.condition);
    else if (expr.kind === "call") {
      const [argument] = expr.args;
      const callee = exprOf(unit, expr.callee);
      if (!argument || argument.star || argument.name !== undefined || callee.kind !== "name") continue;
      const symbol = evaluator.names.symbol(unit, expr.callee) ?? "";
      if (showsArgument(symbol)) shown.push(argument.value);
      else if (consumesFirstArgument(symbol) || protocolOf(symbol)) used.push(argument.value);
    }
  }
  for (const { kind, async, expr, methods } of sites) {
    // A generator may step a coroutine: `yield from load()`.
    if (kind === "iterate" && !async && !delegated.has(expr)) used.push(expr);
    else if (kind === "enter" && !async) used.push(expr);
    else if (kind === "operate" && methods?.includes("__format__")) shown.push(expr);
  }
  for (const region of regions) {
    if (region.kind === "if" && !first.has(region.condition)) ask(region.condition);
    else if (region.kind === "loop" && region.type === "while") ask(region.head);
  }
  const mistaken = new Set<SiteId>();
  for (const id of [...used, ...asked, ...shown]) {
    const expr = exprOf(unit, id);
    if (expr.kind === "call") mistaken.add(expr.site);
  }
  // `ready = is_ready()` and then `if ready:`; where it is awaited in the end, asking is of no use and does no harm.
  const uses = new Set(used);
  const questions = new Set(asked);
  for (const id of [...uses, ...questions]) {
    const expr = exprOf(unit, id);
    const [def] = expr.kind === "local" ? expr.defs : [];
    const made = expr.kind === "local" ? onlyDef(unit, expr.defs) : undefined;
    const value = made?.kind === "assign" ? exprOf(unit, made.value) : undefined;
    if (value?.kind !== "call" || def === undefined) continue;
    const isMistaken =
      uses.has(id) ||
      exprs.every((other, read) => other.kind !== "local" || !other.defs.includes(def) || uses.has(read) || questions.has(read));
    if (isMistaken) mistaken.add(value.site);
  }
  return mistaken;
}

/** `asyncio.wait([work()])`: takes tasks, and raises where it is given coroutines. */
function waitedCoroutines(program: Program, entity: FunctionEntity, siteId: SiteId): readonly SiteEffects[] | undefined {
  const { unit } = entity;
  const call = exprOf(unit, (unit.chunk.sites[siteId] as Site).expr) as Expr & { kind: "call" };
  const callee = exprOf(unit, call.callee);
  const [first] = call.args;
  if (!first || first.star || !("name" in callee)) return undefined;
  const isOurs = program.calls.link(unit, siteId).targets.some(({ type }) => type.function.unit.file.origin === "typeshed");
  if (!isOurs || !waitsForTasks(program.evaluator.names.symbol(unit, call.callee) ?? "")) return undefined;
  const items = membersOf(program.evaluator.iterated(program.evaluator.typeOf(unit, first.value), false));
  const areCoroutines = items.every((item) => item.kind === "awaitable" && item.function !== undefined);
  const [item] = items;
  if (!areCoroutines || item?.kind !== "awaitable" || !item.function) return undefined;
  return [mistake(entity, siteId, "unawaited-coroutine", fullName(item.function))];
}
