/**
 * Findings as plain diagnostics: what an editor underlines and lists. Knows no protocol; positions count from 0, columns
 * in UTF-16 units, as in base/lines.ts.
 */
import type { Finding, Location, Severity } from "../analysis/findings.js";
import type { RuleName } from "../base/rules.js";
import { stepText } from "./steps.js";

export interface Diagnostic {
  readonly location: Location;
  readonly severity: Severity;
  readonly rule: RuleName;
  readonly message: string;
  /** The hops behind the first, those that have a source here. */
  readonly related: readonly RelatedStep[];
  readonly fingerprint: string;
}

export interface RelatedStep {
  readonly location: Location;
  readonly message: string;
}

export function diagnosticOf(finding: Finding): Diagnostic {
  return {
    location: finding.location,
    severity: finding.severity,
    rule: finding.rule,
    message: finding.message,
    related: finding.path
      .slice(1)
      .filter((step) => step.location.file !== "")
      .map((step) => ({ location: step.location, message: stepText(step) })),
    fingerprint: finding.fingerprint,
  };
}
