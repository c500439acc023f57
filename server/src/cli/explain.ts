/**
 * `loopguard explain`: what is said of one line of code, reported or not, or what a rule is about.
 */
import type { Explanation, Finding } from "../analysis/findings.js";
import { isRuleName, RULES, type RuleName, ruleNamed } from "../base/rules.js";
import { displayPath } from "../report/paths.js";
import { findingText } from "../report/text.js";
import { type Environment, UsageError } from "./environment.js";
import { sourcesIn } from "./texts.js";
import { openWorkspace, type Workspace } from "./workspace.js";

export interface ExplainOptions {
  readonly python?: string;
}

/** `subject` is `FILE:LINE`, `FILE:LINE:COLUMN` (both from 1) or a rule. */
export async function explain(environment: Environment, subject: string, options: ExplainOptions): Promise<number> {
  if (isRuleName(subject)) {
    environment.print(ruleText(subject, environment));
    return 0;
  }
  const place = /^(.+?):(\d+)(?::(\d+))?$/.exec(subject);
  if (!place) throw new UsageError(unknownSubject(environment, subject));
  const [, path, line, column] = place as unknown as [string, string, string, string | undefined];
  const workspace = await openWorkspace(environment, [path], options);
  const file = environment.resolve(path);
  if (!environment.files.isFile(file)) throw new UsageError(`${path} is a folder; name a file and a line.`);
  const sites = sitesAt(workspace, file, Number(line), column === undefined ? undefined : Number(column));
  if (sites.length === 0) environment.print(`${path}:${line}: nothing on this line runs other code.\n`);
  for (const site of sites) environment.print(siteText(site, environment));
  for (const problem of workspace.problems()) environment.printError(`loopguard: ${problem}\n`);
  return 0;
}

function unknownSubject({ files, resolve }: Environment, subject: string): string {
  if (files.isFile(resolve(subject))) return `${subject} needs a line: ${subject}:LINE.`;
  return `${subject} is neither FILE:LINE nor a rule. The rules: ${RULES.map(({ name }) => name).join(", ")}.`;
}

function sitesAt(workspace: Workspace, file: string, line: number, column: number | undefined): readonly Explanation[] {
  if (!workspace.load(file)) return [];
  const lines = workspace.host.lineStarts(file)?.length ?? 0;
  if (line < 1 || line > lines) throw new UsageError(`The file has lines 1 to ${lines}; there is no line ${line}.`);
  if (column !== undefined && column < 1) throw new UsageError("Columns count from 1.");
  return workspace.host.explain(file, line - 1, column === undefined ? undefined : column - 1);
}

function siteText(site: Explanation, environment: Environment): string {
  const { palette, folder, files } = environment;
  const { start } = site.location;
  const place = `${displayPath(site.location.file, folder)}:${start.line + 1}:${start.column + 1}`;
  const around = site.function === "" ? "module level" : site.function;
  const shown = (finding: Finding): string => findingText(finding, { palette, folder, sourceOf: sourcesIn(files) });
  const head = `${palette.bold(place)}: ${site.callee === "" ? "(no name)" : site.callee} in ${around}, which ${site.context.text}\n`;
  switch (site.verdict.kind) {
    case "reported":
      return `${head}${shown(site.verdict.finding)}`;
    case "silent":
      return `${head}  blocks, but is not reported: ${site.verdict.reason}\n${site.verdict.finding ? shown(site.verdict.finding) : "\n"}`;
    case "harmless":
      return `${head}  does not block: ${site.verdict.reason}\n\n`;
    case "offloaded":
      return `${head}  leaves the event loop: ${site.verdict.reason}\n\n`;
    case "unknown":
      return `${head}  unknown: ${site.verdict.reason}\n\n`;
  }
}

function ruleText(name: RuleName, { palette }: Environment): string {
  const { summary, why, example, instead, silent, codes } = ruleNamed(name);
  const indented = (text: string): string => text.replace(/^/gm, "    ");
  return [
    palette.bold(name),
    `${summary}.`,
    "",
    why,
    "",
    palette.cyan("Blocks"),
    indented(example),
    "",
    palette.cyan("Instead"),
    indented(instead),
    "",
    ...(silent === "-" ? [] : [`${palette.cyan("Silent")}  ${silent}`]),
    ...(codes.length === 0 ? [] : [`${palette.cyan("Elsewhere")}  ${codes.join(", ")} (\`# noqa: ${codes[0]}\` is honoured)`]),
    `${palette.cyan("Suppress")}  # loopguard: ignore[${name}] reason`,
    "",
  ].join("\n");
}
