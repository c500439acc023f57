/**
 * How much of the installed packages is read. Which files of a package may be read follows from its folders alone, so that
 * the order in which somebody asks for them makes no difference: those nearest to its top come first.
 */
import type { Files } from "./ports.js";

/** Python files of one package: more are read of no other than giants, whose depths no program of ours looks into. */
const FILES_OF_A_PACKAGE = 1000;
/** Files of all packages in one run. Nobody should come near it: beyond it the order of the questions decides. */
const FILES_OF_ALL = 6000;

export class PackageBudget {
  /** Per package that has more files than may be read, those that may. */
  readonly #admitted = new Map<string, ReadonlySet<string> | undefined>();
  readonly #read = new Set<string>();
  readonly #refused = new Set<string>();

  constructor(
    private readonly files: Files,
    /** The folder of packages that a file lies in. */
    private readonly packageFolder: (path: string) => string | undefined,
    private readonly limits = { ofOne: FILES_OF_A_PACKAGE, ofAll: FILES_OF_ALL },
  ) {}

  /** Whether the file may be read; files that are of no package always may. */
  admits(path: string): boolean {
    const folder = this.packageFolder(path);
    if (folder === undefined || this.#read.has(path)) return true;
    const isAdmitted = this.#read.size < this.limits.ofAll && this.#isNearTop(folder, path);
    (isAdmitted ? this.#read : this.#refused).add(path);
    return isAdmitted;
  }

  isRefused(path: string): boolean {
    return this.#refused.has(path);
  }

  /** How many files were asked for and not admitted, so far. */
  get refused(): number {
    return this.#refused.size;
  }

  /** Another environment has other packages. */
  forget(): void {
    this.#admitted.clear();
    this.#read.clear();
    this.#refused.clear();
  }

  #isNearTop(folder: string, path: string): boolean {
    const inside = path.slice(folder.length + 1);
    const slash = inside.indexOf("/");
    if (slash < 0) return true;
    const top = `${folder}/${inside.slice(0, slash)}`;
    if (!this.#admitted.has(top)) this.#admitted.set(top, this.#nearestFiles(top));
    return this.#admitted.get(top)?.has(path) ?? true;
  }

  /** The files nearest to the top of a package, in the order of their names on each level; undefined when it has no more. */
  #nearestFiles(top: string): ReadonlySet<string> | undefined {
    const nearest = new Set<string>();
    const entered = new Set<string>();
    for (let level = [top]; level.length > 0; ) {
      const below: string[] = [];
      for (const folder of level) {
        // Links may lead in a circle.
        const real = this.files.realPath(folder);
        if (entered.has(real)) continue;
        entered.add(real);
        const entries = [...(this.files.list(folder) ?? [])].sort((one, other) => (one.name < other.name ? -1 : 1));
        for (const { name, kind } of entries) {
          if (kind === "directory") below.push(`${folder}/${name}`);
          else if (/\.pyi?$/.test(name)) nearest.add(`${folder}/${name}`);
        }
      }
      if (nearest.size > this.limits.ofOne) return new Set([...nearest].slice(0, this.limits.ofOne));
      level = below.sort();
    }
    return undefined;
  }
}
