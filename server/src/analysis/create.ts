/**
 * The analysis host: keeps the program up to date with documents and files, and the findings up to date with the
 * program. Findings are kept per function, position-free, until an edit makes that function's effects stale.
 */

import { lineStartsOf, type Position, type Span } from "../base/lines.js";
import { forgetUnasked } from "../facts/coding.js";
import type { Chunk, ChunkSpans, FileFacts } from "../facts/types.js";
import { KnowledgeArchive } from "../knowledge/archive.js";
import { commentsOf } from "../link/comments.js";
import { type FunctionEntity, isAsync, type SourceFile, spansOf, type Unit } from "../link/entities.js";
import { type Counters, functionsOf, Program, type Stale } from "../link/program.js";
import type { TextChange } from "../syntax/document.js";
import type { FlatTree } from "../syntax/flatten.js";
import { PackageBudget } from "./budget.js";
import { Callers } from "./callers.js";
import { type Configuration, DEFAULT_CONFIGURATION } from "./configuration.js";
import { type ContextKnowledge, contextOf } from "./contexts.js";
import {
  byPosition,
  detect,
  isEntry,
  onlyOnce,
  type PresentOptions,
  placeOfShape,
  present,
  rate,
  type SiteEffects,
  unitsOf,
} from "./detect.js";
import { absoluteIn, environmentOf, installedIn, type PythonEnvironment } from "./environments.js";
import { createReported } from "./exclude.js";
import { explainSites } from "./explain.js";
import { FactsCache } from "./facts-cache.js";
import type { Explanation, Finding, Location } from "./findings.js";
import {
  type Callee,
  type Caller,
  calleesOf,
  callersOf,
  type FunctionKey,
  type FunctionNode,
  functionOf,
  functionsAt,
  type HierarchyKnowledge,
  nodeOf,
} from "./hierarchy.js";
import type { AnalysisHost, Assumed, HostOptions, IndexProgress, Problem, ReachingEntry, WorkspaceFolder } from "./host.js";
import { unusedIgnores } from "./ignores.js";
import { filesNaming, functionAround, type Mentions, mentionsOf } from "./mentions.js";
import type { Uses } from "./mistakes/mistake.js";
import { mistakesOf } from "./mistakes/mistakes.js";
import type { ReadAhead } from "./ports.js";
import { type ReachKnowledge, reachedFrom } from "./reach.js";
import { projectRootsIn } from "./roots.js";
import { Schedulers } from "./schedulers.js";
import { createBorder } from "./selection.js";
import { type AsyncSibling, siblingsOf } from "./siblings.js";
import { Sources, stubFilesIn } from "./sources.js";
import { type Statistics, statisticsOf } from "./statistics.js";
import { type SiteTraits, traitsBetween } from "./traits.js";
import { type TwinCall, type TwinMaker, type TwinStep, type TwinUse, twinCalls, twinMakers, twinUse } from "./twins.js";

/** Packed bytes of facts that are kept read between two questions: what a thousand files say, some hundred megabytes. */
const MOST_READ = 3_000_000;
/** As many files are read before others are asked to help: to start them takes as long as to read some dozens. */
const MANY_NEW_FILES = 20;

export function createAnalysisHost(options: HostOptions): AnalysisHost {
  return new Host(options);
}

