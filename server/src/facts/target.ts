/**
 * Branches that depend on the Python or the platform a program runs on. The extractor keeps every branch (`select`
 * bindings), so that facts hold for all of them; here those of one target are chosen, and nothing is left to choose.
 */
import { dottedName } from "./expressions.js";
import type { Chunk, Def, DefId, Expr, ExprId, FileFacts, Scope, TargetGuard } from "./types.js";

export type Platform = "linux" | "darwin" | "win32";

/** What is not named is not known: conditions that speak of it stay open. */
export interface Target {
  readonly version?: readonly [major: number, minor: number];
  readonly platform?: Platform;
}

/** What counts where nobody says anything: of several definitions that of the newest Python on Linux. */
export const DEFAULT_TARGET: Required<Target> = { version: [3, 14], platform: "linux" };

/** Whether a condition says something of the Python or the platform. */
export function isAboutTarget(exprs: readonly Expr[], id: ExprId): boolean {
  const expr = exprs[id];
  if (expr?.kind === "unary" && expr.operator === "not") return isAboutTarget(exprs, expr.of);
  if (expr?.kind === "boolean") return isAboutTarget(exprs, expr.left) || isAboutTarget(exprs, expr.right);
  return targetTruth(exprs, id, DEFAULT_TARGET) !== undefined;
}

/** Truth of a condition for a target; undefined where the target does not decide it. */
export function targetTruth(exprs: readonly Expr[], id: ExprId, target: Target): boolean | undefined {
  const expr = exprs[id];
  switch (expr?.kind) {
    case "unary": {
      const truth = expr.operator === "not" ? targetTruth(exprs, expr.of, target) : undefined;
      return truth === undefined ? undefined : !truth;
    }
    case "boolean": {
      const [left, right] = [targetTruth(exprs, expr.left, target), targetTruth(exprs, expr.right, target)];
      const decisive = expr.operator === "or";
      if (left === decisive || right === decisive) return decisive;
      return left === undefined || right === undefined ? undefined : !decisive;
    }
    case "call":
      return platformPrefix(exprs, expr, target);
    case "compare": {
      const [subject, value] = expr.operands;
      const [operator] = expr.operators;
      if (expr.operators.length !== 1 || subject === undefined || value === undefined || !operator) return undefined;
      return (
        compareName(platformName(exprs, subject, target), operator, exprs, value) ??
        compareVersion(exprs, subject, operator, value, target)
      );
    }
    default:
      return undefined;
  }
}

/** Names by which Python calls a platform. */
const NAMES: Readonly<Record<Platform, { readonly os: string; readonly system: string }>> = {
  linux: { os: "posix", system: "Linux" },
  darwin: { os: "posix", system: "Darwin" },
  win32: { os: "nt", system: "Windows" },
};

/** The platform as an expression names it: `sys.platform`, `os.name`, `platform.system()`. */
function platformName(exprs: readonly Expr[], id: ExprId, { platform }: Target): string | undefined {
  if (platform === undefined) return undefined;
  const isCall = exprs[id]?.kind === "call";
  switch (dottedName(exprs, id)) {
    case "sys.platform":
      return isCall ? undefined : platform;
    case "os.name":
      return isCall ? undefined : NAMES[platform].os;
    case "platform.system":
      return isCall ? NAMES[platform].system : undefined;
    default:
      return undefined;
  }
}

function compareName(name: string | undefined, operator: string, exprs: readonly Expr[], id: ExprId): boolean | undefined {
  const value = exprs[id];
  if (name === undefined || !value) return undefined;
  const items = value.kind === "sequence" ? value.items.map((item) => exprs[item]) : [value];
  const names = items.map((item) => (item?.kind === "constant" && typeof item.value === "string" ? item.value : undefined));
  if (names.includes(undefined)) return undefined;
  if (value.kind === "sequence") {
    if (operator === "in") return names.includes(name);
    return operator === "not in" ? !names.includes(name) : undefined;
  }
  if (operator === "==") return names[0] === name;
  return operator === "!=" ? names[0] !== name : undefined;
}

/** `sys.platform.startswith("win")` */
function platformPrefix(exprs: readonly Expr[], call: Expr & { kind: "call" }, target: Target): boolean | undefined {
  const callee = exprs[call.callee];
  const [argument] = call.args;
  const prefix = argument && call.args.length === 1 ? exprs[argument.value] : undefined;
  if (callee?.kind !== "attribute" || callee.name !== "startswith") return undefined;
  if (prefix?.kind !== "constant" || typeof prefix.value !== "string") return undefined;
  return platformName(exprs, callee.of, target)?.startsWith(prefix.value);
}

