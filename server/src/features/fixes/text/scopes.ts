/**
 * Which names a text binds, where, and in which scope a name at some place is looked up: Python's scoping rules over a
 * flat tree. For edits only, which need to know that a name is free or what it stands for; the analysis has facts.
 */
import type { FlatTree } from "../../../syntax/flatten.js";
import type { NodeId, Source } from "./source.js";

export type ScopeKind = "module" | "class" | "function" | "lambda" | "comprehension";

export interface Binding {
  /** The identifier that is bound. */
  readonly node: NodeId;
  readonly how: "parameter" | "import" | "from" | "assignment" | "augmented" | "definition" | "deletion" | "other";
  /** import: the module the name stands for; from: module and name with a dot between. Relative ones begin with a dot. */
  readonly target?: string;
}

export interface Scope {
  readonly kind: ScopeKind;
  /** The module, class, function, lambda or comprehension. */
  readonly node: NodeId;
  readonly parent?: Scope;
  readonly bindings: Map<string, Binding[]>;
  /** Names declared global or nonlocal here. */
  readonly declared: Map<string, "global" | "nonlocal">;
}

export interface Scopes {
  readonly module: Scope;
  /** The scope in which the names of a node are looked up. */
  readonly at: readonly Scope[];
  /** Identifiers that stand for a variable, bound or read, by name; attribute and keyword names are left out. */
  readonly mentions: ReadonlyMap<string, readonly NodeId[]>;
  /** Names that some scope binds by an import. */
  readonly imported: readonly string[];
  /** `from m import *` occurs. */
  readonly star: boolean;
}

export function readScopes(tree: FlatTree, parents: Int32Array): Scopes {
  const module: Scope = { kind: "module", node: 0, bindings: new Map(), declared: new Map() };
  const at: Scope[] = [module];
  /** Scope inside a node that opens one. */
  const opened = new Map<NodeId, Scope>([[0, module]]);
  const mentions = new Map<string, NodeId[]>();
  const imported = new Set<string>();
  let star = false;
  for (let node = 1; node < tree.kinds.length; node++) {
    const scope = scopeOf(tree, parents, at, opened, node);
    at.push(scope);
    const kind = tree.kind(node);
    if (kind === "wildcard_import") star = true;
    const opens = OPENS[kind];
    if (opens) opened.set(node, { kind: opens, node, parent: scope, bindings: new Map(), declared: new Map() });
    if (kind === "global_statement" || kind === "nonlocal_statement") {
      for (const name of tree.children(node))
        scope.declared.set(tree.textOf(name), kind === "global_statement" ? "global" : "nonlocal");
    }
    if (kind !== "identifier" || !isVariable(tree, parents, node)) continue;
    const name = tree.textOf(node);
    const list = mentions.get(name);
    if (list) list.push(node);
    else mentions.set(name, [node]);
    const binding = bindingAt(tree, parents, node);
    if (!binding) continue;
    if (binding.binding.target !== undefined) imported.add(name);
    const owner = binding.walrus ? withoutComprehensions(scope) : scope;
    const bound = owner.bindings.get(name);
    if (bound) bound.push(binding.binding);
    else owner.bindings.set(name, [binding.binding]);
  }
  return { module, at, mentions, imported: [...imported], star };
}

const OPENS: Readonly<Record<string, ScopeKind>> = {
  function_definition: "function",
  class_definition: "class",
  lambda: "lambda",
  list_comprehension: "comprehension",
  set_comprehension: "comprehension",
  dictionary_comprehension: "comprehension",
  generator_expression: "comprehension",
};

function scopeOf(
  tree: FlatTree,
  parents: Int32Array,
  at: readonly Scope[],
  opened: ReadonlyMap<NodeId, Scope>,
  node: NodeId,
): Scope {
  const parent = parents[node] as NodeId;
  const around = at[parent] as Scope;
  const field = tree.field(node);
  switch (tree.kind(parent)) {
    case "module":
      return opened.get(parent) as Scope;
    case "function_definition":
    case "lambda":
      return field === "body" || field === "parameters" ? (opened.get(parent) as Scope) : around;
    case "class_definition":
      return field === "body" ? (opened.get(parent) as Scope) : around;
    case "default_parameter":
    case "typed_default_parameter":
      return field === "name" ? around : (around.parent ?? around);
    case "typed_parameter":
      return field === "type" ? (around.parent ?? around) : around;
    case "list_comprehension":
    case "set_comprehension":
    case "dictionary_comprehension":
    case "generator_expression":
      return opened.get(parent) as Scope;
    case "for_in_clause": {
      // The first iterable is evaluated where the comprehension stands.
      const comprehension = parents[parent] as NodeId;
      const isFirst = field === "right" && firstClause(tree, comprehension) === parent;
      return isFirst ? (around.parent ?? around) : around;
    }
    default:
      return around;
  }
}

