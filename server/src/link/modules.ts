/**
 * Which file a dotted module name means, seen from a file. Python's own search path is not known to a linter, so the
 * import roots are read off the layout: the folder above the outermost `__init__.py`, the workspace folders and their
 * `src`, configured roots, installed packages, typeshed, our stubs, then the folders between a file and its workspace
 * folder, whose modules a script beside them can import, and last the other projects in the workspace.
 */

import { DEFAULT_TARGET, type Target, TargetChooser } from "../facts/target.js";
import type { FileFacts } from "../facts/types.js";
import type { KnowledgeArchive } from "../knowledge/archive.js";
import { SourceFile } from "./entities.js";
import type { Module, UnreadReason } from "./types.js";

/** What the linker needs of the file system and of the parser; implemented above it. */
export interface SourceProvider {
  /** Names in a folder: files as they are, folders with a trailing slash; undefined when there is none. */
  folder(path: string): ReadonlySet<string> | undefined;
  /** Facts of a Python file; undefined when it cannot be read. */
  facts(path: string): FileFacts | undefined;
  /** Why `facts` has none for a file that is there. */
  whyUnread(path: string): UnreadReason;
}

export interface ModuleRoots {
  /** Workspace folders, absolute, without trailing slash. */
  readonly folders: readonly string[];
  /** Further import roots of the workspace's own code. */
  readonly roots: readonly string[];
  /** Roots of the projects in the workspace: what no nearer root has may lie in one of them. */
  readonly projectRoots: readonly string[];
  /** Per workspace folder; the first one's standard library is that of all. */
  readonly pythons: readonly WorkingPython[];
  /** Stub files of the user's own, by the module they speak of. */
  readonly userStubs: ReadonlyMap<string, string>;
}

/** The Python that one folder of the workspace works with, and what it imports beside its own code. */
export interface WorkingPython {
  readonly folder: string;
  readonly packageFolders: readonly string[];
  /** Packages and modules that an editable install maps by name: dotted name -> its folder, or its file without suffix. */
  readonly mapped: ReadonlyMap<string, string>;
  /** Folders whose files are no code of the workspace. */
  readonly foreign: readonly string[];
  /** The Python and the platform whose definition counts where there are several. */
  readonly target: Target;
  /** What is known of the Pythons and platforms that the folder's own code runs on. */
  readonly runsOn: Target;
}

/** What the folder of a package's types is called behind the package's name. */
const STUB_PACKAGE = "-stubs";
const STUB_PACKAGE_FOLDER = /^(\w+)-stubs\//;

const ANY_PYTHON: WorkingPython = {
  folder: "",
  packageFolders: [],
  mapped: new Map(),
  foreign: [],
  target: DEFAULT_TARGET,
  runsOn: {},
};

export class Modules {
  readonly #userStubModules: readonly string[];
  readonly #packageFolders: readonly string[];
  readonly #choosers = new Map<Target, TargetChooser>();
  readonly #files = new Map<string, SourceFile | undefined>();
  readonly #resolved = new Map<string, Module | undefined>();
  /** What the knowledge has, or has not. */
  readonly #shelves = { typeshed: new Map<string, Module | null>(), stub: new Map<string, Module | null>() };
  /** Which files asked for a module, found or not, by its dotted name. */
  readonly #askers = new Map<string, Set<SourceFile>>();

  constructor(
    private readonly provider: SourceProvider,
    private readonly knowledge: KnowledgeArchive | undefined,
    private readonly roots: ModuleRoots,
  ) {
    this.#userStubModules = [...roots.userStubs.keys()];
    this.#packageFolders = [...new Set(roots.pythons.flatMap(({ foreign }) => foreign))];
  }

  /** The file at `path` as part of the program. */
  file(path: string): SourceFile | undefined {
    if (this.#files.has(path)) return this.#files.get(path);
    const facts = this.provider.facts(path);
    const file = facts && this.#newFile(path, this.chosen(path, facts));
    this.#files.set(path, file);
    return file;
  }

  /** Facts of the file at `path`, for the Python its folder works with. */
  chosen(path: string, facts: FileFacts): FileFacts {
    return this.#chooser(this.#pythonAt(path).target).file(facts);
  }

  #chooser(target: Target): TargetChooser {
    let chooser = this.#choosers.get(target);
    if (!chooser) {
      chooser = new TargetChooser(target);
      this.#choosers.set(target, chooser);
    }
    return chooser;
  }

