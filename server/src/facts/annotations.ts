/**
 * Reads annotations written as strings (`x: "Session | None"`). Annotations are a small language (names, dots, brackets,
 * `|`, nested strings), so a reader of its own is simpler than a second parse with positions to translate.
 */
import type { Expr, ExprId, ScopeId } from "./types.js";

/** Adds the annotation's expressions through `add`; anything that is no annotation becomes `unknown`. */
export function readAnnotation(text: string, scope: ScopeId, add: (expr: Expr) => ExprId): ExprId {
  const tokens = text.match(/[\p{L}_][\p{L}\p{N}_]*|"[^"]*"|'[^']*'|\d+|[[\](),.|*]|\S/gu) ?? [];
  let at = 0;
  const unknown = (): ExprId => add({ kind: "unknown" });

  function union(depth: number): ExprId {
    let left = postfix(depth);
    while (tokens[at] === "|") {
      at++;
      left = add({ kind: "binary", operator: "|", left, right: postfix(depth) });
    }
    return left;
  }

  function postfix(depth: number): ExprId {
    let expr = primary(depth);
    for (;;) {
      if (tokens[at] === "." && tokens[at + 1] !== undefined) {
        expr = add({ kind: "attribute", of: expr, name: tokens[at + 1] as string });
        at += 2;
      } else if (tokens[at] === "[") {
        at++;
        const items = list("]", depth);
        const index = items.length === 1 ? (items[0] as ExprId) : add({ kind: "sequence", type: "tuple", items });
        expr = add({ kind: "subscript", of: expr, index });
      } else return expr;
    }
  }

  function list(close: string, depth: number): ExprId[] {
    const items: ExprId[] = [];
    while (at < tokens.length && tokens[at] !== close) {
      if (tokens[at] === ",") at++;
      else {
        const before = at;
        items.push(union(depth + 1));
        if (at === before) at++;
      }
    }
    at++;
    return items;
  }

  function primary(depth: number): ExprId {
    const token = tokens[at];
    if (token === undefined || depth > 50) {
      at = tokens.length;
      return unknown();
    }
    at++;
    if (token === "None") return add({ kind: "constant", value: null });
    if (token === "True" || token === "False") return add({ kind: "constant", value: token === "True" });
    if (/^[\p{L}_]/u.test(token)) return add({ kind: "name", name: token, scope });
    if (/^["']/.test(token)) return readAnnotation(token.slice(1, -1), scope, add);
    if (/^\d/.test(token)) return add({ kind: "constant", value: Number(token) });
    if (token === "[") return add({ kind: "sequence", type: "list", items: list("]", depth) });
    if (token === "(") return list(")", depth)[0] ?? unknown();
    return unknown();
  }

  return union(0);
}
