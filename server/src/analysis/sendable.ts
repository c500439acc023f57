/**
 * Whether a value can be sent to another process, as far as its type tells: pickled there, and a copy is as good as the
 * value itself. Knows Python's own classes, and that one of the program is made of what its constructor was given.
 */
import type { ClassEntity } from "../link/entities.js";
import { fullName, scopeOf } from "../link/entities.js";
import type { Program } from "../link/program.js";
import { isBoundToProcess, isPlainData } from "../link/special.js";
import { membersOf, type Type } from "../link/types.js";

/** `plain`: certainly; `bound`: certainly not, it belongs to its process or has no name there. */
export type Sendability = "plain" | "bound" | "unknown";

const MAX_DEPTH = 4;

export function sendabilityOf(program: Program, type: Type, depth = 0): Sendability {
  if (depth > MAX_DEPTH) return "unknown";
  return all(membersOf(type).map((member) => ofMember(program, member, depth)));
}

/** The worst of all; of nothing at all, nothing is known. */
function all(parts: readonly Sendability[]): Sendability {
  if (parts.includes("bound")) return "bound";
  return parts.length > 0 && parts.every((part) => part === "plain") ? "plain" : "unknown";
}

function ofMember(program: Program, type: Type, depth: number): Sendability {
  switch (type.kind) {
    case "none":
      return "plain";
    case "tuple":
      return type.items.length === 0 ? "plain" : all(type.items.map((item) => sendabilityOf(program, item, depth + 1)));
    case "instance":
      return type.runs || type.lazy || type.wraps ? "bound" : ofInstance(program, type.class, type.args, depth);
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

function ofInstance(program: Program, entity: ClassEntity, args: readonly Type[], depth: number): Sendability {
  const name = fullName(entity);
  const { origin } = entity.unit.file;
  if (origin === "workspace") return "unknown";
  if (isPlainData(name)) {
    // Elements that nobody knows are taken for what containers usually hold.
    const elements = args.map((arg) => sendabilityOf(program, arg, depth + 1));
    return elements.includes("bound") ? "bound" : "plain";
  }
  return isBoundToProcess(name) ? "bound" : "unknown";
}

function isNested(qualifiedName: string): boolean {
  return qualifiedName.includes("<locals>");
}
