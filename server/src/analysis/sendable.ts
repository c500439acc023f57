/**
 * Whether a value can be sent to another process, as far as its type tells: pickled there, and a copy is as good as the
 * value itself. Knows Python's own classes; an object of the program's goes by what its attributes hold.
 */
import { type ClassEntity, decoratorsOf, fullName, onlyDef, scopeOf } from "../link/entities.js";
import type { Program } from "../link/program.js";
import { isBoundToProcess, isPlainBase, isPlainData, keepsFields, picklesItself } from "../link/special.js";
import { membersOf, type Type } from "../link/types.js";

/** `plain`: certainly; `bound`: certainly not, it belongs to its process or has no name there. */
export type Sendability = "plain" | "bound" | "unknown";

const MAX_DEPTH = 4;

export function sendabilityOf(program: Program, type: Type): Sendability {
  return new Senders(program).of(type, 0);
}

/** The worst of all; of nothing at all, nothing is known. */
function all(parts: readonly Sendability[]): Sendability {
  if (parts.includes("bound")) return "bound";
  return parts.length > 0 && parts.every((part) => part === "plain") ? "plain" : "unknown";
}

class Senders {
  /** Classes of the program whose attributes are being looked at: an object may hold others of its kind. */
  readonly #open = new Set<ClassEntity>();

  constructor(private readonly program: Program) {}

  of(type: Type, depth: number): Sendability {
    if (depth > MAX_DEPTH) return "unknown";
    return all(membersOf(type).map((member) => this.#member(member, depth)));
  }

  #member(type: Type, depth: number): Sendability {
    switch (type.kind) {
      case "none":
        return "plain";
      case "tuple":
        return type.items.length === 0 ? "plain" : all(type.items.map((item) => this.of(item, depth + 1)));
      case "instance":
        return type.runs || type.lazy || type.wraps ? "bound" : this.#instance(type, depth);
      case "function":
        return isNested(type.function.qualifiedName) || scopeOf(type.function).name === "" ? "bound" : "unknown";
      case "module":
      case "awaitable":
      case "manager":
      case "super":
        return "bound";
      default:
        return "unknown";
    }
  }

  #instance(type: Type & { kind: "instance" }, depth: number): Sendability {
    const name = fullName(type.class);
    if (type.class.unit.file.origin === "workspace") return this.#object(type, depth);
    if (isPlainData(name)) {
      // Elements that nobody knows are taken for what containers usually hold.
      const elements = type.args.map((arg) => this.of(arg, depth + 1));
      return elements.includes("bound") ? "bound" : "plain";
    }
    return isBoundToProcess(name) ? "bound" : "unknown";
  }

  /** An object of a class of the program, and of those below it that may stand in its place. */
  #object(type: Type & { kind: "instance" }, depth: number): Sendability {
    const { class: entity } = type;
    if (this.#open.has(entity)) return "plain";
    this.#open.add(entity);
    const below = type.exact ? [] : this.program.hierarchy.definers(type, "__init__");
    const kinds = below.map((each) => this.#object({ ...type, class: each, args: [], exact: true }, depth));
    const own = this.#attributes(type, depth);
    this.#open.delete(entity);
    return all([own, ...kinds]);
  }

  #attributes(type: Type & { kind: "instance" }, depth: number): Sendability {
    const { evaluator } = this.program;
    const { classes } = evaluator;
    if (isNested(type.class.qualifiedName)) return "bound";
    if (classes.hasUnknownBase(type.class)) return "unknown";
    const parts: Sendability[] = ["plain"];
    for (const link of classes.mro(type.class)) {
      if (link.unit.file.origin !== "workspace") {
        if (!isPlainBase(fullName(link))) return "unknown";
        continue;
      }
      const names = [...classes.definedNames(link)];
      if (names.some(picklesItself) || !decoratorsOf(link).every(keepsFields)) return "unknown";
      const scope = scopeOf(link);
      for (const name of names) {
        const def = Object.hasOwn(scope.exit, name) ? onlyDef(link.unit, scope.exit[name] ?? []) : undefined;
        // What the body binds without an annotation belongs to the class, which goes by its name.
        const isOfClass = Object.hasOwn(scope.exit, name) && def?.kind !== "annotated";
        const isAssigned = classes.methodScopes(link).some((method) => method.scope.attributes.some(([set]) => set === name));
        if (!isOfClass || isAssigned) parts.push(this.of(evaluator.member(type, name), depth + 1));
      }
    }
    return all(parts);
  }
}

function isNested(qualifiedName: string): boolean {
  return qualifiedName.includes("<locals>");
}
