/**
 * Projects that drive coroutines themselves: a code generator or a simulator may step `async def` functions by hand and
 * never start an event loop for them. In such a project a coroutine counts as running on a loop only where something
 * shows it:
 *
 * ```python
 * iterator = job().__await__()     # by hand: `job` needs no loop
 * next(iterator)
 *
 * async def serve():
 *     await asyncio.sleep(1)       # only a loop can do that, for `serve` and for all who await it
 *     await answer()               # and for what it awaits
 * ```
 */
import type { Expr, ExprId, Site, SiteId } from "../facts/types.js";
import {
  type ClassEntity,
  exprOf,
  type FunctionEntity,
  functionAt,
  isAsync,
  parentScope,
  type SourceFile,
  scopeOf,
  type Unit,
} from "../link/entities.js";
import { fullSymbol } from "../link/evaluate.js";
import { functionsOf, type Program } from "../link/program.js";
import { decoratorForm, isCoroutineType, isLoopModule, isStepped, stepsByHand } from "../link/special.js";
import { membersOf, type Type } from "../link/types.js";
import { placeOfShape, siteLocation } from "./detect.js";
import type { Location } from "./findings.js";
import { Readings, UNITS_AT_ONCE } from "./readings.js";

/** What the code of one unit says of who drives whom. */
interface Driving {
  /** Coroutine functions that do what only a loop understands. So must all who await them. */
  readonly bound: readonly FunctionEntity[];
  /** Coroutine functions that a library gets to run. */
  readonly given: readonly FunctionEntity[];
  readonly awaits: readonly Await[];
  /** A coroutine function in another is on the loop when that one is. */
  readonly nested: readonly Await[];
}

type Await = readonly [by: FunctionEntity, what: FunctionEntity];

export class Schedulers {
  readonly #steps: Readings<readonly SiteId[]>;
  readonly #drivings: Readings<Driving>;
  /** The first step by hand in each unit that has one. */
  readonly #stepping = new Map<Unit, SiteId>();
  /** Files whose drivings were read, once a coroutine was seen to be stepped by hand. */
  readonly #read = new WeakSet<SourceFile>();
  /** Coroutine functions with evidence of a loop; undefined until it is asked for again. */
  #onLoop: ReadonlySet<FunctionEntity> | undefined;
  #isActive = false;
  #isComplete = false;

