/**
 * The one extractor: reads facts from a flattened chunk. The same code reads user files, installed packages, typeshed
 * and our own stubs. It walks statements in order, keeps the bindings that reach each place (environment.ts), and
 * records sites in evaluation order, each with the region that says under what condition it is reached.
 */
import type { FlatTree } from "../syntax/flatten.js";
import { readAnnotation } from "./annotations.js";
import { Environment } from "./environment.js";
import { decoratorNames } from "./expressions.js";
import { COMPARISON_METHODS, FILLING_METHODS, OPERATOR_METHODS, UNARY_METHODS } from "./operators.js";
import { isAboutTarget } from "./target.js";
import {
  type Argument,
  type Chunk,
  type ChunkSpans,
  type Constant,
  type Def,
  type DefId,
  type Expr,
  type ExprId,
  type Fill,
  type HandlerEnd,
  NO_REGION,
  OUTER_SCOPE,
  type Parameter,
  type Region,
  type RegionId,
  type Scope,
  type ScopeId,
  type ScopeKind,
  type Site,
  type SiteId,
  type TargetGuard,
} from "./types.js";

/** A chunk with its positions. */
export interface ExtractedChunk {
  readonly chunk: Chunk;
  readonly spans: ChunkSpans;
}

/**
 * Facts of the module chunk. `functions` are the chunks it holds, in order, already extracted; `outers` tells for each
 * the scope of the module chunk it stands in.
 */
export function extractModule(
  flat: FlatTree,
  functions: readonly Chunk[],
): ExtractedChunk & { readonly outers: readonly ScopeId[] } {
  const extractor = new ChunkExtractor(flat, 0, functions);
  const extracted = extractor.module();
  return { ...extracted, outers: functions.map((_, index) => extractor.outers[index] ?? 0) };
}

/** Facts of one function chunk, whose text starts at offset `start`. */
export function extractFunction(flat: FlatTree, start: number): ExtractedChunk {
  const extractor = new ChunkExtractor(flat, start, []);
  return extractor.rootFunction();
}

/** Deeper nesting than people write becomes `unknown`: the JavaScript stack is finite. */
const MAX_DEPTH = 250;
/** Longer string constants are never compared with anything. */
const MAX_CONSTANT = 200;

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

interface OpenScope {
  readonly id: ScopeId;
  readonly kind: ScopeKind;
  readonly bindings: Record<string, DefId[]>;
  readonly globals: Record<string, DefId[]>;
  readonly globalNames: Set<string>;
  readonly attributes: [string, DefId][];
  readonly fills: Fill[];
  readonly returnValues: ExprId[];
  readonly yields: ExprId[];
  readonly sites: SiteId[];
  readonly stars: NonNullable<Mutable<Scope>["stars"]>[number][];
  /** Name of the first parameter of a method. */
  self?: string;
}

/** What of a scope is known only when it ends. */
type ScopeEnd = Pick<Scope, "name" | "parent" | "parameters" | "decorators" | "bases"> & {
  readonly async?: boolean;
  readonly returns?: ExprId | undefined;
  readonly stub?: boolean;
  readonly typeParameters?: readonly DefId[];
};

class ChunkExtractor {
  readonly #exprs: Expr[] = [];
  readonly #defs: Def[] = [];
  readonly #sites: Site[] = [];
  readonly #regions: Region[] = [];
  readonly #scopes: Scope[] = [];
  readonly #siteSpans: number[] = [];
  readonly #scopeSpans: number[] = [];
  readonly #constants = new Map<Constant, ExprId>();

  readonly outers: ScopeId[] = [];

  #environment = new Environment();
  #region: RegionId = NO_REGION;
  #scope: OpenScope | undefined;
  /** The scope whose run executes the code at hand: class bodies run in the function or module around them. */
  #runner: OpenScope | undefined;
  /** Above 0 no sites are recorded: annotations, decorators and defaults of a chunk's root. */
  #quiet = 0;
  #annotation = 0;
  #depth = 0;
  /** Conditions over the Python or the platform that the code at hand stands under. */
  #guards: readonly TargetGuard[] = [];
  /** Some binding depends on such a condition. */
  #branches = false;
  /** Counters that tell whether a loop body can be left, whether a block awaits, and how a handler ends. */
  #suspensions = 0;
  #awaits = 0;
  #breaks = 0;
  #continues = 0;
  #returns = 0;
  #raises = 0;

  constructor(
    private readonly flat: FlatTree,
    private readonly start: number,
    private readonly chunks: readonly Chunk[],
  ) {}

  module(): ExtractedChunk {
    const scope = this.#open("module");
    this.#runner = scope;
    this.#scopeSpans.push(0, this.#end(0), 0, 0);
    for (const statement of this.flat.children(0)) this.#statement(statement);
    this.#close(scope, { name: "", parent: 0, parameters: [], decorators: [], bases: [] });
    return this.#finish();
  }

  rootFunction(): ExtractedChunk {
    this.#quiet++;
    this.#definition(0);
    return this.#finish();
  }

  #finish(): ExtractedChunk {
    const directives: string[] = [];
    const offsets: number[] = [];
    for (const comment of this.flat.comments()) {
      const text = this.flat.textOf(comment).slice(1).trim();
      if (!/\bloopguard\s*:|\bnoqa\s*:|\bNOSONAR\b/i.test(text)) continue;
      directives.push(text);
      offsets.push(this.#start(comment), this.#end(comment));
    }
    return {
      chunk: {
        scopes: this.#scopes,
        exprs: this.#exprs,
        defs: this.#defs,
        sites: this.#sites,
        regions: this.#regions,
        directives,
        ...(this.#branches ? { branches: true as const } : {}),
      },
      spans: { sites: this.#siteSpans, scopes: this.#scopeSpans, directives: offsets },
    };
  }

  // ---- Tables ----

  #start(node: number): number {
    return (this.flat.starts[node] as number) - this.start;
  }

  #end(node: number): number {
    return (this.flat.ends[node] as number) - this.start;
  }

