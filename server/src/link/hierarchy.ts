/**
 * Subclasses of the program's classes, and with them the overrides of a method: a call on a declared type may run any.
 */
import type { Overrides } from "./calls.js";
import { type Cell, cellOf } from "./cells.js";
import { type ClassEntity, classAt, type SourceFile, scopeOf } from "./entities.js";
import type { Descendants, Evaluator, Receiver } from "./evaluate.js";
import type { Reporting } from "./propagate.js";
import type { FunctionType } from "./types.js";

/** More overrides than this are not told apart: the declared method speaks for all. */
const MAX_OVERRIDES = 40;

export class Hierarchy implements Overrides, Descendants {
  readonly #subclasses = new Map<ClassEntity, Set<ClassEntity>>();
  readonly #read = new Set<SourceFile>();
  /** What asked for the meaning of a name below a class: it asks again when a class appears there that defines the name. */
  readonly #askers = new Map<ClassEntity, Map<string, Set<Cell>>>();
  /** Who defines a name below a class, until a class comes or goes: a base of thousands is asked thousands of times. */
  readonly #definers = new Map<ClassEntity, Map<string, Definers>>();

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
    this.#definers.clear();
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
    if (files.size === 0) return;
    this.#definers.clear();
    for (const file of files) this.#read.delete(file);
    for (const entity of this.#askers.keys()) {
      if (files.has(entity.unit.file) && entity.unit.classes?.[entity.scopeId] !== entity) this.#askers.delete(entity);
    }
    for (const [base, subclasses] of this.#subclasses) {
      if (files.has(base.unit.file) && base.unit.classes?.[base.scopeId] !== base) this.#subclasses.delete(base);
      else for (const entity of subclasses) if (files.has(entity.unit.file)) subclasses.delete(entity);
    }
  }

  /**
   * Takes what asked for names that the classes of `files` define for the classes above them. Who saw a class that is gone
   * now, or defines less, depends on that class itself.
   */
  takeAskers(files: Iterable<SourceFile>): ReadonlySet<Cell> {
    const askers = new Set<Cell>();
    if (this.#askers.size === 0) return askers;
    for (const file of files) {
      if (!this.#read.has(file)) continue;
      for (const unit of file.units) {
        unit.chunk.scopes.forEach((scope, scopeId) => {
          if (scope.kind !== "class") return;
          const entity = classAt(unit, scopeId);
          for (const above of this.#ancestors(entity)) {
            const asked = this.#askers.get(above);
            if (!asked) continue;
            for (const name of this.evaluator.classes.definedNames(entity)) {
              for (const asker of asked.get(name) ?? []) askers.add(asker);
              asked.delete(name);
            }
          }
        });
      }
    }
    return askers;
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

  #ask(entity: ClassEntity, name: string): void {
    const asker = this.evaluator.asking;
    if (!asker) return;
    const names = this.#askers.get(entity) ?? new Map<string, Set<Cell>>();
    const askers = names.get(name);
    if (askers) askers.add(asker);
    else this.#askers.set(entity, names.set(name, new Set([asker])));
  }

  /** The functions that a call of `type` may run, the declared one first when it implements anything. */
  of(type: FunctionType): readonly FunctionType[] {
    const receiver = type.bound;
    const isOpen =
      receiver?.kind === "instance" ? !receiver.exact : receiver?.kind === "class" && (receiver.self || receiver.open);
    if (!isOpen) return [type];
    const { name, stub } = scopeOf(type.function);
    const overrides = this.below(receiver as Receiver, name);
    if (!overrides || overrides.length === 0) return [type];
    return stub ? overrides : [type, ...overrides];
  }

  /** Methods of that name in subclasses of the receiver's class; undefined when there are too many to tell apart. */
  below(receiver: Receiver, name: string): readonly FunctionType[] | undefined {
    this.#ask(receiver.class, name);
    const overrides: FunctionType[] = [];
    for (const entity of this.#definersOf(receiver, name)) {
      const place = this.evaluator.classes.memberPlaces(entity, name, [entity])[0];
      const member = place && this.evaluator.typeOfDefs(place.unit, place.defs);
      if (member?.kind !== "function" || scopeOf(member.function).stub) continue;
      overrides.push({ ...member, bound: lowered(receiver, entity) });
      if (overrides.length > MAX_OVERRIDES) return undefined;
    }
    return overrides;
  }

  definers(receiver: Receiver, name: string): readonly ClassEntity[] {
    this.#ask(receiver.class, name);
    return this.#definersOf(receiver, name);
  }

  /** In an order that does not depend on which file was read first. */
  #definersOf(receiver: Receiver, name: string): readonly ClassEntity[] {
    const { classes } = this.evaluator;
    const { definers, read } = this.#allDefiners(receiver.class, name);
    for (const entity of read) this.evaluator.depends(cellOf(entity));
    const isTested = !this.reporting.isTest(receiver.class.unit.file);
    // Fakes stand in for what they test, not for what it runs into in the field.
    return definers.filter(
      (entity) => classes.mayBeInstance(entity, receiver) && !(isTested && this.reporting.isTest(entity.unit.file)),
    );
  }

  #allDefiners(above: ClassEntity, name: string): Definers {
    const byName = this.#definers.get(above) ?? new Map<string, Definers>();
    this.#definers.set(above, byName);
    let found = byName.get(name);
    if (!found) {
      found = this.#findDefiners(above, name);
      byName.set(name, found);
    }
    return found;
  }

  #findDefiners(above: ClassEntity, name: string): Definers {
    const definers: ClassEntity[] = [];
    /** The class that each was reached through first. */
    const parents = new Map<ClassEntity, ClassEntity>();
    const queue = [above];
    for (let entity = queue.pop(); entity; entity = queue.pop()) {
      for (const subclass of this.#subclasses.get(entity) ?? []) {
        if (subclass === above || parents.has(subclass)) continue;
        parents.set(subclass, entity);
        queue.push(subclass);
        if (this.evaluator.classes.definedNames(subclass).has(name)) definers.push(subclass);
      }
    }
    // What stands between them and the class makes them its subclasses; whatever else is below it decides nothing.
    const read = new Set<ClassEntity>();
    for (const definer of definers) {
      for (let at: ClassEntity | undefined = definer; at && at !== above && !read.has(at); at = parents.get(at)) read.add(at);
    }
    return { definers: definers.sort(byPlace), read };
  }
}

interface Definers {
  readonly definers: readonly ClassEntity[];
  /** The classes that the answer was read off. */
  readonly read: ReadonlySet<ClassEntity>;
}

function lowered(receiver: Receiver, entity: ClassEntity): Receiver {
  return receiver.kind === "instance"
    ? { kind: "instance", class: entity, args: [], exact: false }
    : { kind: "class", class: entity, args: [], ...(receiver.open ? { open: true } : { self: true }) };
}

function byPlace(a: ClassEntity, b: ClassEntity): number {
  const [one, other] = [a.unit.file.path, b.unit.file.path];
  if (one !== other) return one < other ? -1 : 1;
  return a.unit.index - b.unit.index || a.scopeId - b.scopeId;
}
