/**
 * Mistakes with coroutines that stall nobody and still break programs: a coroutine that is dropped, a task that nothing
 * keeps, an asynchronous lock entered the synchronous way. Looked for in every function, on the loop or not.
 */
import type { RuleName } from "../base/rules.js";
import type { Site, SiteId } from "../facts/types.js";
import { type FunctionEntity, fullName, isAsync, scopeOf } from "../link/entities.js";
import type { Program } from "../link/program.js";
import { membersOf } from "../link/types.js";
import type { SiteEffects } from "./detect.js";

/** The mistakes in the body of `entity`. */
export function mistakesOf(program: Program, entity: FunctionEntity): readonly SiteEffects[] {
  return scopeOf(entity).sites.flatMap((siteId): SiteEffects[] => {
    const site = entity.unit.chunk.sites[siteId] as Site;
    if (site.async) return [];
    if (site.kind === "call" && site.dropped) return droppedCall(program, entity, siteId, site);
    return site.kind === "enter" ? syncEntry(program, entity, siteId, site) : [];
  });
}

function mistake(entity: FunctionEntity, site: SiteId, rule: RuleName, name: string): SiteEffects {
  const { kind } = entity.unit.chunk.sites[site] as Site;
  const via = { kind: "primitive" as const, name, twins: [] };
  return {
    entry: entity,
    site,
    effects: [{ rule, stall: "none", confidence: "definite", distance: 0, iterated: false, site, role: kind, via }],
  };
}

/** A call whose result nobody takes. */
function droppedCall(program: Program, entity: FunctionEntity, siteId: SiteId, site: Site): SiteEffects[] {
  const link = program.calls.link(entity.unit, siteId);
  const [first] = link.targets;
  // Whatever else the call may mean could be kept or awaited by somebody.
  if (!first || link.unknown !== undefined || link.targets.some(({ type }) => type.uncertain || type.captured)) return [];
  const name = program.stubs.ofCall(first.type)?.name ?? fullName(first.type.function);
  const isCoroutine = link.targets.every(({ type }) => isAsync(type.function) && scopeOf(type.function).yields === undefined);
  if (isCoroutine) return [mistake(entity, siteId, "unawaited-coroutine", name)];
  return makesTask(program, entity, siteId, site) ? [mistake(entity, siteId, "lost-task", name)] : [];
}

/** `with lock:` on something that only `async with` can enter. */
function syncEntry(program: Program, entity: FunctionEntity, siteId: SiteId, site: Site): SiteEffects[] {
  const members = membersOf(program.evaluator.typeOf(entity.unit, site.expr));
  const isAsyncOnly = members.every((member) => {
    if (member.kind !== "instance" || program.evaluator.classes.hasUnknownBase(member.class)) return false;
    const has = (name: string): boolean => program.evaluator.classes.memberPlaces(member.class, name).length > 0;
    return has("__aenter__") && !has("__enter__");
  });
  const [first] = members;
  if (!isAsyncOnly || first?.kind !== "instance") return [];
  return [mistake(entity, siteId, "async-primitive-misuse", fullName(first.class))];
}

/** A function of the standard library that gives a coroutine to the loop and returns the task, which nobody else keeps. */
function makesTask(program: Program, entity: FunctionEntity, siteId: number, site: Site): boolean {
  const link = program.calls.link(entity.unit, siteId);
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
