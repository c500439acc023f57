/**
 * The linked program: modules, types, calls and effects, and what an edit makes stale. No trees, no positions, no
 * settings: files come in as facts.
 */
import { surfaceOf } from "../facts/surface.js";
import type { FileFacts } from "../facts/types.js";
import type { KnowledgeArchive } from "../knowledge/archive.js";
import { Calls } from "./calls.js";
import { StubEffects } from "./effects.js";
import { type FunctionEntity, functionAt, type SourceFile, type Unit } from "./entities.js";
import { Evaluator } from "./evaluate.js";
import { type Askers, Hierarchy } from "./hierarchy.js";
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
    if (file && file.surface === "") {
      file.surface = surfaceOf(file.facts);
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
    const facts = this.modules.chosen(path, extracted);
    const before = file.surface;
    const earlier = file.units;
    const fresh = file.replaceFacts(facts);
    const units = earlier === file.units ? [] : goneFrom(earlier, file.units);
    file.surface = surfaceOf(facts);
    this.patches.read(file);
    if (file.surface !== before) return this.#forgetFiles([file], units);
    this.#count(file, fresh.length);
    this.evaluator.classes.forgetAttributes(file);
    return this.#forgetFunctions([...fresh, ...units]);
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
    return this.#forgetFiles([...gone, ...askers], [], new Set(gone), [path, ...gone.map((file) => file.path)]);
  }

  /** Reads the file at `path` and what its classes override. */
  load(path: string): { readonly file: SourceFile | undefined; readonly stale: Stale } {
    const file = this.file(path);
    if (!file || this.hierarchy.has(file)) return { file, stale: { functions: new Set(), units: [] } };
    this.hierarchy.add(file);
    const askers = this.hierarchy.askersBetween(new Map(), this.hierarchy.offers([file]));
    const files = this.#forgetTypes(askers);
    return { file, stale: files.size > 0 ? this.#forgetLinks(files, []) : { functions: new Set(), units: [] } };
  }

  /** `gone`: files among the changed ones that are no part of the program any more; `again`: paths to be read in their stead. */
  #forgetFiles(
    changed: readonly SourceFile[],
    removed: readonly Unit[],
    gone: ReadonlySet<SourceFile> = new Set(),
    again: readonly string[] = [],
  ): Stale {
    this.counters.surfaceChanges++;
    const before = this.hierarchy.offers(changed);
    const files = new Set(changed);
    for (const stale of files) for (const dependent of stale.dependents) files.add(dependent);
    this.evaluator.forget(files);
    this.hierarchy.forget(files);
    for (const stale of files) {
      stale.dependents.clear();
      if (!gone.has(stale)) this.hierarchy.add(stale);
    }
    const fresh = again.flatMap((path) => (this.modules.exists(path) ? (this.file(path) ?? []) : []));
    for (const file of fresh) this.hierarchy.add(file);
    const after = this.hierarchy.offers([...changed.filter((file) => !gone.has(file)), ...fresh]);
    for (const asker of this.#forgetTypes(this.hierarchy.askersBetween(before, after))) files.add(asker);
    return this.#forgetLinks(files, removed);
  }

  /** Forgets what expressions are where classes further down decide it. Returns all files whose links may differ. */
  #forgetTypes({ links, types }: Askers): ReadonlySet<SourceFile> {
    const retyped = new Set(types);
    for (const file of retyped) for (const dependent of file.dependents) retyped.add(dependent);
    if (retyped.size > 0) this.evaluator.forget(retyped);
    return new Set([...links, ...retyped]);
  }

  #forgetLinks(files: ReadonlySet<SourceFile>, removed: readonly Unit[]): Stale {
    const units = [...files].flatMap((file) => file.units);
    for (const file of files) this.#count(file, file.units.length);
    for (const unit of units) unit.links = [];
    return this.#forgetFunctions([...removed, ...units]);
  }

  #count({ path }: SourceFile, units: number): void {
    const { relinkedUnits } = this.counters;
    if (units > 0) relinkedUnits.set(path, (relinkedUnits.get(path) ?? 0) + units);
  }

  #forgetFunctions(units: readonly Unit[]): Stale {
    const functions = this.propagation.forget(units.flatMap(functionsOf));
    this.counters.forgottenFunctions += functions.size;
    return { functions, units };
  }
}

function goneFrom(before: readonly Unit[], after: readonly Unit[]): readonly Unit[] {
  const still = new Set(after);
  return before.filter((unit) => !still.has(unit));
}

/** Functions of a unit, lambdas and generator expressions included. */
export function functionsOf(unit: Unit): readonly FunctionEntity[] {
  if (!unit.allFunctions) {
    const functions: FunctionEntity[] = [];
    unit.chunk.scopes.forEach((scope, scopeId) => {
      if (scope.kind !== "module" && scope.kind !== "class") functions.push(functionAt(unit, scopeId));
    });
    unit.allFunctions = functions;
  }
  return unit.allFunctions;
}
