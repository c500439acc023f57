/**
 * Which Python files the named paths mean, or the folders of a workspace. A named path is always taken; `.gitignore` files and `exclude` apply to what
 * lies below it, never to the path itself or to the folders above, so that `check build/` checks an ignored `build/`.
 */
import ignore, { type Ignore } from "ignore";
import type { Files } from "./ports.js";

/** Folders that hold no source of the project, whatever a `.gitignore` says of them. */
export const NEVER_ENTERED = new Set(
  (
    ".git .hg .svn .venv .tox .nox .eggs .mypy_cache .ruff_cache .pytest_cache .ipynb_checkpoints .direnv .pixi " +
    "__pycache__ __pypackages__ node_modules bower_components site-packages dist-packages"
  ).split(" "),
);

/** A `.gitignore` longer than this is no list of patterns. */
const LARGEST_IGNORE_FILE = 1024 * 1024;

/** Files that are programs; stubs are no code to report on. */
const PROGRAMS = /\.pyw?$/;

export interface Selection {
  readonly files: Files;
  /** Answers whether a path below `named` is excluded by the configuration. */
  readonly isExcluded: (path: string) => boolean;
  /** Names of the files that are meant; programs when absent. */
  readonly names?: RegExp;
}

/** Python files below a named folder, in the order of their names; a named file is itself. */
export function selectFiles(named: string, selection: Selection): string[] {
  return [...walkFiles(named, selection)].filter((path) => path !== undefined);
}

/** The same one by one, and undefined for each folder that was listed: of so many files that somebody else has to have a turn. */
export function* walkFiles(named: string, selection: Selection): Generator<string | undefined, void, void> {
  const { files } = selection;
  if (files.isFile(named)) return yield named;
  const entered = new Set<string>();
  const isWithin = createBorder(files, named);
  const enter = function* (folder: string, layers: readonly IgnoreLayer[]): Generator<string | undefined, void, void> {
    // Links may lead in a circle, or twice to one place.
    const real = files.realPath(folder);
    if (entered.has(real) || (real !== folder && `${named}/`.startsWith(`${real}/`))) return;
    entered.add(real);
    yield undefined;
    const entries = [...(files.list(folder) ?? [])].sort((one, other) => (one.name < other.name ? -1 : 1));
    if (folder !== named && entries.some(({ name }) => name === ENVIRONMENT_MARK)) return;
    const inside = layersInside(files, folder, layers);
    for (const { name, kind, link } of entries) {
      const path = inFolder(folder, name);
      if (kind === "other" || !isWanted(path, kind === "directory", inside, selection)) continue;
      if (link && !isWithin(path)) continue;
      if (kind === "directory") yield* enter(path, inside);
      else yield path;
    }
  };
  yield* enter(named, layersAbove(files, named));
}

/**
 * Answers whether a path lies in `folder` or in the repository around it once links are followed: what somebody else's project
 * links to does not belong to it.
 */
export function createBorder(files: Files, folder: string): (path: string) => boolean {
  const repository = [folder, ...foldersAbove(folder)].find((around) => hasEntry(files, around, ".git")) ?? folder;
  const borders = [folder, repository].map((border) => files.realPath(border));
  return (path) => {
    const real = files.realPath(path);
    return borders.some((border) => real === border || real.startsWith(inFolder(border, "")));
  };
}

/**
 * Answers whether an existing file is among `selectFiles(named)`, without listing the others. Ignore files are read once:
 * the answers hold until files change.
 */
export function createMembership(named: string, selection: Selection): (path: string) => boolean {
  const { files } = selection;
  /** Per folder, the ignore files that hold in it; undefined when it is not entered. */
  const known = new Map<string, readonly IgnoreLayer[] | undefined>();
  const layersOf = (folder: string): readonly IgnoreLayer[] | undefined => {
    if (known.has(folder)) return known.get(folder);
    const around = folder === named ? layersAbove(files, named) : layersOf(foldersAbove(folder)[0] ?? named);
    const isEntered =
      around !== undefined &&
      (folder === named || (isWanted(folder, true, around, selection) && !hasEntry(files, folder, ENVIRONMENT_MARK)));
    const layers = isEntered ? layersInside(files, folder, around) : undefined;
    known.set(folder, layers);
    return layers;
  };
  const isWithin = createBorder(files, named);
  return (path) => {
    if (path === named) return true;
    if (!path.startsWith(inFolder(named, "")) || !isWithin(path)) return false;
    const layers = layersOf(foldersAbove(path)[0] ?? named);
    return layers !== undefined && isWanted(path, false, layers, selection);
  };
}

