/**
 * Types that stand apart from the code: in the `.pyi` beside a source file, in the stub package of an installed one, or in
 * our own stub of it. The source says what runs and what blocks, its stub what the types are. Knows no effects.
 */
import type { DefId, Scope } from "../facts/types.js";
import { type ClassEntity, classAt, type FunctionEntity, functionAt, type SourceFile, scopeOf, type Unit } from "./entities.js";
import type { Evaluator } from "./evaluate.js";
import type { Found } from "./names.js";
import type { Type } from "./types.js";

export class Declarations {
  constructor(private readonly evaluator: Evaluator) {}

  /** The signatures of a function in the stub of its file, more than one where it is overloaded. */
  signaturesOf(entity: FunctionEntity): readonly FunctionEntity[] {
    const stub = this.#stubOf(entity.unit.file);
    const place = stub && this.#placeOf(stub, entity.qualifiedName.split("."));
    return (place?.defs ?? []).flatMap((id) => this.#functionAt((place as Found).unit, id));
  }

  /**
   * The signatures that our stub has for a function of an installed package. A stub may write a method down in the class
   * that people use, which inherits it: `receiver` is asked first.
   */
  described(entity: FunctionEntity, receiver?: Type): readonly FunctionEntity[] {
    const { owner, unit } = entity;
    if (unit.file.origin !== "package") return [];
    const signatures = owner ? this.#inClasses(entity, owner, receiver) : this.#described(unit.file, entity.qualifiedName);
    return signatures.filter((signature) => scopeOf(signature).async === scopeOf(entity).async);
  }

  #inClasses(entity: FunctionEntity, owner: ClassEntity, receiver: Type | undefined): readonly FunctionEntity[] {
    const { name } = scopeOf(entity);
    const order = receiver?.kind === "instance" || receiver?.kind === "class" ? this.evaluator.classes.mro(receiver.class) : [];
    const end = order.indexOf(owner);
    for (const { unit, qualifiedName } of end < 0 ? [owner] : order.slice(0, end + 1)) {
      const signatures = this.#described(unit.file, qualifiedName, name);
      if (signatures.length > 0) return signatures;
    }
    return [];
  }

  /** The functions of our stub behind a definition, or behind a member of the class that is defined there. */
  #described(file: SourceFile, qualifiedName: string, member?: string): readonly FunctionEntity[] {
    const place = this.#placeInOurs(file, qualifiedName, member);
    return (place?.defs ?? []).flatMap((id) => this.#functionAt((place as Found).unit, id));
  }

  #placeInOurs(file: SourceFile, qualifiedName: string, member?: string): Found | undefined {
    const said = file.origin === "package" ? this.evaluator.decorators.describes(file, qualifiedName) : undefined;
    if (!said) return undefined;
    const path = said.qualifiedName.split(".");
    return this.#placeOf(said.unit.file, member === undefined ? path : [...path, member]);
  }

  /** What the stub says that a function returns; undefined where it is silent, or has several answers. */
  returned(entity: FunctionEntity): Type | undefined {
    const beside = this.signaturesOf(entity);
    const [signature, ...overloads] = beside.length > 0 ? beside : this.described(entity);
    // Which of several is meant the arguments say, and nobody sees them here.
    return signature && overloads.length === 0 ? known(this.evaluator.returnType(signature)) : undefined;
  }

  /** What the stub says of a parameter. */
  parameter(entity: FunctionEntity, name: string): Type | undefined {
    const [signature, ...overloads] = this.signaturesOf(entity);
    if (!signature || overloads.length > 0) return undefined;
    const annotation = scopeOf(signature).parameters.find((parameter) => parameter.name === name)?.annotation;
    return annotation === undefined ? undefined : known(this.evaluator.annotations.annotation(signature.unit, annotation));
  }

  /** What the stub of a module says of a name that its source leaves open. */
  ofModule(file: SourceFile, name: string): Type | undefined {
    const ours = file.origin === "package" ? this.evaluator.modules.stub(file.module) : undefined;
    for (const stub of [this.#stubOf(file), ours]) {
      const place = stub && this.evaluator.names.inModule(stub, name)[0];
      const type = place && known(this.evaluator.typeOfDefs(place.unit, place.defs));
      if (type) return type;
    }
    return undefined;
  }

  /** What the stub says of an attribute that the source of the class, or of one of its bases, leaves open. */
  ofAttribute(entity: ClassEntity, name: string): Type | undefined {
    for (const owner of this.evaluator.classes.mro(entity)) {
      const { qualifiedName, unit } = owner;
      const stub = this.#stubOf(unit.file);
      const beside = stub && this.#placeOf(stub, [...qualifiedName.split("."), name]);
      const place = beside ?? this.#placeInOurs(unit.file, qualifiedName, name);
      if (place) return known(this.evaluator.typeOfDefs(place.unit, place.defs));
    }
    return undefined;
  }

  #stubOf(file: SourceFile): SourceFile | undefined {
    return this.evaluator.modules.typesFor(file);
  }

  /** The definition behind `Class.method` in a stub; nothing in functions is looked for. */
  #placeOf(stub: SourceFile, [first, ...rest]: readonly string[]): Found | undefined {
    let place: Found | undefined = first === undefined ? undefined : this.evaluator.names.inModule(stub, first)[0];
    for (const name of rest) {
      const owner = place && classOf(place);
      place = owner && this.evaluator.classes.memberPlaces(owner, name)[0];
    }
    return place;
  }

  #functionAt(unit: Unit, id: DefId): readonly FunctionEntity[] {
    const def = unit.chunk.defs[id];
    if (def?.kind !== "function") return [];
    return [functionAt(def.chunk === undefined ? unit : (unit.file.units[def.chunk] ?? unit), def.scope)];
  }
}

function classOf({ unit, defs }: Found): ClassEntity | undefined {
  const def = unit.chunk.defs[defs.at(-1) ?? -1];
  const scope: Scope | undefined = def?.kind === "class" ? unit.chunk.scopes[def.scope] : undefined;
  return def?.kind === "class" && scope?.kind === "class" ? classAt(unit, def.scope) : undefined;
}

function known(type: Type): Type | undefined {
  return type.kind === "unknown" ? undefined : type;
}
