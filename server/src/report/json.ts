/**
 * The machine-readable report: everything that was found, in the shape that tools rely on (version 1). Lines and columns
 * count from 1 here, columns in UTF-16 units.
 */

import type { Finding, Location, Step } from "../analysis/findings.js";
import type { Statistics } from "../analysis/statistics.js";
import type { Position } from "../base/lines.js";

/** A fix that is offered for a finding. */
export interface OfferedFix {
  readonly title: string;
  readonly kind: string;
  readonly preferred: boolean;
}

/** Fixes are printed where `fixesOf` is given. */
export function jsonReport(
  findings: readonly Finding[],
  statistics: Statistics,
  fixesOf?: (finding: Finding) => readonly OfferedFix[],
): string {
  const report = {
    version: 1,
    findings: findings.map((finding) => ({
      ...jsonFinding(finding),
      ...(fixesOf ? { fixes: fixesOf(finding).map(({ title, kind, preferred }) => ({ title, kind, preferred })) } : {}),
    })),
    statistics,
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function jsonFinding(finding: Finding): object {
  const { rule, severity, confidence, message, location, entry, path, stall, partOf, fingerprint } = finding;
  return {
    rule,
    severity,
    confidence,
    message,
    file: location.file,
    range: { start: jsonPosition(location.start), end: jsonPosition(location.end) },
    entry: { function: entry.function, ...jsonPlace(entry.location) },
    path: path.map(jsonStep),
    stall: {
      class: stall.class,
      ...(stall.seconds === undefined ? {} : { seconds: stall.seconds }),
      ...(stall.bound === undefined ? {} : { bound: stall.bound }),
      text: stall.text,
    },
    ...(partOf === undefined ? {} : { part_of: partOf }),
    fingerprint,
  };
}

function jsonStep({ role, function: caller, callee, location }: Step): object {
  return { role, function: caller, callee, ...jsonPlace(location) };
}

function jsonPlace({ file, start }: Location): object {
  return { file, ...jsonPosition(start) };
}

function jsonPosition({ line, column }: Position): { line: number; column: number } {
  return { line: line + 1, column: column + 1 };
}
