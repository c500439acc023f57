/**
 * Mistakes with coroutines that stall nobody and still break programs. Looked for in every function, on the loop or not;
 * one file for each rule.
 */
import type { FunctionEntity } from "../../link/entities.js";
import type { Program } from "../../link/program.js";
import type { SiteEffects } from "../detect.js";
import { swallowedCancellations } from "./cancellation.js";
import { missingDrains } from "./drain.js";
import { droppedResults } from "./dropped.js";
import type { Uses } from "./mistake.js";
import { misusedPrimitives } from "./primitives.js";

/** The mistakes in the body of `entity`. */
export function mistakesOf(program: Program, entity: FunctionEntity, uses: Uses): readonly SiteEffects[] {
  return [
    ...droppedResults(program, entity),
    ...misusedPrimitives(program, entity, uses),
    ...swallowedCancellations(program, entity, uses),
    ...missingDrains(program, entity),
  ];
}
