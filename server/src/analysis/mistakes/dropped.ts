/**
 * `unawaited-coroutine` and `lost-task`: a coroutine or a task that nobody takes.
 */
import type { Site, SiteId } from "../../facts/types.js";
import { type FunctionEntity, fullName, isAsync, scopeOf } from "../../link/entities.js";
import type { Program } from "../../link/program.js";
import { membersOf } from "../../link/types.js";
import type { SiteEffects } from "../detect.js";
import { mistake } from "./mistake.js";

export function droppedResults(program: Program, entity: FunctionEntity): readonly SiteEffects[] {
  return scopeOf(entity).sites.flatMap((siteId) => {
    const site = entity.unit.chunk.sites[siteId] as Site;
    return site.kind === "call" && site.dropped && !site.async ? droppedCall(program, entity, siteId, site) : [];
  });
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