/** The first `for` of a comprehension. */
export function firstClause(tree: FlatTree, comprehension: NodeId): NodeId | undefined {
  return tree.children(comprehension).find((child) => tree.kind(child) === "for_in_clause");
}

function withoutComprehensions(scope: Scope): Scope {
  let owner = scope;
  while (owner.kind === "comprehension" && owner.parent) owner = owner.parent;
  return owner;
}

/** The identifier is a variable: no attribute, keyword or module name. */
function isVariable(tree: FlatTree, parents: Int32Array, node: NodeId): boolean {
  const parent = parents[node] as NodeId;
  const field = tree.field(node);
  switch (tree.kind(parent)) {
    case "attribute":
      return field !== "attribute";
    case "keyword_argument":
      return field !== "name";
    case "keyword_pattern":
      return tree.children(parent)[0] !== node;
    case "global_statement":
    case "nonlocal_statement":
      return false;
    case "dotted_name": {
      const owner = parents[parent] as NodeId;
      switch (tree.kind(owner)) {
        case "import_from_statement":
          return tree.field(parent) === "name";
        case "import_statement":
          return tree.children(parent)[0] === node;
        case "aliased_import":
        case "future_import_statement":
        case "relative_import":
          return false;
        default:
          return tree.children(parent)[0] === node;
      }
    }
    default:
      return true;
  }
}

function bindingAt(tree: FlatTree, parents: Int32Array, node: NodeId): { binding: Binding; walrus?: boolean } | undefined {
  let child = node;
  for (let parent = parents[node] as NodeId; ; child = parent, parent = parents[parent] as NodeId) {
    const field = tree.field(child);
    switch (tree.kind(parent)) {
      case "parameters":
      case "lambda_parameters":
        return { binding: { node, how: "parameter" } };
      case "default_parameter":
      case "typed_default_parameter":
        return field === "name" ? { binding: { node, how: "parameter" } } : undefined;
      case "typed_parameter":
        return field === "type" ? undefined : { binding: { node, how: "parameter" } };
      case "function_definition":
      case "class_definition":
        return field === "name" ? { binding: { node, how: "definition" } } : undefined;
      case "import_statement":
        return { binding: { node, how: "import", target: tree.textOf(node) } };
      case "import_from_statement":
        return { binding: { node, how: "from", target: fromTarget(tree, parent, tree.textOf(node)) } };
      case "aliased_import": {
        const imported = tree.textOf(tree.child(parent, "name") as NodeId).replace(/\s/g, "");
        const statement = parents[parent] as NodeId;
        if (tree.kind(statement) === "import_statement") return { binding: { node, how: "import", target: imported } };
        return { binding: { node, how: "from", target: fromTarget(tree, statement, imported) } };
      }
      case "assignment":
        return field === "left" ? { binding: { node, how: "assignment" } } : undefined;
      case "augmented_assignment":
        return field === "left" ? { binding: { node, how: "augmented" } } : undefined;
      case "named_expression":
        return field === "name" ? { binding: { node, how: "other" }, walrus: true } : undefined;
      case "for_statement":
      case "for_in_clause":
        return field === "left" ? { binding: { node, how: "other" } } : undefined;
      case "as_pattern_target":
        return { binding: { node, how: "other" } };
      case "as_pattern":
        // `case X() as name`: the name is the last child.
        return field === "" &&
          tree.children(parent).at(-1) === child &&
          tree.children(parent).length > 1 &&
          tree.kind(child) === "identifier"
          ? { binding: { node, how: "other" } }
          : undefined;
      case "delete_statement":
        return { binding: { node, how: "deletion" } };
      case "keyword_pattern":
        return tree.children(parent)[0] === child ? undefined : { binding: { node, how: "other" } };
      case "splat_pattern":
        return { binding: { node, how: "other" } };
      case "dotted_name":
        if (tree.children(parent).length > 1 && isPattern(tree, parents[parent] as NodeId)) return undefined;
        break;
      case "case_pattern":
        // A name alone captures; a class pattern's name stands in `class_pattern` itself.
        return tree.kind(child) === "dotted_name" || tree.kind(child) === "identifier"
          ? { binding: { node, how: "other" } }
          : undefined;
      case "type_alias_statement":
        return field === "left" ? { binding: { node, how: "other" } } : undefined;
      case "pattern_list":
      case "tuple_pattern":
      case "list_pattern":
      case "list_splat_pattern":
      case "dictionary_splat_pattern":
      case "type":
        break;
      // `with x as (a, b)` and `del a, b` hold their targets as expressions.
      case "tuple":
      case "list":
      case "list_splat":
      case "parenthesized_expression":
      case "expression_list":
        break;
      default:
        return undefined;
    }
  }
}