class Host implements AnalysisHost {
  readonly #knowledge: KnowledgeArchive;
  #folders: readonly WorkspaceFolder[] = [];
  #selections: readonly { readonly folder: WorkspaceFolder; readonly isReported: (relative: string) => boolean }[] = [];
  /** Per folder, the Python it works with. */
  #environments: readonly PythonEnvironment[] = [];
  #packageFolders: readonly string[] = [];
  /** Per folder, whether a path lies in it or in its repository once links are followed. */
  #borders: readonly { readonly folder: string; isWithin(path: string): boolean }[] = [];
  readonly #budget: PackageBudget;
  readonly #cache: FactsCache;
  readonly #sources: Sources;
  #program: Program;
  /** Files of the folders, as last listed. */
  #indexed = new Set<string>();
  /** They were all read, once. */
  #isRead = false;
  /** What was detected per entry; dropped when its effects may have changed. */
  #detected = new Map<FunctionEntity, readonly SiteEffects[]>();
  /** The same of functions that are no entries, for who asks what they do to the loop. */
  #below = new Map<FunctionEntity, readonly SiteEffects[]>();
  #presented = new WeakMap<Unit, PresentedUnit>();
  #callers: Callers;
  #schedulers: Schedulers;
  /** Open documents whose text is newer than their facts. */
  #stale = new Set<string>();
  #changed = new Set<string>();