  #add = (expr: Expr): ExprId => {
    this.#exprs.push(expr);
    return this.#exprs.length - 1;
  };

  #unknown(): ExprId {
    return this.#add({ kind: "unknown" });
  }

  #constant(value: Constant): ExprId {
    let id = this.#constants.get(value);
    if (id === undefined) {
      id = this.#add({ kind: "constant", value });
      this.#constants.set(value, id);
    }
    return id;
  }

  #define(def: Def): DefId {
    this.#defs.push(def);
    return this.#defs.length - 1;
  }

  #addRegion(region: Region): RegionId {
    this.#regions.push(region);
    return this.#regions.length - 1;
  }

  #site(node: number, site: Omit<Site, "region">): SiteId {
    if (this.#quiet > 0 || !this.#runner) return -1;
    const id = this.#sites.length;
    this.#sites.push({ ...site, region: this.#region });
    this.#siteSpans.push(this.#start(node), this.#end(node));
    this.#runner.sites.push(id);
    return id;
  }

  #currentScopeId(): ScopeId {
    return this.#scope?.id ?? OUTER_SCOPE;
  }

  #open(kind: ScopeKind): OpenScope {
    const id = this.#scopes.length;
    // Reserves the place, so that nested scopes come behind.
    this.#scopes.push(undefined as unknown as Scope);
    const scope: OpenScope = {
      id,
      kind,
      bindings: Object.create(null) as Record<string, DefId[]>,
      globals: Object.create(null) as Record<string, DefId[]>,
      globalNames: new Set(),
      attributes: [],
      fills: [],
      returnValues: [],
      yields: [],
      sites: [],
      stars: [],
    };
    this.#scope = scope;
    return scope;
  }

  #close(open: OpenScope, rest: ScopeEnd): void {
    const exposes = open.kind === "module" || open.kind === "class";
    const scope: Mutable<Scope> = {
      kind: open.kind,
      name: rest.name,
      parent: rest.parent,
      parameters: rest.parameters,
      decorators: rest.decorators,
      returnValues: open.returnValues,
      bases: rest.bases,
      bindings: open.bindings,
      exit: exposes ? Object.fromEntries(this.#environment.own) : {},
      attributes: open.attributes,
      globals: open.globals,
      sites: open.sites,
    };
    if (rest.async) scope.async = true;
    if (open.yields.length > 0) scope.yields = open.yields;
    if (rest.returns !== undefined) scope.returns = rest.returns;
    if (rest.stub) scope.stub = true;
    if (rest.typeParameters && rest.typeParameters.length > 0) scope.typeParameters = rest.typeParameters;
    if (open.stars.length > 0) scope.stars = open.stars;
    if (open.fills.length > 0) scope.fills = open.fills;
    this.#scopes[open.id] = scope;
  }

  // ---- Bindings ----

  #bind(name: string, def: DefId): void {
    this.#bindAll(name, [def]);
    const scope = this.#scope;
    if (!scope) return;
    const table = scope.globalNames.has(name) ? scope.globals : scope.bindings;
    const defs = table[name];
    if (defs) defs.push(def);
    else table[name] = [def];
  }

  #bindAll(name: string, defs: readonly DefId[]): void {
    this.#environment.bind(name, defs);
  }

  /** Binds a target (name, attribute, subscript, tuple) to `def`. */
  #target(node: number, def: DefId): void {
    switch (this.flat.kind(node)) {
      case "identifier":
        this.#bind(this.flat.textOf(node), def);
        return;
      case "attribute": {
        const object = this.flat.child(node, "object");
        const attribute = this.flat.child(node, "attribute");
        if (object === undefined || attribute === undefined) return;
        if (this.flat.kind(object) === "identifier" && this.flat.textOf(object) === this.#selfName()) {
          this.#selfScope()?.attributes.push([this.flat.textOf(attribute), def]);
        }
        const name = this.flat.textOf(attribute);
        this.#site(node, { kind: "operate", expr: this.#expr(object), methods: ["__setattr__"], attribute: name });
        return;
      }
      case "subscript": {
        const stored = this.#exprs[this.#subscript(node, ["__setitem__"])];
        if (stored?.kind === "subscript") this.#fill(stored.of, def, stored.index);
        return;
      }
      case "pattern_list":
      case "tuple_pattern":
      case "list_pattern":
      case "expression_list":
      case "tuple":
      case "list": {
        const items = this.flat.children(node);
        const starAt = items.findIndex((item) => this.flat.kind(item).startsWith("list_splat"));
        items.forEach((item, index) => {
          const star = index === starAt;
          const fromEnd = starAt >= 0 && index > starAt;
          const element = this.#define({ kind: "unpack", of: def, index: fromEnd ? index - items.length : index, star });
          const inner = star ? this.flat.children(item)[0] : item;
          if (inner !== undefined) this.#target(inner, element);
        });
        return;
      }
      case "as_pattern_target":
      case "parenthesized_expression":
      case "list_splat_pattern":
        for (const child of this.flat.children(node)) this.#target(child, def);
        return;
      default:
        for (const child of this.flat.children(node)) this.#expr(child);
    }
  }

  #selfName(): string | undefined {
    return this.#selfScope()?.self;
  }

  /** `self` of a method is seen from its lambdas, comprehensions and nested functions too. */
  #selfScope(): OpenScope | undefined {
    return this.#scope?.self === undefined ? this.#selfOwner : this.#scope;
  }
  #selfOwner: OpenScope | undefined;

  #isUnpacking(target: number): boolean {
    return ["pattern_list", "tuple_pattern", "list_pattern", "expression_list"].includes(this.flat.kind(target));
  }

  // ---- Statements ----

  #block(node: number): void {
    const region = this.#region;
    const statements = this.flat.children(node);
    let reached = !this.#environment.dead;
    statements.forEach((statement, index) => {
      this.#statement(statement);
      // What stands behind a return is never reached; a context manager may have swallowed what was raised in it.
      const ends = reached && this.#environment.dead && this.flat.kind(statement) !== "with_statement";
      if (!ends || index === statements.length - 1) return;
      reached = false;
      this.#region = this.#addRegion({ kind: "if", parent: this.#region, condition: this.#constant(false), negated: false });
    });
    this.#region = region;
  }

  #statement(node: number): void {
    if (++this.#depth > MAX_DEPTH) {
      this.#depth--;
      return;
    }
    this.#statementOf(node, this.flat.kind(node));
    this.#depth--;
  }

  #statementOf(node: number, kind: string): void {
    switch (kind) {
      case "expression_statement":
        this.#expressionStatement(node);
        return;
      case "return_statement": {
        const value = this.flat.children(node)[0];
        const expr = value === undefined ? this.#constant(null) : this.#expr(value);
        this.#scope?.returnValues.push(expr);
        this.#returns++;
        this.#suspensions++;
        this.#environment.dead = true;
        return;
      }
      case "raise_statement":
        for (const child of this.flat.children(node)) this.#expr(child);
        this.#raises++;
        this.#suspensions++;
        this.#environment.dead = true;
        return;
      case "break_statement":
        this.#breaks++;
        this.#environment.dead = true;
        return;
      case "continue_statement":
        this.#continues++;
        this.#environment.dead = true;
        return;
      case "if_statement":
        this.#if(node);
        return;
      case "while_statement":
        this.#while(node);
        return;
      case "for_statement":
        this.#for(node);
        return;
      case "try_statement":
        this.#try(node);
        return;
      case "with_statement":
        this.#with(node);
        return;
      case "match_statement":
        this.#match(node);
        return;
      case "function_definition":
      case "class_definition":
      case "decorated_definition":
        this.#definition(node);
        return;
      case "import_statement":
        this.#import(node);
        return;
      case "import_from_statement":
        this.#importFrom(node);
        return;
      case "global_statement":
      case "nonlocal_statement":
        for (const child of this.flat.children(node)) {
          const name = this.flat.textOf(child);
          const global = kind === "global_statement";
          if (global) this.#scope?.globalNames.add(name);
          const def = this.#define({ kind: "outer", name, scope: this.#currentScopeId(), global });
          this.#bindAll(name, [def]);
        }
        return;
      case "delete_statement":
        this.#delete(node);
        return;
      case "assert_statement": {
        const [condition, ...rest] = this.flat.children(node);
        if (condition === undefined) return;
        const expr = this.#condition(condition);
        for (const child of rest) this.#expr(child);
        this.#narrow(expr, false);
        return;
      }
      case "type_alias_statement": {
        const left = this.flat.child(node, "left");
        const right = this.flat.child(node, "right");
        if (left === undefined || right === undefined) return;
        const around = this.#environment;
        this.#aliasParameters(left);
        const value = this.#annotationExpr(right);
        this.#environment = around;
        const name = this.flat.textOf(left).match(/^\w+/)?.[0];
        if (name) this.#bind(name, this.#define({ kind: "typealias", value }));
        return;
      }
      case "future_import_statement":
      case "pass_statement":
      case "comment":
        return;
      case "block":
        this.#block(node);
        return;
      case "ERROR":
        for (const child of this.flat.children(node)) this.#statement(child);
        return;
      default:
        this.#expr(node);
    }
  }

  #expressionStatement(node: number): void {
    for (const child of this.flat.children(node)) {
      const kind = this.flat.kind(child);
      if (kind === "assignment") this.#assignment(child);
      else if (kind === "augmented_assignment") this.#augmented(child);
      else {
        const expr = this.#exprs[this.#expr(child)];
        if (expr?.kind === "call") this.#markSite(expr.site, "dropped");
      }
    }
  }

  #markSite(site: SiteId, mark: "dropped" | "async"): void {
    const old = this.#sites[site];
    if (old) this.#sites[site] = { ...old, [mark]: true };
  }

  /** `a = b = value`, `a: T = value`; returns the value's expression. */
  #assignment(node: number): ExprId | undefined {
    const left = this.flat.child(node, "left");
    const right = this.flat.child(node, "right");
    const type = this.flat.child(node, "type");
    let value: ExprId | undefined;
    if (right !== undefined) {
      const kind = this.flat.kind(right);
      if (kind === "assignment") value = this.#assignment(right);
      else value = this.#expr(right);
    }
    if (left === undefined) return value;
    if (type !== undefined) {
      const annotation = this.#annotationExpr(type);
      this.#target(
        left,
        this.#define(value === undefined ? { kind: "annotated", annotation } : { kind: "annotated", annotation, value }),
      );
    } else if (value !== undefined) {
      if (this.#isUnpacking(left)) this.#iterateOnce(right ?? left, value);
      this.#target(left, this.#define({ kind: "assign", value }));
    }
    return value;
  }

  /** Unpacking iterates its value, unless it is a literal. */
  #iterateOnce(node: number, value: ExprId): void {
    const kind = this.#exprs[value]?.kind;
    if (kind === "sequence" || kind === "constant" || kind === "literal") return;
    this.#site(node, { kind: "iterate", expr: value });
  }

  #augmented(node: number): void {
    const left = this.flat.child(node, "left");
    const right = this.flat.child(node, "right");
    const operator = this.flat.tokens(node)[0] ?? "+=";
    if (left === undefined || right === undefined) return;
    const target = this.#expr(left);
    const value = this.#expr(right);
    const name = OPERATOR_METHODS[operator.slice(0, -1)];
    if (name) this.#site(node, { kind: "operate", expr: target, methods: [`__i${name}__`, `__${name}__`] });
    const stored = this.#exprs[target];
    if (stored?.kind === "attribute")
      this.#site(left, { kind: "operate", expr: stored.of, methods: ["__setattr__"], attribute: stored.name });
    else if (stored?.kind === "subscript") this.#site(left, { kind: "operate", expr: stored.of, methods: ["__setitem__"] });
    if (this.flat.kind(left) === "identifier") {
      this.#bind(this.flat.textOf(left), this.#define({ kind: "augmented", operator: operator.slice(0, -1), target, value }));
    }
  }

  #delete(node: number): void {
    const remove = (child: number): void => {
      const kind = this.flat.kind(child);
      if (kind === "identifier") this.#bindAll(this.flat.textOf(child), []);
      else if (kind === "expression_list" || kind === "tuple") for (const item of this.flat.children(child)) remove(item);
      else if (kind === "subscript") this.#subscript(child, ["__delitem__"]);
      else if (kind === "attribute") {
        const object = this.flat.child(child, "object");
        const name = this.flat.child(child, "attribute");
        if (object === undefined || name === undefined) return;
        const attribute = this.flat.textOf(name);
        this.#site(child, { kind: "operate", expr: this.#expr(object), methods: ["__delattr__"], attribute });
      }
    };
    for (const child of this.flat.children(node)) remove(child);
  }

  /** The code at hand waits: what runs around it may leave here, and a cancellation may arrive. */
  #suspend(): void {
    this.#suspensions++;
    this.#awaits++;
  }

  /** Runs `visit` in an overlay of the current environment and region, and gives the overlay back. */
  #branch(region: RegionId, visit: () => void, environment = new Environment(this.#environment)): Environment {
    const outerEnvironment = this.#environment;
    const outerRegion = this.#region;
    this.#environment = environment;
    this.#region = region;
    visit();
    this.#environment = outerEnvironment;
    this.#region = outerRegion;
    return environment;
  }

  #widen = (def: DefId): readonly DefId[] => {
    const narrowed = this.#defs[def];
    return narrowed?.kind === "narrow" ? narrowed.of.flatMap(this.#widen) : [def];
  };

  #if(node: number): void {
    const branches: Environment[] = [];
    const conditions: (ExprId | undefined)[] = [];
    const ends: RegionId[] = [];
    let region = this.#region;
    const before = this.#environment;
    const guards = this.#guards;
    // Every `elif` stands in the region and the narrowings of the conditions before it being false.
    let fallthrough: Environment = before;
    const clause = (conditionNode: number | undefined, body: number | undefined): void => {
      let condition = 0;
      const parent = region;
      const visit = (): void => {
        condition = conditionNode === undefined ? this.#unknown() : this.#condition(conditionNode);
      };
      this.#branch(parent, visit, fallthrough);
      const then = this.#addRegion({ kind: "if", parent, condition, negated: false });
      const branch = new Environment(fallthrough);
      const around = this.#guards;
      const isGuard = isAboutTarget(this.#exprs, condition);
      if (isGuard) this.#guards = [...around, [condition, false]];
      this.#branch(
        then,
        () => {
          this.#narrow(condition, false);
          if (body !== undefined) this.#block(body);
        },
        branch,
      );
      this.#guards = isGuard ? [...around, [condition, true]] : around;
      branches.push(branch);
      conditions.push(condition);
      ends.push(then);
      region = this.#addRegion({ kind: "if", parent, condition, negated: true });
      const next = new Environment(fallthrough);
      this.#branch(region, () => this.#narrow(condition, true), next);
      fallthrough = next;
    };
    clause(this.flat.child(node, "condition"), this.flat.child(node, "consequence"));
    let hasElse = false;
    for (const child of this.flat.children(node)) {
      const kind = this.flat.kind(child);
      if (kind === "elif_clause") clause(this.flat.child(child, "condition"), this.flat.child(child, "consequence"));
      else if (kind === "else_clause") {
        hasElse = true;
        const body = this.flat.child(child, "body");
        const elseBody = new Environment(fallthrough);
        this.#branch(region, () => body !== undefined && this.#block(body), elseBody);
        fallthrough = elseBody;
      }
    }
    const dependsOnTarget = this.#guards !== guards;
    this.#guards = guards;
    // Flatten the chain of overlays from the last `else` up to the environment before the `if`.
    branches.push(fallthrough);
    conditions.push(undefined);
    ends.push(region);
    const flattened = branches.map((branch) => collapse(branch, before));
    const selects = dependsOnTarget ? this.#selects(flattened, conditions) : [];
    this.#environment.merge(flattened, false, this.#widen);
    for (const [name, def] of selects) this.#environment.own.set(name, [def]);
    if (!hasElse && branches.every((branch) => branch.dead)) this.#environment.dead = true;
    this.#region = this.#around(ends.filter((_, index) => !branches[index]?.dead));
  }

  /**
   * The innermost region that holds all ways on: behind `if c: return`, what follows in the block stands in that of
   * `not c`, whatever other branches there are.
   */
  #around(ways: readonly RegionId[]): RegionId {
    const [first, ...others] = ways;
    let common: RegionId[] = [];
    const above = (id: RegionId): RegionId => (this.#regions[id] as Region).parent;
    if (first !== undefined) for (let id = first; id !== this.#region; id = above(id)) common.push(id);
    for (const way of others) {
      if (common.length === 0) break;
      const held = new Set(common);
      let id = way;
      while (id !== this.#region && !held.has(id)) id = above(id);
      common = id === this.#region ? [] : common.slice(common.indexOf(id));
    }
    return common[0] ?? this.#region;
  }

  /** Bindings behind an `if` over the Python or the platform: which way was taken is chosen later, for one target. */
  #selects(branches: readonly Environment[], conditions: readonly (ExprId | undefined)[]): (readonly [string, DefId])[] {
    const names = new Set(branches.flatMap((branch) => [...branch.own.keys()]));
    const selects: (readonly [string, DefId])[] = [];
    for (const name of names) {
      const ways = branches.map((branch, index) => {
        const condition = conditions[index];
        const defs = branch.dead ? [] : (branch.lookup(name) ?? []);
        return condition === undefined ? { defs } : { condition, defs };
      });
      selects.push([name, this.#define({ kind: "select", ways })]);
    }
    this.#branches ||= selects.length > 0;
    return selects;
  }

  /** Completes the joins made at a loop's head with what its body binds, and merges the body behind the loop. */
  #finishLoop(body: Environment, joins: ReadonlyMap<string, DefId>): void {
    for (const [name, join] of joins) {
      const def = this.#defs[join];
      const made = body.history.get(name);
      if (def?.kind === "join" && made) (def.of as DefId[]).push(...made.filter((id) => id !== join && !def.of.includes(id)));
    }
    const end = new Environment(this.#environment);
    for (const [name, defs] of body.history) end.bind(name, [...new Set(defs)]);
    this.#environment.merge([end], true, (def) => [def]);
  }

  #loop(node: number, head: ExprId, type: "for" | "while", isAsync: boolean, enter: () => void): void {
    const joins = new Map<string, DefId>();
    const environment: Environment = new Environment(this.#environment, (name, before) => {
      const def = this.#define({ kind: "join", of: [...before] });
      joins.set(name, def);
      return def;
    });
    const regionId = this.#addRegion({ kind: "loop", parent: this.#region, type, async: isAsync, head, steady: false });
    const suspensions = this.#suspensions;
    const breaks = this.#breaks;
    const continues = this.#continues;
    this.#branch(
      regionId,
      () => {
        enter();
        const body = this.flat.child(node, "body");
        if (body !== undefined) this.#block(body);
      },
      environment,
    );
    const broke = this.#breaks > breaks;
    const steady = !broke && this.#suspensions === suspensions;
    if (steady || broke)
      this.#regions[regionId] = {
        ...(this.#regions[regionId] as Region & { kind: "loop" }),
        steady,
        ...(broke ? { breaks: true as const } : {}),
      };
    if (steady && type === "while") {
      this.#region = regionId;
      this.#site(node, { kind: "loop", expr: head });
      this.#region = (this.#regions[regionId] as Region).parent;
    }
    this.#breaks = breaks;
    this.#continues = continues;
    this.#finishLoop(environment, joins);
    const alternative = this.flat.child(node, "alternative");
    const orElse = alternative === undefined ? undefined : this.flat.child(alternative, "body");
    if (orElse !== undefined) {
      const branch = this.#branch(this.#region, () => this.#block(orElse));
      this.#environment.merge([branch], true, this.#widen);
    }
    const constant = this.#exprs[head];
    if (type === "while" && !broke && constant?.kind === "constant" && constant.value) this.#environment.dead = true;
  }

  #while(node: number): void {
    const condition = this.flat.child(node, "condition");
    // The condition runs every round: it is read in the loop's environment; its expression names the loop.
    let head: ExprId = -1;
    const placeholder = this.#unknown();
    this.#loop(node, placeholder, "while", false, () => {
      head = condition === undefined ? this.#unknown() : this.#condition(condition);
      this.#exprs[placeholder] = this.#exprs[head] as Expr;
      this.#region = this.#addRegion({ kind: "if", parent: this.#region, condition: head, negated: false });
      this.#narrow(head, false);
    });
  }

  #for(node: number): void {
    const left = this.flat.child(node, "left");
    const right = this.flat.child(node, "right");
    const isAsync = this.flat.tokens(node).includes("async");
    const iterable = right === undefined ? this.#unknown() : this.#expr(right);
    this.#site(right ?? node, isAsync ? { kind: "iterate", expr: iterable, async: true } : { kind: "iterate", expr: iterable });
    this.#loop(node, iterable, "for", isAsync, () => {
      if (isAsync) this.#suspend();
      if (left !== undefined) this.#target(left, this.#define({ kind: "iterate", value: iterable, async: isAsync }));
    });
  }

  #try(node: number): void {
    const tryRegion = this.#addRegion({ kind: "try", parent: this.#region });
    const bodyNode = this.flat.child(node, "body");
    const awaits = this.#awaits;
    const body = this.#branch(tryRegion, () => bodyNode !== undefined && this.#block(bodyNode));
    const isAwaiting = this.#awaits > awaits;
    const branches: Environment[] = [];
    const handlers: RegionId[] = [];
    const parent = this.#region;
    const clauses = this.flat.children(node);
    const before = this.#environment;
    for (const clause of clauses) {
      if (this.flat.kind(clause) !== "except_clause" && this.flat.kind(clause) !== "except_group_clause") continue;
      // Anything the body bound may or may not have happened.
      const start = new Environment(before);
      for (const [name, defs] of body.history) start.own.set(name, [...new Set([...(before.lookup(name) ?? []), ...defs])]);
      const regionId = this.#addRegion({ kind: "except", parent, of: tryRegion, ends: [], defs: [0, 0], returns: [0, 0] });
      const [raises, returns, breaks, continues] = [this.#raises, this.#returns, this.#breaks, this.#continues];
      const [firstDef, firstReturn] = [this.#defs.length, this.#scope?.returnValues.length ?? 0];
      let type: ExprId | undefined;
      const branch = this.#branch(
        regionId,
        () => {
          let value = this.flat.child(clause, "value");
          let alias = this.flat.child(clause, "alias");
          if (value !== undefined && this.flat.kind(value) === "as_pattern") {
            alias = this.flat.child(value, "alias");
            value = this.flat.children(value)[0];
          }
          if (value !== undefined) {
            type = this.#expr(value);
            if (alias !== undefined) this.#target(alias, this.#define({ kind: "except", type }));
          }
          if (isAwaiting) this.#handlerSite(clause, alias ?? value, type);
          for (const child of this.flat.children(clause)) if (this.flat.kind(child) === "block") this.#block(child);
        },
        start,
      );
      branches.push(branch);
      if (!branch.dead) handlers.push(regionId);
      const ends: HandlerEnd[] = [];
      if (!branch.dead) ends.push("fall");
      if (this.#raises > raises) ends.push("raise");
      if (this.#returns > returns) ends.push("return");
      if (this.#breaks > breaks) ends.push("break");
      if (this.#continues > continues) ends.push("continue");
      this.#regions[regionId] = {
        kind: "except",
        parent,
        of: tryRegion,
        ...(type === undefined ? {} : { type }),
        ends,
        defs: [firstDef, this.#defs.length],
        returns: [firstReturn, this.#scope?.returnValues.length ?? 0],
      };
    }
    const elseClause = clauses.find((clause) => this.flat.kind(clause) === "else_clause");
    const elseBody = elseClause === undefined ? undefined : this.flat.child(elseClause, "body");
    if (elseBody !== undefined) this.#branch(parent, () => this.#block(elseBody), body);
    this.#environment.merge([body, ...branches], false, this.#widen);
    const finallyClause = clauses.find((clause) => this.flat.kind(clause) === "finally_clause");
    if (finallyClause !== undefined) {
      const wasDead = this.#environment.dead;
      const region = this.#addRegion({ kind: "finally", parent, of: tryRegion });
      this.#region = region;
      for (const child of this.flat.children(finallyClause)) if (this.flat.kind(child) === "block") this.#block(child);
      this.#region = parent;
      this.#environment.dead ||= wasDead;
    }
    // Behind `try: ... return` with one handler that goes on stands what that handler leads to.
    this.#region = body.dead && handlers.length === 1 ? (handlers[0] as RegionId) : parent;
  }

  /** The head of a handler around an await, `except E as name`: where a cancellation would arrive. */
  #handlerSite(clause: number, last: number | undefined, type: ExprId | undefined): void {
    const site = this.#site(clause, { kind: "except", expr: type ?? this.#unknown() });
    if (site < 0) return;
    const end = last === undefined ? this.#start(clause) + "except".length : this.#end(last);
    this.#siteSpans[site * 2 + 1] = end;
  }

  #with(node: number): void {
    const isAsync = this.flat.tokens(node).includes("async");
    if (isAsync) this.#suspend();
    const outer = this.#region;
    const entered: { site: SiteId; expr: ExprId; node: number }[] = [];
    const item = (itemNode: number): void => {
      let value = this.flat.child(itemNode, "value");
      let alias: number | undefined;
      if (value !== undefined && this.flat.kind(value) === "as_pattern") {
        alias = this.flat.child(value, "alias");
        value = this.flat.children(value)[0];
      }
      if (value === undefined) return;
      const expr = this.#expr(value);
      const site = this.#site(value, isAsync ? { kind: "enter", expr, async: true } : { kind: "enter", expr });
      entered.push({ site, expr, node: value });
      this.#region = this.#addRegion({ kind: "with", parent: this.#region, site, async: isAsync });
      if (alias !== undefined) this.#target(alias, this.#define({ kind: "enter", value: expr, async: isAsync }));
    };
    for (const clause of this.flat.children(node)) {
      if (this.flat.kind(clause) !== "with_clause") continue;
      for (const child of this.flat.children(clause)) if (this.flat.kind(child) === "with_item") item(child);
    }
    const body = this.flat.child(node, "body");
    if (body !== undefined) this.#block(body);
    this.#region = outer;
    for (const { site, expr, node: itemNode } of entered.reverse()) {
      this.#site(itemNode, { kind: "exit", expr, partner: site, ...(isAsync ? { async: true as const } : {}) });
    }
  }

  #match(node: number): void {
    const body = this.flat.child(node, "body");
    const subjects = this.flat.children(node).flatMap((child) => (child === body ? [] : [this.#expr(child)]));
    if (body === undefined) return;
    const subject = subjects.length === 1 ? subjects[0] : undefined;
    const matched = subject === undefined ? undefined : this.#exprs[subject];
    const branches: Environment[] = [];
    const ends: RegionId[] = [];
    // What no case before has matched; every case whose values are written down makes it smaller.
    let region = this.#region;
    let takesRest = false;
    for (const clause of this.flat.children(body)) {
      if (this.flat.kind(clause) !== "case_clause") continue;
      const parts = this.flat.children(clause);
      const patterns = parts.filter((part) => this.flat.kind(part) === "case_pattern");
      const isGuarded = parts.some((part) => this.flat.kind(part) === "if_clause");
      const [pattern] = patterns.length === 1 ? patterns : [];
      const condition = pattern === undefined || subject === undefined ? undefined : this.#caseCondition(subject, pattern);
      const then = condition === undefined ? region : this.#addRegion({ kind: "if", parent: region, condition, negated: false });
      const branch = this.#branch(then, () => {
        for (const child of parts) {
          const kind = this.flat.kind(child);
          if (kind === "case_pattern") {
            // `case Point(), other` matches a sequence.
            const type = child === pattern ? this.#classOfPattern(child) : undefined;
            if (type !== undefined && matched?.kind === "local") this.#narrowTo(matched.name, matched.defs, type);
            this.#pattern(child);
          } else if (kind === "if_clause") for (const guard of this.flat.children(child)) this.#expr(guard);
        }
        const consequence = this.flat.child(clause, "consequence");
        if (consequence !== undefined) this.#block(consequence);
      });
      branches.push(branch);
      ends.push(then);
      takesRest ||= !isGuarded && pattern !== undefined && this.#takesAll(pattern);
      if (condition !== undefined && !isGuarded)
        region = this.#addRegion({ kind: "if", parent: region, condition, negated: true });
    }
    this.#environment.merge(branches, true, this.#widen);
    const alive = ends.filter((_, index) => !branches[index]?.dead);
    if (!takesRest) alive.push(region);
    this.#region = this.#around(alive);
  }

  /** `case "fast" | "quick"` as the comparison that it is; undefined for patterns that look into their subject. */
  #caseCondition(subject: ExprId, pattern: number): ExprId | undefined {
    const values = this.#valuesOfPattern(pattern);
    if (values === undefined) return undefined;
    const [value, ...others] = values;
    if (value === undefined) return undefined;
    if (others.length === 0) return this.#add({ kind: "compare", operators: ["=="], operands: [subject, value] });
    const items = this.#add({ kind: "sequence", type: "tuple", items: values });
    return this.#add({ kind: "compare", operators: ["in"], operands: [subject, items] });
  }

  #valuesOfPattern(node: number): readonly ExprId[] | undefined {
    const values: ExprId[] = [];
    if (this.flat.tokens(node).some((token) => token !== "|")) return undefined;
    for (const child of this.flat.children(node)) {
      switch (this.flat.kind(child)) {
        case "string":
        case "integer":
        case "true":
        case "false":
        case "none":
          values.push(this.#expr(child));
          break;
        case "dotted_name": {
          if (this.flat.children(child).length < 2) return undefined;
          values.push(this.#dottedValue(child));
          break;
        }
        case "union_pattern": {
          const several = this.#valuesOfPattern(child);
          if (several === undefined) return undefined;
          values.push(...several);
          break;
        }
        default:
          return undefined;
      }
    }
    return values.length > 0 ? values : undefined;
  }

  /** `_`, or a name that captures whatever is left. */
  #takesAll(pattern: number): boolean {
    const [inner, ...others] = this.flat.children(pattern);
    if (inner === undefined) return true;
    return others.length === 0 && this.flat.kind(inner) === "dotted_name" && this.flat.children(inner).length === 1;
  }

  #dottedValue(node: number): ExprId {
    const [first, ...rest] = this.flat.children(node);
    let value = first === undefined ? this.#unknown() : this.#expr(first);
    for (const part of rest) value = this.#add({ kind: "attribute", of: value, name: this.flat.textOf(part) });
    return value;
  }

  /** The class that what matches a pattern is of: `Point(x=0)`, `Point() as point`. */
  #classOfPattern(node: number): ExprId | undefined {
    const [inner] = this.flat.children(node);
    if (inner === undefined) return undefined;
    const kind = this.flat.kind(node);
    if (kind === "case_pattern" || kind === "as_pattern") return this.#classOfPattern(inner);
    if (kind !== "class_pattern" || this.flat.kind(inner) !== "dotted_name") return undefined;
    return this.#dottedValue(inner);
  }

  #narrowTo(name: string, of: readonly DefId[], type: ExprId): void {
    this.#environment.own.set(name, [this.#define({ kind: "narrow", name, of, type, negated: false })]);
  }

  /** Names a `case` pattern captures; of their values only the class is known, where `as` stands behind one. */
  #pattern(node: number): void {
    const type = this.flat.kind(node) === "as_pattern" ? this.#classOfPattern(node) : undefined;
    for (const child of this.flat.children(node)) {
      const kind = this.flat.kind(child);
      if (kind === "identifier" && type !== undefined) {
        const name = this.flat.textOf(child);
        const captured = this.#define({ kind: "unknown" });
        this.#bind(name, captured);
        this.#narrowTo(name, [captured], type);
      } else if (kind === "identifier") this.#bind(this.flat.textOf(child), this.#define({ kind: "unknown" }));
      else if (kind === "dotted_name") {
        const parts = this.flat.children(child);
        const isCapture = parts.length === 1 && this.flat.kind(node) === "case_pattern";
        if (isCapture) this.#bind(this.flat.textOf(child), this.#define({ kind: "unknown" }));
      } else if (kind !== "string" && kind !== "integer") this.#pattern(child);
    }
  }

  #import(node: number): void {
    for (const child of this.flat.children(node)) {
      if (this.flat.kind(child) === "aliased_import") {
        const name = this.flat.child(child, "name");
        const alias = this.flat.child(child, "alias");
        if (name === undefined || alias === undefined) continue;
        this.#bind(this.flat.textOf(alias), this.#define({ kind: "import", module: this.#dotted(name), whole: true }));
      } else if (this.flat.kind(child) === "dotted_name") {
        const module = this.#dotted(child);
        const root = module.split(".")[0] as string;
        // `import a.b` and `import a.c` both reach: the name `a` sees either submodule.
        const earlier = (this.#environment.lookup(root) ?? []).filter((id) => this.#isImport(id));
        this.#bind(root, this.#define({ kind: "import", module, whole: false }));
        if (earlier.length > 0) this.#bindAll(root, [...earlier, ...(this.#environment.lookup(root) ?? [])]);
      }
    }
  }

  #isImport(id: DefId): boolean {
    const def = this.#defs[id];
    return def?.kind === "select" ? def.ways.some(({ defs }) => defs.some((way) => this.#isImport(way))) : def?.kind === "import";
  }

  #dotted(node: number): string {
    return this.flat.textOf(node).replace(/\s+/g, "");
  }

  #importFrom(node: number): void {
    const moduleNode = this.flat.child(node, "module_name");
    if (moduleNode === undefined) return;
    let module = this.#dotted(moduleNode);
    const level = module.match(/^\.*/)?.[0].length ?? 0;
    module = module.slice(level);
    for (const child of this.flat.children(node)) {
      if (child === moduleNode) continue;
      const kind = this.flat.kind(child);
      if (kind === "wildcard_import") {
        this.#scope?.stars.push(this.#guards.length > 0 ? [level, module, this.#guards] : [level, module]);
        this.#branches ||= this.#guards.length > 0;
      } else if (kind === "aliased_import") {
        const name = this.flat.child(child, "name");
        const alias = this.flat.child(child, "alias");
        if (name === undefined || alias === undefined) continue;
        this.#bind(this.flat.textOf(alias), this.#define({ kind: "from", level, module, name: this.flat.textOf(name) }));
      } else if (kind === "dotted_name") {
        const name = this.flat.textOf(child);
        this.#bind(name, this.#define({ kind: "from", level, module, name }));
      }
    }
  }

  // ---- Definitions ----

  #definition(node: number): void {
    const chunk = this.flat.chunkOf.get(node);
    if (chunk !== undefined) {
      this.#bindChunk(chunk);
      return;
    }
    if (this.flat.kind(node) !== "decorated_definition") {
      if (this.flat.kind(node) === "class_definition") this.#class(node, node, []);
      else this.#function(node, node, []);
      return;
    }
    const definition = this.flat.child(node, "definition");
    const decorators: ExprId[] = [];
    for (const child of this.flat.children(node)) {
      if (this.flat.kind(child) !== "decorator") continue;
      const value = this.flat.children(child)[0];
      if (value === undefined) continue;
      const decorator = this.#expr(value);
      decorators.push(decorator);
      // In a function each run of the `def` calls the decorator; what it makes of its argument is read elsewhere.
      if (this.#runner?.kind === "function") {
        const site = this.#site(value, { kind: "call", expr: this.#exprs.length });
        this.#add({ kind: "call", callee: decorator, args: [], site });
      }
    }
    if (definition === undefined) return;
    if (this.flat.kind(definition) === "class_definition") this.#class(definition, node, decorators);
    else if (this.flat.kind(definition) === "function_definition") this.#function(definition, node, decorators);
  }

  #bindChunk(chunk: number): void {
    const facts = this.chunks[chunk];
    const scope = facts?.scopes[0];
    if (!facts || !scope) return;
    this.outers[chunk] = this.#currentScopeId();
    const def = this.#define({ kind: "function", scope: 0, chunk: chunk + 1 });
    this.#bindFunction(scope.name, def, decoratorNames(facts, scope));
  }

  /** Overloads stay together; a property keeps its getter when the setter follows. */
  #bindFunction(name: string, def: DefId, decorators: readonly string[]): void {
    const earlier = this.#environment.lookup(name) ?? [];
    if (decorators.some((decorator) => decorator === `${name}.setter` || decorator === `${name}.deleter`)) return;
    const overloads = earlier.filter((id) => this.#isOverload(id));
    this.#bind(name, def);
    if (overloads.length > 0) this.#bindAll(name, [...overloads, def]);
  }

  #isOverload(id: DefId): boolean {
    const def = this.#defs[id];
    if (def?.kind === "select") return def.ways.some(({ defs }) => defs.some((way) => this.#isOverload(way)));
    if (def?.kind !== "function") return false;
    const chunk = def.chunk === undefined ? undefined : this.chunks[def.chunk - 1];
    const exprs = chunk?.exprs ?? this.#exprs;
    const scope = chunk?.scopes[def.scope] ?? this.#scopes[def.scope];
    return !!scope && decoratorNames({ exprs }, scope).some((decorator) => /(^|\.)overload$/.test(decorator));
  }

  #function(node: number, whole: number, decorators: readonly ExprId[]): void {
    const nameNode = this.flat.child(node, "name");
    const name = nameNode === undefined ? "" : this.flat.textOf(nameNode);
    const parametersNode = this.flat.child(node, "parameters");
    const returnsNode = this.flat.child(node, "return_type");
    const around = this.#environment;
    this.#typeParameters(node);
    const parameters = parametersNode === undefined ? [] : this.#parameters(parametersNode);
    const returns = returnsNode === undefined ? undefined : this.#annotationExpr(returnsNode);
    this.#environment = around;
    const outer = this.#scope;
    const isMethod = outer?.kind === "class" || (outer === undefined && this.start >= 0);
    const scope = this.#enterFunction("function", whole, nameNode ?? node, new Environment());
    if (isMethod && parameters[0]) scope.open.self = parameters[0].name;
    this.#bindParameters(parameters, scope.open.id);
    const body = this.flat.child(node, "body");
    if (body !== undefined) this.#block(body);
    const stub = body === undefined || this.#isStubBody(body);
    scope.leave({
      name,
      parent: outer?.id ?? OUTER_SCOPE,
      parameters,
      decorators,
      bases: [],
      async: this.flat.tokens(node).includes("async"),
      returns,
      stub,
    });
    if (outer)
      this.#bindFunction(
        name,
        this.#define({ kind: "function", scope: scope.open.id }),
        decoratorNames({ exprs: this.#exprs }, { decorators }),
      );
  }

  /** Opens a scope whose body runs apart from the code around it; `leave` closes it and restores what was before. */
  #enterFunction(
    kind: ScopeKind,
    whole: number,
    nameNode: number,
    environment: Environment,
  ): { open: OpenScope; leave: (rest: ScopeEnd) => void } {
    const saved = {
      scope: this.#scope,
      runner: this.#runner,
      environment: this.#environment,
      region: this.#region,
      quiet: this.#quiet,
      suspensions: this.#suspensions,
      awaits: this.#awaits,
      breaks: this.#breaks,
      continues: this.#continues,
      returns: this.#returns,
      raises: this.#raises,
      selfOwner: this.#selfOwner,
    };
    this.#selfOwner = this.#selfScope();
    const open = this.#open(kind);
    this.#scopeSpans.length = Math.max(this.#scopeSpans.length, (open.id + 1) * 4);
    this.#scopeSpans.splice(open.id * 4, 4, this.#start(whole), this.#end(whole), this.#start(nameNode), this.#end(nameNode));
    this.#runner = open;
    this.#environment = environment;
    this.#region = NO_REGION;
    this.#quiet = 0;
    return {
      open,
      leave: (rest) => {
        this.#close(open, rest);
        this.#scope = saved.scope;
        this.#runner = saved.runner;
        this.#environment = saved.environment;
        this.#region = saved.region;
        this.#quiet = saved.quiet;
        this.#suspensions = saved.suspensions;
        this.#awaits = saved.awaits;
        this.#breaks = saved.breaks;
        this.#continues = saved.continues;
        this.#returns = saved.returns;
        this.#raises = saved.raises;
        this.#selfOwner = saved.selfOwner;
      },
    };
  }

  #bindParameters(parameters: readonly Parameter[], scope: ScopeId): void {
    parameters.forEach((parameter, index) => {
      this.#bind(parameter.name, this.#define({ kind: "parameter", scope, index }));
    });
  }

  #parameters(node: number): Parameter[] {
    const parameters: Parameter[] = [];
    let keywordOnly = false;
    const add = (name: string, kind: Parameter["kind"], type?: number, value?: number): void => {
      const parameter: Mutable<Parameter> = { name, kind };
      if (type !== undefined) parameter.annotation = this.#annotationExpr(type);
      if (value !== undefined) parameter.default = this.#expr(value);
      parameters.push(parameter);
    };
    const plain = (): Parameter["kind"] => (keywordOnly ? "keyword-only" : "positional");
    const one = (child: number, type?: number): void => {
      switch (this.flat.kind(child)) {
        case "identifier":
          add(this.flat.textOf(child), plain(), type);
          return;
        case "list_splat_pattern":
        case "list_splat": {
          const inner = this.flat.children(child)[0];
          if (inner !== undefined) add(this.flat.textOf(inner), "var-positional", type);
          keywordOnly = true;
          return;
        }
        case "dictionary_splat_pattern":
        case "dictionary_splat": {
          const inner = this.flat.children(child)[0];
          if (inner !== undefined) add(this.flat.textOf(inner), "var-keyword", type);
          return;
        }
        case "keyword_separator":
          keywordOnly = true;
          return;
        case "positional_separator":
          for (const [index, parameter] of parameters.entries()) parameters[index] = { ...parameter, kind: "positional-only" };
          return;
        case "typed_parameter": {
          const [inner] = this.flat.children(child);
          const typeNode = this.flat.child(child, "type");
          if (inner !== undefined) one(inner, typeNode);
          return;
        }
        case "default_parameter":
        case "typed_default_parameter": {
          const name = this.flat.child(child, "name");
          if (name !== undefined)
            add(this.flat.textOf(name), plain(), this.flat.child(child, "type"), this.flat.child(child, "value"));
          return;
        }
        default:
          return;
      }
    };
    for (const child of this.flat.children(node)) one(child);
    return parameters;
  }

  #isStubBody(body: number): boolean {
    return this.flat.children(body).every((statement, index) => {
      const kind = this.flat.kind(statement);
      if (kind === "pass_statement") return true;
      if (kind === "raise_statement") return /^raise\s+NotImplementedError\b/.test(this.flat.textOf(statement));
      if (kind !== "expression_statement") return false;
      const value = this.flat.children(statement)[0];
      const valueKind = value === undefined ? "" : this.flat.kind(value);
      return valueKind === "ellipsis" || (valueKind === "string" && index === 0);
    });
  }

  #class(node: number, whole: number, decorators: readonly ExprId[]): void {
    const nameNode = this.flat.child(node, "name");
    const name = nameNode === undefined ? "" : this.flat.textOf(nameNode);
    const superclasses = this.flat.child(node, "superclasses");
    const saved = { scope: this.#scope, environment: this.#environment };
    const typeParameters = this.#typeParameters(node);
    const bases = superclasses === undefined ? [] : this.#arguments(superclasses);
    const open = this.#open("class");
    this.#scopeSpans.length = Math.max(this.#scopeSpans.length, (open.id + 1) * 4);
    this.#scopeSpans.splice(
      open.id * 4,
      4,
      this.#start(whole),
      this.#end(whole),
      this.#start(nameNode ?? node),
      this.#end(nameNode ?? node),
    );
    this.#environment = new Environment(saved.environment);
    // Bound in the body, where the signatures of its methods see them.
    for (const [parameter, def] of typeParameters) this.#bind(parameter, def);
    const body = this.flat.child(node, "body");
    if (body !== undefined) this.#block(body);
    const parameterDefs = typeParameters.map(([, def]) => def);
    this.#close(open, {
      name,
      parent: saved.scope?.id ?? OUTER_SCOPE,
      parameters: [],
      decorators,
      bases,
      typeParameters: parameterDefs,
    });
    this.#scope = saved.scope;
    this.#environment = saved.environment;
    this.#bind(name, this.#define({ kind: "class", scope: open.id }));
  }

  /** `[T, *Ts, T: bound]` behind the name, visible in what follows of the header; in an overlay of the environment. */
  #typeParameters(node: number): (readonly [string, DefId])[] {
    const list = this.flat.child(node, "type_parameters");
    if (list === undefined) return [];
    this.#environment = new Environment(this.#environment);
    return this.flat.children(list).map((child) => {
      const [, name] = /^\**\s*(\w*)/.exec(this.flat.textOf(child)) as unknown as [string, string];
      const constrained = this.#descendant(child, "constrained_type");
      const boundNode = constrained === undefined ? undefined : this.flat.children(constrained)[1];
      const bound = boundNode === undefined ? undefined : this.#annotationExpr(boundNode);
      const def = this.#define(bound === undefined ? { kind: "typevar", name } : { kind: "typevar", name, bound });
      this.#environment.bind(name, [def]);
      return [name, def] as const;
    });
  }

  /** `[T]` of `type Table[T] = dict[str, T]`, which the grammar takes for a subscript. */
  #aliasParameters(left: number): void {
    const list = this.#descendant(left, "type_parameter");
    if (list === undefined) return;
    this.#environment = new Environment(this.#environment);
    for (const child of this.flat.children(list)) {
      const name = /^\**\s*(\w*)/.exec(this.flat.textOf(child))?.[1];
      if (name) this.#environment.bind(name, [this.#define({ kind: "typevar", name })]);
    }
  }

  #descendant(node: number, kind: string): number | undefined {
    const end = this.flat.next[node] as number;
    for (let at = node; at < end; at++) if (this.flat.kind(at) === kind) return at;
    return undefined;
  }

  // ---- Expressions ----

  #annotationExpr(node: number): ExprId {
    this.#quiet++;
    this.#annotation++;
    const expr = this.#expr(node);
    this.#quiet--;
    this.#annotation--;
    return expr;
  }

  #expr(node: number): ExprId {
    if (++this.#depth > MAX_DEPTH) {
      this.#depth--;
      return this.#add({ kind: "unknown", tooDeep: true });
    }
    const expr = this.#exprOf(node, this.flat.kind(node));
    this.#depth--;
    return expr;
  }

  #exprOf(node: number, kind: string): ExprId {
    const { flat } = this;
    switch (kind) {
      case "identifier":
        return this.#name(flat.textOf(node));
      case "attribute":
        return this.#attribute(node, true);
      case "call":
        return this.#call(node);
      case "await":
        return this.#await(node);
      case "string":
      case "concatenated_string":
        return this.#string(node);
      case "integer":
        return this.#integer(flat.textOf(node));
      case "float": {
        const value = Number(flat.textOf(node).replaceAll("_", ""));
        return Number.isFinite(value) ? this.#constant(value) : this.#add({ kind: "literal", type: "complex" });
      }
      case "true":
      case "false":
        return this.#constant(kind === "true");
      case "none":
        return this.#constant(null);
      case "ellipsis":
        return this.#add({ kind: "literal", type: "ellipsis" });
      case "parenthesized_expression":
      case "type":
      case "constrained_type": {
        const inner = flat.children(node)[0];
        return inner === undefined ? this.#unknown() : this.#expr(inner);
      }
      case "subscript":
        return this.#subscript(node, ["__getitem__", "__class_getitem__"]);
      case "generic_type":
        return this.#genericType(node);
      case "union_type": {
        const [left, right] = flat.children(node);
        if (left === undefined || right === undefined) return this.#unknown();
        return this.#add({ kind: "binary", operator: "|", left: this.#expr(left), right: this.#expr(right) });
      }
      case "member_type": {
        const [of, name] = flat.children(node);
        if (of === undefined || name === undefined) return this.#unknown();
        return this.#add({ kind: "attribute", of: this.#expr(of), name: flat.textOf(name) });
      }
      case "tuple":
      case "expression_list":
        return this.#sequence(node, "tuple");
      case "list":
        return this.#sequence(node, "list");
      case "set":
        return this.#sequence(node, "set");
      case "dictionary":
        return this.#dictionary(node);
      case "binary_operator":
        return this.#binary(node);
      case "comparison_operator":
        return this.#comparison(node);
      case "not_operator":
      case "unary_operator": {
        const argument = flat.child(node, "argument");
        const operator = kind === "not_operator" ? "not" : (flat.tokens(node)[0] ?? "-");
        const of =
          argument === undefined ? this.#unknown() : operator === "not" ? this.#condition(argument) : this.#expr(argument);
        const operand = this.#exprs[of];
        if (operator === "-" && operand?.kind === "constant" && typeof operand.value === "number")
          return this.#constant(-operand.value);
        const method = UNARY_METHODS[operator];
        if (method) this.#operated(node, of, [method]);
        return this.#add({ kind: "unary", operator, of });
      }
      case "boolean_operator":
        return this.#boolean(node);
      case "conditional_expression":
        return this.#conditional(node);
      case "named_expression": {
        const name = flat.child(node, "name");
        const value = flat.child(node, "value");
        if (name === undefined || value === undefined) return this.#unknown();
        const expr = this.#expr(value);
        this.#bind(flat.textOf(name), this.#define({ kind: "assign", value: expr }));
        return expr;
      }
      case "assignment":
        return this.#assignment(node) ?? this.#unknown();
      case "lambda":
        return this.#lambda(node);
      case "list_comprehension":
        return this.#comprehension(node, "list");
      case "set_comprehension":
        return this.#comprehension(node, "set");
      case "dictionary_comprehension":
        return this.#comprehension(node, "dict");
      case "generator_expression":
        return this.#generator(node);
      case "yield":
        return this.#yield(node);
      case "list_splat":
      case "list_splat_pattern":
      case "splat_type": {
        const inner = flat.children(node)[0];
        const of = inner === undefined ? this.#unknown() : this.#expr(inner);
        if (this.#annotation === 0) this.#iterateOnce(node, of);
        return this.#add({ kind: "star", of });
      }
      case "slice":
        for (const child of flat.children(node)) this.#expr(child);
        return this.#add({ kind: "literal", type: "slice" });
      case "comment":
        return this.#unknown();
      default:
        // Errors, Python 2 statements, slices: read what is inside, claim nothing of the whole.
        for (const child of flat.children(node)) this.#statement(child);
        return this.#unknown();
    }
  }

  #name(name: string): ExprId {
    const defs = this.#environment.lookup(name);
    if (defs) return this.#add({ kind: "local", name, defs });
    return this.#add({ kind: "name", name, scope: this.#currentScopeId() });
  }

  #attribute(node: number, read: boolean): ExprId {
    const object = this.flat.child(node, "object");
    const attribute = this.flat.child(node, "attribute");
    const of = object === undefined ? this.#unknown() : this.#expr(this.#withoutStar(object));
    const expr = this.#add({ kind: "attribute", of, name: attribute === undefined ? "" : this.flat.textOf(attribute) });
    if (read && this.#annotation === 0) this.#site(node, { kind: "read", expr });
    return expr;
  }

  #call(node: number): ExprId {
    const { flat } = this;
    const named = flat.child(node, "function");
    const functionNode = named === undefined ? undefined : this.#withoutStar(named);
    const argumentsNode = flat.child(node, "arguments");
    const callee =
      functionNode === undefined
        ? this.#unknown()
        : flat.kind(functionNode) === "attribute"
          ? this.#attribute(functionNode, false)
          : this.#expr(functionNode);
    const args = argumentsNode === undefined ? [] : this.#arguments(argumentsNode);
    // The expression's id is the next one; the site names it.
    const expr = this.#exprs.length;
    const site = this.#site(node, { kind: "call", expr });
    this.#add({ kind: "call", callee, args, site });
    this.#fillBy(callee, args);
    return expr;
  }

  /** `items.append(x)`: what a method puts into the container it is called on. */
  #fillBy(calleeId: ExprId, args: readonly Argument[]): void {
    const callee = this.#exprs[calleeId] as Expr;
    if (callee.kind !== "attribute" || !Object.hasOwn(FILLING_METHODS, callee.name)) return;
    const { item, key, each } = FILLING_METHODS[callee.name] as (typeof FILLING_METHODS)[string];
    const value = args[item];
    if (!value || args.slice(0, item + 1).some(({ name, star }) => name !== undefined || star !== undefined)) return;
    const def = this.#define(
      each ? { kind: "iterate", value: value.value, async: false } : { kind: "assign", value: value.value },
    );
    this.#fill(callee.of, def, key === undefined ? undefined : args[key]?.value);
  }

  #fill(of: ExprId, item: DefId, key: ExprId | undefined): void {
    let container = of;
    let expr = this.#exprs[container] as Expr;
    let depth = 0;
    for (; expr.kind === "subscript" || expr.kind === "call"; depth++) {
      // `rows[key].append(x)`, `rows.setdefault(key, []).append(x)`
      const callee = expr.kind === "call" ? (this.#exprs[expr.callee] as Expr) : undefined;
      if (callee && (callee.kind !== "attribute" || callee.name !== "setdefault")) return;
      container = expr.kind === "subscript" ? expr.of : (callee as Expr & { kind: "attribute" }).of;
      expr = this.#exprs[container] as Expr;
    }
    const attribute = expr.kind === "attribute" ? expr.name : undefined;
    const name = expr.kind === "attribute" ? (this.#exprs[expr.of] as Expr) : expr;
    if (name.kind !== "name" && name.kind !== "local") return;
    const isSelf = attribute !== undefined && name.name === this.#selfName();
    const scope = isSelf ? this.#selfScope() : this.#runner;
    if (!scope || this.#quiet > 0 || (attribute !== undefined && !isSelf)) return;
    scope.fills.push({
      container,
      depth,
      item,
      ...(attribute === undefined ? {} : { attribute }),
      ...(key === undefined ? {} : { key }),
    });
  }

  #arguments(node: number): Argument[] {
    const { flat } = this;
    if (flat.kind(node) === "generator_expression") return [{ value: this.#expr(node) }];
    const args: Argument[] = [];
    for (const child of flat.children(node)) {
      switch (flat.kind(child)) {
        case "keyword_argument": {
          const name = flat.child(child, "name");
          const value = flat.child(child, "value");
          if (name !== undefined && value !== undefined) args.push({ name: flat.textOf(name), value: this.#expr(value) });
          break;
        }
        case "list_splat":
        case "dictionary_splat": {
          const inner = flat.children(child)[0];
          if (inner === undefined) break;
          const star = flat.kind(child) === "list_splat" ? "*" : "**";
          const value = this.#expr(inner);
          if (star === "*") this.#iterateOnce(child, value);
          args.push({ value, star });
          break;
        }
        default:
          args.push({ value: this.#expr(child) });
      }
    }
    return args;
  }

  #await(node: number): ExprId {
    const operand = this.flat.children(node)[0];
    const of = operand === undefined ? this.#unknown() : this.#expr(operand);
    this.#suspend();
    const awaited = this.#exprs[of];
    if (awaited?.kind === "call") this.#markSite(awaited.site, "async");
    else this.#site(node, { kind: "await", expr: of });
    return this.#add({ kind: "await", of });
  }

  #string(node: number): ExprId {
    const { flat } = this;
    const children = flat.children(node);
    if (flat.kind(node) === "concatenated_string") {
      for (const child of children) this.#string(child);
      return this.#add({ kind: "literal", type: "str" });
    }
    const opening = children[0] === undefined ? "" : flat.textOf(children[0]);
    for (const child of children) if (flat.kind(child) === "interpolation") this.#interpolation(child);
    if (/b/i.test(opening)) return this.#add({ kind: "literal", type: "bytes" });
    const plain = children.length <= 3 && !/f|t/i.test(opening);
    const content = children[1];
    const text = content === undefined || flat.kind(content) !== "string_content" ? "" : flat.textOf(content);
    if (!plain || text.includes("\\") || text.length > MAX_CONSTANT) return this.#add({ kind: "literal", type: "str" });
    if (this.#annotation > 0) return readAnnotation(text, this.#currentScopeId(), this.#add);
    return this.#constant(text);
  }

  #interpolation(node: number): void {
    const expression = this.flat.child(node, "expression");
    if (expression !== undefined) {
      const expr = this.#expr(expression);
      this.#site(expression, { kind: "operate", expr, methods: ["__format__", "__str__", "__repr__"] });
    }
    const format = this.flat.child(node, "format_specifier");
    if (format === undefined) return;
    for (const child of this.flat.children(format)) {
      const inner = this.flat.child(child, "expression");
      if (inner !== undefined) this.#expr(inner);
    }
  }

  #integer(text: string): ExprId {
    const value = Number(text.replaceAll("_", ""));
    return Number.isFinite(value) ? this.#constant(value) : this.#add({ kind: "literal", type: "int" });
  }

  #subscript(node: number, methods: readonly string[]): ExprId {
    const { flat } = this;
    const value = flat.child(node, "value");
    const of = value === undefined ? this.#unknown() : this.#expr(value);
    const head = this.#exprs[of];
    const isLiteral =
      (head?.kind === "name" || head?.kind === "attribute" || head?.kind === "local") && VALUE_FORMS.has(head.name);
    const annotation = this.#annotation;
    if (isLiteral) this.#annotation = 0;
    const items: ExprId[] = [];
    for (const child of flat.children(node)) if (child !== value) items.push(this.#expr(child));
    this.#annotation = annotation;
    const index = items.length === 1 ? (items[0] as ExprId) : this.#add({ kind: "sequence", type: "tuple", items });
    const expr = this.#add({ kind: "subscript", of, index });
    if (this.#annotation === 0) this.#site(node, { kind: "operate", expr: of, methods });
    return expr;
  }

  #genericType(node: number): ExprId {
    const [head, parameters] = this.flat.children(node);
    if (head === undefined || parameters === undefined) return this.#unknown();
    const of = this.#expr(head);
    const isLiteral = VALUE_FORMS.has(this.flat.textOf(head));
    const annotation = this.#annotation;
    if (isLiteral) this.#annotation = 0;
    const items = this.flat.children(parameters).map((child) => this.#expr(child));
    this.#annotation = annotation;
    const index = items.length === 1 ? (items[0] as ExprId) : this.#add({ kind: "sequence", type: "tuple", items });
    return this.#add({ kind: "subscript", of, index });
  }

  #sequence(node: number, type: "tuple" | "list" | "set"): ExprId {
    const items = this.flat.children(node).map((child) => {
      const expr = this.#expr(child);
      // The grammar reads `[*rows()]` as a call of `*rows`.
      if (this.#exprs[expr]?.kind === "star" || !this.flat.textOf(child).startsWith("*")) return expr;
      this.#iterateOnce(child, expr);
      return this.#add({ kind: "star", of: expr });
    });
    return this.#add({ kind: "sequence", type, items });
  }

  /** What is called or read, without the star the grammar may put in front of it. */
  #withoutStar(node: number): number {
    return this.flat.kind(node).startsWith("list_splat") ? (this.flat.children(node)[0] ?? node) : node;
  }

  #dictionary(node: number): ExprId {
    const keys: ExprId[] = [];
    const values: ExprId[] = [];
    let open = false;
    for (const child of this.flat.children(node)) {
      const key = this.flat.child(child, "key");
      const value = this.flat.child(child, "value");
      if (key !== undefined && value !== undefined) {
        keys.push(this.#expr(key));
        values.push(this.#expr(value));
        continue;
      }
      open = true;
      for (const inner of this.flat.children(child)) this.#expr(inner);
    }
    return this.#add({ kind: "dict", keys, values, ...(open ? { open: true } : {}) });
  }

  #binary(node: number): ExprId {
    const left = this.flat.child(node, "left");
    const right = this.flat.child(node, "right");
    const operator = this.flat.tokens(node)[0] ?? "+";
    const leftExpr = left === undefined ? this.#unknown() : this.#expr(left);
    const rightExpr = right === undefined ? this.#unknown() : this.#expr(right);
    const method = OPERATOR_METHODS[operator];
    const kind = this.#exprs[leftExpr]?.kind;
    if (method && this.#annotation === 0 && kind !== "constant" && kind !== "literal") {
      this.#site(node, { kind: "operate", expr: leftExpr, methods: [`__${method}__`] });
    }
    return this.#add({ kind: "binary", operator, left: leftExpr, right: rightExpr });
  }

  #comparison(node: number): ExprId {
    const operators = this.flat.tokens(node);
    const operands = this.flat.children(node).map((child) => this.#expr(child));
    operators.forEach((operator, index) => {
      const container = operands[index + 1];
      const kind = container === undefined ? undefined : this.#exprs[container]?.kind;
      const compared = operands[index];
      const methods = COMPARISON_METHODS[operator];
      // Compared with a literal, an object has little to look at; these are most comparisons.
      if (methods && compared !== undefined && kind !== "constant" && kind !== "literal") this.#operated(node, compared, methods);
      if (!operator.endsWith("in") || container === undefined || kind === "sequence" || kind === "constant") return;
      this.#site(node, { kind: "operate", expr: container, methods: ["__contains__", "__iter__"] });
    });
    return this.#add({ kind: "compare", operators, operands });
  }

  /** A site of an operator on a value that may be an object of the program. */
  #operated(node: number, operand: ExprId, methods: readonly string[]): void {
    const kind = this.#exprs[operand]?.kind;
    const isObject =
      kind === "local" || kind === "name" || kind === "attribute" || kind === "call" || kind === "await" || kind === "subscript";
    if (isObject && this.#annotation === 0) this.#site(node, { kind: "operate", expr: operand, methods });
  }

  /** Reads a condition: whether an object is true is its own to say. */
  #condition(node: number): ExprId {
    const expr = this.#expr(node);
    this.#operated(node, expr, ["__bool__", "__len__"]);
    return expr;
  }

  #boolean(node: number): ExprId {
    const left = this.flat.child(node, "left");
    const right = this.flat.child(node, "right");
    const operator = this.flat.tokens(node).includes("or") ? "or" : "and";
    const leftExpr = left === undefined ? this.#unknown() : this.#condition(left);
    const rightExpr = this.#underCondition(leftExpr, operator === "or", right);
    return this.#add({ kind: "boolean", operator, left: leftExpr, right: rightExpr });
  }

  /** Reads `node` where `condition` holds (or, negated, does not). */
  #underCondition(condition: ExprId, negated: boolean, node: number | undefined): ExprId {
    if (node === undefined) return this.#unknown();
    const region = this.#addRegion({ kind: "if", parent: this.#region, condition, negated });
    let expr: ExprId = -1;
    const branch = this.#branch(region, () => {
      this.#narrow(condition, negated);
      expr = this.#expr(node);
    });
    this.#environment.merge([branch], true, this.#widen);
    return expr;
  }

  #conditional(node: number): ExprId {
    const [thenNode, conditionNode, elseNode] = this.flat.children(node);
    const condition = conditionNode === undefined ? this.#unknown() : this.#condition(conditionNode);
    const then = this.#underCondition(condition, false, thenNode);
    const otherwise = this.#underCondition(condition, true, elseNode);
    this.#branches ||= isAboutTarget(this.#exprs, condition);
    return this.#add({ kind: "conditional", condition, then, else: otherwise });
  }

  /** Binds names anew that `condition` says something about: `isinstance(x, T)`, `not`, `and`, `or`. */
  #narrow(condition: ExprId, negated: boolean): void {
    const expr = this.#exprs[condition];
    if (!expr) return;
    if (expr.kind === "unary" && expr.operator === "not") this.#narrow(expr.of, !negated);
    else if (expr.kind === "boolean" && (expr.operator === "and") !== negated) {
      this.#narrow(expr.left, negated);
      this.#narrow(expr.right, negated);
    } else if (expr.kind === "call") {
      const callee = this.#exprs[expr.callee];
      const subject = expr.args[0] && this.#exprs[expr.args[0].value];
      const type = expr.args[1]?.value;
      if (callee?.kind !== "name" || callee.name !== "isinstance" || subject?.kind !== "local" || type === undefined) return;
      const def = this.#define({ kind: "narrow", name: subject.name, of: subject.defs, type, negated });
      this.#environment.own.set(subject.name, [def]);
    }
  }

  #lambda(node: number): ExprId {
    const parametersNode = this.flat.child(node, "parameters");
    const body = this.flat.child(node, "body");
    const parameters = parametersNode === undefined ? [] : this.#parameters(parametersNode);
    const parent = this.#currentScopeId();
    const scope = this.#enterFunction("lambda", node, node, new Environment(this.#environment));
    this.#bindParameters(parameters, scope.open.id);
    if (body !== undefined) scope.open.returnValues.push(this.#expr(body));
    scope.leave({ name: "<lambda>", parent, parameters, decorators: [], bases: [] });
    return this.#add({ kind: "lambda", scope: scope.open.id });
  }

  #comprehension(node: number, type: "list" | "set" | "dict"): ExprId {
    let element: ExprId = -1;
    let value: ExprId | undefined;
    const environment = new Environment(this.#environment);
    const scopeBindings = this.#scope;
    this.#branch(
      this.#region,
      () => {
        // Targets are local to the comprehension: bound in the overlay only.
        this.#scope = scopeBindings && { ...scopeBindings, bindings: {}, globals: {} };
        this.#clauses(node, undefined);
        [element, value] = this.#element(node);
        this.#scope = scopeBindings;
      },
      environment,
    );
    return this.#add({ kind: "comprehension", type, element, ...(value === undefined ? {} : { value }) });
  }

  #element(node: number): [ExprId, ExprId | undefined] {
    const body = this.flat.child(node, "body");
    if (body === undefined) return [this.#unknown(), undefined];
    if (this.flat.kind(body) !== "pair") return [this.#expr(body), undefined];
    const key = this.flat.child(body, "key");
    const value = this.flat.child(body, "value");
    const keyExpr = key === undefined ? this.#unknown() : this.#expr(key);
    return [keyExpr, value === undefined ? this.#unknown() : this.#expr(value)];
  }

  /** The `for` and `if` clauses of a comprehension; `first` is the first iterable when it was evaluated outside. */
  #clauses(node: number, first: ExprId | undefined): void {
    let outermost = true;
    for (const clause of this.flat.children(node)) {
      const kind = this.flat.kind(clause);
      if (kind === "for_in_clause") {
        const left = this.flat.child(clause, "left");
        const right = this.flat.child(clause, "right");
        const isAsync = this.flat.tokens(clause).includes("async");
        if (isAsync) this.#suspend();
        const iterable = outermost && first !== undefined ? first : right === undefined ? this.#unknown() : this.#expr(right);
        outermost = false;
        this.#site(
          right ?? clause,
          isAsync ? { kind: "iterate", expr: iterable, async: true } : { kind: "iterate", expr: iterable },
        );
        this.#region = this.#addRegion({
          kind: "loop",
          parent: this.#region,
          type: "comprehension",
          async: isAsync,
          head: iterable,
          steady: !isAsync,
        });
        if (left !== undefined) this.#target(left, this.#define({ kind: "iterate", value: iterable, async: isAsync }));
      } else if (kind === "if_clause") {
        for (const child of this.flat.children(clause)) {
          const condition = this.#condition(child);
          this.#region = this.#addRegion({ kind: "if", parent: this.#region, condition, negated: false });
          this.#narrow(condition, false);
        }
      }
    }
  }

  #generator(node: number): ExprId {
    const firstClause = this.flat.children(node).find((child) => this.flat.kind(child) === "for_in_clause");
    const firstRight = firstClause === undefined ? undefined : this.flat.child(firstClause, "right");
    // The first iterable is evaluated where the expression stands, everything else where it is consumed.
    const first = firstRight === undefined ? this.#unknown() : this.#expr(firstRight);
    const parent = this.#currentScopeId();
    const scope = this.#enterFunction("generator", node, node, new Environment(this.#environment));
    const suspensions = this.#suspensions;
    this.#clauses(node, first);
    const [element] = this.#element(node);
    const isAsync = this.#suspensions > suspensions;
    scope.open.yields.push(element);
    scope.leave({ name: "<genexpr>", parent, parameters: [], decorators: [], bases: [], async: isAsync });
    return this.#add({ kind: "generator", scope: scope.open.id, async: isAsync });
  }

  #yield(node: number): ExprId {
    const from = this.flat.tokens(node).includes("from");
    const child = this.flat.children(node)[0];
    const of = child === undefined ? undefined : this.#expr(child);
    this.#suspensions++;
    if (from && of !== undefined && child !== undefined) this.#site(child, { kind: "iterate", expr: of });
    const expr = this.#add(of === undefined ? { kind: "yield", from } : { kind: "yield", of, from });
    this.#scope?.yields.push(expr);
    return expr;
  }
}

/** Annotations whose arguments are values: typing's Literal, and the forms of our own stubs. */
const VALUE_FORMS = new Set(["Literal", "Runs", "Wraps", "Decorates", "Provides"]);

/** The bindings an overlay chain makes over `base`, as one overlay on it. */
function collapse(environment: Environment, base: Environment): Environment {
  const flat = new Environment(base);
  flat.dead = environment.dead;
  const chain: Environment[] = [];
  for (let at: Environment | undefined = environment; at && at !== base; at = at.parent) chain.unshift(at);
  for (const link of chain) {
    for (const [name, defs] of link.own) flat.own.set(name, defs);
    for (const [name, defs] of link.history) {
      const history = flat.history.get(name);
      if (history) history.push(...defs);
      else flat.history.set(name, [...defs]);
    }
  }
  return flat;
}
