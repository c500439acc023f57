/**
 * Type variables: finding, replacing and learning them.
 */
import type { Evaluator } from "./evaluate.js";
import { membersOf, type Type, unionOf, unknown } from "./types.js";

export type Substitution = ReadonlyMap<string, Type>;

export function withoutConstant(type: Type): Type {
  if (type.kind !== "instance" || type.constant === undefined) return type;
  const { constant: _, ...rest } = type;
  return rest;
}

export function typeVariables(type: Type): Type[] {
  switch (type.kind) {
    case "typevar":
      return [type];
    case "instance":
    case "class":
      return type.args.flatMap(typeVariables);
    case "tuple":
      return type.items.flatMap(typeVariables);
    case "union":
      return type.members.flatMap(typeVariables);
    case "awaitable":
      return typeVariables(type.of);
    case "callable":
      return typeVariables(type.returns);
    default:
      return [];
  }
}

export function hasTypeVariables(type: Type): boolean {
  return typeVariables(type).length > 0;
}

/** Replaces type variables; those nothing is known of become their bound, or unknown. */
export function substitute(type: Type, map: Substitution): Type {
  switch (type.kind) {
    case "typevar":
      return map.get(type.name) ?? type;
    case "instance":
    case "class":
      return type.args.length > 0 ? { ...type, args: type.args.map((arg) => substitute(arg, map)) } : type;
    case "tuple":
      return { kind: "tuple", items: type.items.map((item) => substitute(item, map)) };
    case "union":
      return unionOf(type.members.map((member) => substitute(member, map)));
    case "awaitable":
      return { ...type, of: substitute(type.of, map) };
    case "callable": {
      const returns = substitute(type.returns, map);
      return type.class ? classesOf(returns) : { ...type, returns };
    }
    default:
      return type;
  }
}

/** `type[T]` once it is known what `T` is. */
export function classesOf(of: Type): Type {
  const classes = membersOf(of).map(
    (member): Type =>
      member.kind === "instance"
        ? { kind: "class", class: member.class, args: member.args, open: true }
        : { kind: "callable", returns: member, class: true },
  );
  return unionOf(classes);
}

/** Learns from a parameter's declared type and an argument's type what type variables stand for. */
export function unify(declared: Type, actual: Type, map: Map<string, Type>, evaluator: Evaluator, depth = 0): void {
  if (depth > 6 || actual.kind === "unknown") return;
  switch (declared.kind) {
    case "typevar":
      if (!map.has(declared.name)) map.set(declared.name, withoutConstant(actual));
      return;
    case "union":
      for (const member of declared.members) {
        if (actual.kind === "none" && member.kind === "typevar") continue;
        unify(member, actual, map, evaluator, depth + 1);
      }
      return;
    case "class":
      if (actual.kind === "class") {
        for (const [index, arg] of declared.args.entries())
          unify(arg, actual.args[index] ?? unknown("dynamic"), map, evaluator, depth + 1);
      }
      return;
    case "callable": {
      const result = evaluator.callResult(actual, { types: [] });
      unify(declared.returns, result, map, evaluator, depth + 1);
      return;
    }
    case "tuple":
      if (actual.kind === "tuple") {
        declared.items.forEach((item, index) => {
          const other = actual.items[index];
          if (other) unify(item, other, map, evaluator, depth + 1);
        });
      }
      return;
    case "awaitable":
      unify(declared.of, evaluator.awaited(actual), map, evaluator, depth + 1);
      return;
    case "instance": {
      if (declared.args.length === 0) return;
      const name = declared.class.qualifiedName;
      if (name === "Awaitable" || name === "Coroutine" || name === "Future" || name === "Task") {
        const last = declared.args.at(-1);
        if (last && evaluator.isAwaitable(actual) !== false) unify(last, evaluator.awaited(actual), map, evaluator, depth + 1);
        return;
      }
      if (name === "Iterable" || name === "Iterator" || name === "Sequence" || name === "Collection") {
        const element = evaluator.iterated(actual, false);
        if (declared.args[0]) unify(declared.args[0], element, map, evaluator, depth + 1);
        return;
      }
      if (name === "AsyncIterable" || name === "AsyncIterator") {
        if (declared.args[0]) unify(declared.args[0], evaluator.iterated(actual, true), map, evaluator, depth + 1);
        return;
      }
      if (actual.kind !== "instance") return;
      const given = actual.class === declared.class ? actual.args : evaluator.classes.argumentsAs(actual, declared.class);
      declared.args.forEach((arg, index) => {
        const other = given[index];
        if (other) unify(arg, other, map, evaluator, depth + 1);
      });
      return;
    }
    default:
  }
}
