/**
 * Which Python environment a folder works with, and where its packages lie. All of it is read off folders and small text
 * files, as `site` and `venv` document them: no interpreter is ever run.
 */
import { DEFAULT_TARGET, type Platform, type Target } from "../facts/target.js";
import type { WorkingPython } from "../link/modules.js";
import type { Configuration } from "./configuration.js";
import type { Problem, WorkspaceFolder } from "./host.js";
import type { Files } from "./ports.js";
import { foldersAbove, hasEntry, NEVER_ENTERED, relativeTo } from "./selection.js";

/** The newest minor version decides where a folder holds several; what is written in `pyvenv.cfg` decides over it. */
export type PythonVersion = readonly [major: number, minor: number];

export interface PythonEnvironment {
  /** Folders of installed packages, in the order in which its Python searches them. */
  readonly packageFolders: readonly string[];
  /** Folders that `.pth` files in them name: sources that are worked on in place. */
  readonly linkedFolders: readonly string[];
  /** Packages and modules that an editable install maps by name: dotted name -> its folder, or its file without suffix. */
  readonly mapped: ReadonlyMap<string, string>;
  readonly version?: PythonVersion;
  /** Why packages that somebody expects there cannot be read. */
  readonly problems: readonly Problem[];
}

/** Environment variables of the machine, by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

const NOWHERE: PythonEnvironment = { packageFolders: [], linkedFolders: [], mapped: new Map(), problems: [] };
const LARGEST_SMALL_FILE = 1024 * 1024;
const CONFIGURATION = "pyvenv.cfg";

/**
 * The environment of `folder`: that of `pythonPath` (an interpreter or the folder of an environment) when it is given, else
 * `.venv`, `venv` or `env` in the folder or above it up to its repository, else the active virtual environment, the active
 * conda environment, and last the Python that a shell would start.
 */
export function environmentOf(files: Files, folder: string, pythonPath: string, variables: Variables): PythonEnvironment {
  if (pythonPath !== "") return namedEnvironment(files, absoluteIn(folder, corePath(pythonPath)));
  for (const around of [folder, ...foldersUpToRepository(files, folder)]) {
    for (const name of [".venv", "venv", "env"]) {
      const prefix = inside(around, name);
      if (files.isFile(inside(prefix, CONFIGURATION))) return virtualEnvironment(files, prefix);
    }
  }
  for (const variable of ["VIRTUAL_ENV", "CONDA_PREFIX"]) {
    const prefix = corePath(variables[variable] ?? "").replace(/\/$/, "");
    // What lies in an environment is what is to be checked, not what is known.
    if (prefix === "" || folder === prefix || folder.startsWith(`${prefix}/`)) continue;
    if (files.isDirectory(prefix)) return anyEnvironment(files, prefix);
  }
  const onPath = interpreterOnPath(files, variables);
  return onPath === undefined ? NOWHERE : { ...interpreterEnvironment(files, onPath, variables), problems: [] };
}

/** The folders above, up to the repository's; without a repository nobody says how far up the project goes. */
function foldersUpToRepository(files: Files, folder: string): readonly string[] {
  const folders = foldersAbove(folder);
  const repository = [folder, ...folders].findIndex((around) => hasEntry(files, around, ".git"));
  return folders.slice(0, Math.max(0, repository));
}

/** What a folder of the workspace imports from its environment, and which of that is code of the workspace itself. */
export interface Installed extends WorkingPython {
  /** Linked folders of the workspace: import roots of its own code. */
  readonly ownRoots: readonly string[];
}

