/**
 * `loopguard stats`: how much was read, how many calls resolved, and why the others did not.
 */
import type { CallCounts, Statistics } from "../analysis/statistics.js";
import type { UnknownReason } from "../link/types.js";
import type { Environment } from "./environment.js";
import { openWorkspace } from "./workspace.js";

export interface StatsOptions {
  readonly python?: string;
  readonly format: "text" | "json";
}

export async function stats(environment: Environment, paths: readonly string[], options: StatsOptions): Promise<number> {
  const workspace = await openWorkspace(environment, paths.length > 0 ? paths : ["."], options);
  const statistics = workspace.host.statistics(workspace.selected);
  environment.print(options.format === "json" ? `${JSON.stringify(statistics, undefined, 2)}\n` : statisticsText(statistics));
  for (const problem of workspace.problems()) environment.printError(`loopguard: ${problem}\n`);
  return 0;
}

/** A row: its name, and one cell for a count or two, of all calls and of those on the loop. */
type Row = readonly [name: string, ...cells: string[]];

function statisticsText({ files, functions, entries, packages, calls, callsInEntries, findings }: Statistics): string {
  const reasons = [...new Set([...reasonsOf(calls), ...reasonsOf(callsInEntries)])];
  const both = (name: string, count: (counts: CallCounts) => number): Row => [
    name,
    shareText(count(calls), calls),
    shareText(count(callsInEntries), callsInEntries),
  ];
  return [
    table([
      ["files", `${files}`],
      ["functions", `${functions}`],
      ["  on the event loop", `${entries}`],
      ["packages read", `${packages.count}`],
      ["  their files", `${packages.files}`],
      ...(packages.refused > 0 ? [["  beyond the budget", `${packages.refused}`] as const] : []),
    ]),
    table([
      ["", "all", "on the event loop"],
      ["calls", `${totalOf(calls)}`, `${totalOf(callsInEntries)}`],
      both("  followed", ({ resolved }) => resolved),
      both("  of a library that is known", ({ external }) => external),
      both("  not known", unknownOf),
      ...reasons.map((reason) => both(`    ${REASONS[reason] ?? reason}`, ({ unknown }) => unknown[reason] ?? 0)),
    ]),
    table([
      ["findings", `${Object.values(findings).reduce((sum, count) => sum + count, 0)}`],
      ...Object.entries(findings).map(([rule, count]): Row => [`  ${rule}`, `${count}`]),
    ]),
  ].join("\n");
}

/** Why calls are not known, in few words; `explain` has more of them. */
const REASONS: Readonly<Record<UnknownReason, string>> = {
  parameter: "parameter: an argument without a type",
  import: "import: a module that is not there",
  complete: "complete: described, and not among what blocks",
  attribute: "attribute: not seen on the type",
  name: "name: bound by nobody",
  dynamic: "dynamic: shows at run time",
  awaited: "awaited: cannot be awaited",
  cycle: "cycle: a type that depends on itself",
  budget: "budget: too long a way",
  unread: "unread: a file that cannot be read",
  broken: "broken: a file with a syntax error",
};

/** The frequent ones first. */
function reasonsOf({ unknown }: CallCounts): UnknownReason[] {
  return (Object.keys(unknown) as UnknownReason[]).sort((a, b) => (unknown[b] ?? 0) - (unknown[a] ?? 0));
}

function unknownOf({ unknown }: CallCounts): number {
  return Object.values(unknown).reduce((sum, count) => sum + count, 0);
}

function totalOf(counts: CallCounts): number {
  return counts.resolved + counts.external + unknownOf(counts);
}

function shareText(count: number, counts: CallCounts): string {
  const total = totalOf(counts);
  return total === 0 ? `${count}` : `${count}  ${((100 * count) / total).toFixed(1).padStart(5)} %`;
}

/** Names to the left, cells to the right. */
function table(rows: readonly Row[]): string {
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => (row[column] ?? "").length)));
  const line = ([name, ...cells]: Row): string =>
    [name.padEnd(widths[0] as number), ...cells.map((cell, index) => cell.padStart(widths[index + 1] as number))].join("  ");
  return rows.map((row) => `${line(row).trimEnd()}\n`).join("");
}
