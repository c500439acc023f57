/**
 * The linked program: modules, types, calls and effects, and what an edit makes stale. No trees, no positions, no
 * settings: files come in as facts.
 */
import type { FileFacts } from "../facts/types.js";
import type { KnowledgeArchive } from "../knowledge/archive.js";
import { Calls } from "./calls.js";
import { type Cell, cellsOf, holdsClass } from "./cells.js";
import { StubEffects } from "./effects.js";
import { type FunctionEntity, functionAt, type SourceFile, type Unit } from "./entities.js";
import { Evaluator } from "./evaluate.js";
import { Hierarchy } from "./hierarchy.js";
import { dirname, type ModuleRoots, Modules, type SourceProvider } from "./modules.js";
import { Patches } from "./patches.js";
import { Propagation, type Reporting } from "./propagate.js";

/** How often each kind of work was done, so that tests can say which computations an edit ran. */
export interface Counters {
  /** Edits that changed what other functions can see of a file. */
  surfaceChanges: number;
  /** Units resolved anew, by path of their file. */
  readonly relinkedUnits: Map<string, number>;
  /** Functions whose effects were forgotten. */
  forgottenFunctions: number;
  /** Summaries of functions that were computed, of each kind. */
  computedSummaries: number;
}

/** What an edit made stale. */
export interface Stale {
  /** Functions, here and elsewhere, whose effects may differ now. */
  readonly functions: ReadonlySet<FunctionEntity>;
  /** Units whose calls may mean something else now, and those that are gone. */
  readonly units: readonly Unit[];
}

export class Program {
  readonly modules: Modules;
  readonly evaluator: Evaluator;
  readonly stubs: StubEffects;
  readonly hierarchy: Hierarchy;
  readonly calls: Calls;
  readonly propagation: Propagation;
  readonly patches = new Patches();
  /** Files whose effect on the whole program is known. */
  readonly #read = new WeakSet<SourceFile>();
  readonly counters: Counters = { surfaceChanges: 0, relinkedUnits: new Map(), forgottenFunctions: 0, computedSummaries: 0 };

  constructor(provider: SourceProvider, knowledge: KnowledgeArchive | undefined, roots: ModuleRoots, reporting: Reporting) {
    this.modules = new Modules(provider, knowledge, roots);
    this.stubs = new StubEffects(this.modules, knowledge);
    this.evaluator = new Evaluator(this.modules, this.stubs);
    this.stubs.attach(this.evaluator);
    this.hierarchy = new Hierarchy(this.evaluator, reporting);
    this.evaluator.attach(this.hierarchy);
    this.calls = new Calls(this.evaluator, this.stubs, this.hierarchy);
    this.propagation = new Propagation(this.calls, this.evaluator, this.stubs, reporting, () => {
      this.counters.computedSummaries++;
    });
  }

  /** The file at `path`, read when it was not. */
  file(path: string): SourceFile | undefined {
    const file = this.modules.file(path);
    if (file && !this.#read.has(file)) {
      this.#read.add(file);
      this.patches.read(file);
    }
    return file;
  }

  /**
   * Takes the new facts of a file. Returns what may differ now.
   */
  update(path: string, extracted: FileFacts): Stale {
    const file = this.modules.known(path);
    if (!file) {
      this.modules.forgetLayout();
      return { functions: new Set(), units: [] };
    }
    const { fresh, gone, cells } = file.replaceFacts(this.modules.chosen(path, extracted));
    this.patches.read(file);
    if (cells.some(({ kind }) => kind !== "body")) this.counters.surfaceChanges++;
    return this.#forget(cells, [...fresh, ...gone], file.units[0] && fresh.includes(file.units[0]) ? [file] : []);
  }

