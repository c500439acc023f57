/**
 * From a place outwards: the conditions, loops, `with` blocks and handlers it stands in.
 */
import { type ExprId, NO_REGION, type Region, type RegionId, type Site } from "../facts/types.js";
import { exprOf, type Unit } from "./entities.js";

/** The region and those around it, innermost first. */
export function* regionsFrom(unit: Unit, region: RegionId): Generator<readonly [RegionId, Region]> {
  for (let id = region; id !== NO_REGION; ) {
    const found = unit.chunk.regions[id] as Region;
    yield [id, found];
    id = found.parent;
  }
}

/** Whether `region` is `ancestor` or stands in it. */
export function isInside(unit: Unit, region: RegionId, ancestor: RegionId): boolean {
  for (const [id] of regionsFrom(unit, region)) if (id === ancestor) return true;
  return false;
}

/** The types that an `except` names; none: it takes everything. */
export function caughtBy({ chunk }: Unit, { type }: Region & { readonly kind: "except" }): readonly ExprId[] {
  const expr = type === undefined ? undefined : chunk.exprs[type];
  return expr?.kind === "sequence" ? expr.items : type === undefined ? [] : [type];
}

/**
 * Whether the region is the right side of an `or` that looks for a stored value first: `self.digest or compute()`. What it
 * runs is run where nothing was stored, which the tree does not show.
 */
export function isFallback(unit: Unit, region: RegionId): boolean {
  for (const [, around] of regionsFrom(unit, region)) {
    if (around.kind !== "if" || !around.negated || !isStored(unit, around.condition)) continue;
    const { exprs, regions } = unit.chunk;
    const either = exprs.findIndex((expr) => expr.kind === "boolean" && expr.operator === "or" && expr.left === around.condition);
    // In `if user.is_known or ask():` it is a question, and no value.
    const isAsked = regions.some(
      (other) => (other.kind === "if" && other.condition === either) || (other.kind === "loop" && other.head === either),
    );
    if (either >= 0 && !isAsked) return true;
  }
  return false;
}

function isStored(unit: Unit, id: ExprId): boolean {
  const expr = exprOf(unit, id);
  if (expr.kind === "call") {
    const callee = exprOf(unit, expr.callee);
    return callee.kind === "attribute" && callee.name === "get";
  }
  return expr.kind === "attribute" || expr.kind === "subscript";
}

/** Whether the task may be suspended at the site: `await`, `async for`, `async with`. */
export function isSuspension(site: Site): boolean {
  return site.kind === "await" || site.async === true;
}
