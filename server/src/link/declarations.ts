/**
 * Types that stand apart from the code: in the `.pyi` beside a source file, or in the stub package of an installed one. The
 * source says what runs and what blocks, its stub what the types are. Knows no effects.
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

  /** What the stub says that a function returns; undefined where it is silent, or has several answers. */
  returned(entity: FunctionEntity): Type | undefined {
    const [signature, ...overloads] = this.signaturesOf(entity);
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
    const stub = this.#stubOf(file);
    const place = stub && this.evaluator.names.inModule(stub, name)[0];
    return place && known(this.evaluator.typeOfDefs(place.unit, place.defs));
  }

  /** What the stub says of an attribute that the source of the class, or of one of its bases, leaves open. */
  ofAttribute(entity: ClassEntity, name: string): Type | undefined {
    for (const owner of this.evaluator.classes.mro(entity)) {
      const stub = this.#stubOf(owner.unit.file);
      const place = stub && this.#placeOf(stub, [...owner.qualifiedName.split("."), name]);
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
      place = owner && this.evaluator.classes.memberPlaces(owner, name, [owner])[0];
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