  /** A file vanished, or appeared where none was. */
  drop(path: string): Stale {
    // Below an `__init__.py` that comes or goes every module has another name.
    const folder = /\/__init__\.pyi?$/.test(path) ? `${dirname(path)}/` : undefined;
    const gone = this.modules.files().filter((file) => file.path === path || (folder && file.path.startsWith(folder)));
    const askers = this.modules.askersOf(path);
    for (const file of gone) this.modules.drop(file.path);
    this.modules.drop(path);
    this.patches.drop(path);
    this.modules.forgetLayout();
    this.counters.surfaceChanges++;
    this.hierarchy.forget(new Set(gone));
    const again = [path, ...gone.map((file) => file.path)].filter((candidate) => this.modules.exists(candidate));
    const fresh = again.flatMap((candidate) => this.file(candidate) ?? []);
    return this.#forget(
      [...gone, ...askers].flatMap(cellsOf),
      [...gone, ...askers].flatMap(({ units }) => units),
      fresh,
    );
  }

  /** Reads the file at `path` and what its classes override. */
  load(path: string): { readonly file: SourceFile | undefined; readonly stale: Stale } {
    const file = this.file(path);
    if (!file || this.hierarchy.has(file)) return { file, stale: { functions: new Set(), units: [] } };
    this.hierarchy.add(file);
    return { file, stale: this.#forget([...this.hierarchy.takeAskers([file])], []) };
  }

  /**
   * Forgets what was derived from `cells`, which differ now, and what a class that is new below another means to those who
   * asked. `units`: those that changed themselves, or are gone; `classes`: files whose classes are to be read again.
   */
  #forget(cells: readonly Cell[], units: readonly Unit[], classes: readonly SourceFile[] = []): Stale {
    const stale = new Set<Cell>();
    const staleUnits = new Set(units);
    let next: Iterable<Cell> = cells;
    let files = new Set(classes);
    do {
      for (const cell of this.#dependents(next, stale)) {
        const { file } = cell.unit;
        // A look-up holds nothing that was derived, and only a body has code that calls.
        if (cell.kind !== "look-up") cell.unit.reset();
        if (cell.kind === "body") staleUnits.add(cell.unit);
        if (holdsClass(cell) && this.modules.known(file.path) === file) files.add(file);
      }
      if (files.size > 0) this.hierarchy.forget(files);
      for (const file of files) this.hierarchy.add(file);
      next = this.hierarchy.takeAskers(files);
      files = new Set();
    } while ([...next].some((cell) => !stale.has(cell)));
    const relinked = [...staleUnits];
    for (const unit of relinked) this.#count(unit);
    return this.#forgetFunctions(relinked);
  }

  /** The cells and all that was derived from them, as far as they are not in `stale`, where they are noted. */
  #dependents(cells: Iterable<Cell>, stale: Set<Cell>): readonly Cell[] {
    const found: Cell[] = [];
    const queue = [...cells];
    for (let cell = queue.pop(); cell; cell = queue.pop()) {
      if (stale.has(cell)) continue;
      stale.add(cell);
      found.push(cell);
      queue.push(...cell.takeDependents());
    }
    return found;
  }

  #count({ file: { path } }: Unit): void {
    const { relinkedUnits } = this.counters;
    relinkedUnits.set(path, (relinkedUnits.get(path) ?? 0) + 1);
  }

  #forgetFunctions(units: readonly Unit[]): Stale {
    const functions = this.propagation.forget(units.flatMap(functionsOf));
    this.counters.forgottenFunctions += functions.size;
    return { functions, units };
  }
}

/** Functions of a unit, lambdas and generator expressions included. */
export function functionsOf(unit: Unit): readonly FunctionEntity[] {
  if (!unit.allFunctions) {
    const functions: FunctionEntity[] = [];
    unit.chunk.scopes.forEach((scope, scopeId) => {
      if (scope.kind !== "module" && scope.kind !== "class") functions.push(functionAt(unit, scopeId));
    });
    unit.allFunctions = functions.slice();
  }
  return unit.allFunctions;
}
