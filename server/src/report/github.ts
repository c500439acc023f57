/**
 * Workflow commands of GitHub Actions: one annotation per finding, on the line of the site.
 */
import type { Finding, Severity } from "../analysis/findings.js";
import { displayPath } from "./paths.js";

const COMMANDS: Readonly<Record<Severity, string>> = {
  error: "error",
  warning: "warning",
  information: "notice",
  hint: "notice",
};

/** One line per finding. Paths are relative to `folder`, which has to be the checkout's root for GitHub to find the files. */
export function githubReport(findings: readonly Finding[], folder: string): string {
  return findings.map((finding) => `${annotation(finding, folder)}\n`).join("");
}

function annotation({ severity, rule, location, message, stall, path }: Finding, folder: string): string {
  const { start, end } = location;
  const properties = {
    file: displayPath(location.file, folder),
    line: start.line + 1,
    endLine: end.line + 1,
    // GitHub ignores an annotation whose columns span lines.
    ...(start.line === end.line ? { col: start.column + 1, endColumn: end.column } : {}),
    title: `loopguard ${rule}`,
  };
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  const hops = path.map(
    (step) => `${step.function} (${displayPath(step.location.file, folder)}:${step.location.start.line + 1})`,
  );
  const chain = [...hops, path.at(-1)?.callee ?? ""].join(" → ");
  return `::${COMMANDS[severity]} ${list.join(",")}::${escapeData(`${message} (${stall.text})\n${chain}`)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
