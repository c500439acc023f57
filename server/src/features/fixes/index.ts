/**
 * Fixes: edits that remove a finding and keep what the program does. What the rest of the program sees of them.
 */
export { type AppliedFix, fixAll } from "./batch.js";
export { type Fix, fixesFor, type RefusedFix, refusalsFor } from "./engine.js";
export { type FixHost, fixHostOf, type ProjectFacts } from "./request.js";
export { rewritesAt } from "./rewrites.js";
export { applyEdits, type Edit, type FileEdits } from "./text/edits.js";
