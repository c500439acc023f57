/**
 * Where a stub speaks of a definition, whichever path leads there: in the stub itself, in typeshed by the index packed
 * with the knowledge, or in an installed package by following the stub's public names through it.
 */
import type { Chunk, Constant, DefId } from "../facts/types.js";
import type { KnowledgeArchive } from "../knowledge/archive.js";
import { type ClassEntity, type FunctionEntity, type SourceFile, scopeOf } from "./entities.js";
import type { DecoratorKnowledge, Evaluator } from "./evaluate.js";
import type { Modules } from "./modules.js";
import {
  CLIENT_TWIN,
  definitionsOf,
  isComplete,
  isForTests,
  type Need,
  type NeedSpec,
  type Spec,
  specOf,
  type TwinSpec,
  typesIn,
} from "./specs.js";
import { type FunctionType, membersOf, type Place, type Type } from "./types.js";

export class StubEffects implements DecoratorKnowledge {
  readonly #packages = new Map<string, ReadonlyMap<string, FunctionEntity | ClassEntity>>();
  /** By module and qualified name: this is asked at every call, where even to put a key together would cost. */
  readonly #typeshed = new Map<string, Map<string, Spec | null>>();
  #users: ReadonlyMap<string, FunctionEntity | ClassEntity> | undefined;
  #evaluator: Evaluator | undefined;

  constructor(
    private readonly modules: Modules,
    private readonly knowledge: KnowledgeArchive | undefined,
  ) {}

  /** The evaluator and this table need each other: types follow decorators, decorators follow names. */
  attach(evaluator: Evaluator): void {
    this.#evaluator = evaluator;
  }

  /** What a stub says of this very definition. */
  of(entity: FunctionEntity | ClassEntity): Spec | undefined {
    const { file } = entity.unit;
    if (file.origin === "stub") return specOf(entity);
    if (this.#isUnknown(file)) return undefined;
    return this.#byKey(file, entity.qualifiedName);
  }

  /** The class of a stub that speaks of this one, or of its members. */
  classFor(entity: ClassEntity): ClassEntity | undefined {
    const { file } = entity.unit;
    if (file.origin === "stub") return entity;
    if (this.#isUnknown(file)) return undefined;
    const key = definitionKey(entity);
    const users = this.modules.userStubModules().length > 0 ? this.#byUser().get(key) : undefined;
    const speaks = users ?? (file.origin === "package" ? this.#inPackage(file).get(key) : undefined);
    return speaks?.kind === "class" ? speaks : undefined;
  }

  /** Whether no stub can speak of the file: nearly every file of a program. */
  #isUnknown({ origin, module }: SourceFile): boolean {
    if (origin !== "workspace") return false;
    let isUnknown = this.#unknown.get(module);
    if (isUnknown === undefined) {
      isUnknown = this.modules.userStubModules().length === 0 && this.modules.stub(module) === undefined;
      this.#unknown.set(module, isUnknown);
    }
    return isUnknown;
  }
  readonly #unknown = new Map<string, boolean>();

  /** What a stub says of the method `name` of a class, also one that the class inherits. */
  #ofMethod(entity: ClassEntity, name: string): Spec | undefined {
    const { file } = entity.unit;
    if (file.origin !== "stub") return this.#isUnknown(file) ? undefined : this.#byKey(file, `${entity.qualifiedName}.${name}`);
    const method = definitionsOf(file).get(`${entity.qualifiedName}.${name}`);
    return method && specOf(method);
  }

  #byKey(file: SourceFile, qualifiedName: string): Spec | undefined {
    const users = this.modules.userStubModules().length > 0 ? this.#byUser().get(`${file.module}:${qualifiedName}`) : undefined;
    if (users) return specOf(users);
    if (file.origin === "typeshed") return this.#inTypeshed(file.module, qualifiedName);
    const speaks =
      file.origin === "package"
        ? this.#inPackage(file).get(`${file.module}:${qualifiedName}`)
        : this.#inLibrary(file, qualifiedName);
    const spec = speaks && specOf(speaks);
    return spec && file.origin === "workspace" ? placesIn(spec) : spec;
  }

