/**
 * `async-primitive-misuse`: an asynchronous lock entered the synchronous way.
 */
import type { Site, SiteId } from "../../facts/types.js";
import { type FunctionEntity, fullName, scopeOf } from "../../link/entities.js";
import type { Program } from "../../link/program.js";
import { membersOf } from "../../link/types.js";
import type { SiteEffects } from "../detect.js";
import { mistake } from "./mistake.js";

export function misusedPrimitives(program: Program, entity: FunctionEntity): readonly SiteEffects[] {
  return scopeOf(entity).sites.flatMap((siteId) => {
    const site = entity.unit.chunk.sites[siteId] as Site;
    return site.kind === "enter" && !site.async ? syncEntry(program, entity, siteId, site) : [];
  });
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
