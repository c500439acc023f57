/**
 * Where settings come from: `[tool.loopguard]` of each folder's pyproject.toml, and over it what the editor says, asked
 * for per folder or sent along. Mistakes never stop anything: each is told once.
 */
import { type Configuration, DEFAULT_CONFIGURATION, readConfiguration } from "../analysis/configuration.js";
import { absoluteIn, corePath } from "../analysis/environments.js";
import type { WorkspaceFolder } from "../analysis/host.js";
import type { Files } from "../analysis/ports.js";
import { PYPROJECT, readPyproject } from "../analysis/pyproject.js";
import type { Position } from "../base/lines.js";

/** A folder as the client names it, and its path. */
export interface Folder {
  readonly uri: string;
  readonly path: string;
}

export interface Settings {
  readonly folders: readonly WorkspaceFolder[];
  /** What holds outside every folder; `diagnosticMode` is read here when there is no folder. */
  readonly elsewhere: Configuration;
  readonly problems: readonly SettingsProblem[];
}

/** A mistake in the settings. */
export interface SettingsProblem {
  /** One sentence, naming the place. */
  readonly message: string;
  /** Where it stands, unless the editor's own settings are meant. */
  readonly place?: { readonly path: string; readonly start: Position; readonly end: Position; readonly message: string };
}

const MAXIMUM_PYPROJECT = 4 * 1024 * 1024;

export interface SettingsSources {
  readonly files: Files;
  readonly folders: readonly Folder[];
  /** What the editor says for a folder, or for no folder; undefined or null when it says nothing. */
  editor(folder: Folder | undefined): unknown;
}

/** Settings of all folders. */
export function readSettings(sources: SettingsSources): Settings {
  const problems: SettingsProblem[] = [];
  const over = (base: Configuration, values: unknown): Configuration => {
    const read = readConfiguration(values, base);
    problems.push(...read.problems.map(({ message }) => ({ message: `Settings of the editor: ${message}` })));
    return read.configuration;
  };
  return {
    folders: sources.folders.map((folder) => {
      const project = readProject(sources.files, folder.path);
      problems.push(...project.problems);
      const configuration = over(project.configuration, sources.editor(folder));
      return { path: folder.path, configuration: { ...configuration, pythonPath: interpreter(folder, configuration) } };
    }),
    elsewhere: over(DEFAULT_CONFIGURATION, sources.editor(undefined)),
    problems: [...new Map(problems.map((problem) => [problem.message, problem])).values()],
  };
}

function interpreter({ path }: Folder, { pythonPath }: Configuration): string {
  return pythonPath === "" ? "" : absoluteIn(path, corePath(pythonPath));
}

/** Settings an editor sent along: `{loopguard: {...}}`, or the table itself. */
export function sentSettings(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return "loopguard" in value ? value.loopguard : value;
}

/** The settings that hold for a file: those of the innermost folder around it. */
export function configurationFor(settings: Settings, path: string): Configuration {
  let best: WorkspaceFolder | undefined;
  for (const folder of settings.folders) {
    const around = path === folder.path || path.startsWith(folder.path.endsWith("/") ? folder.path : `${folder.path}/`);
    if (around && folder.path.length > (best?.path.length ?? -1)) best = folder;
  }
  return best?.configuration ?? settings.elsewhere;
}

/** Findings of the whole workspace are wanted when any folder asks for them. */
export function reportsWorkspace(settings: Settings): boolean {
  return [...settings.folders.map((folder) => folder.configuration), settings.elsewhere].some(
    ({ diagnosticMode }) => diagnosticMode === "workspace",
  );
}

function readProject(files: Files, folder: string): { configuration: Configuration; problems: SettingsProblem[] } {
  const path = `${folder.replace(/\/$/, "")}/${PYPROJECT}`;
  const file = files.isFile(path) ? files.read(path, MAXIMUM_PYPROJECT) : undefined;
  if (file?.kind !== "text") return { configuration: DEFAULT_CONFIGURATION, problems: [] };
  const { configuration, problems } = readPyproject(file.text);
  return {
    configuration,
    problems: problems.map(({ key, message, position }) => {
      const length = Math.max(1, key.slice(key.lastIndexOf(".") + 1).length);
      const end = { line: position.line, column: position.column + length };
      return {
        message: `${path}:${position.line + 1}:${position.column + 1}: ${message}`,
        place: { path, start: position, end, message },
      };
    }),
  };
}
