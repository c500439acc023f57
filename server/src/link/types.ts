/**
 * Types as the linker sees them: no more than it takes to say which function a call runs.
 */
import type { Constant, ExprId } from "../facts/types.js";
import type { ClassEntity, FunctionEntity, SourceFile, Unit } from "./entities.js";

/** Why something is unknown; told by `explain` and counted in the statistics. */
export type UnknownReason = (typeof UNKNOWN_REASONS)[number];

export const UNKNOWN_REASONS = [
  "parameter", // an argument without annotation
  "import", // the module was not found
  "complete", // not named by the stub of its library, which names all that blocks
  "attribute", // the type has no such attribute
  "name", // nothing binds the name
  "dynamic", // built at run time: getattr, subscripts of unknown containers, Any
  "awaited", // awaited, but what it would run is not awaitable
  "cycle", // defined by itself
  "budget", // too large to follow
  "unread", // the module's file cannot be read
  "broken", // the module's file has a syntax error
] as const;

/** Why a file that is there says nothing. */
export type UnreadReason = Extract<UnknownReason, "budget" | "unread">;

/** A module: a file, a folder of modules, or both. */
export interface Module {
  readonly name: string;
  readonly file: SourceFile | undefined;
  /** Folders its submodules lie in. */
  readonly folders: readonly string[];
  /** Why it has no file although there is one. */
  readonly unread?: UnreadReason;
}

export type Type =
  | { readonly kind: "unknown"; readonly reason: UnknownReason }
  | { readonly kind: "none" }
  /** `exact`: made by its constructor, so that no subclass is meant. */
  | {
      readonly kind: "instance";
      readonly class: ClassEntity;
      readonly args: readonly Type[];
      readonly exact: boolean;
      readonly constant?: Constant;
      /** Iterating it runs this function: a generator, or a lazy function of a library. */
      readonly runs?: FunctionEntity;
      readonly lazy?: Lazy;
      /** What `self` or `cls()` is inside a method: the receiver's own class, where the method is called. */
      readonly self?: true;
      /** The function it decorates, which calling it probably calls. */
      readonly wraps?: FunctionType;
    }
  /** `self`: the `cls` of a class method; `open`: this class or one below it, as `type[C]` says. */
  | {
      readonly kind: "class";
      readonly class: ClassEntity;
      readonly args: readonly Type[];
      readonly self?: true;
      readonly open?: true;
    }
  | { readonly kind: "module"; readonly module: Module }
  | FunctionType
  | { readonly kind: "tuple"; readonly items: readonly Type[] }
  | { readonly kind: "union"; readonly members: readonly Type[] }
  /** What calling an `async def` gives. */
  | { readonly kind: "awaitable"; readonly of: Type; readonly function?: FunctionEntity }
  /** A function with leading arguments filled in. */
  | { readonly kind: "partial"; readonly callee: Type }
  /** A callable that runs `callee` elsewhere and gives an awaitable. */
  | { readonly kind: "offloaded"; readonly callee: Type; readonly place: Place }
  /** What a function decorated with contextmanager gives. */
  | { readonly kind: "manager"; readonly function: FunctionType; readonly async: boolean; readonly of: Type }
  | { readonly kind: "super"; readonly class: ClassEntity; readonly bound: Type }
  /** Anything callable, as an annotation says; `class`: the class of what it returns, `type[T]`. */
  | { readonly kind: "callable"; readonly returns: Type; readonly class?: true }
  | { readonly kind: "typevar"; readonly name: string; readonly bound?: Type };

/** What `map`, `zip` and the like do while their result is consumed: arguments of the call that made it. */
export interface Lazy {
  readonly unit: Unit;
  readonly calls: readonly ExprId[];
  readonly iterates: readonly ExprId[];
}

