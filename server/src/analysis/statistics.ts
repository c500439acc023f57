/**
 * How much of a program was understood: its files and functions, and what became of its calls, of all and of those on the
 * loop, which is where it matters.
 */
import { type FunctionEntity, functionAt, type SourceFile, type Unit } from "../link/entities.js";
import type { Program } from "../link/program.js";
import type { UnknownReason } from "../link/types.js";
import type { Finding } from "./findings.js";

/** What became of calls. */
export interface CallCounts {
  /** Followed into the workspace and the installed packages. */
  readonly resolved: number;
  /** Known by typeshed or a stub. */
  readonly external: number;
  readonly unknown: Readonly<Partial<Record<UnknownReason, number>>>;
}

export interface Statistics {
  readonly files: number;
  readonly functions: number;
  /** Functions whose bodies run on the loop whoever calls them. */
  readonly entries: number;
  /** Installed packages that were read, how many of their files, and how many were asked for beyond the budget. */
  readonly packages: { readonly count: number; readonly files: number; readonly refused: number };
  readonly calls: CallCounts;
  /** The calls in the bodies of entries. */
  readonly callsInEntries: CallCounts;
  readonly findings: Readonly<Record<string, number>>;
}

export interface StatisticsKnowledge {
  readonly program: Program;
  readonly isOnLoop: (entity: FunctionEntity) => boolean;
  readonly findings: (path: string) => readonly Finding[];
  /** Files of packages that were asked for and not read for want of budget, so far. */
  readonly refused: () => number;
}

/** Counts over `files`, which were `named` in all: some of them may not be readable. */
export function statisticsOf(knowledge: StatisticsKnowledge, named: number, files: readonly SourceFile[]): Statistics {
  const counts = { functions: 0, entries: 0 };
  const calls = new Tally();
  const callsInEntries = new Tally();
  const findings: Record<string, number> = {};
  // File by file: what was read of one may be forgotten before the next.
  for (const { path, units } of files) {
    for (const unit of units) countUnit(knowledge, unit, counts, calls, callsInEntries);
    for (const { rule } of knowledge.findings(path)) findings[rule] = (findings[rule] ?? 0) + 1;
  }
  const installed = knowledge.program.modules.files().filter(({ origin }) => origin === "package");
  return {
    files: named,
    ...counts,
    packages: {
      count: new Set(installed.map(({ module }) => module.split(".")[0])).size,
      files: installed.length,
      refused: knowledge.refused(),
    },
    calls: calls.counts(),
    callsInEntries: callsInEntries.counts(),
    findings,
  };
}

function countUnit(
  { program, isOnLoop }: StatisticsKnowledge,
  unit: Unit,
  counts: { functions: number; entries: number },
  calls: Tally,
  callsInEntries: Tally,
): void {
  unit.chunk.scopes.forEach((scope, scopeId) => {
    const isEntry = scope.kind === "function" && isOnLoop(functionAt(unit, scopeId));
    if (scope.kind === "function") counts.functions++;
    if (isEntry) counts.entries++;
    for (const site of scope.sites) {
      if (unit.chunk.sites[site]?.kind !== "call") continue;
      const link = program.calls.link(unit, site);
      const origin = link.targets[0]?.type.function.unit.file.origin;
      const unknown = link.targets.length === 0 && link.unknown !== "complete" ? link.unknown : undefined;
      const isKnown = origin === "typeshed" || origin === "stub" || link.unknown === "complete";
      const kind = isKnown ? "external" : "resolved";
      calls.add(unknown, kind);
      if (isEntry) callsInEntries.add(unknown, kind);
    }
  });
}

class Tally {
  readonly #known = { resolved: 0, external: 0 };
  readonly #unknown: Partial<Record<UnknownReason, number>> = {};

  add(unknown: UnknownReason | undefined, kind: "resolved" | "external"): void {
    if (unknown === undefined) this.#known[kind]++;
    else this.#unknown[unknown] = (this.#unknown[unknown] ?? 0) + 1;
  }

  counts(): CallCounts {
    return { ...this.#known, unknown: this.#unknown };
  }
}