  /** What is known of the Python and the platform that runs a file. */
  runsOn(file: SourceFile): Target {
    const python = this.#pythonAt(file.path);
    return file.origin === "workspace" ? python.runsOn : python.target;
  }

  /** Every file read so far. */
  files(): SourceFile[] {
    return [...this.#files.values()].filter((file) => file !== undefined);
  }

  /** Whether the file is there, read or not. */
  exists(path: string): boolean {
    return this.#has(dirname(path), lastSegment(path));
  }

  /** The file at `path` if it was read already. */
  known(path: string): SourceFile | undefined {
    return this.#files.get(path);
  }

  /** The file is gone, or is to be read again. */
  drop(path: string): void {
    this.#files.delete(path);
    this.#resolved.clear();
  }

  /** Files that may mean other modules by their imports once the file at `path` has appeared or vanished. */
  askersOf(path: string): SourceFile[] {
    const segments = new Set<string>();
    const name = path.slice(path.lastIndexOf("/") + 1);
    let folder = dirname(path);
    if (/^__init__\.pyi?$/.test(name)) {
      segments.add(lastSegment(folder));
      folder = dirname(folder);
    } else segments.add(name.replace(/\.pyi?$/, ""));
    // The first Python file makes its folder, and those above it, a package.
    for (let up = 0; up < 4 && !this.#holdsOthers(folder, name); up++) {
      segments.add(lastSegment(folder));
      folder = dirname(folder);
    }
    const askers = new Set<SourceFile>();
    // A stub says what the source beside it leaves open, and names the classes of that source.
    const beside = this.#files.get(path.endsWith(".pyi") ? path.slice(0, -1) : `${path}i`);
    if (beside) askers.add(beside);
    for (const [asked, files] of this.#askers) {
      if (!asked.split(".").some((segment) => segments.has(segment))) continue;
      for (const file of files) {
        if (this.#files.get(file.path) === file) askers.add(file);
        else files.delete(file);
      }
    }
    return [...askers];
  }

  #holdsOthers(folder: string, name: string): boolean {
    for (const other of this.provider.folder(folder) ?? []) if (other.endsWith(".py") && other !== name) return true;
    return false;
  }

  #ask(name: string, from: SourceFile): void {
    const askers = this.#askers.get(name);
    if (askers) askers.add(from);
    else this.#askers.set(name, new Set([from]));
  }

  /** Files appeared or vanished: names may mean other modules now. */
  forgetLayout(): void {
    this.#resolved.clear();
    for (const [path, file] of this.#files) if (!file) this.#files.delete(path);
    // A stub of the user's own may be readable now.
    for (const [name, module] of this.#shelves.stub) if (!module) this.#shelves.stub.delete(name);
  }

  #newFile(path: string, facts: FileFacts): SourceFile {
    const site = this.#packageFolder(path);
    const base = path.slice(path.lastIndexOf("/") + 1).replace(/\.pyi?$/, "");
    const isPackage = base === "__init__";
    const root = site ?? this.#packageRoot(dirname(path));
    const inside = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : base;
    const module = inside
      .replace(STUB_PACKAGE_FOLDER, "$1/")
      .replace(/\.pyi?$/, "")
      .replace(/(^|\/)__init__$/, "")
      .replaceAll("/", ".");
    return new SourceFile(path, module || base, site ? "package" : "workspace", isPackage, facts, [
      root,
      ...this.#folderRoots(path),
    ]);
  }

  /** The folder of packages that the file lies in, unless it is code of the workspace. */
  #packageFolder(path: string): string | undefined {
    const isAround = (folder: string): boolean => path.startsWith(`${folder}/`);
    const site = longest(this.#packageFolders.filter(isAround));
    const own = longest(this.roots.folders.filter(isAround));
    // An environment may lie in the workspace, and the workspace in a folder of packages.
    return site !== undefined && own !== undefined && own.length >= site.length ? undefined : site;
  }

  /** The first folder upwards without an `__init__.py` beside the file. */
  #packageRoot(folder: string): string {
    let at = folder;
    while (this.#has(at, "__init__.py") && dirname(at) !== at) at = dirname(at);
    return at;
  }

  /** Folders between a file and its workspace folder, the workspace folder first. */
  #folderRoots(path: string): string[] {
    const folder = this.roots.folders.find((candidate) => path.startsWith(`${candidate}/`));
    if (!folder) return [];
    const between: string[] = [];
    for (let at = dirname(path); at.length > folder.length; at = dirname(at)) between.push(at);
    return between;
  }

