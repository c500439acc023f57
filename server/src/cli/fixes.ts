/**
 * The one place where the command line meets the fixes: what is offered for a finding, and the texts that the preferred
 * ones make of whole files.
 */
import type { Finding } from "../analysis/findings.js";
import { type FixHost, fixAll, fixesFor, fixHostOf } from "../features/fixes/index.js";
import type { OfferedFix } from "../report/json.js";
import type { Workspace } from "./workspace.js";

/** Fixes that are offered for one finding, best first. */
export function offeredFixes(workspace: Workspace, finding: Finding): readonly OfferedFix[] {
  return fixesFor(hostOf(workspace), workspace.grammar, finding.location.file, finding);
}

export interface FixedFile {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  /** How many fixes were applied. */
  readonly fixes: number;
}

/** The selected files that the preferred fixes change. Nothing is written. */
export function fixFiles(workspace: Workspace): readonly FixedFile[] {
  const host = hostOf(workspace);
  return workspace.selected.flatMap((file) => {
    const before = workspace.host.text(file);
    if (before === undefined || workspace.findings(file).length === 0) return [];
    const { text, applied } = fixAll(host, workspace.grammar, file);
    return text === before ? [] : { file, before, after: text, fixes: applied.length };
  });
}

function hostOf({ host, projectFacts }: Workspace): FixHost {
  return fixHostOf(host, projectFacts);
}