  constructor(
    private readonly program: Program,
    private readonly isTest: (file: SourceFile) => boolean,
    /** Told of every function about which the answer may be another now. */
    private readonly onChange: (entity: FunctionEntity) => void,
  ) {
    this.#steps = new Readings(
      program,
      (unit) => this.#stepsIn(unit),
      (unit, _, after = []) => {
        if (after[0] === undefined) this.#stepping.delete(unit);
        else this.#stepping.set(unit, after[0]);
      },
    );
    this.#drivings = new Readings(
      program,
      (unit) => this.#drivingIn(unit),
      (_, before, after) => {
        if (!sameDriving(before, after)) this.#onLoop = undefined;
      },
    );
  }

  /** What is read off these units may have changed, or they are gone. */
  forget(units: Iterable<Unit>): void {
    const all = [...units];
    this.#steps.forget(all);
    this.#drivings.forget(all);
  }

  /** Looks at a file, and at others as far as the answer about its functions needs them. */
  collect(file: SourceFile): void {
    this.catchUp(file);
  }

  /** Reads what an edit made stale, as much of it as fits into one question. Answers whether something is left. */
  catchUp(asked?: SourceFile): boolean {
    const before = this.#known();
    let isLeft = this.#steps.refresh();
    for (const stepping of this.program.patches.stepping) this.#steps.collect(stepping);
    this.#isActive = this.#firstStep() !== undefined;
    if (this.#isActive) {
      if (asked) this.#drivings.collect(asked);
      if (asked) this.#read.add(asked);
      isLeft = this.#drivings.refresh() || isLeft;
      this.#isComplete = this.#readOthers();
    }
    this.#tell(before, this.#known());
    return isLeft || (this.#isActive && !this.#isComplete);
  }

  /** Reads files that nobody asked about. Answers whether none is left. */
  #readOthers(): boolean {
    let left = UNITS_AT_ONCE;
    for (const file of this.#workspace()) {
      if (this.#read.has(file)) continue;
      if (left <= 0) return false;
      left -= file.units.length;
      this.#drivings.collect(file);
      this.#read.add(file);
    }
    return true;
  }

  /** Where the project steps its coroutines, if nothing shows that a loop runs this one. */
  steps(entity: FunctionEntity): Location | undefined {
    if (!isAsync(entity) || !this.#isActive) return undefined;
    const known = this.#known();
    if (known === undefined || known.has(entity)) return undefined;
    const step = this.#firstStep();
    return step && siteLocation(step.unit, step.site);
  }

  /** Undefined while coroutines of all files count as run by a loop. */
  #known(): ReadonlySet<FunctionEntity> | undefined {
    if (!this.#isActive || !this.#isComplete) return undefined;
    this.#onLoop ??= reached([...this.#drivings.values().values()]);
    return this.#onLoop;
  }

  #tell(before: ReadonlySet<FunctionEntity> | undefined, after: ReadonlySet<FunctionEntity> | undefined): void {
    if (before === after) return;
    for (const { units } of this.#workspace()) {
      for (const unit of units) {
        if (!unit.chunk.scopes.some((scope) => scope.async)) continue;
        for (const entity of functionsOf(unit)) {
          if (isAsync(entity) && (before?.has(entity) ?? true) !== (after?.has(entity) ?? true)) this.onChange(entity);
        }
      }
    }
  }

  #workspace(): readonly SourceFile[] {
    return this.program.modules.files().filter(({ origin }) => origin === "workspace");
  }

  // ---- Stepping by hand ----

  /** The first by path and place, so that whoever asks gets the same one. */
  #firstStep(): { readonly unit: Unit; readonly site: SiteId } | undefined {
    let first: { readonly unit: Unit; readonly site: SiteId } | undefined;
    for (const [unit, site] of this.#stepping) {
      const isEarlier =
        !first || unit.file.path < first.unit.file.path || (unit.file === first.unit.file && unit.index < first.unit.index);
      if (isEarlier) first = { unit, site };
    }
    return first;
  }

  #stepsIn(unit: Unit): readonly SiteId[] {
    if (!this.program.patches.stepping.has(unit.file) || this.isTest(unit.file)) return [];
    return functionsOf(unit).flatMap((entity) =>
      scopeOf(entity).sites.filter((siteId) => {
        const site = unit.chunk.sites[siteId] as Site;
        return site.kind === "call" && this.#isStep(entity, exprOf(unit, site.expr) as Expr & { kind: "call" });
      }),
    );
  }

  #isStep(entity: FunctionEntity, call: Expr & { kind: "call" }): boolean {
    const { unit } = entity;
    const callee = exprOf(unit, call.callee);
    const step = callee.kind === "attribute" ? stepsByHand(callee.name, call.args.length) : undefined;
    const scope = scopeOf(entity);
    if (callee.kind !== "attribute" || step === undefined || isStepped(scope.name)) return false;
    // What is handed on is stepped by somebody else.
    const isSame = (id: ExprId | undefined): boolean => id !== undefined && exprOf(unit, id) === call;
    const isHandedOn = (scope.yields ?? []).some((id) => {
      const yielded = exprOf(unit, id);
      return yielded.kind === "yield" && yielded.from && isSame(yielded.of);
    });
    if (isHandedOn || scope.returnValues.some(isSame)) return false;
    // Generators, sockets and queues have a `send`, too.
    return step === "open" || membersOf(this.program.evaluator.typeOf(unit, callee.of)).some(isCoroutine);
  }

  // ---- Evidence of a loop ----

  #drivingIn(unit: Unit): Driving {
    const bound = new Set<FunctionEntity>();
    const given = new Set<FunctionEntity>();
    const awaits: Await[] = [];
    const nested: Await[] = [];
    for (const entity of functionsOf(unit)) {
      const within = coroutineAround(entity);
      if (isAsync(entity)) {
        if (this.#isRunByLibrary(entity)) given.add(entity);
        if (within) nested.push([within, entity]);
      }
      const runner = isAsync(entity) ? entity : isInline(entity) ? within : undefined;
      if (!runner) continue;
      for (const site of scopeOf(entity).sites) {
        const awaited = this.#awaitedAt(unit, site);
        if (awaited === "loop") bound.add(runner);
        else for (const what of awaited) awaits.push([runner, what]);
      }
    }
    unit.chunk.sites.forEach((site, siteId) => {
      if (site.kind !== "call" || !this.#reachesLibrary(unit, siteId)) return;
      for (const { value } of (exprOf(unit, site.expr) as Expr & { kind: "call" }).args)
        for (const what of coroutinesIn(this.program.evaluator.typeOf(unit, value))) given.add(what);
    });
    return { bound: [...bound], given: [...given], awaits, nested };
  }

  /** The coroutine functions of the program that a site waits for, or "loop" where only a loop can go on from there. */
  #awaitedAt(unit: Unit, siteId: SiteId): readonly FunctionEntity[] | "loop" {
    const site = unit.chunk.sites[siteId] as Site;
    const link = this.program.calls.link(unit, siteId);
    if (site.kind === "call" && link.targets.some(({ type }) => isLoopModule(type.function.unit.file.publicModule)))
      return "loop";
    if (!site.async && site.kind !== "await") return [];
    if (link.unknown === "import" || link.unknown === "complete") return "loop";
    const awaited: FunctionEntity[] = link.targets.map(({ type }) => type.function).filter(isAsync);
    for (const member of membersOf(this.program.evaluator.typeOf(unit, site.expr))) {
      if (member.kind === "unknown" && (member.reason === "import" || member.reason === "complete")) return "loop";
      if (member.kind === "instance" && isOfLibrary(member.class)) return "loop";
      if (member.kind === "awaitable" && member.function) awaited.push(member.function);
      if (member.kind === "manager") awaited.push(member.function.function);
    }
    return awaited.some(isOfLibrary) ? "loop" : awaited.filter(({ unit: { file } }) => file.origin === "workspace");
  }

  /** A decorator, a base class or a stub gives the function to a library. */
  #isRunByLibrary(entity: FunctionEntity): boolean {
    const { program } = this;
    const place = placeOfShape(program, entity) ?? program.stubs.hookPlace(entity);
    if (place !== undefined && place !== "now") return true;
    const isDecorated = scopeOf(entity).decorators.some((decorator) => {
      const symbol = program.evaluator.names.symbol(entity.unit, decorator);
      if (symbol !== undefined && decoratorForm(symbol)) return false;
      return membersOf(program.evaluator.typeOf(entity.unit, decorator)).some(isFromLibrary);
    });
    if (isDecorated || !entity.owner) return isDecorated;
    if (program.evaluator.classes.hasUnknownBase(entity.owner)) return true;
    return program.evaluator.classes.mro(entity.owner).some((base) => isOfLibrary(base) && mayRunCoroutines(base));
  }

  #reachesLibrary(unit: Unit, siteId: SiteId): boolean {
    const { targets, unknown } = this.program.calls.link(unit, siteId);
    return targets.length === 0 ? unknown === "import" : targets.some(({ type }) => isOfLibrary(type.function));
  }
}

