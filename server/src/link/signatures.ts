/**
 * Calls against signatures: which overload is meant, and what type variables stand for.
 */
import type { ExprId } from "../facts/types.js";
import { bindArguments } from "./arguments.js";
import { type ClassEntity, type FunctionEntity, scopeOf } from "./entities.js";
import type { CallArguments, Evaluator } from "./evaluate.js";
import { hasTypeVariables, substitute, unify } from "./generics.js";
import type { FunctionType, Type } from "./types.js";

export class Signatures {
  constructor(private readonly evaluator: Evaluator) {}

  fill(declared: Type, type: FunctionType, entity: FunctionEntity, args: CallArguments): Type {
    if (!hasTypeVariables(declared)) return declared;
    const map = new Map<string, Type>(this.infer(entity, args, type.bound ? 1 : 0));
    if (type.bound) {
      map.set(
        "Self",
        type.bound.kind === "class"
          ? { kind: "instance", class: type.bound.class, args: type.bound.args, exact: !type.bound.open }
          : type.bound,
      );
      const receiver = type.bound;
      // `def __enter__(self: Self) -> Self` of older stubs: a type variable bound to the receiver.
      const self = scopeOf(entity).parameters[0]?.annotation;
      if (self !== undefined) this.#unifyReceiver(this.evaluator.annotations.annotation(entity.unit, self), receiver, map);
      if ((receiver.kind === "instance" || receiver.kind === "class") && entity.owner) {
        // What the receiver holds is known before any argument is looked at: `rows.get(key, [])`.
        for (const [name, value] of this.evaluator.classes.substitutionFor(receiver.class, receiver.args, entity.owner) ?? [])
          if (!map.has(name) || value.kind !== "unknown") map.set(name, value);
      }
    }
    return substitute(declared, map);
  }

