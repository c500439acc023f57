/**
 * SARIF 2.1.0, for code scanning and other viewers: every finding with its path as a code flow.
 */
import type { Finding, Location, Severity } from "../analysis/findings.js";
import { RULES } from "../base/rules.js";
import { displayPath, encodePath, fileUri } from "./paths.js";

const LEVELS: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", information: "note", hint: "note" };

/** Files below `folder` are given relative to it, so that the report means the same on another machine. */
export function sarifReport(findings: readonly Finding[], folder: string, version: string): string {
  const report = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "loopguard", semanticVersion: version, rules: RULES.map(sarifRule) } },
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: { SRCROOT: { uri: `${fileUri(folder).replace(/\/$/, "")}/` } },
        results: findings.map((finding) => sarifResult(finding, folder)),
      },
    ],
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function sarifRule({ name, summary, why, silent, ...rule }: (typeof RULES)[number]): object {
  return {
    id: name,
    shortDescription: { text: summary },
    fullDescription: { text: why },
    help: { text: `${why}\n\nInstead of\n\n${rule.example}\n\nwrite\n\n${rule.instead}\n\nSilent: ${silent}` },
    defaultConfiguration: { level: LEVELS[rule.severity ?? "warning"] },
  };
}

function sarifResult(finding: Finding, folder: string): object {
  const { rule, severity, confidence, message, stall, location, path, fingerprint, partOf } = finding;
  return {
    ruleId: rule,
    ruleIndex: RULES.findIndex(({ name }) => name === rule),
    level: LEVELS[severity],
    message: { text: `${message} (${stall.text})` },
    locations: [sarifLocation(location, folder)],
    codeFlows: [
      {
        threadFlows: [
          {
            locations: path.map((step) => ({
              location: { ...sarifLocation(step.location, folder), message: { text: `${step.function} → ${step.callee}` } },
            })),
          },
        ],
      },
    ],
    partialFingerprints: { "loopguard/v1": fingerprint },
    properties: { severity, confidence, stall: stall.class, ...(partOf === undefined ? {} : { partOf }) },
  };
}

function sarifLocation({ file, start, end }: Location, folder: string): object {
  if (file === "") return {};
  const relative = displayPath(file, folder);
  const artifactLocation = relative === file ? { uri: fileUri(file) } : { uri: encodePath(relative), uriBaseId: "SRCROOT" };
  return {
    physicalLocation: {
      artifactLocation,
      region: {
        startLine: start.line + 1,
        startColumn: start.column + 1,
        endLine: end.line + 1,
        endColumn: end.column + 1,
      },
    },
  };
}
