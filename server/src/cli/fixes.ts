/**
 * The one place where the command line meets the fixes: what is offered for a finding, and applying the preferred ones to
 * whole files.
 */
import type { Finding } from "../analysis/findings.js";
import type { OfferedFix } from "../report/json.js";
import type { Workspace } from "./workspace.js";

export interface FixEngine {
  /** Fixes that are offered for one finding, the preferred one first. */
  offered(workspace: Workspace, finding: Finding): readonly OfferedFix[];
  /** The texts of the files that the preferred fixes change, by path. */
  apply(workspace: Workspace, findings: readonly Finding[]): ReadonlyMap<string, string>;
}

/** Undefined as long as this build has no fixes. */
export function fixEngine(): FixEngine | undefined {
  return undefined;
}