/** What has evidence of a loop: who does what needs one, whoever awaits that, and what all those await. */
function reached(drivings: readonly Driving[]): ReadonlySet<FunctionEntity> {
  const awaits = drivings.flatMap((driving) => driving.awaits);
  const up = closure(
    drivings.flatMap(({ bound }) => bound),
    awaits.map(([by, what]) => [what, by]),
  );
  const starts = [...up, ...drivings.flatMap(({ given }) => given)];
  return closure(starts, [...awaits, ...drivings.flatMap(({ nested }) => nested)]);
}

function closure(starts: readonly FunctionEntity[], edges: readonly Await[]): ReadonlySet<FunctionEntity> {
  const next = new Map<FunctionEntity, FunctionEntity[]>();
  for (const [from, to] of edges) {
    const known = next.get(from);
    if (known) known.push(to);
    else next.set(from, [to]);
  }
  const found = new Set(starts);
  for (const entity of found) for (const to of next.get(entity) ?? []) found.add(to);
  return found;
}

function sameDriving(a: Driving | undefined, b: Driving | undefined): boolean {
  if (!a || !b) return a === b;
  const samePairs = (x: readonly Await[], y: readonly Await[]): boolean =>
    x.length === y.length && x.every(([by, what], index) => by === y[index]?.[0] && what === y[index]?.[1]);
  const same = (x: readonly FunctionEntity[], y: readonly FunctionEntity[]): boolean =>
    x.length === y.length && x.every((entity, index) => entity === y[index]);
  return same(a.bound, b.bound) && same(a.given, b.given) && samePairs(a.awaits, b.awaits) && samePairs(a.nested, b.nested);
}

