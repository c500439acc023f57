/**
 * Texts of expressions, as far as they are written down in the facts.
 */
import type { Chunk, Expr, ExprId, Scope } from "./types.js";

/** Dotted texts of a scope's decorators, calls by their callee: `@app.get("/")` is `app.get`. */
export function decoratorNames(chunk: Pick<Chunk, "exprs">, scope: Pick<Scope, "decorators">): string[] {
  return scope.decorators.map((decorator) => dottedName(chunk.exprs, decorator));
}

/** Dotted text of an expression of names, attributes and calls (by their callee); "" for anything else. */
export function dottedName(exprs: readonly Expr[], id: ExprId): string {
  const expr = exprs[id];
  switch (expr?.kind) {
    case "name":
    case "local":
      return expr.name;
    case "attribute": {
      const of = dottedName(exprs, expr.of);
      return of && `${of}.${expr.name}`;
    }
    case "call":
      return dottedName(exprs, expr.callee);
    default:
      return "";
  }
}
