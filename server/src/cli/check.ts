/**
 * `loopguard check`: finds, prints, and answers with an exit code that a pipeline can act on.
 */
import type { Finding, Severity } from "../analysis/findings.js";
import { githubReport } from "../report/github.js";
import { jsonReport } from "../report/json.js";
import { displayPath } from "../report/paths.js";
import { sarifReport } from "../report/sarif.js";
import { countSeverities, findingText, type Palette, summaryText } from "../report/text.js";
import { type Environment, UsageError } from "./environment.js";
import { fixEngine } from "./fixes.js";
import { openWorkspace, type Workspace } from "./workspace.js";

export const FORMATS = ["text", "json", "sarif", "github"] as const;
/** Loudest first. */
export const SEVERITIES = ["error", "warning", "information", "hint"] as const satisfies readonly Severity[];

export interface CheckOptions {
  readonly format: (typeof FORMATS)[number];
  readonly output?: string;
  readonly fix?: boolean;
  readonly diff?: boolean;
  readonly withFixes?: boolean;
  readonly python?: string;
  readonly failOn: Severity;
}

/** Exit code: 0 nothing at or above `failOn` is left, 1 something is. */
export async function check(environment: Environment, paths: readonly string[], options: CheckOptions): Promise<number> {
  const fixes = fixEngine();
  if ((options.fix || options.diff || options.withFixes) && !fixes) {
    throw new UsageError("--fix, --diff and --with-fixes are not available in this build.");
  }
  const workspace = await openWorkspace(environment, paths.length > 0 ? paths : ["."], options);
  const findings = workspace.selected.flatMap((file) => workspace.findings(file));
  const report = render(environment, workspace, findings, options);
  const problems = workspace.problems();
  if (options.output === undefined) environment.print(report);
  else writeReport(environment, options.output, report);
  if (workspace.selected.length === 0) sayEmpty(environment, paths, options);
  for (const problem of problems) environment.printError(`loopguard: ${problem}\n`);
  return atLeast(findings, options.failOn).length > 0 ? 1 : 0;
}

function render(environment: Environment, workspace: Workspace, findings: readonly Finding[], options: CheckOptions): string {
  const { folder, version } = environment;
  const fixes = options.withFixes ? fixEngine() : undefined;
  switch (options.format) {
    case "json":
      return jsonReport(findings, workspace.host.statistics(), fixes && ((finding) => fixes.offered(workspace, finding)));
    case "sarif":
      return sarifReport(findings, folder, version);
    case "github":
      return githubReport(atLeast(findings, quieter(options.failOn, "warning")), folder) + summary(workspace, findings, options);
    case "text": {
      if (workspace.selected.length === 0) return "";
      const palette = options.output === undefined ? environment.palette : PLAIN;
      const sourceOf = (file: string) => sourceText(workspace, file);
      const shown = atLeast(findings, quieter(options.failOn, "warning"));
      return (
        shown.map((finding) => findingText(finding, { palette, folder, sourceOf })).join("") +
        summary(workspace, findings, options)
      );
    }
  }
}

/** What a failing run fails on has to be seen, also below a warning. */
function quieter(one: Severity, other: Severity): Severity {
  return SEVERITIES.indexOf(one) > SEVERITIES.indexOf(other) ? one : other;
}

function atLeast(findings: readonly Finding[], least: Severity): Finding[] {
  return findings.filter(({ severity }) => SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least));
}

function summary(workspace: Workspace, findings: readonly Finding[], { failOn }: CheckOptions): string {
  const shown = SEVERITIES.slice(0, SEVERITIES.indexOf(quieter(failOn, "warning")) + 1);
  return summaryText({ counts: countSeverities(findings), shown, files: workspace.selected.length });
}

function sourceText({ host }: Workspace, file: string): { text: string; lineStarts: readonly number[] } | undefined {
  const text = host.text(file);
  const lineStarts = host.lineStarts(file);
  return text === undefined || lineStarts === undefined ? undefined : { text, lineStarts };
}

function sayEmpty({ folder, resolve, print, printError }: Environment, paths: readonly string[], { format }: CheckOptions): void {
  const places = (paths.length > 0 ? paths : ["."]).map((path) => displayPath(resolve(path), folder));
  // A reader of JSON expects JSON.
  const say = format === "text" ? print : printError;
  say(`No Python files found in ${places.join(", ")}.\n`);
}

function writeReport(environment: Environment, output: string, report: string): void {
  const path = environment.resolve(output);
  try {
    environment.write(path, report);
  } catch (error) {
    throw new UsageError(`${displayPath(path, environment.folder)} cannot be written: ${(error as Error).message}`);
  }
}

const same = (text: string): string => text;
const PLAIN: Palette = { bold: same, dim: same, red: same, yellow: same, blue: same, cyan: same };