  #has(folder: string, name: string): boolean {
    return this.provider.folder(folder)?.has(name) ?? false;
  }

  /** The module `name` (absolute, dotted) as `from` would import it. */
  resolve(name: string, from: SourceFile): Module | undefined {
    if (from.origin === "typeshed" || from.origin === "stub") return this.#known(name);
    this.#ask(name, from);
    const key = `${from.roots[0] ?? ""}\0${dirname(from.path)}\0${name}`;
    if (this.#resolved.has(key)) return this.#resolved.get(key);
    const module = this.#search(name, from, this.#pythonAt(from.path));
    this.#resolved.set(key, module);
    return module;
  }

  /** The Python of the folder that a file of the workspace lies in, or the one that a package is installed for. */
  #pythonAt(path: string): WorkingPython {
    const { pythons } = this.roots;
    const site = this.#packageFolder(path);
    if (site !== undefined) return pythons.find(({ foreign }) => foreign.includes(site)) ?? ANY_PYTHON;
    const folder = longest(pythons.map((python) => python.folder).filter((one) => path.startsWith(`${one}/`)));
    return pythons.find((python) => python.folder === folder) ?? pythons[0] ?? ANY_PYTHON;
  }

  #search(name: string, from: SourceFile, python: WorkingPython): Module | undefined {
    const packageRoot = from.roots[0] ?? "";
    const isScript = from.origin === "workspace" && packageRoot === dirname(from.path) && !this.#has(packageRoot, "__init__.py");
    const first = isScript ? [] : [packageRoot];
    const roots = [...first, ...this.roots.folders, ...this.roots.folders.map((folder) => `${folder}/src`), ...this.roots.roots];
    return (
      this.#inRoots(name, roots) ??
      this.#mapped(name, python) ??
      this.#inRoots(name, python.packageFolders) ??
      this.#known(name) ??
      (isScript ? this.#inRoots(name, [packageRoot]) : undefined) ??
      this.#inRoots(name, from.roots.slice(1)) ??
      this.#inOneProject(name)
    );
  }

  /** A module that an editable install maps to where it is worked on. */
  #mapped(name: string, { mapped }: WorkingPython): Module | undefined {
    if (mapped.size === 0) return undefined;
    const parts = name.split(".");
    for (let length = parts.length; length > 0; length--) {
      const mappedName = parts.slice(0, length).join(".");
      const target = mapped.get(mappedName);
      if (target === undefined) continue;
      let module = this.#child(mappedName, lastSegment(target), [dirname(target)]);
      for (const [index, part] of parts.slice(length).entries()) {
        module = module && this.#child(parts.slice(0, length + index + 1).join("."), part, module.folders);
      }
      return module;
    }
    return undefined;
  }

  /** The one project of the workspace that has the name: where several have it, nobody knows which is meant. */
  #inOneProject(name: string): Module | undefined {
    const top = name.split(".", 1)[0] as string;
    const holders = this.roots.projectRoots.filter((root) => this.#has(root, `${top}/`) || this.#has(root, `${top}.py`));
    const [holder] = holders;
    return holder !== undefined && holders.length === 1 ? this.#under(name, [holder]) : undefined;
  }

  /** Finds `a.b.c` in the first root that has `a` as more than an empty folder name. */
  #inRoots(name: string, roots: readonly string[]): Module | undefined {
    for (const root of roots) {
      const module = this.#under(name, [root]);
      if (module) return module;
    }
    return undefined;
  }

  #under(name: string, start: readonly string[]): Module | undefined {
    let folders = start;
    let module: Module | undefined;
    let full = "";
    for (const part of name.split(".")) {
      full = full ? `${full}.${part}` : part;
      module = this.#child(full, part, folders);
      if (!module) return undefined;
      folders = module.folders;
    }
    return module;
  }

  /** The module called `part` in one of `folders`. */
  #child(full: string, part: string, folders: readonly string[]): Module | undefined {
    for (const folder of folders) {
      const names = this.provider.folder(folder);
      if (!names) continue;
      if (names.has(`${part}/`)) {
        const inside = `${folder}/${part}`;
        const entries = this.provider.folder(inside);
        for (const init of ["__init__.py", "__init__.pyi"]) {
          if (entries?.has(init)) return this.#moduleAt(full, `${inside}/${init}`, [inside]);
        }
      }
      for (const file of [`${part}.py`, `${part}.pyi`]) {
        if (names.has(file)) return this.#moduleAt(full, `${folder}/${file}`, []);
      }
      if (names.has(`${part}/`) && this.#holdsPython(`${folder}/${part}`, 0)) {
        return { name: full, file: undefined, folders: [`${folder}/${part}`] };
      }
    }
    // Compiled packages, and those that are not installed, may have their types in a package of their own.
    if (full !== part) return undefined;
    for (const folder of folders) {
      const stubs = `${folder}/${part}${STUB_PACKAGE}`;
      if (this.#has(stubs, "__init__.pyi")) return this.#moduleAt(full, `${stubs}/__init__.pyi`, [stubs]);
    }
    return undefined;
  }

  /**
   * The stub with the types of a source file: beside it, else in the stub package `name-stubs` of an installed one. The
   * source says what blocks, so it stays what its module means.
   */
  typesFor(file: SourceFile): SourceFile | undefined {
    const hasBodies = file.origin === "workspace" || file.origin === "package";
    if (!hasBodies || !file.path.endsWith(".py")) return undefined;
    if (this.exists(`${file.path}i`)) return this.file(`${file.path}i`);
    const [root] = file.roots;
    if (root === undefined || file.origin !== "package") return undefined;
    const [top, ...inside] = file.module.split(".") as [string, ...string[]];
    const path = [`${top}${STUB_PACKAGE}`, ...inside].join("/");
    for (const folder of new Set([root, ...this.#pythonAt(file.path).packageFolders])) {
      if (!this.#has(folder, `${top}${STUB_PACKAGE}/`)) continue;
      const stub = [`${folder}/${path}/__init__.pyi`, `${folder}/${path}.pyi`].find((at) => this.exists(at));
      if (stub !== undefined) return this.file(stub);
    }
    return undefined;
  }

  /** The module that a stub gives the types of, where its source is there, too. */
  sourceOf(stub: SourceFile): Module | undefined {
    const isApart = stub.origin === "workspace" || stub.origin === "package";
    if (!isApart || !stub.path.endsWith(".pyi")) return undefined;
    const beside = stub.path.slice(0, -1);
    if (this.exists(beside)) return this.#moduleAt(stub.module, beside, stub.isPackage ? [dirname(beside)] : []);
    if (stub.origin !== "package") return undefined;
    const module = this.#inRoots(stub.module, this.#pythonAt(stub.path).packageFolders);
    return module?.file && module.file !== stub && this.typesFor(module.file) === stub ? module : undefined;
  }

  #moduleAt(name: string, path: string, folders: readonly string[]): Module {
    const file = this.file(path);
    return file ? { name, file, folders } : { name, file, folders, unread: this.provider.whyUnread(path) };
  }

  /** A folder is a namespace package only when Python files lie in it, or below it. */
  #holdsPython(folder: string, depth: number): boolean {
    const names = this.provider.folder(folder);
    if (!names) return false;
    for (const name of names) if (name.endsWith(".py")) return true;
    if (depth >= 3) return false;
    for (const name of names) {
      if (name.endsWith("/") && !name.startsWith(".") && this.#holdsPython(`${folder}/${name.slice(0, -1)}`, depth + 1))
        return true;
    }
    return false;
  }

  /** The standard library is typeshed's, also for our stubs: theirs of the same modules say effects, not types. */
  #known(name: string): Module | undefined {
    return this.#shelved(name, "typeshed") ?? this.#shelved(name, "stub") ?? this.#stubPackage(name);
  }

  /** A package of which only modules below it are described. */
  #stubPackage(name: string): Module | undefined {
    return this.knowledge?.hasBelow("stubs", name) ? { name, file: undefined, folders: [] } : undefined;
  }

  #shelved(name: string, origin: "typeshed" | "stub"): Module | undefined {
    const shelf = this.#shelves[origin];
    let module = shelf.get(name);
    if (module === undefined) {
      const path = `${origin}:${name}`;
      const file = this.#packed(name, origin, path) ?? (origin === "stub" ? this.userStub(name) : undefined);
      if (file) this.#files.set(path, file);
      module = file ? { name, file, folders: [] } : null;
      shelf.set(name, module);
    }
    return module ?? undefined;
  }

  #packed(name: string, origin: "typeshed" | "stub", path: string): SourceFile | undefined {
    const known = this.knowledge?.module(origin === "stub" ? "stubs" : "typeshed", name);
    // One standard library serves all folders.
    const facts = known && this.#chooser((this.roots.pythons[0] ?? ANY_PYTHON).target).file(known.facts);
    const file = known && facts && new SourceFile(path, name, origin, known.isPackage, facts, []);
    if (file) file.publicModule = origin === "typeshed" ? this.#publicName(name) : publicPackage(name);
    return file;
  }

  /** What the user's own stubs say of a module. */
  userStub(name: string): SourceFile | undefined {
    const path = this.roots.userStubs.get(name);
    if (path === undefined) return undefined;
    // The same file may be open as a document of the workspace, where it is no stub.
    const key = `user:${name}`;
    if (!this.#files.has(key)) {
      const facts = this.provider.facts(path);
      const chosen = facts && this.chosen(path, facts);
      this.#files.set(key, chosen && new SourceFile(path, name, "stub", path.endsWith("/__init__.pyi"), chosen, []));
    }
    return this.#files.get(key);
  }

  /** A module whose package exports all of it goes by the package, a C module by the module in front of it. */
  #publicName(name: string): string {
    const dot = name.lastIndexOf(".");
    if (dot < 0) return name.startsWith("_") && this.knowledge?.has("typeshed", name.slice(1)) ? name.slice(1) : name;
    const stars = this.typeshed(name.slice(0, dot))?.moduleUnit.chunk.scopes[0]?.stars ?? [];
    return stars.some(([level, module]) => level === 1 && module === name.slice(dot + 1)) ? name.slice(0, dot) : name;
  }

  /** Modules that the user's own stubs speak of. */
  userStubModules(): readonly string[] {
    return this.#userStubModules;
  }

  /** A module of our stubs, whether or not the package is installed. */
  stub(name: string): SourceFile | undefined {
    return this.#shelved(name, "stub")?.file;
  }

  typeshed(name: string): SourceFile | undefined {
    return this.#shelved(name, "typeshed")?.file;
  }

  /** The submodule `name` of `module`. */
  submodule(module: Module, name: string, from: SourceFile): Module | undefined {
    const full = `${module.name}.${name}`;
    this.#ask(full, from);
    const { file } = module;
    if (module.folders.length > 0) {
      const child = this.#child(full, name, module.folders);
      // A namespace such as `google` is there as soon as one of its packages is.
      return child ?? (file ? undefined : this.#known(full));
    }
    if (file?.isPackage && (file.origin === "typeshed" || file.origin === "stub")) return this.#known(full);
    // Stubs may spread over modules whose parent has no file of its own.
    return file ? undefined : this.resolve(full, from);
  }

  /** The module a relative import names: `level` dots, then `name`. */
  relative(level: number, name: string, from: SourceFile): Module | undefined {
    if (from.origin === "typeshed" || from.origin === "stub") {
      const parts = from.module.split(".");
      const keep = parts.length - level + (from.isPackage ? 1 : 0);
      const base = parts.slice(0, Math.max(0, keep)).join(".");
      return this.#known(name ? `${base}.${name}` : base);
    }
    let folder = dirname(from.path);
    for (let up = 1; up < level; up++) folder = dirname(folder);
    const parent = parentModuleName(from, level);
    this.#ask(name ? `${parent}.${name}` : parent, from);
    if (name) return this.#under(name, [folder]);
    const init = ["__init__.py", "__init__.pyi"].find((file) => this.#has(folder, file));
    return { name: parent, file: init ? this.file(`${folder}/${init}`) : undefined, folders: [folder] };
  }
}

function parentModuleName(from: SourceFile, level: number): string {
  const parts = from.module.split(".");
  return parts.slice(0, Math.max(0, parts.length - level + (from.isPackage ? 1 : 0))).join(".");
}

function longest(folders: readonly string[]): string | undefined {
  return folders.reduce<string | undefined>((best, folder) => (folder.length > (best?.length ?? -1) ? folder : best), undefined);
}

/** The package of another's private module, which exports what is told of it: `google.auth._default` -> `google.auth`. */
function publicPackage(name: string): string {
  const at = name.indexOf("._");
  return at < 0 ? name : name.slice(0, at);
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function dirname(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}