/** `folders`: all of the workspace. */
export function installedIn(
  environment: PythonEnvironment,
  { path: folder, configuration }: WorkspaceFolder,
  folders: readonly string[],
): Installed {
  const isOwn = (path: string): boolean =>
    folders.some((own) => {
      if (path === own) return true;
      // An environment in the workspace holds sources, too: `.venv/src/package`.
      return (
        path.startsWith(`${own}/`) &&
        !relativeTo(own, path)
          .split("/")
          .some((part) => NEVER_ENTERED.has(part))
      );
    });
  const { linkedFolders, mapped } = environment;
  const packageFolders = [...environment.packageFolders, ...linkedFolders.filter((linked) => !isOwn(linked))];
  const mappedFolders = [...mapped.values()].filter((path) => !isOwn(path)).map((path) => path.replace(/\/[^/]*$/, ""));
  return {
    folder,
    packageFolders,
    mapped,
    foreign: [...packageFolders, ...mappedFolders],
    ownRoots: linkedFolders.filter(isOwn),
    ...targetsOf(configuration, environment),
  };
}

/**
 * What settings say holds for all code. Without them the environment's Python, else the newest, decides which of several
 * definitions counts, and every branch of the user's own code is code that runs somewhere.
 */
function targetsOf(
  { pythonVersion, pythonPlatform }: Configuration,
  { version }: PythonEnvironment,
): Pick<Installed, "target" | "runsOn"> {
  const named = versionIn(pythonVersion);
  const platform = pythonPlatform === "all" ? undefined : PLATFORMS[pythonPlatform];
  const runsOn: Target = { ...(named ? { version: named } : {}), ...(platform ? { platform } : {}) };
  return { runsOn, target: { ...DEFAULT_TARGET, ...(version ? { version } : {}), ...runsOn } };
}

const PLATFORMS: Readonly<Record<Exclude<Configuration["pythonPlatform"], "all">, Platform>> = {
  linux: "linux",
  darwin: "darwin",
  windows: "win32",
};

// ---- The kinds of environments ----

function namedEnvironment(files: Files, path: string): PythonEnvironment {
  if (files.isDirectory(path)) return anyEnvironment(files, path.replace(/\/$/, ""));
  if (!files.isFile(path) && !files.isDirectory(prefixOf(path))) {
    return { ...NOWHERE, problems: [{ file: path, message: "is no Python interpreter; no installed packages are read" }] };
  }
  return interpreterEnvironment(files, path, {});
}

function interpreterEnvironment(files: Files, interpreter: string, variables: Variables): PythonEnvironment {
  const prefix = prefixOf(interpreter);
  // The interpreter of a virtual environment is a link to another one's: the folder it is named in counts.
  if (files.isFile(inside(prefix, CONFIGURATION))) return virtualEnvironment(files, prefix);
  const real = files.realPath(interpreter);
  const version = versionIn(/\/python(3\.\d+)(?:\.exe)?$/.exec(interpreter)?.[1] ?? /\/python(3\.\d+)$/.exec(real)?.[1]);
  return systemEnvironment(files, [...new Set([prefix, prefixOf(real)])], version, variables);
}

function anyEnvironment(files: Files, prefix: string): PythonEnvironment {
  if (files.isFile(inside(prefix, CONFIGURATION))) return virtualEnvironment(files, prefix);
  return systemEnvironment(files, [prefix], undefined, {});
}

/** `/venv/bin/python` -> `/venv`; on Windows the interpreter of an installation stands in its folder itself. */
function prefixOf(interpreter: string): string {
  const folder = interpreter.replace(/\/[^/]*$/, "");
  return folder.replace(/\/(bin|Scripts)$/i, "");
}

/** An environment that `venv`, `virtualenv` or `uv` made. */
function virtualEnvironment(files: Files, prefix: string): PythonEnvironment {
  const settings = keysOf(files, inside(prefix, CONFIGURATION));
  const named = versionIn(settings.get("version") ?? settings.get("version_info"));
  const own = libraryFolders(files, [prefix], named);
  const version = named ?? own.version;
  const problems = problemsOf(files, prefix, own.folders);
  const home = corePath(settings.get("home") ?? "");
  const withSystem = settings.get("include-system-site-packages")?.toLowerCase() === "true" && home !== "";
  // `home` is the folder of the interpreter that the environment was made with.
  const system = withSystem ? libraryFolders(files, systemPrefixes([prefixOf(`${home}/python`)]), version).folders : [];
  return withInstallFiles(files, [...own.folders, ...system], version, problems);
}