/** A folder with this file is a virtual environment. */
const ENVIRONMENT_MARK = "pyvenv.cfg";

function isWanted(
  path: string,
  isDirectory: boolean,
  layers: readonly IgnoreLayer[],
  { isExcluded, names = PROGRAMS }: Selection,
): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const isPossible = isDirectory ? !NEVER_ENTERED.has(name) : names.test(name);
  return isPossible && !isExcluded(path) && !isIgnored(path, isDirectory, layers);
}

function inFolder(folder: string, name: string): string {
  return `${folder.endsWith("/") ? folder.slice(0, -1) : folder}/${name}`;
}

/** The patterns of one `.gitignore`, which count from its folder. */
interface IgnoreLayer {
  readonly folder: string;
  readonly rules: Ignore;
}

function layersInside(files: Files, folder: string, layers: readonly IgnoreLayer[]): readonly IgnoreLayer[] {
  const own = readIgnoreFile(files, folder);
  return own ? [own, ...layers] : layers;
}

function readIgnoreFile(files: Files, folder: string, keep: (pattern: string) => boolean = () => true): IgnoreLayer | undefined {
  const path = inFolder(folder, ".gitignore");
  if (!files.isFile(path)) return undefined;
  const file = files.read(path, LARGEST_IGNORE_FILE);
  if (file?.kind !== "text") return undefined;
  return { folder, rules: createRules(file.text.split(/\r?\n/).filter(keep)) };
}

function createRules(patterns: readonly string[]): Ignore {
  return ignore({ ignorecase: false }).add(patterns);
}

/** The innermost file that has something to say decides, as in git. */
function isIgnored(path: string, isDirectory: boolean, layers: readonly IgnoreLayer[]): boolean {
  for (const { folder, rules } of layers) {
    const { ignored, unignored } = rules.test(relativeTo(folder, path) + (isDirectory ? "/" : ""));
    if (ignored) return true;
    if (unignored) return false;
  }
  return false;
}

/**
 * The `.gitignore` files above a named folder, up to its repository, innermost first. Patterns that would ignore the named
 * folder itself are left out.
 */
function layersAbove(files: Files, named: string): IgnoreLayer[] {
  const folders = foldersAbove(named);
  const repository = [named, ...folders].findIndex((folder) => hasEntry(files, folder, ".git"));
  // Without a repository nobody says how far up a `.gitignore` speaks.
  if (repository <= 0) return [];
  return folders.slice(0, repository).flatMap((folder) => {
    const path = `${relativeTo(folder, named)}/`;
    return readIgnoreFile(files, folder, (pattern) => pattern.startsWith("!") || !createRules([pattern]).ignores(path)) ?? [];
  });
}

export function hasEntry(files: Files, folder: string, name: string): boolean {
  const path = inFolder(folder, name);
  return files.isFile(path) || files.isDirectory(path);
}

/** The folders around a path, innermost first. */
export function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let slash = path.lastIndexOf("/"); slash >= 0; slash = path.lastIndexOf("/", slash - 1)) {
    folders.push(slash === 0 ? "/" : path.slice(0, slash));
    if (slash === 0) break;
  }
  // A drive without its slash is no folder.
  return folders.map((folder) => (/^[a-z]:$/.test(folder) ? `${folder}/` : folder)).filter((folder) => folder !== path);
}

/** `path` relative to a folder around it. */
export function relativeTo(folder: string, path: string): string {
  return path.slice(folder.endsWith("/") ? folder.length : folder.length + 1);
}
