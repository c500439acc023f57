/**
 * The way from the loop to what blocks, hop by hop, for views that lead through it. Plain values; knows no protocol.
 */
import type { Explanation, Finding, Location, StepRole } from "../analysis/findings.js";
import type { AnalysisHost } from "../analysis/host.js";
import type { Position } from "../base/lines.js";
import { stepText } from "./steps.js";

/** One hop in words; `location` is absent where there is no source to show. */
export interface Hop {
  readonly role: StepRole;
  /** "load calls time.sleep" */
  readonly text: string;
  readonly function: string;
  readonly callee: string;
  readonly location?: Location;
}

/** The hops of a finding, from the site on the loop to the primitive. */
export function hopsOf(finding: Finding): readonly Hop[] {
  return finding.path.map((step, index) => ({
    role: step.role,
    text: stepText({ ...step, callee: shortName(step.callee, finding.path[index + 1]?.function) }),
    function: step.function,
    callee: step.callee,
    ...(step.location.file === "" ? {} : { location: step.location }),
  }));
}

/** The name that the next hop gives to what is run here: the one within its file. */
function shortName(callee: string, next: string | undefined): string {
  return next !== undefined && next !== "" && callee.endsWith(`.${next}`) ? next : callee;
}

/** Whether there is a way to lead through: more than one place that can be shown. */
export function hasWay(finding: Finding): boolean {
  return finding.path.filter(({ location }) => location.file !== "").length > 1;
}

/**
 * The finding that a cursor means: what is reported at its place, else on its line, else what blocks there without being
 * reported. Undefined where nothing blocks.
 */
export function findingAt(host: Pick<AnalysisHost, "explain">, path: string, position: Position): Finding | undefined {
  const here = host.explain(path, position.line, position.column);
  const line = host.explain(path, position.line);
  return reported(here) ?? reported(line) ?? silent(here) ?? silent(line);
}

function reported(sites: readonly Explanation[]): Finding | undefined {
  for (const { verdict } of sites) if (verdict.kind === "reported") return verdict.finding;
  return undefined;
}

function silent(sites: readonly Explanation[]): Finding | undefined {
  for (const { verdict } of sites) if (verdict.kind === "silent" && verdict.finding) return verdict.finding;
  return undefined;
}