  #unifyReceiver(declared: Type, receiver: Type, map: Map<string, Type>): void {
    // `def __new__(cls: Callable[P, T], ...) -> T`: what calling the class gives is what is being asked.
    const isMaker = declared.kind === "callable" && receiver.kind === "class";
    const [of, actual] = isMaker ? [declared.returns, map.get("Self") as Type] : [declared, receiver];
    unify(of, actual, map, this.evaluator);
  }

  /** Type variables of a function from the types of its arguments. */
  infer(entity: FunctionEntity, args: CallArguments, skip: number): Map<string, Type> {
    const map = new Map<string, Type>();
    const scope = scopeOf(entity);
    const take = (annotation: ExprId | undefined, type: () => Type): void => {
      if (annotation === undefined) return;
      const declared = this.evaluator.annotations.annotation(entity.unit, annotation);
      if (hasTypeVariables(declared)) unify(declared, type(), map, this.evaluator);
    };
    if ("args" in args) {
      const bound = bindArguments(scope.parameters, args.args, skip);
      for (const parameter of scope.parameters) {
        const argument = bound.byName.get(parameter.name);
        if (argument) take(parameter.annotation, () => this.evaluator.typeOf(args.unit, argument.value));
        else if (parameter.kind === "var-positional") {
          for (const rest of bound.rest) take(parameter.annotation, () => this.evaluator.typeOf(args.unit, rest.value));
          // `gather(*jobs)`
          for (const { value, star } of args.args)
            if (star === "*")
              take(parameter.annotation, () => this.evaluator.iterated(this.evaluator.typeOf(args.unit, value), false));
        }
      }
    } else {
      args.types.forEach((type, index) => {
        take(scope.parameters[index + skip]?.annotation, () => type);
      });
    }
    return map;
  }

  /** Of overloads the first whose arity and literals fit; without one, the first. */
  choose(type: FunctionType, args: CallArguments): FunctionEntity {
    const { overloads } = type;
    if (!overloads || overloads.length === 0) return type.function;
    const skip = type.bound && type.binding !== "static" ? 1 : type.bound ? 1 : 0;
    // Nobody counts what `*jobs` holds: the overload that takes any number of them is meant.
    const isSpread = "args" in args && args.args.some(({ star }) => star === "*");
    const open = isSpread ? overloads.filter(takesAnyNumber) : [];
    const candidates = open.length > 0 ? open : overloads;
    return candidates.find((overload) => this.#fits(overload, args, skip, type.bound)) ?? (candidates[0] as FunctionEntity);
  }

  #fits(overload: FunctionEntity, args: CallArguments, skip: number, receiver: Type | undefined): boolean {
    const { parameters } = scopeOf(overload);
    const { unit } = overload;
    const self = skip === 1 ? parameters[0]?.annotation : undefined;
    if (
      self !== undefined &&
      receiver?.kind === "instance" &&
      receiver.args.length > 0 &&
      !this.#accepts(this.evaluator.annotations.annotation(unit, self), receiver)
    ) {
      return false;
    }
    const held =
      receiver?.kind === "instance" && receiver.args.length > 0 && overload.owner
        ? this.evaluator.classes.substitutionFor(receiver.class, receiver.args, overload.owner)
        : undefined;
    const declared = (annotation: ExprId): Type => {
      const type = this.evaluator.annotations.annotation(unit, annotation);
      return held && hasTypeVariables(type) ? substitute(type, held) : type;
    };
    if (!("args" in args)) {
      return args.types.every((type, index) => {
        const annotation = parameters[index + skip]?.annotation;
        return annotation === undefined || this.#accepts(declared(annotation), type);
      });
    }
    const bound = bindArguments(parameters, args.args, skip);
    if (bound.misfit) return false;
    for (const parameter of parameters) {
      const argument = bound.byName.get(parameter.name);
      if (!argument || parameter.annotation === undefined) continue;
      if (!this.#accepts(declared(parameter.annotation), this.evaluator.typeOf(args.unit, argument.value))) return false;
    }
    return true;
  }

  /** Whether an argument may be meant for a parameter: false only when it surely is not. */
  #accepts(declared: Type, argument: Type): boolean {
    if (declared.kind === "union") return declared.members.some((member) => this.#accepts(member, argument));
    if (argument.kind === "union") return argument.members.some((member) => this.#accepts(declared, member));
    if (declared.kind === "none") return argument.kind === "none" || argument.kind === "unknown";
    if (declared.kind === "typevar") return declared.bound === undefined || this.#accepts(declared.bound, argument);
    if (argument.kind === "awaitable") {
      const coroutine = this.evaluator.builtinClass("Coroutine", "typing");
      return !coroutine || this.#accepts(declared, { kind: "instance", class: coroutine, args: [], exact: false });
    }
    if (argument.kind === "none") return declared.kind !== "instance" || declared.class.qualifiedName === "object";
    if (declared.kind !== "instance" || argument.kind !== "instance") return true;
    if (declared.constant !== undefined) return argument.constant === undefined ? false : argument.constant === declared.constant;
    if (this.evaluator.classes.isSubclass(argument.class, declared.class)) return true;
    if (this.isProtocol(declared.class)) return this.#satisfies(argument, declared.class);
    const [wanted, given] = [declared.class.qualifiedName, argument.class.qualifiedName];
    return (wanted === "float" && given === "int") || (wanted === "complex" && (given === "int" || given === "float"));
  }

  isProtocol(entity: ClassEntity): boolean {
    return scopeOf(entity).bases.some((base) =>
      /(^|\.)Protocol$/.test(this.evaluator.names.symbol(entity.unit, base.value) ?? ""),
    );
  }

  #satisfies(argument: Type & { kind: "instance" }, protocol: ClassEntity): boolean {
    return Object.keys(scopeOf(protocol).exit).every(
      (name) => this.evaluator.classes.memberPlaces(argument.class, name).length > 0,
    );
  }
}

function takesAnyNumber(overload: FunctionEntity): boolean {
  return scopeOf(overload).parameters.some(({ kind }) => kind === "var-positional");
}
