/**
 * `swallowed-cancellation`: CancelledError caught around an await and not raised again. Loud where the code then goes
 * round again, since nothing can stop that task; quiet where the function ends behind the handler; silent where it is
 * the main function of a task, which then has ended as it was told to.
 */
import type { Confidence } from "../../base/stall.js";
import type { ExprId, Region, RegionId, Site, SiteId } from "../../facts/types.js";
import { exprOf, type FunctionEntity, fullName, scopeOf, type Unit } from "../../link/entities.js";
import type { Program } from "../../link/program.js";
import { isInside, isSuspension, regionsFrom } from "../../link/regions.js";
import {
  asksForCancellation,
  CANCELLATION,
  isPendingResult,
  isSuppressor,
  keepsArgument,
  neverReturns,
  requestsCancellation,
} from "../../link/special.js";
import { membersOf, type Type } from "../../link/types.js";
import type { SiteEffects } from "../detect.js";
import { mistake, type Uses } from "./mistake.js";

type Handler = Region & { readonly kind: "except" };

export function swallowedCancellations(program: Program, entity: FunctionEntity, uses: Uses): readonly SiteEffects[] {
  const { unit } = entity;
  return scopeOf(entity).sites.flatMap((siteId): readonly SiteEffects[] => {
    const site = unit.chunk.sites[siteId] as Site;
    const swallower = site.kind === "except" || site.kind === "enter" ? swallowerAt(program, unit, siteId) : undefined;
    if (!swallower) return [];
    const waits = scopeOf(entity).sites.filter((id) => {
      const wait = unit.chunk.sites[id] as Site;
      return isSuspension(wait) && reaches(program, unit, wait.region, swallower.guarded);
    });
    if (waits.length === 0 || isOwnDoing(program, entity, siteId, waits)) return [];
    const confidence = howLoud(entity, swallower, uses);
    return confidence ? [mistake(entity, siteId, "swallowed-cancellation", swallower.name, confidence)] : [];
  });
}

/** What takes a cancellation and does not pass it on. */
interface Swallower {
  /** The code it guards. */
  readonly guarded: RegionId;
  /** Where it goes on from, but for `return` and `break`. */
  readonly around: RegionId;
  readonly name: string;
  readonly ends: Handler["ends"];
}

function swallowerAt(program: Program, unit: Unit, siteId: SiteId): Swallower | undefined {
  const site = unit.chunk.sites[siteId] as Site;
  if (site.kind === "except") {
    const handler = unit.chunk.regions[site.region];
    if (handler?.kind !== "except" || swallowingHandler(program, unit, handler.of) !== site.region) return undefined;
    const name = handler.type === undefined ? "except" : caughtName(program, unit, handler.type);
    return { guarded: handler.of, around: handler.parent, name, ends: handler.ends };
  }
  const guarded = site.async ? -1 : unit.chunk.regions.findIndex((region) => region.kind === "with" && region.site === siteId);
  if (guarded < 0 || !suppressesCancellation(program, unit, site.expr)) return undefined;
  return { guarded, around: site.region, name: CANCELLATION.publicName, ends: ["fall"] };
}

/** The handler of a `try` that a cancellation ends in; undefined when it gets out again. */
function swallowingHandler(program: Program, unit: Unit, tryRegion: RegionId): RegionId | undefined {
  const id = unit.chunk.regions.findIndex(
    (region) =>
      region.kind === "except" &&
      region.of === tryRegion &&
      (region.type === undefined || catchesCancellation(program, program.evaluator.typeOf(unit, region.type))),
  );
  const handler = unit.chunk.regions[id];
  if (handler?.kind !== "except" || handler.ends.includes("raise") || handler.ends.length === 0) return undefined;
  return endsTheProgram(program, unit, id) || keepsException(program, unit, handler) ? undefined : id;
}

function catchesCancellation(program: Program, caught: Type): boolean {
  const cancelled = program.evaluator.builtinClass(CANCELLATION.name, CANCELLATION.module);
  if (!cancelled) return false;
  return membersOf(caught).some((member) => {
    if (member.kind === "tuple") return member.items.some((item) => catchesCancellation(program, item));
    return member.kind === "class" && program.evaluator.classes.isSubclass(cancelled, member.class);
  });
}

/** The name of what is caught: CancelledError itself among several, else the base class that takes it in. */
function caughtName(program: Program, unit: Unit, id: ExprId): string {
  const names: string[] = [];
  const read = (type: Type): void => {
    for (const member of membersOf(type)) {
      if (member.kind === "tuple") member.items.forEach(read);
      else if (member.kind === "class" && catchesCancellation(program, member)) names.push(fullName(member.class));
    }
  };
  read(program.evaluator.typeOf(unit, id));
  return names.find((name) => name.endsWith(CANCELLATION.name)) ?? names[0] ?? CANCELLATION.publicName;
}

/** `with suppress(CancelledError)`. */
function suppressesCancellation(program: Program, unit: Unit, id: ExprId): boolean {
  const call = exprOf(unit, id);
  if (call.kind !== "call") return false;
  const callee = program.evaluator.typeOf(unit, call.callee);
  if (callee.kind !== "class" || !isSuppressor(fullName(callee.class))) return false;
  return call.args.some(({ value }) => catchesCancellation(program, program.evaluator.typeOf(unit, value)));
}