function isPattern(tree: FlatTree, node: NodeId): boolean {
  return /_pattern$/.test(tree.kind(node));
}

function fromTarget(tree: FlatTree, statement: NodeId, name: string): string {
  const module = tree.textOf(tree.child(statement, "module_name") as NodeId).replace(/\s/g, "");
  return module.endsWith(".") ? module + name : `${module}.${name}`;
}

/** The scope that holds the variable `name` as seen from `node`, or undefined: a builtin or unknown. */
export function scopeOfName(source: Source, name: string, node: NodeId): Scope | undefined {
  let scope: Scope | undefined = source.scopes.at[node];
  let innermost = true;
  while (scope) {
    const declared = scope.declared.get(name);
    if (declared === "global") return source.scopes.module;
    const visible = innermost || scope.kind !== "class";
    if (visible && declared !== "nonlocal" && scope.bindings.has(name)) return scope;
    if (scope.kind !== "comprehension") innermost = false;
    scope = scope.parent;
  }
  return undefined;
}

/** Every binding of `name` in any scope. */
export function bindingsNamed(source: Source, name: string): readonly Binding[] {
  const scopes = new Set((source.scopes.mentions.get(name) ?? []).map((mention) => source.scopes.at[mention] as Scope));
  return [...scopes].flatMap((scope) => scope.bindings.get(name) ?? []);
}

/** Every binding of the variable that `name` at `node` stands for, those of nested `nonlocal` and `global` included. */
export function bindingsOf(source: Source, name: string, node: NodeId): readonly Binding[] {
  const scope = scopeOfName(source, name, node);
  if (!scope) return [];
  return (source.scopes.mentions.get(name) ?? []).flatMap((mention) => {
    if (scopeOfName(source, name, mention) !== scope) return [];
    const inside = (source.scopes.at[mention] as Scope).bindings.get(name)?.find((binding) => binding.node === mention);
    const found = inside ?? walrusOwner(source, name, mention);
    return found ? [found] : [];
  });
}

function walrusOwner(source: Source, name: string, mention: NodeId): Binding | undefined {
  let scope = (source.scopes.at[mention] as Scope).parent;
  while (scope) {
    const binding = scope.bindings.get(name)?.find((candidate) => candidate.node === mention);
    if (binding) return binding;
    scope = scope.parent;
  }
  return undefined;
}

/** The identifier binds its name (assignments, imports, parameters, ...). */
export function isBinding(source: Source, mention: NodeId): boolean {
  const name = source.tree.textOf(mention);
  for (let scope: Scope | undefined = source.scopes.at[mention]; scope; scope = scope.parent) {
    if (scope.bindings.get(name)?.some((binding) => binding.node === mention)) return true;
  }
  return false;
}

/**
 * Dotted name that an expression stands for, through the imports of this text: `rq.get` -> `requests.get`. Names that are
 * bound nowhere are `builtins.NAME`. Undefined when the text does not say, or when a name has several meanings.
 */
export function qualifiedName(source: Source, node: NodeId): string | undefined {
  const { tree } = source;
  switch (tree.kind(node)) {
    case "parenthesized_expression": {
      const inner = tree.children(node)[0];
      return inner === undefined ? undefined : qualifiedName(source, inner);
    }
    case "attribute": {
      const object = tree.child(node, "object");
      const attribute = tree.child(node, "attribute");
      const base = object === undefined ? undefined : qualifiedName(source, object);
      return base === undefined || attribute === undefined ? undefined : `${base}.${tree.textOf(attribute)}`;
    }
    case "identifier": {
      const name = tree.textOf(node);
      const bindings = bindingsOf(source, name, node);
      if (bindings.length === 0) return source.scopes.star || scopeOfName(source, name, node) ? undefined : `builtins.${name}`;
      const targets = new Set(bindings.map((binding) => binding.target));
      const [target] = targets;
      return targets.size === 1 ? target : undefined;
    }
    default:
      return undefined;
  }
}
