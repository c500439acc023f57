/**
 * The analysis of the paths a user named: their project folders with the settings that hold there, the files to report on,
 * and what went wrong on the way.
 */
import { posix } from "node:path";
import type { Configuration } from "../analysis/configuration.js";
import { DEFAULT_CONFIGURATION } from "../analysis/configuration.js";
import { absoluteIn, corePath } from "../analysis/environments.js";
import { createExclude, createReported } from "../analysis/exclude.js";
import type { Finding } from "../analysis/findings.js";
import type { AnalysisHost, WorkspaceFolder } from "../analysis/host.js";
import type { Files } from "../analysis/ports.js";
import { type ProjectFacts, PYPROJECT, readProjectFacts, readPyproject, withPythonVersion } from "../analysis/pyproject.js";
import { foldersAbove, hasEntry, NEVER_ENTERED, relativeTo, selectFiles } from "../analysis/selection.js";
import { LARGEST_FILE } from "../analysis/sources.js";
import { displayPath } from "../report/paths.js";
import type { Grammar } from "../syntax/grammar.js";
import { type Environment, UsageError } from "./environment.js";

const LARGEST_PYPROJECT = 4 * 1024 * 1024;

export interface WorkspaceOptions {
  /** Interpreter given on the command line. */
  readonly python?: string | undefined;
  /** Folder to keep facts in for the next run. */
  readonly cacheDir?: string | undefined;
}

export interface Workspace {
  readonly host: AnalysisHost;
  readonly grammar: Grammar;
  /** Python files that the named paths mean, each once. */
  readonly selected: readonly string[];
  /** Findings of one selected file, by position. */
  findings(file: string): readonly Finding[];
  /** Makes sure that the host knows the file, also when it lies where the host does not look. */
  load(file: string): boolean;
  /** What the project around a file says of itself. */
  projectFacts(file: string): ProjectFacts;
  /** What could not be analysed, one line each; asked for after the findings. */
  problems(): readonly string[];
}

/** Opens and indexes. Throws a UsageError for a path that does not exist. */
export async function openWorkspace(
  environment: Environment,
  paths: readonly string[],
  options: WorkspaceOptions,
): Promise<Workspace> {
  const { files } = environment;
  const named = [...new Set(paths.map((path) => namedPath(environment, path)))];
  const projects = projectsOf(environment, named, options);
  const selected = [...new Set(named.flatMap((path) => selectBelow(files, path, projects)))];
  const { host, grammar } = await environment.createHost(environment, environment.openStore(options.cacheDir));
  host.setFolders(projects.map(({ folder }) => folder));
  runIndex(environment, host);
  const reported = new Set(host.reportedFiles());
  const load = (file: string): boolean => {
    if (reported.has(file) || host.isOpen(file)) return true;
    const content = files.read(file, LARGEST_FILE);
    if (content?.kind === "text") host.open(file, content.text);
    else if (content) unreadable.set(file, reasonFor(content.kind));
    return content?.kind === "text";
  };
  const unreadable = new Map<string, string>();
  return {
    host,
    grammar,
    selected,
    load,
    findings: (file) => {
      if (reported.has(file)) return host.findings(file);
      if (!load(file)) return [];
      const findings = host.findings(file);
      host.close(file);
      return findings;
    },
    projectFacts: (file) => projectOf(file, projects)?.facts ?? {},
    problems: () => {
      const project = projects.flatMap(({ problems }) => problems);
      const ofFiles = new Map([...unreadable, ...host.problems().map(({ file, message }) => [file, message] as const)]);
      const listed = [...ofFiles].map(([file, message]) => `${displayPath(file, environment.folder)}: ${message}`);
      const logged = environment.log.take().filter((message) => ![...ofFiles.keys()].some((file) => message.includes(file)));
      return [...new Set([...project, ...listed, ...logged])];
    },
  };
}

function namedPath({ files, folder, resolve }: Environment, path: string): string {
  const absolute = resolve(path);
  if (files.isFile(absolute) || files.isDirectory(absolute)) return absolute;
  throw new UsageError(`${displayPath(absolute, folder)} does not exist, or is neither a file nor a folder.`);
}

function reasonFor(kind: "invalid" | "large"): string {
  return kind === "invalid" ? "is not UTF-8; it was left out." : "is larger than 5 MB; it was left out.";
}

interface Project {
  readonly folder: WorkspaceFolder;
  /** Folder that the settings' paths count from. */
  readonly settingsFolder: string;
  readonly configuration: Configuration;
  readonly facts: ProjectFacts;
  readonly problems: readonly string[];
}

const PROJECT_MARKERS = [PYPROJECT, "setup.py", "setup.cfg", ".git"];

/** One project for every folder that named paths belong to. */
function projectsOf(environment: Environment, named: readonly string[], options: WorkspaceOptions): Project[] {
  const roots = [...new Set(named.map((path) => projectRoot(environment, path)))];
  return roots.map((root) => {
    const inside = named.filter((path) => path === root || path.startsWith(root.endsWith("/") ? root : `${root}/`));
    return readProject(environment, root, inside, options);
  });
}

/** The nearest folder from the path upwards that looks like a project; else the folder itself. */
function projectRoot({ files, home }: Environment, path: string): string {
  const own = files.isDirectory(path) ? path : (foldersAbove(path)[0] ?? path);
  // A home folder kept under version control is no project: everything the user has lies below it.
  const around = [own, ...foldersAbove(own)].filter((folder) => folder === own || folder !== home);
  // What lies in an environment is no part of the project that the environment serves.
  const border = around.findIndex((folder) => NEVER_ENTERED.has(folder.slice(folder.lastIndexOf("/") + 1)));
  const candidates = border < 0 ? around : around.slice(0, Math.max(border, 1));
  return candidates.find((folder) => PROJECT_MARKERS.some((marker) => hasEntry(files, folder, marker))) ?? own;
}

