/**
 * From a place outwards: the conditions, loops, `with` blocks and handlers it stands in.
 */
import { NO_REGION, type Region, type RegionId, type Site } from "../facts/types.js";
import type { Unit } from "./entities.js";

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

/** Whether the task may be suspended at the site: `await`, `async for`, `async with`. */
export function isSuspension(site: Site): boolean {
  return site.kind === "await" || site.async === true;
}
