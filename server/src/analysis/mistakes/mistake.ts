/**
 * What the rules about mistakes share: how a mistake is told, and what they may ask about the program around a function.
 */
import type { RuleName } from "../../base/rules.js";
import type { Confidence } from "../../base/stall.js";
import type { Site, SiteId } from "../../facts/types.js";
import type { FunctionEntity } from "../../link/entities.js";
import { roleOf, type SiteEffects } from "../detect.js";

/** How the rest of the program uses a function. */
export interface Uses {
  /** Handed to a thread or a process. */
  isInThread(entity: FunctionEntity): boolean;
  /** A coroutine that is started as a task of its own. */
  isTask(entity: FunctionEntity): boolean;
  /** A coroutine that another awaits again and again. */
  isAwaitedInLoop(entity: FunctionEntity): boolean;
}

/** `name` is what the mistake is made with: the last word of the message. */
export function mistake(
  entity: FunctionEntity,
  site: SiteId,
  rule: RuleName,
  name: string,
  confidence: Confidence = "definite",
): SiteEffects {
  const role = roleOf(entity.unit.chunk.sites[site] as Site);
  const via = { kind: "primitive" as const, name, twins: [] };
  return { entry: entity, site, effects: [{ rule, stall: "none", confidence, distance: 0, iterated: false, site, role, via }] };
}
