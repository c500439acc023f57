/**
 * `missing-drain`: a stream that is written to in a loop, by a coroutine that never waits for the other side to read.
 */
import type { Expr, ExprId, RegionId, Site, SiteId } from "../../facts/types.js";
import { textOf } from "../../link/calls.js";
import { exprOf, type FunctionEntity, fullName, isAsync, scopeOf, type Unit } from "../../link/entities.js";
import type { Program } from "../../link/program.js";
import { regionsFrom } from "../../link/regions.js";
import { STREAM_WRITER } from "../../link/special.js";
import { membersOf } from "../../link/types.js";
import type { SiteEffects } from "../detect.js";
import { mistake } from "./mistake.js";

export function missingDrains(program: Program, entity: FunctionEntity): readonly SiteEffects[] {
  const { unit } = entity;
  // Who cannot await cannot drain: that is for the caller.
  if (!isAsync(entity)) return [];
  const found: SiteEffects[] = [];
  const reported = new Set<RegionId>();
  for (const siteId of scopeOf(entity).sites) {
    const method = methodAt(unit, siteId);
    if (!method || !STREAM_WRITER.writes.includes(method.name)) continue;
    const loop = outermostLoop(unit, (unit.chunk.sites[siteId] as Site).region);
    if (loop === undefined || reported.has(loop) || !isStream(program, unit, method.of)) continue;
    if (drains(program, entity, method.of)) continue;
    reported.add(loop);
    found.push(mistake(entity, siteId, "missing-drain", `${STREAM_WRITER.name}.${method.name}`));
  }
  return found;
}

function methodAt(unit: Unit, siteId: SiteId): (Expr & { kind: "attribute" }) | undefined {
  const site = unit.chunk.sites[siteId] as Site;
  const call = site.kind === "call" ? exprOf(unit, site.expr) : undefined;
  const callee = call?.kind === "call" ? exprOf(unit, call.callee) : undefined;
  return callee?.kind === "attribute" ? callee : undefined;
}

function isStream(program: Program, unit: Unit, id: ExprId): boolean {
  const { evaluator } = program;
  const members = membersOf(evaluator.typeOf(unit, id)).filter(({ kind }) => kind !== "none");
  return (
    members.length > 0 &&
    members.every(
      (member) =>
        member.kind === "instance" &&
        evaluator.classes
          .mro(member.class)
          .some((base) => base.unit.file.origin === "typeshed" && fullName(base) === STREAM_WRITER.name),
    )
  );
}

/** The outermost loop around a place; undefined outside, and in a loop over a few values that are written down. */
function outermostLoop(unit: Unit, from: RegionId): RegionId | undefined {
  let outermost: RegionId | undefined;
  for (const [id, region] of regionsFrom(unit, from)) {
    if (region.kind === "loop" && exprOf(unit, region.head).kind !== "sequence") outermost = id;
  }
  return outermost;
}

/** The function drains, calls one that does, or gives the writer away. */
function drains(program: Program, entity: FunctionEntity, writer: ExprId): boolean {
  const { unit } = entity;
  const text = textOf(unit, writer);
  return scopeOf(entity).sites.some((siteId) => {
    if (methodAt(unit, siteId)?.name === STREAM_WRITER.drain) return true;
    const site = unit.chunk.sites[siteId] as Site;
    const call = site.kind === "call" ? exprOf(unit, site.expr) : undefined;
    if (call?.kind !== "call") return false;
    if (call.args.some(({ value }) => textOf(unit, value) === text)) return true;
    return program.calls
      .link(unit, siteId)
      .targets.some(({ type: { function: called } }) =>
        scopeOf(called).sites.some((id) => methodAt(called.unit, id)?.name === STREAM_WRITER.drain),
      );
  });
}
