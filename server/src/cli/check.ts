/**
 * `loopguard check`: finds, fixes when asked to, prints, and answers with an exit code that a pipeline can act on.
 */
import { posix } from "node:path";
import type { Finding, Severity } from "../analysis/findings.js";
import { unifiedDiff } from "../report/diff.js";
import { githubReport } from "../report/github.js";
import { jsonReport, type OfferedFix } from "../report/json.js";
import { displayPath } from "../report/paths.js";
import { sarifReport } from "../report/sarif.js";
import { countSeverities, findingText, type Palette, summaryText } from "../report/text.js";
import { baselineText, beyond, findingKey, readBaseline, settled } from "./baseline.js";
import { type Environment, UsageError } from "./environment.js";
import { fixFiles, offeredFixes } from "./fixes.js";
import { type Results, resultsIn, resultsOf } from "./results.js";
import { sourcesIn } from "./texts.js";
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
  readonly cacheDir?: string;
  readonly baseline?: string;
  readonly updateBaseline?: boolean;
  readonly diffBase?: string;
  readonly failOn: Severity;
}

/** Exit code: 0 nothing at or above `failOn` is left, 1 something is. */
export async function check(environment: Environment, paths: readonly string[], options: CheckOptions): Promise<number> {
  const named = paths.length > 0 ? paths : ["."];
  const baseline = baselineOf(environment, options);
  const { results, fixes, changed } = await examine(environment, named, options);
  const kept = baseline ? baseline.keep(results.findings, results.selected) : results.findings;
  const findings =
    options.diffBase === undefined ? kept : await sinceRevision(environment, named, options, options.diffBase, kept);
  const report = changed ?? render(environment, { ...results, findings }, options, fixes);
  if (options.output === undefined) environment.print(report);
  else writeFile(environment, environment.resolve(options.output), report);
  if (results.selected.length === 0) sayEmpty(environment, paths, options);
  for (const problem of results.problems) environment.printError(`loopguard: ${problem}\n`);
  return atLeast(findings, options.failOn).length > 0 ? 1 : 0;
}

interface Examined {
  readonly results: Results;
  /** Where fixes are asked for. */
  readonly fixes?: FixesOf;
  /** The diff, where one is asked for. */
  readonly changed?: string;
}

type FixesOf = (finding: Finding) => readonly OfferedFix[];

/** Only what fixes are made of has to be analysed each time. */
async function examine(environment: Environment, paths: readonly string[], options: CheckOptions): Promise<Examined> {
  if (!options.fix && !options.diff && !options.withFixes) return { results: await resultsOf(environment, paths, options) };
  const workspace = await openWorkspace(environment, paths, options);
  if (options.fix) writeFixes(environment, workspace);
  const results = resultsIn(workspace);
  if (options.diff) return { results, changed: diffOf(environment, workspace) };
  return options.withFixes ? { results, fixes: (finding) => offeredFixes(workspace, finding) } : { results };
}

/** What the baseline of the options makes of findings; undefined without one. Throws a UsageError when it cannot be read. */
function baselineOf(environment: Environment, { baseline: file, updateBaseline }: CheckOptions): KeptBaseline | undefined {
  if (file === undefined) {
    if (updateBaseline) throw new UsageError("--update-baseline needs --baseline FILE.");
    return undefined;
  }
  const path = environment.resolve(file);
  const shown = displayPath(path, environment.folder);
  const baseline = readBaseline(environment, path);
  if (!baseline && !updateBaseline) throw new UsageError(`${shown} does not exist; --update-baseline makes it.`);
  return {
    keep: (findings, checked) => {
      const gone = baseline ? settled(environment, baseline, findings, new Set(checked)) : [];
      const goneOf = (of: string): string =>
        gone.length === 1 ? `1 finding${of} is gone` : `${gone.length} findings${of} are gone`;
      if (updateBaseline && (!baseline || gone.length > 0)) {
        writeFile(environment, path, baselineText(path, baseline, findings, gone));
        const change = baseline ? goneOf("") : counted(findings.length, "finding", "findings");
        environment.printError(`${baseline ? "Updated" : "Made"} ${shown}: ${change}.\n`);
      } else if (gone.length > 0) {
        environment.printError(`${goneOf(` of ${shown}`)}; --update-baseline drops ${gone.length === 1 ? "it" : "them"}.\n`);
      }
      return baseline ? beyond(baseline, findings) : [];
    },
  };
}