/** `sys.exit()` in a handler leaves as `raise` does. */
function endsTheProgram(program: Program, unit: Unit, region: RegionId): boolean {
  return unit.chunk.sites.some((site, siteId) => {
    if (site.kind !== "call" || !isInside(unit, site.region, region)) return false;
    return program.calls.link(unit, siteId).targets.some(({ type }) => {
      const { returns } = scopeOf(type.function);
      const annotation = returns === undefined ? undefined : exprOf(type.function.unit, returns);
      return annotation?.kind === "name" || annotation?.kind === "local" ? neverReturns(annotation.name) : false;
    });
  });
}

/** `errors.append(error)`, `failure = error`, `return error`: what is kept is for somebody to raise. */
function keepsException(program: Program, unit: Unit, { type }: Handler): boolean {
  const { defs, exprs, scopes } = unit.chunk;
  const name = defs.findIndex((def) => def.kind === "except" && def.type === type);
  if (name < 0) return false;
  const isException = (id: ExprId): boolean => {
    const expr = exprs[id];
    return expr?.kind === "local" && expr.defs.includes(name);
  };
  if (defs.some((def) => def.kind === "assign" && isException(def.value))) return true;
  if (scopes.some(({ returnValues }) => returnValues.some(isException))) return true;
  return exprs.some((expr) => {
    if (expr.kind === "sequence") return expr.items.some(isException);
    if (expr.kind !== "call" || !expr.args.some(({ value }) => isException(value))) return false;
    const callee = exprOf(unit, expr.callee);
    if (callee.kind === "attribute" && keepsArgument(callee.name)) return true;
    const made = program.evaluator.typeOf(unit, expr.callee);
    return made.kind === "class" && made.class.unit.file.origin !== "typeshed";
  });
}

/** Whether a cancellation at a place gets as far as the guarded region: nothing in between takes it. */
function reaches(program: Program, unit: Unit, from: RegionId, guarded: RegionId): boolean {
  for (const [id, region] of regionsFrom(unit, from)) {
    if (id === guarded) return true;
    if (region.kind === "try" && swallowingHandler(program, unit, id) !== undefined) return false;
    if (region.kind === "with" && suppressesCancellation(program, unit, (unit.chunk.sites[region.site] as Site).expr))
      return false;
  }
  return false;
}

/** The function itself cancelled what it awaits, asks for cancellations, or awaits only the tasks of somebody else. */
function isOwnDoing(program: Program, entity: FunctionEntity, siteId: SiteId, waits: readonly SiteId[]): boolean {
  const { unit } = entity;
  const isCancelling = scopeOf(entity).sites.some((id) => {
    const site = unit.chunk.sites[id] as Site;
    const call = site.kind === "call" ? exprOf(unit, site.expr) : undefined;
    const callee = call?.kind === "call" ? exprOf(unit, call.callee) : undefined;
    if (callee?.kind !== "attribute") return false;
    return asksForCancellation(callee.name) || (requestsCancellation(callee.name) && id < Math.max(siteId, ...waits));
  });
  return isCancelling || waits.every((id) => awaitsAnother(program, unit, id));
}

/** `await task`, `await gather(*tasks)`: the cancellation that arrives may be the task's own. */
function awaitsAnother(program: Program, unit: Unit, siteId: SiteId): boolean {
  const site = unit.chunk.sites[siteId] as Site;
  if (site.kind === "await") return isAnother(program, program.evaluator.typeOf(unit, site.expr));
  if (site.kind !== "call") return false;
  const { handed } = program.calls.link(unit, siteId);
  return handed.some(({ place }) => place === "loop") && handed.some(({ callee }) => isAnother(program, callee));
}

function isAnother(program: Program, type: Type): boolean {
  return membersOf(type).every(
    (member) =>
      member.kind === "unknown" ||
      (member.kind === "instance" &&
        (member.class.unit.file.origin !== "typeshed" ||
          program.evaluator.classes.mro(member.class).some((base) => isPendingResult(fullName(base))) ||
          program.evaluator.isAwaitable(member) === false)),
  );
}

/** Undefined: nobody is hurt. */
function howLoud(entity: FunctionEntity, { around, ends }: Swallower, uses: Uses): Confidence | undefined {
  const { unit } = entity;
  let left = 0;
  if (!ends.includes("fall") && !ends.includes("continue")) left = ends.includes("break") ? 1 : Number.POSITIVE_INFINITY;
  for (const [, region] of regionsFrom(unit, around)) {
    if (region.kind !== "loop" || left-- > 0) continue;
    const head = exprOf(unit, region.head);
    // `while self.running`: what cancels the task may also have told it to end.
    return region.type !== "while" || (head.kind === "constant" && head.value) ? "definite" : "probable";
  }
  if (uses.isAwaitedInLoop(entity)) return "definite";
  return uses.isTask(entity) ? undefined : "probable";
}
