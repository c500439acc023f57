/**
 * `[tool.loopguard]` of a pyproject.toml. What is wrong in it is reported where it stands and the rest holds; a file that
 * is no TOML at all leaves the settings it is read over. Reads text only: finding the file is the caller's business.
 */
import { parse, TomlError } from "smol-toml";
import type { Position } from "../base/lines.js";
import { type Configuration, type ConfigurationProblem, DEFAULT_CONFIGURATION, readConfiguration } from "./configuration.js";

export const PYPROJECT = "pyproject.toml";

export interface PyprojectProblem extends ConfigurationProblem {
  /** Of the key, or of what the TOML reader stumbled over. */
  readonly position: Position;
}

export interface Pyproject {
  readonly configuration: Configuration;
  readonly problems: readonly PyprojectProblem[];
}

/** What a project says of itself that fixes have to obey; what is absent is not known. */
export interface ProjectFacts {
  /** Lowest Python version that `requires-python` (or Poetry's `python`) allows. */
  readonly python?: readonly [major: number, minor: number];
  /** Names of the distributions it depends on, as written, groups and extras included. */
  readonly dependencies?: readonly string[];
  /** Folders below which its modules lie, as its build or its test runner is told. */
  readonly sourceFolders?: readonly string[];
}

/** The facts with the Python version that settings name, which beats `requires-python`. */
export function withPythonVersion(facts: ProjectFacts, { pythonVersion }: Configuration): ProjectFacts {
  const [major, minor] = pythonVersion.split(".").map(Number);
  return major === undefined || minor === undefined || Number.isNaN(minor) ? facts : { ...facts, python: [major, minor] };
}

/** Reads the settings of `text` over `base`. */
export function readPyproject(text: string, base: Configuration = DEFAULT_CONFIGURATION): Pyproject {
  let values: unknown;
  try {
    values = loopguardTable(parse(text));
  } catch (error) {
    return { configuration: base, problems: [brokenToml(error)] };
  }
  const { configuration, problems } = readConfiguration(values, base);
  return { configuration, problems: problems.map((problem) => ({ ...problem, position: positionOf(text, problem.key) })) };
}

/** Facts of the project that `text` describes; none when it is no TOML. */
export function readProjectFacts(text: string): ProjectFacts {
  let document: unknown;
  try {
    document = parse(text);
  } catch {
    return {};
  }
  const project = tableIn(document, "project");
  const poetry = tableIn(document, "tool", "poetry");
  const python = lowerBound(project?.["requires-python"] ?? tableIn(poetry, "dependencies")?.python);
  const dependencies = [
    ...requirementNames(project?.dependencies),
    ...Object.values(tableIn(project, "optional-dependencies") ?? {}).flatMap(requirementNames),
    ...Object.values(tableIn(document, "dependency-groups") ?? {}).flatMap(requirementNames),
    ...Object.keys(tableIn(poetry, "dependencies") ?? {}).filter((name) => name !== "python"),
  ];
  const sourceFolders = sourceFoldersIn(document);
  return {
    ...(python ? { python } : {}),
    ...(project?.dependencies || dependencies.length > 0 ? { dependencies } : {}),
    ...(sourceFolders.length > 0 ? { sourceFolders } : {}),
  };
}

/** Where setuptools, Poetry and pytest are told to look. */
function sourceFoldersIn(document: unknown): readonly string[] {
  const setuptools = tableIn(document, "tool", "setuptools");
  const { packages } = tableIn(document, "tool", "poetry") ?? {};
  const named = [
    tableIn(setuptools, "package-dir")?.[""],
    tableIn(setuptools, "packages", "find")?.where,
    Array.isArray(packages) ? packages.map((entry) => tableIn(entry)?.from) : undefined,
    tableIn(document, "tool", "pytest", "ini_options")?.pythonpath,
  ];
  return named.flat().filter((folder): folder is string => typeof folder === "string" && folder !== "");
}

function tableIn(value: unknown, ...keys: readonly string[]): Readonly<Record<string, unknown>> | undefined {
  const isTable = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isTable) return undefined;
  const table = value as Readonly<Record<string, unknown>>;
  const [key, ...rest] = keys;
  return key === undefined ? table : tableIn(table[key], ...rest);
}

/** Of a version specifier: `>=3.9,<4`, `~=3.10`, `^3.8`, `==3.11.*`. */
function lowerBound(specifier: unknown): readonly [number, number] | undefined {
  if (typeof specifier !== "string") return undefined;
  const bound = /(?:>=?|~=|==|\^|~)\s*(\d+)\.(\d+)/.exec(specifier);
  return bound ? [Number(bound[1]), Number(bound[2])] : undefined;
}

/** `["aiohttp[speedups]>=3; python_version > '3.8'"]` -> `aiohttp`. */
function requirementNames(requirements: unknown): string[] {
  if (!Array.isArray(requirements)) return [];
  return requirements.flatMap((requirement) =>
    typeof requirement === "string" ? (/^\s*([\w.-]+)/.exec(requirement)?.[1] ?? []) : [],
  );
}

/** Whatever stands there, be it a table or not: the reader of settings says what is wrong with it. */
function loopguardTable(document: Readonly<Record<string, unknown>>): unknown {
  return tableIn(document, "tool")?.loopguard;
}

function brokenToml(error: unknown): PyprojectProblem {
  if (!(error instanceof TomlError)) return { key: "", message: String(error), position: { line: 0, column: 0 } };
  // The first line says what is wrong; a picture of the place follows, which callers draw themselves.
  const reason = error.message.split("\n", 1)[0]?.replace(/^Invalid TOML document: /, "") ?? "";
  const message = `This is no valid TOML (${reason}); the defaults hold.`;
  return { key: "", message, position: { line: error.line - 1, column: error.column - 1 } };
}

/**
 * Where `key` (`exclude`, `severity.blocking-file`) is set. Tables can be written in many ways; what is not found this way
 * is looked for by its last name, and then by the table's.
 */
function positionOf(text: string, key: string): Position {
  const path = ["tool", "loopguard", ...key.split(".").filter(Boolean)];
  const lines = text.split(/\r?\n/);
  let table: readonly string[] = [];
  let fallback: Position | undefined;
  for (const [line, content] of lines.entries()) {
    const header = /^\s*\[([^[\]]+)\]/.exec(content);
    if (header) table = keyParts(header[1] as string);
    const entry = header ? undefined : /^\s*([\w."' -]+?)\s*=/.exec(content);
    const here = entry ? [...table, ...keyParts(entry[1] as string)] : header ? table : undefined;
    if (here === undefined || !here.every((part, index) => part === path[index])) continue;
    const column = content.search(/\S/) + (header ? 1 : 0);
    if (here.length === path.length) return { line, column };
    // An inline table, or the header above the key: the closest to the key wins.
    const inline = entry ? content.indexOf(path.at(-1) as string) : -1;
    fallback = { line, column: inline >= 0 ? inline : column };
  }
  return fallback ?? { line: 0, column: 0 };
}

function keyParts(key: string): readonly string[] {
  return key.split(".").map((part) => part.trim().replace(/^(["'])(.*)\1$/, "$2"));
}