/** An installation of Python, or an environment of conda. */
function systemEnvironment(
  files: Files,
  prefixes: readonly string[],
  named: PythonVersion | undefined,
  { HOME }: Variables,
): PythonEnvironment {
  const { folders, version } = libraryFolders(files, systemPrefixes(prefixes), named);
  const problems = problemsOf(files, prefixes[0] as string, folders);
  // What `pip install --user` installed comes first.
  const user = HOME && version ? [`${corePath(HOME)}/.local/lib/python${version.join(".")}/site-packages`] : [];
  return withInstallFiles(files, [...user.filter((folder) => files.isDirectory(folder)), ...folders], version, problems);
}

/** Debian's Python looks below `/usr/local` before its own folders. */
function systemPrefixes(prefixes: readonly string[]): readonly string[] {
  return prefixes.flatMap((prefix) => [inside(prefix, "local"), prefix]);
}

function problemsOf(files: Files, prefix: string, folders: readonly string[]): readonly Problem[] {
  if (folders.length === 0) {
    return [{ file: prefix, message: "has no folder of installed packages; calls into packages stay unknown" }];
  }
  return folders
    .filter((folder) => files.list(folder) === undefined)
    .map((file) => ({ file, message: "cannot be listed; calls into its packages stay unknown" }));
}

/** The first Python on the PATH. Nobody knows which one the starter script of a version manager would choose: it has none. */
function interpreterOnPath(files: Files, { PATH, Path }: Variables): string | undefined {
  const path = PATH ?? Path ?? "";
  const isWindows = path.includes(";") || /^[A-Za-z]:/.test(path);
  for (const folder of path
    .split(isWindows ? ";" : ":")
    .filter(Boolean)
    .map(corePath)) {
    for (const name of ["python3", "python", "python3.exe", "python.exe"]) {
      const file = inside(folder.replace(/\/$/, ""), name);
      if (files.isFile(file)) return file;
    }
  }
  return undefined;
}

// ---- Folders of packages ----

/**
 * Folders of installed packages below prefixes: `lib/python3.12/site-packages` and its likes, `Lib/site-packages` of
 * Windows, Debian's `lib/python3/dist-packages`. Those of another Python than `version`, or than the newest, are not its.
 */
function libraryFolders(
  files: Files,
  prefixes: readonly string[],
  version: PythonVersion | undefined,
): { readonly folders: readonly string[]; readonly version?: PythonVersion } {
  const found: { readonly folder: string; readonly version: PythonVersion | undefined }[] = [];
  for (const prefix of prefixes) {
    for (const library of ["lib", "lib64", "Lib"].map((name) => inside(prefix, name))) {
      for (const { name, kind } of files.list(library) ?? []) {
        if (kind !== "directory") continue;
        if (name === "site-packages") found.push({ folder: inside(library, name), version: undefined });
        if (!/^(python|pypy)3(\.\d+)?t?$/.test(name)) continue;
        for (const packages of ["site-packages", "dist-packages"]) {
          const folder = `${library}/${name}/${packages}`;
          if (files.isDirectory(folder)) found.push({ folder, version: versionIn(name) });
        }
      }
    }
  }
  const versions = found.flatMap(({ version: one }) => (one ? [one] : []));
  const wanted = version ?? versions.sort(([, one], [, other]) => other - one)[0];
  const folders = found.filter(({ version: one }) => one === undefined || wanted === undefined || one[1] === wanted[1]);
  const unique = new Map(folders.map(({ folder }) => [files.realPath(folder), folder] as const).reverse());
  return { folders: [...unique.values()].reverse(), ...(wanted ? { version: wanted } : {}) };
}

