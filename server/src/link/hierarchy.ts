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

export class Hierarchy implements Overrides {
  readonly #subclasses = new Map<ClassEntity, Set<ClassEntity>>();
  readonly #read = new Set<SourceFile>();

  constructor(
    private readonly evaluator: Evaluator,
    private readonly reporting: Pick<Reporting, "isTest">,
  ) {}

  /** Reads the classes of a file; again only after `forget`. */
  add(file: SourceFile): void {
    if (this.#read.has(file)) return;
    this.#read.add(file);
    for (const unit of file.units) {
      unit.chunk.scopes.forEach((scope, scopeId) => {
        if (scope.kind !== "class") return;
        const entity = classAt(unit, scopeId);
        for (const base of this.evaluator.bases(entity)) {
          const known = this.#subclasses.get(base.class);
          if (known) known.add(entity);
          else this.#subclasses.set(base.class, new Set([entity]));
        }
      });
    }
  }

  forget(files: ReadonlySet<SourceFile>): void {
    for (const file of files) this.#read.delete(file);
    for (const [base, subclasses] of this.#subclasses) {
      if (files.has(base.unit.file) && base.unit.classes.get(base.scopeId) !== base) this.#subclasses.delete(base);
      else for (const entity of subclasses) if (files.has(entity.unit.file)) subclasses.delete(entity);
    }
  }

  /** The functions that a call of `type` may run, the declared one first when it implements anything. */
  of(type: FunctionType): readonly FunctionType[] {
    const receiver = type.bound;
    if (receiver?.kind !== "instance" || receiver.exact) return [type];
    const { name, stub } = scopeOf(type.function);
    const overrides = this.below(receiver, name);
    if (!overrides || overrides.length === 0) return [type];
    return stub ? overrides : [type, ...overrides];
  }

  /** Methods of that name in subclasses of the receiver's class; undefined when there are too many to tell apart. */
  below(receiver: Type & { kind: "instance" }, name: string): readonly FunctionType[] | undefined {
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
      if (!Object.hasOwn(scopeOf(entity).exit, name) || !this.evaluator.mayBeInstance(entity, receiver)) continue;
      // Fakes stand in for what they test, not for what it runs into in the field.
      if (isTested && this.reporting.isTest(entity.unit.file)) continue;
      const place = this.evaluator.memberPlaces(entity, name, [entity])[0];
      const member = place && this.evaluator.typeOfDefs(place.unit, place.defs);
      if (member?.kind !== "function" || scopeOf(member.function).stub) continue;
      overrides.push({ ...member, bound: { kind: "instance", class: entity, args: [], exact: false } });
      if (overrides.length > MAX_OVERRIDES) return undefined;
    }
    return overrides;
  }
}