export interface FunctionType {
  readonly kind: "function";
  readonly function: FunctionEntity;
  /** Other definitions of an overloaded name, this one included. */
  readonly overloads?: readonly FunctionEntity[];
  /** Receiver of a bound method. */
  readonly bound?: Type;
  /** How it behaves as an attribute of a class. */
  readonly binding?: "static" | "class" | "property" | "cached-property";
  /** Called through a decorator that could not be read: still this function, but not surely. */
  readonly uncertain?: true;
  /** What the parameters of the function around a closure stood for when it was made, by parameter name. */
  readonly captured?: ReadonlyMap<string, Type>;
  /** The function is wrapped by contextmanager. */
  readonly manager?: "sync" | "async";
  /** Runs once per argument list: lru_cache, cache; `once` when it takes no parameters. */
  readonly cached?: "arguments" | "once";
  /** Where a decorator's stub says it runs. */
  readonly place?: Place;
  /** The call that made that decorator: what its stub says of what it decorates. */
  readonly decorator?: { readonly factory: FunctionEntity; readonly unit: Unit; readonly call: ExprId };
}

/** Where a callable runs. */
export type Place = "now" | "loop" | "thread" | "process" | "worker" | "loop-or-thread" | "startup";

export const NONE: Type = { kind: "none" };

const UNKNOWN = new Map<UnknownReason, Type>();

export function unknown(reason: UnknownReason): Type {
  let type = UNKNOWN.get(reason);
  if (!type) {
    type = { kind: "unknown", reason };
    UNKNOWN.set(reason, type);
  }
  return type;
}

/** More members than this say nothing useful; literals stand for one class and are told apart by value alone. */
const MAX_MEMBERS = 24;
const MAX_LITERALS = 100;

/**
 * The union of types: flattened, equal members once; a single member is itself. One of too many members stays too large,
 * however it is put together.
 */
export function unionOf(types: readonly Type[]): Type {
  if (types.length === 1) return types[0] as Type;
  const members: Type[] = [];
  const add = (type: Type): void => {
    if (type.kind === "union") for (const member of type.members) add(member);
    else if (!members.some((member) => sameType(member, type))) members.push(type);
  };
  for (const type of types) {
    add(type);
    if (isTooLarge(members) || members.includes(unknown("budget"))) return unknown("budget");
  }
  if (members.length === 0) return unknown("name");
  return members.length === 1 ? (members[0] as Type) : { kind: "union", members: members.slice() };
}

function isTooLarge(members: readonly Type[]): boolean {
  if (members.length <= MAX_MEMBERS) return false;
  const literals = members.filter((member) => member.kind === "instance" && member.constant !== undefined).length;
  return literals > MAX_LITERALS || members.length - literals > MAX_MEMBERS;
}

export function membersOf(type: Type): readonly Type[] {
  return type.kind === "union" ? type.members : [type];
}

export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case "unknown":
      return a.reason === (b as typeof a).reason;
    case "none":
      return true;
    case "instance": {
      const other = b as typeof a;
      if (a.class !== other.class || a.exact !== other.exact || a.constant !== other.constant) return false;
      return a.runs === other.runs && a.lazy === other.lazy && sameTypes(a.args, other.args);
    }
    case "class":
      return a.class === (b as typeof a).class && sameTypes(a.args, (b as typeof a).args);
    case "module":
      return a.module.name === (b as typeof a).module.name && a.module.file === (b as typeof a).module.file;
    case "function": {
      const other = b as typeof a;
      if (a.function !== other.function || a.captured !== other.captured) return false;
      return a.bound === undefined || other.bound === undefined ? a.bound === other.bound : sameType(a.bound, other.bound);
    }
    case "tuple":
      return sameTypes(a.items, (b as typeof a).items);
    case "awaitable":
      return a.function === (b as typeof a).function && sameType(a.of, (b as typeof a).of);
    case "typevar":
      return a.name === (b as typeof a).name;
    default:
      return false;
  }
}

function sameTypes(a: readonly Type[], b: readonly Type[]): boolean {
  return a.length === b.length && a.every((type, index) => sameType(type, b[index] as Type));
}