/** `3.11.2`, `3.11.2.final.0`, `python3.11`. */
function versionIn(text: string | undefined): PythonVersion | undefined {
  const found = /(3)\.(\d+)/.exec(text ?? "");
  return found ? [Number(found[1]), Number(found[2])] : undefined;
}

/** Lines `key = value`. */
function keysOf(files: Files, path: string): ReadonlyMap<string, string> {
  const text = smallText(files, path) ?? "";
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const equals = line.indexOf("=");
      return equals < 0 ? [] : [[line.slice(0, equals).trim().toLowerCase(), line.slice(equals + 1).trim()] as const];
    }),
  );
}

// ---- What an installer leaves beside the packages ----

/** Adds the folders that `.pth` files name, and what editable installs map. */
function withInstallFiles(
  files: Files,
  folders: readonly string[],
  version: PythonVersion | undefined,
  problems: readonly Problem[],
): PythonEnvironment {
  const linked = new Set<string>();
  const mapped = new Map<string, string>();
  for (const folder of folders) {
    const names = (files.list(folder) ?? []).filter(({ kind }) => kind === "file").map(({ name }) => name);
    for (const name of names.sort()) {
      if (name.endsWith(".pth")) {
        for (const path of pathsIn(smallText(files, inside(folder, name)) ?? "")) {
          const named = absoluteIn(folder, corePath(path));
          if (!folders.includes(named) && files.isDirectory(named)) linked.add(named);
        }
      } else if (/^__editable__.*_finder\.py$/.test(name)) {
        for (const [module, path] of mappingIn(smallText(files, inside(folder, name)) ?? "")) mapped.set(module, corePath(path));
      }
    }
  }
  return { packageFolders: folders, linkedFolders: [...linked], mapped, problems, ...(version ? { version } : {}) };
}

/** Lines that name a folder. Lines that begin with `import` are run by Python, and by nobody here. */
function pathsIn(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trimEnd());
  return lines.filter((line) => line !== "" && !line.startsWith("#") && !/^import[ \t]/.test(line) && !line.includes("\0"));
}

/** The literal `MAPPING = {'package': '/where/it/lies'}` of the module that an editable install of setuptools leaves. */
function mappingIn(text: string): readonly (readonly [module: string, path: string])[] {
  const literal = /^MAPPING\b[^={]*=\s*\{([^}]*)\}/m.exec(text)?.[1] ?? "";
  const pairs = literal.matchAll(/(['"])([\w.]+)\1\s*:\s*(['"])((?:(?!\3)[^\\\n]|\\.)*)\3/g);
  return [...pairs].map((pair) => [pair[2] as string, (pair[4] as string).replace(/\\(.)/g, "$1")] as const);
}

function smallText(files: Files, path: string): string | undefined {
  const read = files.read(path, LARGEST_SMALL_FILE);
  return read?.kind === "text" ? read.text : undefined;
}

// ---- Paths ----

function inside(folder: string, name: string): string {
  return `${folder === "/" ? "" : folder}/${name}`;
}

/** A path of Windows as the core writes it. */
export function corePath(path: string): string {
  if (!/^[A-Za-z]:|\\/.test(path)) return path;
  return path.replaceAll("\\", "/").replace(/^[A-Z]:/, (drive) => drive.toLowerCase());
}

/** `path` seen from `folder`, `.` and `..` resolved. */
export function absoluteIn(folder: string, path: string): string {
  const from = /^(\/|[a-z]:(\/|$))/i.test(path) ? path : `${folder}/${path}`;
  const parts: string[] = [];
  for (const part of from.split("/")) {
    if (part === "..") {
      if (parts.length > 1) parts.pop();
    } else if (part !== "." && (part !== "" || parts.length === 0)) parts.push(part);
  }
  return parts.length === 1 && parts[0] === "" ? "/" : parts.join("/");
}
