/**
 * `async-primitive-misuse`: an asynchronous lock entered the synchronous way, and what belongs to the loop used from a
 * thread.
 */
import type { Site, SiteId } from "../../facts/types.js";
import { type FunctionEntity, fullName, isAsync, scopeOf } from "../../link/entities.js";
import type { Program } from "../../link/program.js";
import { bringsItsOwnLoop } from "../../link/special.js";
import { membersOf } from "../../link/types.js";
import type { SiteEffects } from "../detect.js";
import { mistake, type Uses } from "./mistake.js";

export function misusedPrimitives(program: Program, entity: FunctionEntity, uses: Uses): readonly SiteEffects[] {
  const fromThread = !isAsync(entity) && uses.isInThread(entity) && !drivesLoop(program, entity);
  return scopeOf(entity).sites.flatMap((siteId) => {
    const site = entity.unit.chunk.sites[siteId] as Site;
    if (site.async) return [];
    if (site.kind === "enter") return syncEntry(program, entity, siteId, site);
    return fromThread && site.kind === "call" ? callOffLoop(program, entity, siteId) : [];
  });
}

/** `with lock:` on something that only `async with` can enter. */
function syncEntry(program: Program, entity: FunctionEntity, siteId: SiteId, site: Site): readonly SiteEffects[] {
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

/** A thread that runs a loop of its own is that loop's thread. */
function drivesLoop(program: Program, entity: FunctionEntity): boolean {
  return scopeOf(entity).sites.some((siteId) => {
    if (entity.unit.chunk.sites[siteId]?.kind !== "call") return false;
    const link = program.calls.link(entity.unit, siteId);
    return link.targets.some(
      ({ type }) =>
        bringsItsOwnLoop(fullName(type.function)) ||
        program.stubs.ofCall(type)?.blocks.some(({ rule }) => rule === "nested-event-loop"),
    );
  });
}

/** A call that the stubs say is made on the loop. */
function callOffLoop(program: Program, entity: FunctionEntity, siteId: SiteId): readonly SiteEffects[] {
  const { targets, unknown } = program.calls.link(entity.unit, siteId);
  const specs = targets.map(({ type }) => program.stubs.ofCall(type));
  const isOfLoop = unknown === undefined && specs.length > 0 && specs.every((spec) => spec?.runs === "loop");
  return isOfLoop ? [mistake(entity, siteId, "async-primitive-misuse", specs[0]?.name ?? "")] : [];
}