  /** Who works on a library itself has its source open: what its stub says of this very definition. */
  #inLibrary(file: SourceFile, qualifiedName: string): FunctionEntity | ClassEntity | undefined {
    const stub = this.modules.stub(file.module);
    return stub && definitionsOf(stub).get(qualifiedName);
  }

  /** Definitions that the user's own stubs speak of, wherever they stand. */
  #byUser(): ReadonlyMap<string, FunctionEntity | ClassEntity> {
    if (this.#users) return this.#users;
    // Public names are followed as a file of the workspace would import them.
    const from = this.modules.files().find((file) => file.origin === "workspace");
    if (!from) return new Map();
    const table = new Map<string, FunctionEntity | ClassEntity>();
    this.#users = table;
    for (const name of this.modules.userStubModules()) this.#follow(this.modules.userStub(name), from, table);
    return table;
  }

  /** Notes which definitions a stub speaks of. */
  #follow(stub: SourceFile | undefined, from: SourceFile, table: Map<string, FunctionEntity | ClassEntity>): void {
    if (!stub) return;
    const definitions = new Map([...typesIn(stub), ...definitionsOf(stub)]);
    // Of a class that says nothing itself, its members do.
    for (const { owner } of [...definitions.values()].filter((entity) => entity.kind === "function"))
      if (owner && !definitions.has(owner.qualifiedName)) definitions.set(owner.qualifiedName, owner);
    for (const [qualifiedName, entity] of definitions) {
      const keys = (): readonly string[] => this.keysBehind(stub.module, qualifiedName, from);
      for (const key of this.#evaluator?.apart(keys) ?? []) table.set(key, entity);
    }
  }

  constantOf(symbol: string): Constant | undefined {
    const dot = symbol.lastIndexOf(".");
    const module = symbol.slice(0, dot);
    const file = dot > 0 && this.knowledge?.has("typeshed", module) ? this.modules.stub(module) : undefined;
    const found = file && this.#evaluator?.names.inModule(file, symbol.slice(dot + 1))[0];
    const def = found?.defs.length === 1 ? found.unit.chunk.defs[found.defs[0] as DefId] : undefined;
    const value = def?.kind === "assign" ? found?.unit.chunk.exprs[def.value] : undefined;
    return value?.kind === "constant" ? value.value : undefined;
  }

  #inTypeshed(module: string, qualifiedName: string): Spec | undefined {
    let table = this.#typeshed.get(module);
    if (!table) {
      table = new Map();
      this.#typeshed.set(module, table);
    }
    const known = table.get(qualifiedName);
    if (known !== undefined) return known ?? undefined;
    const target = this.knowledge?.effectOf(`${module}:${qualifiedName}`);
    const spec = target === undefined ? undefined : this.#stubDefinition(target);
    table.set(qualifiedName, spec ?? null);
    return spec;
  }

  /** The stub definition `module:qualified.name`. */
  #stubDefinition(target: string): Spec | undefined {
    const colon = target.indexOf(":");
    const file = this.modules.stub(target.slice(0, colon));
    const entity = file && definitionsOf(file).get(target.slice(colon + 1));
    return entity && specOf(entity);
  }

  /** Definitions of an installed package that our stubs speak of. */
  #inPackage(file: SourceFile): ReadonlyMap<string, FunctionEntity | ClassEntity> {
    const top = file.module.split(".")[0] as string;
    const known = this.#packages.get(top);
    if (known) return known;
    const table = new Map<string, FunctionEntity | ClassEntity>();
    this.#packages.set(top, table);
    for (const name of this.knowledge?.names("stubs") ?? []) {
      if (name !== top && !name.startsWith(`${top}.`)) continue;
      this.#follow(this.modules.stub(name), file, table);
    }
    return table;
  }

  /**
   * Keys of the definitions behind a public path, followed through re-exports and aliases; several where versions of
   * Python differ. A method stays with the class the path names, also when that class inherits it: `io.StringIO` shares
   * its base with real files.
   */
  keysBehind(moduleName: string, qualifiedName: string, from: SourceFile): readonly string[] {
    const evaluator = this.#evaluator;
    const module = this.modules.resolve(moduleName, from);
    if (!evaluator || !module || module.file?.origin === "stub") return [];
    const [first, ...rest] = qualifiedName.split(".");
    const method = rest.pop();
    let type: Type = evaluator.moduleMember(module, first as string, from);
    for (const part of rest) type = evaluator.member(type, part);
    const keys = membersOf(type).flatMap((member): string[] => {
      if (method !== undefined) {
        const holds = member.kind === "class" && evaluator.classes.memberPlaces(member.class, method).length > 0;
        return holds ? [`${definitionKey(member.class)}.${method}`] : [];
      }
      if (member.kind === "class") return [definitionKey(member.class)];
      // `rmtree: _RmtreeType`, an object that is called.
      const called = member.kind === "instance" ? evaluator.member(member, "__call__") : member;
      return called.kind === "function" ? [definitionKey(called.function)] : [];
    });
    if (keys.length > 0 || method !== undefined) return [...new Set(keys)];
    // The type of a function that is being decorated while it is asked for is not known yet; where it stands is.
    const symbol = evaluator.names.symbolInModule(module, first as string);
    const dot = symbol.lastIndexOf(".");
    return [`${symbol.slice(0, dot)}:${symbol.slice(dot + 1)}`];
  }

  /**
   * What stubs say of a call of `type`: its own definition, else the class decorator nearest to it along the receiver's
   * bases. A class decorator covers public methods that are not async and have no decorator of their own.
   */
  ofCall(type: FunctionType): Spec | undefined {
    const direct = this.#ofAny([type.function, ...(type.overloads ?? [])]);
    const receiver = type.bound;
    if (receiver?.kind !== "instance" && receiver?.kind !== "class") return direct;
    const { name, async: isAsync } = scopeOf(type.function);
    const isCovered = !name.startsWith("_") && !isAsync && type.binding !== "property" && type.binding !== "cached-property";
    for (const entity of this.#evaluator?.classes.mro(receiver.class) ?? []) {
      const named = this.#ofMethod(entity, name);
      if (named && saysWhetherItBlocks(named)) return named;
      const whole = isCovered ? this.of(entity) : undefined;
      if (whole && saysWhetherItBlocks(whole)) {
        const { parameters, signature } = named ?? direct ?? whole;
        const twins = whole.twins.map((twin) => (isOfObjects(twin) ? { ...twin, name: `${twin.name}.${name}` } : twin));
        return { ...whole, name: `${whole.name}.${name}`, twins, parameters, signature };
      }
      if (named) return named;
      if (entity === type.function.owner) break;
    }
    return direct;
  }

  /** What keeps a call of `type` where it is: by its own definition, else by its receiver's class. */
  needsOf(type: FunctionType): readonly NeedSpec[] {
    const own = [type.function, ...(type.overloads ?? [])].map((entity) => needsIn(this.of(entity))).find((needs) => needs);
    const receiver = type.bound;
    if (own || receiver?.kind !== "instance") return own ?? [];
    const { name } = scopeOf(type.function);
    const isMaker = name === "__init__" || name === "__new__" || name === "__getattribute__";
    for (const entity of this.#evaluator?.classes.mro(receiver.class) ?? []) {
      const named = needsIn(this.#ofMethod(entity, name));
      if (named) return named;
      const whole = isMaker ? undefined : this.of(entity)?.needs;
      if (whole) return whole.map((need) => ({ ...need, name: `${need.name}.${name}` }));
      // What a class of the program defines itself is not what its library's base says of its methods.
      if (entity === type.function.owner) break;
    }
    return [];
  }

  /** What keeps whatever is done with an object where it is. */
  needsOfObject(entity: ClassEntity): readonly Need[] {
    const specs = this.#evaluator?.classes.mro(entity).map((base) => this.of(base)?.needs) ?? [];
    return specs.find((needs) => needs)?.map(({ need }) => need) ?? [];
  }

  #ofAny(entities: readonly FunctionEntity[]): Spec | undefined {
    const found = entities.map((entity) => this.of(entity)).filter((spec) => spec !== undefined);
    return found.find(saysWhetherItBlocks) ?? found[0];
  }

  /** The package's stub says that what it does not name does not block. */
  isComplete(module: string): boolean {
    const parts = module.split(".");
    for (let length = parts.length; length > 0; length--) {
      const stub = this.modules.stub(parts.slice(0, length).join("."));
      if (stub) return isComplete(stub);
    }
    return false;
  }

  /** Whether the file imports, as a module, what only tests import. */
  belongsToTests(file: SourceFile): boolean {
    const { chunk } = file.moduleUnit;
    let belongs = this.#tests.get(chunk);
    if (belongs === undefined) {
      belongs = chunk.defs.some((def) => {
        const name = def.kind === "import" || (def.kind === "from" && def.level === 0) ? def.module.split(".")[0] : undefined;
        const stub = name === undefined ? undefined : this.modules.stub(name);
        return stub !== undefined && isForTests(stub);
      });
      this.#tests.set(chunk, belongs);
    }
    return belongs;
  }
  readonly #tests = new WeakMap<Chunk, boolean>();

  /** What one of our stubs has for a definition of an installed package; only effects, or only types perhaps. */
  describes(file: SourceFile, qualifiedName: string): FunctionEntity | ClassEntity | undefined {
    return this.#inPackage(file).get(`${file.module}:${qualifiedName}`);
  }

  stubFor(entity: FunctionEntity): FunctionEntity | undefined {
    const speaks = this.describes(entity.unit.file, entity.qualifiedName);
    return speaks?.kind === "function" ? speaks : undefined;
  }

  isLazy(entity: FunctionEntity): boolean {
    return this.of(entity)?.blocks.some((block) => block.iterated) ?? false;
  }

  wrapping(
    callee: FunctionEntity,
  ): { readonly wraps?: Place; readonly decorates?: Place; readonly transparent?: boolean } | undefined {
    const spec = this.of(callee);
    if (!spec) return undefined;
    if (spec.decorates) return { decorates: spec.decorates };
    if (!spec.wraps) return undefined;
    const own = spec.parameters.get(spec.wraps.parameter);
    // `def callback(func: Runs["loop"]) -> Wraps["func", "now"]`: the same function, marked.
    if (spec.wraps.place === "now") return own ? { decorates: own } : { transparent: true };
    return { wraps: spec.wraps.place };
  }

  providerOf(callee: FunctionEntity): string | undefined {
    return this.of(callee)?.provides;
  }

  /** Where a method runs because a framework calls it: `@runs` on the method it overrides or on a base class. */
  hookPlace(entity: FunctionEntity): Place | undefined {
    const evaluator = this.#evaluator;
    if (!entity.owner || !evaluator) return undefined;
    const { name } = scopeOf(entity);
    for (const base of evaluator.classes.mro(entity.owner).slice(1)) {
      const spec = this.of(base);
      if (spec?.runs && spec.hooks?.some((pattern) => matches(pattern, name))) return spec.runs;
      const method = this.#ofMethod(base, name);
      if (method?.runs) return method.runs;
    }
    return undefined;
  }
}

/** Where a framework runs things its own source seldom shows. What blocks in it does: that is followed, not looked up. */
function placesIn(spec: Spec): Spec {
  return { ...spec, blocks: [], twins: [], never: false };
}

/** What runs on the loop needs it. */
function needsIn(spec: Spec | undefined): readonly NeedSpec[] | undefined {
  if (spec?.needs || spec?.runs !== "loop") return spec?.needs;
  return [{ need: "loop", name: spec.name, signature: spec.signature }];
}

/** The twin of a class: that of a method is its method of the same name. */
function isOfObjects({ remedy, differs }: TwinSpec): boolean {
  return remedy === CLIENT_TWIN && differs === undefined;
}

function saysWhetherItBlocks(spec: Spec): boolean {
  return spec.never || spec.blocks.length > 0;
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** Key of a definition in the effect index. */
function definitionKey(entity: FunctionEntity | ClassEntity): string {
  return `${entity.unit.file.module}:${entity.qualifiedName}`;
}