function readProject(environment: Environment, root: string, named: readonly string[], options: WorkspaceOptions): Project {
  const { settingsFolder, configuration, problems } = readSettings(environment, root);
  const rebase = (path: string): string => posix.relative(root, posix.resolve(settingsFolder, path));
  // The host must not pass over what was named: patterns that cover a named path do not hold.
  const exclude = configuration.exclude.filter((pattern) => {
    const isExcluded = createExclude([pattern]);
    return !named.some((path) => path !== settingsFolder && isExcluded(relativeTo(settingsFolder, path)));
  });
  const folder: WorkspaceFolder = {
    path: root,
    configuration: {
      ...configuration,
      include: named.every((path) => path === settingsFolder) ? configuration.include : [],
      exclude: settingsFolder === root ? exclude : exclude.flatMap((pattern) => rebasePattern(pattern, settingsFolder, root)),
      roots: settingsFolder === root ? configuration.roots : configuration.roots.map(rebase),
      stubs: settingsFolder === root ? configuration.stubs : configuration.stubs.map(rebase),
      pythonPath: interpreter(environment, settingsFolder, configuration, options),
    },
  };
  return {
    folder,
    settingsFolder,
    configuration,
    facts: withPythonVersion(readFacts(environment, root), configuration),
    problems,
  };
}

function readFacts({ files }: Environment, root: string): ProjectFacts {
  const path = `${root === "/" ? "" : root}/${PYPROJECT}`;
  const file = files.isFile(path) ? files.read(path, LARGEST_PYPROJECT) : undefined;
  return file?.kind === "text" ? readProjectFacts(file.text) : {};
}

/** The nearest pyproject.toml with a `[tool.loopguard]`, from the project's folder upwards. */
function readSettings(
  { files, folder: standing }: Environment,
  root: string,
): { settingsFolder: string; configuration: Configuration; problems: readonly string[] } {
  for (const folder of [root, ...foldersAbove(root)]) {
    const path = `${folder === "/" ? "" : folder}/${PYPROJECT}`;
    const file = files.isFile(path) ? files.read(path, LARGEST_PYPROJECT) : undefined;
    if (file?.kind !== "text" || !/\bloopguard\b/.test(file.text)) continue;
    const { configuration, problems } = readPyproject(file.text);
    const shown = displayPath(path, standing);
    return {
      settingsFolder: folder,
      configuration,
      problems: problems.map(({ message, position }) => `${shown}:${position.line + 1}:${position.column + 1}: ${message}`),
    };
  }
  return { settingsFolder: root, configuration: DEFAULT_CONFIGURATION, problems: [] };
}

/** A pattern of a folder further up, seen from `root`; what cannot match below `root` is dropped. */
function rebasePattern(pattern: string, from: string, root: string): string[] {
  const prefix = `${relativeTo(from, root)}/`;
  const plain = pattern.replace(/^(\.?\/)+/, "");
  if (plain.startsWith(prefix)) return [plain.slice(prefix.length)];
  return plain.startsWith("**/") || !plain.replace(/\/+$/, "").includes("/") ? [plain] : [];
}

/** `--python`, else the setting; without either the host looks around. */
function interpreter(
  { resolve }: Environment,
  settingsFolder: string,
  { pythonPath }: Configuration,
  options: WorkspaceOptions,
): string {
  if (options.python !== undefined) return resolve(options.python);
  return pythonPath === "" ? "" : absoluteIn(settingsFolder, corePath(pythonPath));
}

/** The files that a named path means. To name a path below the settings' folder is to include it. */
function selectBelow(files: Files, named: string, projects: readonly Project[]): readonly string[] {
  const selected = selectFiles(named, { files, isExcluded: excludeBelow(named, projects) });
  const project = projectOf(named, projects);
  if (!project || project.folder.configuration.include.length === 0) return selected;
  const isReported = createReported({ include: project.configuration.include, exclude: [] });
  return selected.filter((path) => isReported(relativeTo(project.settingsFolder, path)));
}

/** Excludes count from the settings' folder and never reach the named path itself. */
function excludeBelow(named: string, projects: readonly Project[]): (path: string) => boolean {
  const project = projectOf(named, projects);
  if (!project) return () => false;
  const { settingsFolder, configuration } = project;
  const patterns = configuration.exclude.filter(
    (pattern) => named === settingsFolder || !createExclude([pattern])(relativeTo(settingsFolder, named)),
  );
  const isExcluded = createExclude(patterns);
  return (path) => isExcluded(relativeTo(settingsFolder, path));
}

/** The innermost project around a path. */
function projectOf(path: string, projects: readonly Project[]): Project | undefined {
  return projects
    .filter(({ folder }) => path === folder.path || path.startsWith(folder.path === "/" ? "/" : `${folder.path}/`))
    .sort((one, other) => other.folder.path.length - one.folder.path.length)[0];
}

/** Milliseconds between two drawings of the progress. */
const DRAW_EVERY = 100;

function runIndex({ interactive, printError, clock }: Environment, host: AnalysisHost): void {
  let drawn = clock.now();
  let visible = false;
  for (const { done, total } of host.index()) {
    const now = clock.now();
    if (!interactive || now - drawn < DRAW_EVERY) continue;
    printError(`\r\u001b[KReading the project: ${total > 0 ? Math.floor((100 * done) / total) : 0} %`);
    drawn = now;
    visible = true;
  }
  if (visible) printError("\r\u001b[K");
}
