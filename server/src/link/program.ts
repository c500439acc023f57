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
import { Hierarchy } from "./hierarchy.js";
import { type ModuleRoots, Modules, type SourceProvider } from "./modules.js";
import { Patches } from "./patches.js";
import { Propagation, type Reporting } from "./propagate.js";

/** How often each kind of work was done, so that tests can say which computations an edit ran. */
export interface Counters {
  /** Edits that changed what other functions can see of a file. */
  surfaceChanges: number;
  /** Units resolved anew. */
  relinkedUnits: number;
  /** Functions whose effects were forgotten. */
  forgottenFunctions: number;
}

export class Program {
  readonly modules: Modules;
  readonly evaluator: Evaluator;
  readonly stubs: StubEffects;
  readonly hierarchy: Hierarchy;
  readonly calls: Calls;
  readonly propagation: Propagation;
  readonly patches = new Patches();
  readonly counters: Counters = { surfaceChanges: 0, relinkedUnits: 0, forgottenFunctions: 0 };

  constructor(provider: SourceProvider, knowledge: KnowledgeArchive | undefined, roots: ModuleRoots, reporting: Reporting) {
    this.modules = new Modules(provider, knowledge, roots);
    this.stubs = new StubEffects(this.modules, knowledge);
    this.evaluator = new Evaluator(this.modules, this.stubs);
    this.stubs.attach(this.evaluator);
    this.hierarchy = new Hierarchy(this.evaluator, reporting);
    this.calls = new Calls(this.evaluator, this.stubs, this.hierarchy);
    this.propagation = new Propagation(this.calls, this.evaluator, this.stubs, reporting);
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
   * Takes the new facts of a file. Returns the functions, here and elsewhere, whose effects may differ now.
   */
  update(path: string, facts: FileFacts): ReadonlySet<FunctionEntity> {
    const file = this.modules.known(path);
    if (!file) {
      this.modules.forgetLayout();
      return new Set();
    }
    const before = file.surface;
    const fresh = file.replaceFacts(facts);
    this.counters.relinkedUnits += fresh.length;
    file.surface = surfaceOf(facts);
    this.patches.read(file);
    if (file.surface !== before) return this.#forgetFiles(file);
    this.evaluator.forgetAttributes(file);
    return this.#forgetFunctions(fresh.flatMap(functionsOf));
  }

  /** A file vanished, or appeared where none was. */
  drop(path: string): ReadonlySet<FunctionEntity> {
    const file = this.modules.known(path);
    this.modules.drop(path);
    this.patches.drop(path);
    this.modules.forgetLayout();
    return file ? this.#forgetFiles(file) : new Set();
  }

  #forgetFiles(file: SourceFile): ReadonlySet<FunctionEntity> {
    this.counters.surfaceChanges++;
    const files = new Set([file]);
    for (const stale of files) for (const dependent of stale.dependents) files.add(dependent);
    this.evaluator.forget(files);
    this.hierarchy.forget(files);
    for (const stale of files) {
      stale.dependents.clear();
      this.hierarchy.add(stale);
    }
    const units = [...files].flatMap((stale) => stale.units);
    this.counters.relinkedUnits += units.length;
    return this.#forgetFunctions(units.flatMap(functionsOf));
  }

  #forgetFunctions(functions: readonly FunctionEntity[]): ReadonlySet<FunctionEntity> {
    const gone = this.propagation.forget(functions);
    this.counters.forgottenFunctions += gone.size;
    return gone;
  }
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