interface KeptBaseline {
  /** The findings to report of those found in the checked files. */
  keep(findings: readonly Finding[], checked: readonly string[]): readonly Finding[];
}

/** The findings that are not there when the same paths are analysed as they were at a revision. */
async function sinceRevision(
  environment: Environment,
  paths: readonly string[],
  options: CheckOptions,
  revision: string,
  findings: readonly Finding[],
): Promise<readonly Finding[]> {
  const named = paths.map((path) => environment.resolve(path));
  const files = environment.filesAt(
    revision,
    named.map((path) => (environment.files.isDirectory(path) ? path : posix.dirname(path))),
  );
  const then = named.filter((path) => files.isFile(path) || files.isDirectory(path));
  if (then.length === 0) return findings;
  const earlier: Environment = { ...environment, files };
  const { findings: before } = await resultsOf(earlier, then, options, revision);
  const known = new Set(before.map(findingKey));
  return findings.filter((finding) => !known.has(findingKey(finding)));
}

/** Applies the preferred fixes on disk. What is reported afterwards is what they left. */
function writeFixes(environment: Environment, workspace: Workspace): void {
  const fixed = fixFiles(workspace);
  for (const { file, after } of fixed) writeFile(environment, file, after);
  workspace.host.touch(fixed.map(({ file }) => file));
  const count = fixed.reduce((sum, { fixes }) => sum + fixes, 0);
  // Standard output is the report's.
  environment.printError(`Applied ${counted(count, "fix", "fixes")} in ${counted(fixed.length, "file", "files")}.\n`);
}

function diffOf({ folder }: Environment, workspace: Workspace): string {
  return fixFiles(workspace)
    .map(({ file, before, after }) => unifiedDiff(displayPath(file, folder), before, after))
    .join("");
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function render(environment: Environment, results: Results, options: CheckOptions, fixesOf: FixesOf | undefined): string {
  const { folder, version, files } = environment;
  const { selected, findings, statistics } = results;
  const least = quieter(options.failOn, "warning");
  switch (options.format) {
    case "json":
      return jsonReport(findings, statistics, fixesOf);
    case "sarif":
      return sarifReport(findings, folder, version);
    case "github":
      return githubReport(atLeast(findings, least), folder) + summary(results, least);
    case "text": {
      if (selected.length === 0) return "";
      const palette = options.output === undefined ? environment.palette : PLAIN;
      const text = { palette, folder, sourceOf: sourcesIn(files) };
      const shown = atLeast(findings, least).map((finding) => findingText(finding, text));
      return shown.join("") + summary(results, least);
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

function summary({ selected, findings }: Results, least: Severity): string {
  const shown = SEVERITIES.slice(0, SEVERITIES.indexOf(least) + 1);
  return summaryText({ counts: countSeverities(findings), shown, files: selected.length });
}

function sayEmpty({ folder, resolve, print, printError }: Environment, paths: readonly string[], options: CheckOptions): void {
  const places = (paths.length > 0 ? paths : ["."]).map((path) => displayPath(resolve(path), folder));
  // A reader of JSON, or of a diff, expects nothing else.
  const say = options.format === "text" && !options.diff ? print : printError;
  say(`No Python files found in ${places.join(", ")}.\n`);
}

function writeFile(environment: Environment, path: string, text: string): void {
  try {
    environment.write(path, text);
  } catch (error) {
    throw new UsageError(`${displayPath(path, environment.folder)} cannot be written: ${(error as Error).message}`);
  }
}

const same = (text: string): string => text;
const PLAIN: Palette = { bold: same, dim: same, red: same, yellow: same, blue: same, cyan: same };
