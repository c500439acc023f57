/**
 * What stands on memory: `zipfile.ZipFile(io.BytesIO(data))` and what is opened in it, `sqlite3.connect(":memory:")` and its
 * cursors wait for no disk. Which functions work on the file they are given says `special.ts`.
 */
import type { Constant, Expr, ExprId, Site, SiteId } from "../facts/types.js";
import { exprOf, onlyDef, type Unit } from "./entities.js";
import { type Evaluator, fullSymbol } from "./evaluate.js";
import { isMemoryFile, opensInMemory, reachesPaths, worksOnGivenFile } from "./special.js";

/** Whether the call at a site, of the primitive with this name, only works on memory. */
export function isOverMemory(evaluator: Evaluator, unit: Unit, siteId: SiteId, primitive: string): boolean {
  if (reachesPaths(primitive)) return false;
  const { kind, expr } = unit.chunk.sites[siteId] as Site;
  return kind === "call" ? isMadeOver(evaluator, unit, expr, 0) : standsOn(evaluator, unit, expr, 0);
}

/** `gzip.open(buffer)`, `archive.read(name)`. */
function isMadeOver(evaluator: Evaluator, unit: Unit, id: ExprId, depth: number): boolean {
  const call = exprOf(unit, id);
  if (call.kind !== "call") return false;
  const callee = exprOf(unit, call.callee);
  const symbol = evaluator.names.symbol(unit, call.callee) ?? "";
  if (worksOnGivenFile(symbol) && call.args.some(({ value }) => isInMemory(evaluator, unit, value))) return true;
  const database = call.args.find(({ name }) => name === "database") ?? call.args[0];
  if (database && opensInMemory(symbol, constantOf(exprOf(unit, database.value)))) return true;
  return callee.kind === "attribute" && standsOn(evaluator, unit, callee.of, depth);
}

/** An archive or a member of one, a connection or its cursor, that is bound once to what was made over memory. */
function standsOn(evaluator: Evaluator, unit: Unit, id: ExprId, depth: number): boolean {
  if (depth > 4) return false;
  const expr: Expr = exprOf(unit, id);
  if (expr.kind === "call") return isMadeOver(evaluator, unit, id, depth + 1);
  const def = expr.kind === "local" ? onlyDef(unit, expr.defs) : undefined;
  return (def?.kind === "assign" || def?.kind === "enter") && standsOn(evaluator, unit, def.value, depth + 1);
}

function constantOf(expr: Expr): Constant | undefined {
  return expr.kind === "constant" ? expr.value : undefined;
}

function isInMemory(evaluator: Evaluator, unit: Unit, id: ExprId): boolean {
  const type = evaluator.typeOf(unit, id);
  return type.kind === "instance" && isMemoryFile(fullSymbol(type.class));
}