/** Asyncio itself and everything that is installed: whatever of it is awaited knows nothing of the project's scheduler. */
function isOfLibrary({ unit: { file } }: FunctionEntity | ClassEntity): boolean {
  return file.origin === "package" || file.origin === "stub" || (file.origin === "typeshed" && isLoopModule(file.publicModule));
}

function isFromLibrary(type: Type): boolean {
  switch (type.kind) {
    case "function":
      return isOfLibrary(type.function);
    case "class":
    case "instance":
      return isOfLibrary(type.class);
    case "unknown":
      return type.reason === "import";
    default:
      return false;
  }
}

function mayRunCoroutines(base: ClassEntity): boolean {
  const { unit } = base;
  return unit.file.origin !== "typeshed" || functionsOf(unit).some((entity) => entity.owner === base && isAsync(entity));
}

function isCoroutine(type: Type): boolean {
  return type.kind === "awaitable" || (type.kind === "instance" && isCoroutineType(fullSymbol(type.class)));
}

/** Coroutine functions among what an argument holds, called or not: `gather(*[load(i) for i in ids])`. */
function coroutinesIn(type: Type, depth = 0): readonly FunctionEntity[] {
  return membersOf(type).flatMap((member): readonly FunctionEntity[] => {
    switch (member.kind) {
      case "awaitable":
        return member.function ? [member.function] : [];
      case "function":
        return isAsync(member.function) ? [member.function] : [];
      case "partial":
        return coroutinesIn(member.callee, depth + 1);
      case "tuple":
        return depth < 3 ? member.items.flatMap((item) => coroutinesIn(item, depth + 1)) : [];
      case "instance":
        return depth < 3 ? member.args.flatMap((item) => coroutinesIn(item, depth + 1)) : [];
      default:
        return [];
    }
  });
}

/** Lambdas and generator expressions run where they stand, as far as their awaits go. */
function isInline(entity: FunctionEntity): boolean {
  const { kind } = scopeOf(entity);
  return kind === "generator" || kind === "lambda";
}

function coroutineAround({ unit, scopeId }: FunctionEntity): FunctionEntity | undefined {
  for (let at = parentScope(unit, scopeId); at; at = parentScope(at.unit, at.scopeId)) {
    const scope = at.unit.chunk.scopes[at.scopeId];
    if (scope?.kind === "function") return scope.async ? functionAt(at.unit, at.scopeId) : undefined;
  }
  return undefined;
}
