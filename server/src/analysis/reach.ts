/**
 * From which entries a function blocks the loop: the calls are followed upwards, and only those through which something of
 * it still blocks, as what is said at each call decides.
 */
import type { SiteId } from "../facts/types.js";
import { type FunctionEntity, scopeOf, type Unit } from "../link/entities.js";
import { silencedAt } from "../link/openings.js";
import type { Program } from "../link/program.js";
import type { Effect } from "../link/propagate.js";
import type { Callers } from "./callers.js";
import { siteLocation } from "./detect.js";
import type { Location } from "./findings.js";

/** More functions than this are not looked at for one answer. */
const MAX_FUNCTIONS = 5000;

export interface ReachKnowledge {
  readonly program: Program;
  readonly callers: Callers;
  /** What blocks at a site; the functions of a file share most of their callers, so it is worth remembering. */
  readonly effectsAt: (entity: FunctionEntity, site: SiteId) => readonly Effect[];
  readonly isOnLoop: (entity: FunctionEntity) => boolean;
  /** Whether an effect in a function is worth a report, by the settings that hold there. */
  readonly isReported: (entity: FunctionEntity, effect: Effect) => boolean;
}

/** An entry, and the calls in it through which a function blocks. */
export interface Reached {
  readonly entry: FunctionEntity;
  readonly sites: readonly Location[];
}

/** The entries from which `entity`, itself none, blocks; at most `limit`. */
export function reachedFrom(
  knowledge: ReachKnowledge,
  entity: FunctionEntity,
  limit = Number.POSITIVE_INFINITY,
): readonly Reached[] {
  const { program, callers, effectsAt, isOnLoop, isReported } = knowledge;
  if (scopeOf(entity).kind !== "function" || isOnLoop(entity)) return [];
  const own = [...program.propagation.effectsOf(entity).values()].filter((effect) => isReported(entity, effect));
  const found = new Map<FunctionEntity, Map<SiteId, Unit>>();
  const queue: (readonly [FunctionEntity, ReadonlySet<string>])[] = own.length > 0 ? [[entity, new Set(own.map(kindOf))]] : [];
  const seen = new Map<FunctionEntity, Set<string>>();
  for (const [at, kinds] of queue) {
    for (const { caller, unit, site } of callers.of("runs", at)) {
      if (!caller) continue;
      const passing = effectsAt(caller, site).filter(
        (effect) => kinds.has(kindOf(effect)) && !silencedAt(program.evaluator, unit, site, effect),
      );
      if (passing.length === 0) continue;
      if (isOnLoop(caller)) {
        if (!passing.some((effect) => isReported(caller, effect))) continue;
        found.set(caller, (found.get(caller) ?? new Map<SiteId, Unit>()).set(site, unit));
        if (found.size >= limit) return reachedIn(found);
        continue;
      }
      const known = seen.get(caller) ?? new Set();
      const fresh = passing.map(kindOf).filter((kind) => !known.has(kind));
      if (fresh.length === 0 || seen.size >= MAX_FUNCTIONS) continue;
      for (const kind of fresh) known.add(kind);
      seen.set(caller, known);
      queue.push([caller, new Set(fresh)]);
    }
  }
  return reachedIn(found);
}

function reachedIn(found: ReadonlyMap<FunctionEntity, ReadonlyMap<SiteId, Unit>>): readonly Reached[] {
  return [...found].map(([entry, sites]) => ({ entry, sites: [...sites].map(([site, unit]) => siteLocation(unit, site)) }));
}

function kindOf({ rule, stall }: Effect): string {
  return `${rule}|${stall}`;
}
