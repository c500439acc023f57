/**
 * Subclasses of the program's classes, and with them the overrides of a method: a call on a declared type may run any.
 */
import type { Overrides } from "./calls.js";
import { type ClassEntity, classAt, type SourceFile, scopeOf } from "./entities.js";
import type { Evaluator } from "./evaluate.js";
import type { Reporting } from "./propagate.js";
import type { FunctionType, Type } from "./types.js";

/** More overrides than this are not told apart: the declared method speaks for all. */
const MAX_OVERRIDES = 40;
const NOTHING: ReadonlySet<string> = new Set();

export class Hierarchy implements Overrides {
  readonly #subclasses = new Map<ClassEntity, Set<ClassEntity>>();
  readonly #read = new Set<SourceFile>();
  /** Which files asked what a method of a class may run. */
  readonly #askers = new Map<ClassEntity, Map<string, Set<SourceFile>>>();

  constructor(
    private readonly evaluator: Evaluator,
    private readonly reporting: Pick<Reporting, "isTest">,
  ) {}

  has(file: SourceFile): boolean {
    return this.#read.has(file);
  }

  /** Reads the classes of a file; again only after `forget`. */
  add(file: SourceFile): void {
    if (this.#read.has(file)) return;
    this.#read.add(file);
    for (const unit of file.units) {
      unit.chunk.scopes.forEach((scope, scopeId) => {
        if (scope.kind !== "class") return;
        const entity = classAt(unit, scopeId);
        for (const base of this.evaluator.classes.bases(entity)) {
          const known = this.#subclasses.get(base.class);
          if (known) known.add(entity);
          else this.#subclasses.set(base.class, new Set([entity]));
        }
      });
    }
  }

  forget(files: ReadonlySet<SourceFile>): void {
    for (const file of files) this.#read.delete(file);
    for (const entity of this.#askers.keys()) {
      if (files.has(entity.unit.file) && entity.unit.classes.get(entity.scopeId) !== entity) this.#askers.delete(entity);
    }
    for (const [base, subclasses] of this.#subclasses) {
      if (files.has(base.unit.file) && base.unit.classes.get(base.scopeId) !== base) this.#subclasses.delete(base);
      else for (const entity of subclasses) if (files.has(entity.unit.file)) subclasses.delete(entity);
    }
  }

  /** What the classes of `files` define, by each class above them: `Class.name`. Compared, it tells which overrides came or went. */
  offers(files: Iterable<SourceFile>): ReadonlyMap<ClassEntity, ReadonlySet<string>> {
    const offers = new Map<ClassEntity, Set<string>>();
    if (this.#askers.size === 0) return offers;
    for (const file of files) {
      if (!this.#read.has(file)) continue;
      for (const unit of file.units) {
        unit.chunk.scopes.forEach((scope, scopeId) => {
          if (scope.kind !== "class") return;
          const entity = classAt(unit, scopeId);
          for (const above of this.#ancestors(entity)) {
            if (!this.#askers.has(above)) continue;
            const names = offers.get(above) ?? new Set();
            for (const name of Object.keys(scope.exit)) names.add(`${entity.qualifiedName}.${name}`);
            offers.set(above, names);
          }
        });
      }
    }
    return offers;
  }

  #ancestors(entity: ClassEntity): ReadonlySet<ClassEntity> {
    const above = new Set<ClassEntity>();
    const queue = [entity];
    for (let at = queue.pop(); at; at = queue.pop()) {
      for (const base of this.evaluator.classes.bases(at)) {
        if (above.has(base.class)) continue;
        above.add(base.class);
        queue.push(base.class);
      }
    }
    return above;
  }

  /** Files that asked for a method whose overrides differ between two answers of `offers`. */
  askersBetween(
    before: ReadonlyMap<ClassEntity, ReadonlySet<string>>,
    after: ReadonlyMap<ClassEntity, ReadonlySet<string>>,
  ): ReadonlySet<SourceFile> {
    const askers = new Set<SourceFile>();
    for (const entity of new Set([...before.keys(), ...after.keys()])) {
      const [old, fresh] = [before.get(entity) ?? NOTHING, after.get(entity) ?? NOTHING];
      for (const offer of new Set([...old, ...fresh])) {
        if (old.has(offer) && fresh.has(offer)) continue;
        const name = offer.slice(offer.lastIndexOf(".") + 1);
        for (const asker of this.#askers.get(entity)?.get(name) ?? []) askers.add(asker);
      }
    }
    return askers;
  }

  #ask(entity: ClassEntity, name: string, from: SourceFile): void {
    const names = this.#askers.get(entity) ?? new Map<string, Set<SourceFile>>();
    this.#askers.set(entity, names.set(name, (names.get(name) ?? new Set()).add(from)));
  }

  /** The functions that a call of `type` in a file may run, the declared one first when it implements anything. */
  of(type: FunctionType, from: SourceFile): readonly FunctionType[] {
    const receiver = type.bound;
    if (receiver?.kind !== "instance" || receiver.exact) return [type];
    const { name, stub } = scopeOf(type.function);
    const overrides = this.below(receiver, name, from);
    if (!overrides || overrides.length === 0) return [type];
    return stub ? overrides : [type, ...overrides];
  }

  /** Methods of that name in subclasses of the receiver's class; undefined when there are too many to tell apart. */
  below(receiver: Type & { kind: "instance" }, name: string, from: SourceFile): readonly FunctionType[] | undefined {
    this.#ask(receiver.class, name, from);
    const isTested = !this.reporting.isTest(receiver.class.unit.file);
    const overrides: FunctionType[] = [];
    const queue = [...(this.#subclasses.get(receiver.class) ?? [])];
    const seen = new Set(queue);
    for (let entity = queue.pop(); entity; entity = queue.pop()) {
      for (const subclass of this.#subclasses.get(entity) ?? []) {
        if (seen.has(subclass)) continue;
        seen.add(subclass);
        queue.push(subclass);
      }
      if (!Object.hasOwn(scopeOf(entity).exit, name) || !this.evaluator.classes.mayBeInstance(entity, receiver)) continue;
      // Fakes stand in for what they test, not for what it runs into in the field.
      if (isTested && this.reporting.isTest(entity.unit.file)) continue;
      const place = this.evaluator.classes.memberPlaces(entity, name, [entity])[0];
      const member = place && this.evaluator.typeOfDefs(place.unit, place.defs);
      if (member?.kind !== "function" || scopeOf(member.function).stub) continue;
      if (member.function.unit.file !== from) member.function.unit.file.dependents.add(from);
      overrides.push({ ...member, bound: { kind: "instance", class: entity, args: [], exact: false } });
      if (overrides.length > MAX_OVERRIDES) return undefined;
    }
    return overrides;
  }
}
