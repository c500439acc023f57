/**
 * `loopguard stats`: how much was read, how many calls resolved, and why the others did not.
 */
import type { Statistics } from "../analysis/host.js";
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

function statisticsText({ files, functions, calls, findings }: Statistics): string {
  const unknown = Object.entries(calls.unknown).sort(([, one], [, other]) => other - one);
  const unknownTotal = unknown.reduce((sum, [, count]) => sum + count, 0);
  const total = calls.resolved + calls.external + unknownTotal;
  const share = (count: number): string => (total === 0 ? "" : `  ${((100 * count) / total).toFixed(1)} %`);
  const rows: [string, string][] = [
    ["files", `${files}`],
    ["functions", `${functions}`],
    ["calls", `${total}`],
    ["  resolved", `${calls.resolved}${share(calls.resolved)}`],
    ["  external", `${calls.external}${share(calls.external)}`],
    ["  unknown", `${unknownTotal}${share(unknownTotal)}`],
    ...unknown.map(([reason, count]): [string, string] => [`    ${reason}`, `${count}${share(count)}`]),
    ["findings", `${Object.values(findings).reduce((sum, count) => sum + count, 0)}`],
    ...Object.entries(findings).map(([name, count]): [string, string] => [`  ${name}`, `${count}`]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join("");
}
