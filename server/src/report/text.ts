/**
 * The report for people: each finding with its code, its stall and its path, then a summary. Colours come from the caller;
 * without them the text is the same.
 */
import type { Finding, Location, Severity, StepRole } from "../analysis/findings.js";
import { frameOf, printable } from "./frame.js";
import { displayPath } from "./paths.js";

type Paint = (text: string) => string;

/** What the report is painted with; every entry may be the identity. */
export interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly yellow: Paint;
  readonly blue: Paint;
  readonly cyan: Paint;
}

/** Where the code of a file comes from; undefined when it cannot be shown. */
export interface SourceText {
  readonly text: string;
  readonly lineStarts: readonly number[];
}

export interface TextOptions {
  readonly palette: Palette;
  /** Paths below it are printed relative to it. */
  readonly folder: string;
  readonly sourceOf: (file: string) => SourceText | undefined;
}

/** One finding: headline, code frame, stall, path, and the best async way. Ends with a line break. */
export function findingText(finding: Finding, options: TextOptions): string {
  const { palette, folder } = options;
  const { location, severity, rule, message, stall, also } = finding;
  const place = `${displayPath(location.file, folder)}:${location.start.line + 1}:${location.start.column + 1}`;
  const name = paintOf(severity, palette)(`${severity}[${rule}]`);
  const certainty = finding.confidence === "probable" ? `${stall.text}; probable, not certain` : stall.text;
  return [
    `${palette.bold(printable(place))}: ${name}: ${palette.bold(printable(message))}`,
    ...frameLines(location, severity, options),
    ...(certainty === "" ? [] : [`  ${palette.cyan("stall")}  ${printable(certainty)}`]),
    ...pathLines(finding, options),
    ...wayLines(finding, palette),
    ...(also.length > 0 ? [`  ${palette.cyan("also")}  ${also.join(", ")}`] : []),
    "",
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function frameLines(location: Location, severity: Severity, { palette, sourceOf }: TextOptions): string[] {
  const source = sourceOf(location.file);
  const frame = source && frameOf(source.text, source.lineStarts, location);
  if (!frame) return [];
  const number = String(location.start.line + 1);
  const gutter = " ".repeat(number.length);
  return [
    `  ${palette.dim(`${number} |`)} ${frame.code}`,
    `  ${palette.dim(`${gutter} |`)} ${frame.indent}${paintOf(severity, palette)(frame.carets)}`,
  ];
}

const ROLES: Readonly<Record<StepRole, string>> = {
  call: "",
  enter: "entering `with`",
  exit: "leaving `with`",
  iterate: "iterating",
  read: "reading an attribute",
  operate: "an operator",
  await: "awaiting",
  loop: "a loop without end",
  cause: "the cause",
};

/** The hops, one per line: the function, where its step stands, and how it goes on when that is no plain call. */
function pathLines({ path }: Finding, { palette, folder }: TextOptions): string[] {
  const hops = path.map(({ function: caller, role, location }) => ({
    name: caller === "" ? "module level" : caller,
    place: location.file === "" ? "" : `${displayPath(location.file, folder)}:${location.start.line + 1}`,
    role: ROLES[role],
  }));
  const primitive = { name: path.at(-1)?.callee ?? "", place: "", role: "" };
  const lines = primitive.name === "" ? hops : [...hops, primitive];
  const width = Math.min(48, Math.max(...lines.map(({ name }) => name.length)));
  return lines.map(({ name, place, role }) => {
    const details = [place, role === "" ? "" : `(${role})`].filter(Boolean).join(" ");
    const padded = details === "" ? printable(name) : printable(name).padEnd(width);
    return `    → ${padded}${details === "" ? "" : `  ${palette.dim(printable(details))}`}`;
  });
}

function wayLines({ ways: [way] }: Finding, palette: Palette): string[] {
  if (way === undefined) return [];
  return [
    `  ${palette.cyan("instead")}  ${way.name === "await" ? "await" : `await ${way.name}`}${way.differs === undefined ? "" : ` (${way.differs})`}`,
  ];
}

function paintOf(severity: Severity, palette: Palette): Paint {
  switch (severity) {
    case "error":
      return palette.red;
    case "warning":
      return palette.yellow;
    case "information":
      return palette.blue;
    case "hint":
      return palette.dim;
  }
}

export interface Summary {
  /** How many findings there are of each severity, shown or not. */
  readonly counts: Readonly<Record<Severity, number>>;
  /** Severities that were printed. */
  readonly shown: readonly Severity[];
  readonly files: number;
}

export function countSeverities(findings: readonly Finding[]): Record<Severity, number> {
  const counts: Record<Severity, number> = { error: 0, warning: 0, information: 0, hint: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

/** "2 errors, 1 warning in 14 files." and, where something was left out, how to see it. */
export function summaryText({ counts, shown, files }: Summary): string {
  const parts = shown.map((severity) => counted(counts[severity], severity));
  const first = `${parts.join(", ")} in ${counted(files, "file")}.`;
  const hidden = (Object.keys(counts) as Severity[]).filter((severity) => !shown.includes(severity) && counts[severity] > 0);
  if (hidden.length === 0) return `${first}\n`;
  const rest = hidden.map((severity) => counted(counts[severity], severity)).join(" and ");
  return `${first} Not shown: ${rest} (see them with --format json, or in the editor).\n`;
}

function counted(count: number, noun: string): string {
  if (noun === "information") return `${count} informational`;
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
