/**
 * What a base class computes from its own object, read on a class below it: `self.client = self.client_class()` means the
 * `client_class` of whoever it is read on. Follows receivers, attributes and calls; of anything else the base's own answer
 * stands.
 */
import type { ExprId } from "../facts/types.js";
import type { MemberPlace } from "./classes.js";
import { exprOf, type FunctionEntity, onlyDef, scopeOf, type Unit } from "./entities.js";
import { classOf, type Evaluator, isOpenReceiver, type Receiver } from "./evaluate.js";
import { withoutConstant } from "./generics.js";
import { type Type, unionOf } from "./types.js";

/** Local names followed from one to the next. */
const MAX_NAME_HOPS = 3;
/** Answers that are asked again for the receiver, inside one another; further in the base's own stand. */
const MAX_NESTING = 3;

export class Receivers {
  /** How many answers are being asked again: whatever is remembered starts from none. */
  nesting = 0;

  constructor(private readonly evaluator: Evaluator) {}

  /** What the places of one class that assign an attribute mean for the receiver; undefined: what they mean for the class. */
  attribute(places: readonly MemberPlace[], receiver: Receiver): Type | undefined {
    const [first] = places;
    if (!first || this.#isOwn(first.owner, receiver)) return undefined;
    return this.#any(
      places.flatMap(({ unit, defs }) =>
        defs.map((id) => {
          const def = unit.chunk.defs[id];
          return {
            seen: () => (def?.kind === "assign" ? this.#seen(unit, def.value, receiver, 0) : undefined),
            own: () => this.evaluator.typeOfDef(unit, id),
          };
        }),
      ),
    );
  }

  /** What a method without annotation returns to a call on the receiver; undefined: what it returns to its own class. */
  returned(entity: FunctionEntity, receiver: Type | undefined): Type | undefined {
    const scope = scopeOf(entity);
    const { owner, unit } = entity;
    if (receiver?.kind !== "instance" && receiver?.kind !== "class") return undefined;
    if (!owner || scope.returns !== undefined || scope.yields || this.#isOwn(owner, receiver)) return undefined;
    const result = this.#any(
      scope.returnValues.map((id) => ({
        seen: () => this.#seen(unit, id, receiver, 0),
        own: () => this.evaluator.typeOf(unit, id),
      })),
    );
    return result && scope.async ? { kind: "awaitable", of: result, function: entity } : result;
  }

  /** Of its own class an answer is remembered, the classes below it included. */
  #isOwn(owner: unknown, receiver: Receiver): boolean {
    if (receiver.class.unit.file.origin === "typeshed" || receiver.class.unit.file.origin === "stub") return true;
    return owner === receiver.class && isOpenReceiver(receiver);
  }

  #any(parts: readonly { seen: () => Type | undefined; own: () => Type }[]): Type | undefined {
    if (parts.length === 0 || this.nesting >= MAX_NESTING) return undefined;
    this.nesting++;
    try {
      const seen = parts.map((part) => part.seen());
      if (seen.every((type) => type === undefined)) return undefined;
      // What the base says of it is noted as read, and remembered.
      const types = parts.map((part, index) => {
        const own = part.own();
        return withoutConstant(seen[index] ?? own);
      });
      return unionOf(types);
    } finally {
      this.nesting--;
    }
  }

  /** The type of an expression that goes out from the object itself, through an attribute at least. */
  #seen(unit: Unit, id: ExprId, receiver: Receiver, hops: number): Type | undefined {
    const expr = exprOf(unit, id);
    switch (expr.kind) {
      case "local": {
        const def = onlyDef(unit, expr.defs);
        return def?.kind === "assign" && hops < MAX_NAME_HOPS ? this.#seen(unit, def.value, receiver, hops + 1) : undefined;
      }
      case "attribute": {
        const of = this.#itself(unit, expr.of, receiver) ?? this.#seen(unit, expr.of, receiver, hops);
        return of && this.evaluator.member(of, expr.name, unit.file);
      }
      case "call": {
        const callee = this.#itself(unit, expr.callee, receiver) ?? this.#seen(unit, expr.callee, receiver, hops);
        return callee && this.evaluator.callResult(callee, { unit, args: expr.args });
      }
      case "await": {
        const of = this.#seen(unit, expr.of, receiver, hops);
        return of && this.evaluator.awaited(of);
      }
      default:
        return undefined;
    }
  }

  /** `self`, `cls`. */
  #itself(unit: Unit, id: ExprId, receiver: Receiver): Type | undefined {
    const expr = exprOf(unit, id);
    const def = expr.kind === "local" ? onlyDef(unit, expr.defs) : undefined;
    if (def?.kind !== "parameter" || def.index !== 0) return undefined;
    const own = this.evaluator.typeOf(unit, id);
    if (own.kind === "class" && own.self) {
      if (receiver.kind === "instance") return classOf({ ...receiver, self: true });
      return receiver.open ? { ...receiver, self: true } : receiver;
    }
    if (own.kind !== "instance" || !own.self || receiver.kind !== "instance") return undefined;
    return receiver.exact ? receiver : { ...receiver, self: true };
  }
}