/** `sys.version_info >= (3, 11)`, `sys.version_info[:2] == (3, 8)`, `sys.version_info[0] < 3`, `sys.version_info.minor > 8`. */
function compareVersion(
  exprs: readonly Expr[],
  subjectId: ExprId,
  operator: string,
  valueId: ExprId,
  { version }: Target,
): boolean | undefined {
  const subject = exprs[subjectId];
  const value = exprs[valueId];
  if (!version || !subject || !value) return undefined;
  if (value.kind === "constant" && typeof value.value === "number") {
    const part = versionPart(exprs, subject);
    const known = part === undefined ? undefined : version[part];
    return known === undefined ? undefined : compareOrder(operator, known - value.value);
  }
  if (value.kind !== "sequence" || value.type !== "tuple") return undefined;
  const isSlice = subject.kind === "subscript" && isLiteral(exprs[subject.index], "slice");
  if (dottedName(exprs, isSlice ? subject.of : subjectId) !== "sys.version_info") return undefined;
  let order = 0;
  for (const [index, item] of value.items.entries()) {
    const part = exprs[item];
    // Which patch release it is nobody knows: the last one.
    if (index > 1) {
      order ||= 1;
      break;
    }
    if (part?.kind !== "constant" || typeof part.value !== "number") return undefined;
    order ||= (version[index] as number) - part.value;
  }
  // `sys.version_info` has more parts than what it is compared with, and is the greater one.
  return compareOrder(operator, order === 0 && !isSlice ? 1 : order);
}

function versionPart(exprs: readonly Expr[], subject: Expr): 0 | 1 | undefined {
  if (subject.kind === "attribute" && dottedName(exprs, subject.of) === "sys.version_info") {
    return subject.name === "major" ? 0 : subject.name === "minor" ? 1 : undefined;
  }
  if (subject.kind !== "subscript" || dottedName(exprs, subject.of) !== "sys.version_info") return undefined;
  const index = exprs[subject.index];
  return index?.kind === "constant" && (index.value === 0 || index.value === 1) ? index.value : undefined;
}

function isLiteral(expr: Expr | undefined, type: string): boolean {
  return expr?.kind === "literal" && expr.type === type;
}

function compareOrder(operator: string, order: number): boolean | undefined {
  switch (operator) {
    case ">=":
      return order >= 0;
    case ">":
      return order > 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    default:
      return undefined;
  }
}

// ---- Choosing ----

/** Chooses for one target. Chunks without such branches stay the same objects, others become the same object each time. */
export class TargetChooser {
  readonly #chosen = new WeakMap<Chunk, Chunk>();

  constructor(private readonly target: Target) {}

  file(facts: FileFacts): FileFacts {
    if (!facts.chunks.some(({ branches }) => branches)) return facts;
    return { ...facts, chunks: facts.chunks.map((chunk) => (chunk.branches ? this.#chunk(chunk) : chunk)) };
  }

  #chunk(chunk: Chunk): Chunk {
    let chosen = this.#chosen.get(chunk);
    if (!chosen) {
      chosen = choose(chunk, this.target);
      this.#chosen.set(chunk, chosen);
    }
    return chosen;
  }
}

function choose({ branches: _, ...chunk }: Chunk, target: Target): Chunk {
  const { exprs, defs } = chunk;
  const flat = (ids: readonly DefId[]): readonly DefId[] => {
    if (!ids.some((id) => defs[id]?.kind === "select")) return ids;
    return [...new Set(ids.flatMap((id) => chooseWays(defs[id] as Def, id)))];
  };
  const chooseWays = (def: Def, id: DefId): readonly DefId[] => {
    if (def.kind !== "select") return [id];
    const likely: DefId[] = [];
    const unlikely: DefId[] = [];
    let decided = false;
    for (const { condition, defs: reaching } of def.ways) {
      const truth = condition === undefined ? true : targetTruth(exprs, condition, target);
      (decided || truth === false ? unlikely : likely).push(...flat(reaching));
      decided ||= truth === true;
    }
    // A name that only other targets have is theirs.
    return likely.length > 0 ? likely : unlikely;
  };
  return {
    ...chunk,
    exprs: exprs.map((expr) => {
      if (expr.kind === "local") return { ...expr, defs: flat(expr.defs) };
      const truth = expr.kind === "conditional" ? targetTruth(exprs, expr.condition, target) : undefined;
      return expr.kind === "conditional" && truth !== undefined ? (exprs[truth ? expr.then : expr.else] as Expr) : expr;
    }),
    defs: defs.map((def) => {
      // Nothing points to it any more.
      if (def.kind === "select") return { kind: "unknown" };
      return def.kind === "join" || def.kind === "narrow" ? { ...def, of: flat(def.of) } : def;
    }),
    scopes: chunk.scopes.map((scope) => chooseInScope(scope, exprs, target, flat)),
  };
}

function chooseInScope(
  scope: Scope,
  exprs: readonly Expr[],
  target: Target,
  flat: (ids: readonly DefId[]) => readonly DefId[],
): Scope {
  const exit = Object.fromEntries(Object.entries(scope.exit).map(([name, defs]) => [name, flat(defs)]));
  if (!scope.stars) return { ...scope, exit };
  const isUnlikely = (under: readonly TargetGuard[]): boolean =>
    under.some(([condition, negated]) => targetTruth(exprs, condition, target) === negated);
  const stars = scope.stars.map(([level, module, under = []]) => ({ star: [level, module] as const, last: isUnlikely(under) }));
  // What is imported for other targets is looked at last.
  return {
    ...scope,
    exit,
    stars: [...stars.filter(({ last }) => !last), ...stars.filter(({ last }) => last)].map(({ star }) => star),
  };
}