  constructor(private readonly options: HostOptions) {
    this.#knowledge = new KnowledgeArchive(options.knowledge);
    this.#budget = new PackageBudget(options.files, (path) =>
      this.#packageFolders.find((folder) => path.startsWith(`${folder}/`)),
    );
    this.#cache = new FactsCache(options.store);
    this.#sources = new Sources(options.grammar, options.files, this.#budget, this.#cache, (path) => this.#leaves(path));
    this.#program = this.#newProgram();
    this.#callers = this.#newCallers();
    this.#schedulers = this.#newSchedulers();
  }

  #newProgram(): Program {
    const folders = this.#folders.map((folder) => folder.path);
    const pythons = this.#environments.map((environment, index) =>
      installedIn(environment, this.#folders[index] as WorkspaceFolder, folders),
    );
    this.#packageFolders = pythons.flatMap(({ foreign }) => foreign);
    const roots = {
      folders,
      roots: [
        ...this.#folders.flatMap((folder) => folder.configuration.roots.map((root) => absoluteIn(folder.path, root))),
        ...pythons.flatMap(({ ownRoots }) => ownRoots),
      ],
      projectRoots: folders.flatMap((folder) => projectRootsIn(this.options.files, folder)),
      pythons,
      userStubs: this.#userStubs(),
    };
    return new Program(this.#sources, this.#knowledge, roots, {
      reports: (file) => this.#reports(file),
      isTest: (file) => this.#isTest(file),
    });
  }

  /** Links lead out of the workspace where packages lie, and nowhere else. */
  #leaves(path: string): boolean {
    const isIn = (folder: string): boolean => path.startsWith(`${folder}/`);
    if (this.#packageFolders.some(isIn) || !this.#borders.some(({ folder }) => isIn(folder))) return false;
    return !this.#borders.some(({ isWithin }) => isWithin(path));
  }

  /** The stub files in the folders that the setting `stubs` names, by module. */
  #userStubs(): ReadonlyMap<string, string> {
    const stubs = new Map<string, string>();
    for (const folder of this.#folders) {
      for (const setting of folder.configuration.stubs) {
        const root = absoluteIn(folder.path, setting);
        for (const path of stubFilesIn(this.options.files, root)) {
          const module = path
            .slice(root.length + 1)
            .replace(/\.pyi$/, "")
            .replace(/(^|\/)__init__$/, "")
            .replaceAll("/", ".");
          if (module !== "") stubs.set(module, path);
        }
      }
    }
    return stubs;
  }

  #newCallers(): Callers {
    return new Callers(this.#program, (entity) => this.#runsElsewhere(entity));
  }

  #newSchedulers(): Schedulers {
    return new Schedulers(
      this.#program,
      (file) => this.#isTest(file),
      (entity) => this.#runsElsewhere(entity),
    );
  }

  /** A function that was not on the loop may be now, or the other way round. */
  #runsElsewhere(entity: FunctionEntity): void {
    this.#detected.delete(entity);
    this.#below.delete(entity);
    this.#presented.delete(entity.unit);
    this.#changed.add(entity.unit.file.path);
  }

  // ---- Folders and documents ----

  setFolders(folders: readonly WorkspaceFolder[]): void {
    this.#revise();
    this.#folders = folders;
    this.#selections = folders.map((folder) => ({ folder, isReported: createReported(folder.configuration) }));
    const { files, variables = {}, log } = this.options;
    this.#borders = folders.map(({ path }) => ({ folder: path, isWithin: createBorder(files, path) }));
    this.#environments = folders.map(({ path, configuration }) =>
      environmentOf(files, path, configuration.pythonPath, variables),
    );
    for (const { file, message } of this.#environments.flatMap(({ problems }) => problems)) log.warn(`${file} ${message}.`);
    this.#sources.forgetFolders();
    this.#budget.forget();
    this.#program = this.#newProgram();
    this.#indexed = new Set();
    this.#isRead = false;
    this.#detected = new Map();
    this.#below = new Map();
    this.#presented = new WeakMap();
    this.#callers = this.#newCallers();
    this.#schedulers = this.#newSchedulers();
    for (const path of this.#sources.openPaths()) this.#changed.add(path);
  }

  open(path: string, text: string): void {
    this.#revise();
    this.#stale.delete(path);
    this.#update(path, this.#sources.open(path, text));
  }

  change(path: string, changes: readonly TextChange[]): void {
    this.#revise();
    if (this.#sources.change(path, changes)) this.#stale.add(path);
    else this.options.log.warn(`${path} was changed but never opened; the change is ignored.`);
  }

  close(path: string): void {
    this.#revise();
    this.#refresh();
    this.#sources.close(path);
    this.#stale.delete(path);
    this.#reload(path, this.#membership());
  }

  isOpen(path: string): boolean {
    return this.#sources.isOpen(path);
  }

  touch(paths: readonly string[]): void {
    this.#revise();
    this.#refresh();
    this.#sources.forgetFolders();
    const isIndexed = this.#membership();
    for (const path of paths) {
      if (!/\.py[iw]?$/.test(path)) continue;
      if (!this.#sources.isOpen(path)) this.#reload(path, isIndexed);
      // The text on the screen holds; that there is such a file may be news.
      else if (this.options.files.isFile(path) && isIndexed(path)) this.#indexed.add(path);
    }
  }

  /** Answers whether an existing file belongs to the index; to be asked before files change again. */
  #membership(): (path: string) => boolean {
    const folders = this.#folders.map((folder) => this.#sources.membership(folder.path));
    return (path) => folders.some((holds) => holds(path));
  }

  /** Reads a file from disk again, or forgets it when it is gone. */
  #reload(path: string, isIndexed: (path: string) => boolean): void {
    const exists = this.options.files.isFile(path);
    if (!exists) this.#sources.vanished(path);
    const facts = exists ? this.#sources.facts(path) : undefined;
    if (facts && this.#program.modules.known(path)) this.#update(path, facts);
    else {
      this.#sources.forgetFolders();
      this.#markStale(this.#program.drop(path));
      this.#changed.add(path);
    }
    if (exists && isIndexed(path)) this.#indexed.add(path);
    else this.#indexed.delete(path);
    if (this.#indexed.has(path)) this.#load(path);
  }

  /** Brings facts, links and effects up to the text of every edited document. */
  #refresh(): void {
    forgetUnasked(MOST_READ);
    for (const path of this.#stale) {
      const facts = this.#sources.refresh(path);
      if (facts) this.#update(path, facts);
    }
    this.#stale.clear();
  }

  #update(path: string, facts: Parameters<Program["update"]>[1]): void {
    const known = this.#program.modules.known(path);
    // An editor may open a file before anybody tells that it was made; imports that found nothing mean it now.
    const isNew = !known && this.#isRead && !this.#indexed.has(path) && this.#folderOf(path) !== undefined;
    if (!known) this.#sources.forgetFolders();
    this.#markStale(isNew ? this.#program.drop(path) : this.#program.update(path, facts));
    this.#changed.add(path);
  }

  #markStale({ functions, units }: Stale): void {
    for (const entity of functions) {
      this.#detected.delete(entity);
      this.#below.delete(entity);
      this.#presented.delete(entity.unit);
      this.#changed.add(entity.unit.file.path);
    }
    this.#callers.forget(units);
    this.#callers.forgetFates(functions);
    this.#schedulers.forget(units);
  }

  // ---- Index ----

  *index(): Generator<IndexProgress, void, void> {
    this.#refresh();
    // Open documents and what they import come first: that is what somebody looks at.
    for (const path of this.#sources.openPaths()) this.#load(path);
    // Files that appear while folders are listed are put there, too.
    const found = new Set<string>();
    this.#indexed = found;
    for (const folder of this.#folders) {
      for (const path of this.#sources.pythonFiles(folder.path)) {
        if (path === undefined) yield { done: 0, total: 0 };
        else found.add(path);
      }
    }
    const paths = [...found];
    const total = paths.length * 3;
    let done = 0;
    for (const path of this.#aheadOf(paths)) {
      this.#load(path);
      yield { done: ++done, total };
    }
    for (const path of paths) {
      const file = this.#program.file(path);
      if (file) this.#collect(file);
      yield { done: ++done, total };
    }
    this.#isRead = true;
    this.#revise();
    for (const path of paths) {
      const file = this.#program.file(path);
      if (file && this.#reports(file))
        for (const unit of file.units) for (const entity of functionsOf(unit)) this.#detect(entity);
      yield { done: ++done, total };
    }
  }

  /** The paths, one by one; others read from their end where many files are new. */
  *#aheadOf(paths: readonly string[]): Generator<string, void, void> {
    const known = this.#cache.read;
    let ahead: ReadAhead | undefined;
    try {
      for (const [index, path] of paths.entries()) {
        if (!ahead && this.#cache.read - known === MANY_NEW_FILES) ahead = this.#cache.readAhead(paths);
        ahead?.passed(index);
        yield path;
      }
    } finally {
      ahead?.stop();
    }
  }

  /** Reads off a file where its functions and those of others run. */
  #collect(file: SourceFile): void {
    this.#callers.collect(file);
    this.#schedulers.collect(file);
  }

  #load(path: string): SourceFile | undefined {
    const { file, stale } = this.#program.load(path);
    this.#markStale(stale);
    return file;
  }

  reportedFiles(): readonly string[] {
    return [...this.#indexed].filter((path) => !path.endsWith(".pyi") && !this.#isExcluded(path));
  }

  #folderOf(path: string): WorkspaceFolder | undefined {
    return this.#folders.find((folder) => path.startsWith(`${folder.path}/`));
  }

  #isExcluded(path: string): boolean {
    return this.#selections.some(
      ({ folder, isReported }) => path.startsWith(`${folder.path}/`) && !isReported(path.slice(folder.path.length + 1)),
    );
  }

  #reports(file: SourceFile): boolean {
    return file.origin === "workspace" && !this.#isExcluded(file.path);
  }

  /** Only the way inside the folder tells: a project may itself lie in a folder called `test`. */
  #isTest(file: SourceFile): boolean {
    const { path } = file;
    if (file.origin === "workspace" && this.#program.stubs.belongsToTests(file)) return true;
    const folder = this.#folderOf(path);
    return folder ? folder.path.endsWith("/tests") || isTestFile(path.slice(folder.path.length + 1)) : isTestFile(path);
  }

  #configuration(path: string): Configuration {
    return this.#folderOf(path)?.configuration ?? this.#folders[0]?.configuration ?? DEFAULT_CONFIGURATION;
  }

  // ---- Findings ----

  findings(path: string): readonly Finding[] {
    this.#refresh();
    const file = this.#load(path);
    if (!file || !this.#reports(file)) return [];
    const configuration = this.#configuration(path);
    if (!configuration.enable) return [];
    return this.#findingsOf(file, configuration);
  }

  #findingsOf(file: SourceFile, configuration: Configuration): readonly Finding[] {
    this.#collect(file);
    const options = { configuration, isTest: this.#isTest(file) };
    const ordinals = new Map<string, number>();
    const findings = file.units.flatMap((unit) => this.#presentUnit(unit, ordinals, options));
    return findings.sort(byPosition);
  }

  /** Findings of a unit, the same objects as long as nothing they say has changed, positions included. */
  #presentUnit(unit: Unit, ordinals: Map<string, number>, options: PresentOptions): readonly Finding[] {
    const known = this.#presented.get(unit);
    const { nestsLoops } = this.#program.patches;
    const speaks = commentsOf(unit).length > 0;
    const settled = speaks && this.#isSettled(unit);
    const isFresh =
      known !== undefined &&
      known.configuration === options.configuration &&
      known.nestsLoops === nestsLoops &&
      known.settled === settled &&
      known.places.every(({ unit: place, spans, start, column }) => isAt(place, spans, start, column)) &&
      [...known.counted].every(([identity, [first]]) => (ordinals.get(identity) ?? 0) === first);
    if (isFresh) {
      for (const [identity, [, next]] of known.counted) ordinals.set(identity, next);
      return known.findings;
    }
    const sites = functionsOf(unit).flatMap((entity) => this.#detect(entity));
    const before = new Map(ordinals);
    const findings =
      sites.length > 0 || speaks
        ? this.#program.evaluator.deriving(unit.cell, () => [
            ...present(this.#program, unit, sites, ordinals, options),
            ...(settled ? unusedIgnores(this.#program, unit, sites, ordinals, options) : []),
          ])
        : [];
    const counted = new Map<string, readonly [number, number]>();
    for (const [identity, next] of ordinals) {
      const first = before.get(identity) ?? 0;
      if (first !== next) counted.set(identity, [first, next]);
    }
    const places = sites.length > 0 || speaks ? [...unitsOf(this.#program, sites).add(unit)].map(placeOf) : [];
    this.#presented.set(unit, { configuration: options.configuration, nestsLoops, settled, places, counted, findings });
    return findings;
  }

  /** Whether the unit stood like this in a text without errors: what a broken text leaves out is for the next keystroke to say. */
  #isSettled({ file, chunk }: Unit): boolean {
    if (!file.facts.broken) this.#settled.add(chunk);
    return this.#settled.has(chunk);
  }
  readonly #settled = new WeakSet<Chunk>();

  #detect(entity: FunctionEntity): readonly SiteEffects[] {
    let detected = this.#detected.get(entity);
    if (!detected) {
      detected = this.#program.evaluator.deriving(entity.unit.cell, () => this.#detectNow(entity));
      this.#detected.set(entity, detected);
    }
    return detected;
  }

  readonly #uses: Uses = {
    isInThread: (entity) => this.#isInThread(entity),
    isTask: (entity) => this.#callers.isHanded("task", entity),
    isAwaitedInLoop: (entity) => this.#callers.isHanded("rounds", entity),
  };

  #detectNow(entity: FunctionEntity): readonly SiteEffects[] {
    const blocking = this.#isOnLoop(entity) ? this.#startupOnce(entity, detect(this.#program, entity)) : [];
    const mistakes = mistakesOf(this.#program, entity, this.#uses);
    return mistakes.length > 0 ? [...blocking, ...mistakes] : blocking;
  }

  /** What a start-up hook does happens once, before anybody waits. */
  #startupOnce(entity: FunctionEntity, detected: readonly SiteEffects[]): readonly SiteEffects[] {
    const isHook = placeOfShape(this.#program, entity) === "startup" || this.#callers.isHanded("startup", entity);
    return isHook ? detected.map(onlyOnce) : detected;
  }

  #isInThread(entity: FunctionEntity): boolean {
    if (this.#callers.isHanded("thread", entity) || this.#callers.isHanded("process", entity)) return true;
    const place = placeOfShape(this.#program, entity) ?? this.#program.stubs.hookPlace(entity);
    return place === "thread" || (place === "loop-or-thread" && !isAsync(entity));
  }

  #isOnLoop(entity: FunctionEntity): boolean {
    if (this.#schedulers.steps(entity)) return false;
    return isEntry(this.#program, entity) || this.#callers.isHanded("loop", entity) || this.#callers.isHanded("startup", entity);
  }

  // ---- Questions ----

  traits(path: string, start: number, end: number, text?: string): readonly SiteTraits[] {
    return this.#about(path, text, (file) => traitsBetween(this.#program, file, start, end)) ?? [];
  }

  siblings(path: string, start: number, end: number, text?: string): readonly AsyncSibling[] {
    return this.#about(path, text, (file) => siblingsOf(this.#program, file, start, end)) ?? [];
  }

  twins(path: string, start: number, end: number, text?: string): readonly TwinMaker[] {
    return this.#about(path, text, (file) => twinMakers(this.#program, file, start, end)) ?? [];
  }

  twinCalls(path: string, start: number, end: number, text?: string): readonly TwinCall[] {
    return this.#about(path, text, (file) => twinCalls(this.#program, file, start, end)) ?? [];
  }

  twinUse(path: string, made: Span, name: string, steps: readonly TwinStep[], text?: string): TwinUse | undefined {
    return this.#about(path, text, (file) => twinUse(this.#program, file, made, name, steps));
  }

  /** Asks about a file, with `text` in place of its own where one is given; undefined where there is no such file. */
  #about<Answer>(path: string, text: string | undefined, ask: (file: SourceFile) => Answer): Answer | undefined {
    this.#refresh();
    const file = this.#load(path);
    if (!file) return undefined;
    return text === undefined || text === this.text(path) ? ask(file) : this.within(new Map([[path, text]]), () => ask(file));
  }

  explain(path: string, line: number, column?: number): readonly Explanation[] {
    this.#refresh();
    const file = this.#load(path);
    if (!file) return [];
    this.#collect(file);
    return explainSites(
      file,
      { line, ...(column === undefined ? {} : { column }) },
      {
        program: this.#program,
        findings: this.findings(path),
        configuration: this.#configuration(path),
        reports: this.#reports(file),
        isTest: this.#isTest(file),
        detected: (entity) => this.#effectsBelow(entity),
        isOnLoop: (entity) => this.#isOnLoop(entity),
        contextOf: (entity) => contextOf(this.#contexts(), entity),
        placeText: (location) => this.#placeText(location),
      },
    );
  }

  mentions(path: string, offset: number): Mentions | undefined {
    this.#refresh();
    const file = this.#load(path);
    if (!file || !this.#isRead) return undefined;
    const entity = functionAround(file, offset);
    if (!entity) return undefined;
    for (const each of this.#indexed) {
      const other = this.#load(each);
      if (other) this.#callers.collect(other);
    }
    while (this.#callers.collectStale());
    const knowledge = {
      program: this.#program,
      callers: this.#callers,
      isReported: (other: SourceFile) => this.#reports(other),
      placeText: (location: Location) => this.#placeText(location),
    };
    return mentionsOf(knowledge, entity);
  }

  naming(name: string): readonly string[] | undefined {
    this.#refresh();
    if (!this.#isRead) return undefined;
    for (const path of this.#indexed) this.#load(path);
    return filesNaming(this.#program, name);
  }

  functionsAt(path: string, position: Position): readonly FunctionNode[] {
    this.#refresh();
    const file = this.#load(path);
    return file ? functionsAt(this.#program, file, position) : [];
  }

  callersOf(key: FunctionKey): readonly Caller[] | undefined {
    const entity = this.#functionOf(key);
    return entity && callersOf(this.#hierarchy(), entity);
  }

  calleesOf(key: FunctionKey): readonly Callee[] | undefined {
    const entity = this.#functionOf(key);
    return entity && calleesOf(this.#hierarchy(), entity);
  }

  blockingFunctions(path: string): readonly FunctionNode[] {
    this.#refresh();
    const file = this.#load(path);
    if (!file || !this.#reports(file) || !this.#configuration(path).enable) return [];
    this.#callers.collect(file);
    const functions = file.units.flatMap(functionsOf);
    return functions.filter((entity) => reachedFrom(this.#reach(), entity, 1).length > 0).map(nodeOf);
  }

  reachedFrom(key: FunctionKey): readonly ReachingEntry[] | undefined {
    const entity = this.#functionOf(key);
    return entity && reachedFrom(this.#reach(), entity).map(({ entry, sites }) => ({ node: nodeOf(entry), sites }));
  }

  #functionOf(key: FunctionKey): FunctionEntity | undefined {
    this.#refresh();
    const file = this.#load(key.path);
    if (!file) return undefined;
    this.#callers.collect(file);
    // Who asks of one function waits for the whole answer.
    while (this.#callers.collectStale());
    return functionOf(file, key);
  }

  #hierarchy(): HierarchyKnowledge {
    const knowledge = this.#contexts();
    return { ...knowledge, contextOf: (entity) => contextOf(knowledge, entity) };
  }

  /** What blocks in a function, on the loop or not. */
  #effectsBelow(entity: FunctionEntity): readonly SiteEffects[] {
    if (this.#isOnLoop(entity)) return this.#detect(entity);
    let effects = this.#below.get(entity);
    if (!effects) {
      effects = this.#program.evaluator.deriving(entity.unit.cell, () => detect(this.#program, entity));
      this.#below.set(entity, effects);
    }
    return effects;
  }

  #reach(): ReachKnowledge {
    return {
      program: this.#program,
      callers: this.#callers,
      effectsAt: (entity, site) => this.#effectsBelow(entity).find((detected) => detected.site === site)?.effects ?? [],
      isOnLoop: (entity) => this.#isOnLoop(entity),
      isReported: ({ unit: { file } }, effect) => {
        const severity = rate(effect, { configuration: this.#configuration(file.path), isTest: this.#isTest(file) });
        return this.#reports(file) && severity !== undefined && severity !== "hint";
      },
    };
  }

  #contexts(): ContextKnowledge {
    return {
      program: this.#program,
      callers: this.#callers,
      steppedAt: (entity) => this.#schedulers.steps(entity),
      placeText: (location) => this.#placeText(location),
    };
  }

  /** `app/routes.py:12`, from the folder it lies in. */
  #placeText({ file, start }: Location): string {
    const folder = this.#folderOf(file);
    return `${folder ? file.slice(folder.path.length + 1) : file.slice(file.lastIndexOf("/") + 1)}:${start.line + 1}`;
  }

  trial(path: string, text: string): { readonly findings: readonly Finding[]; readonly broken: boolean } {
    this.#refresh();
    const file = this.#load(path);
    if (!file) return { findings: [], broken: true };
    return this.within(new Map([[path, text]]), ({ broken }) => ({
      findings: this.#findingsOf(file, this.#configuration(path)),
      broken: broken.length > 0,
    }));
  }

  within<Answer>(texts: ReadonlyMap<string, string>, ask: (assumed: Assumed) => Answer): Answer {
    this.#refresh();
    const changed = new Set(this.#changed);
    const revision = this.#revision;
    const earlier: { readonly path: string; readonly facts: FileFacts; readonly text: string | undefined }[] = [];
    const broken: string[] = [];
    const concerned = new Set<SourceFile>();
    try {
      for (const [path, text] of texts) {
        const file = this.#load(path);
        const before = this.text(path);
        if (!file || before === undefined) {
          broken.push(path);
          continue;
        }
        const { facts } = file;
        earlier.push({ path, facts, text: this.#assumed.get(path) });
        const after = this.#sources.factsAs(path, text, before, facts);
        if (after.broken) broken.push(path);
        this.#assumed.set(path, text);
        concerned.add(file);
        const stale = this.#program.update(path, after);
        this.#markStale(stale);
        for (const { unit } of stale.functions) concerned.add(unit.file);
        for (const { file: other } of stale.units) concerned.add(other);
      }
      this.#revise();
      const isRead = (file: SourceFile): boolean => this.#reports(file) && this.#program.modules.known(file.path) === file;
      return ask({ broken, concerned: [...concerned].filter(isRead).map(({ path }) => path) });
    } finally {
      for (const { path, facts, text } of earlier.reverse()) {
        if (text === undefined) this.#assumed.delete(path);
        else this.#assumed.set(path, text);
        this.#markStale(this.#program.update(path, facts));
      }
      this.#changed = changed;
      this.#revision = revision;
    }
  }

  /** Texts that the question being answered assumes. */
  readonly #assumed = new Map<string, string>();
  #revision = 0;
  #latestRevision = 0;

  revision(): number {
    return this.#revision;
  }

  #revise(): void {
    this.#revision = ++this.#latestRevision;
  }

  flatTree(path: string): FlatTree | undefined {
    return this.#assumed.has(path) ? undefined : this.#sources.flatTree(path);
  }

  text(path: string): string | undefined {
    return this.#assumed.get(path) ?? this.#sources.text(path);
  }

  lineStarts(path: string): readonly number[] | undefined {
    const assumed = this.#assumed.get(path);
    return assumed === undefined ? this.#sources.lineStarts(path) : lineStartsOf(assumed);
  }

  catchUp(): boolean {
    this.#refresh();
    const isLeft = this.#callers.collectStale();
    return this.#schedulers.catchUp() || isLeft;
  }

  takeChanged(): readonly string[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  problems(): readonly Problem[] {
    return [...this.#environments.flatMap(({ problems }) => problems), ...this.#sources.problems()];
  }

  statistics(paths: readonly string[] = this.reportedFiles()): Statistics {
    this.#refresh();
    const files = paths.flatMap((path) => this.#load(path) ?? []);
    for (const file of files) this.#callers.collect(file);
    const isOnLoop = (entity: FunctionEntity): boolean => this.#isOnLoop(entity);
    const findings = (path: string): readonly Finding[] => this.findings(path);
    const refused = (): number => this.#budget.refused;
    return statisticsOf({ program: this.#program, isOnLoop, findings, refused }, paths.length, files);
  }

  counters(): Readonly<Counters> {
    return this.#program.counters;
  }

  dispose(): void {
    this.#sources.dispose();
  }
}

/** Findings of a unit, and all that they were made of. */
interface PresentedUnit {
  readonly configuration: Configuration;
  readonly nestsLoops: boolean;
  /** Comments of it that silence nothing are told. */
  readonly settled: boolean;
  readonly places: readonly UnitPlace[];
  /** Per identity of a finding, how many the file had before this unit and behind it. */
  readonly counted: ReadonlyMap<string, readonly [first: number, next: number]>;
  readonly findings: readonly Finding[];
}

/** Where a unit stood: its spans, and the position its chunk began at. */
interface UnitPlace {
  readonly unit: Unit;
  readonly spans: ChunkSpans;
  readonly start: number;
  readonly column: number;
}

function placeOf(unit: Unit): UnitPlace {
  const { line, column } = unit.file.startOf(unit);
  return { unit, spans: spansOf(unit), start: line, column };
}

function isAt(unit: Unit, spans: ChunkSpans, line: number, column: number): boolean {
  if (spansOf(unit) !== spans) return false;
  const now = unit.file.startOf(unit);
  return now.line === line && now.column === column;
}

/** Tests may block: nobody waits for their loop. */
function isTestFile(path: string): boolean {
  return /(^|\/)(tests?|testing)\//.test(path) || /(^|\/)(test_[^/]*|[^/]*_test|conftest)\.py$/.test(path);
}
