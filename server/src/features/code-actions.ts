/**
 * What can be done about a finding: its fixes, the surest first, and last the comment that silences it. Fixes come proven
 * from fixes/; here they are only put in order. Knows no protocol.
 */
import type { Finding } from "../analysis/findings.js";
import type { AnalysisHost } from "../analysis/host.js";
import type { Grammar } from "../syntax/grammar.js";
import { type Fix, fixesFor, ignoreFix } from "./fixes/index.js";

export type ActionKind = Fix["kind"];

export interface Action extends Fix {
  readonly finding: Finding;
}

/** Actions for one finding of `path`, in the order in which they are offered. */
export function actionsFor(host: AnalysisHost, grammar: Grammar, path: string, finding: Finding): readonly Action[] {
  const ignore = ignoreFix(host, path, finding);
  return [...fixesFor(host, grammar, path, finding), ...(ignore ? [ignore] : [])].map((fix) => ({ ...fix, finding }));
}
