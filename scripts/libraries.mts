/**
 * The page docs/libraries.md: which libraries the stubs describe, what of them blocks, the async way, and what each was
 * compared with. Made from the packed stubs and the record of what was seen; must not know a library by name.
 */
import { KnowledgeArchive, type PackedKnowledge } from "../server/src/knowledge/archive.js";
import { Modules } from "../server/src/link/modules.js";
import { definitionsOf, type Spec, specOf } from "../server/src/link/specs.js";

/** By library: the version it was compared with, and the full names that were found there. */
export type Verified = Readonly<Record<string, { readonly version: string; readonly names: readonly string[] }>>;

interface Described {
  /** Without its module: `Client.get`; `Client.*` where the class says it for its methods. */
  readonly name: string;
  readonly spec: Spec;
}

/** The page's text, from the archive that the build packed. */
export function librariesPage(knowledge: PackedKnowledge, verified: Verified): string {
  const described = describedNames(new KnowledgeArchive(knowledge));
  const entries = Object.entries(verified)
    .map(([library, { version, names }]) => ({ library, version, found: names.flatMap((name) => described.get(name) ?? []) }))
    .filter(({ found }) => found.length > 0);
  const lines = [
    "# Libraries",
    "",
    "What the stubs in `server/src/knowledge/stubs` say of packages that are not in the standard library. Each name was seen in the",
    "source of the version named; what is not named here is read as source where the package is installed.",
    "",
    `${entries.length} libraries, ${entries.reduce((sum, { found }) => sum + found.filter(blocks).length, 0)} names that block.`,
    "",
    ...entries.flatMap(({ library, version, found }) => section(library, version, found)),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

/** By full name, everything of other packages that a stub says something of. */
function describedNames(archive: KnowledgeArchive): ReadonlyMap<string, Described> {
  const modules = new Modules({ folder: () => undefined, facts: () => undefined, whyUnread: () => "unread" }, archive, {
    folders: [],
    roots: [],
    projectRoots: [],
    pythons: [],
    userStubs: new Map(),
  });
  const described = new Map<string, Described>();
  for (const module of archive.names("stubs").filter((name) => !archive.has("typeshed", name))) {
    const file = modules.stub(module);
    for (const [name, entity] of file ? definitionsOf(file) : []) {
      const spec = specOf(entity);
      if (spec) described.set(`${module}.${name}`, { name: entity.kind === "class" ? `${name}.*` : name, spec });
    }
  }
  return described;
}

function section(library: string, version: string, found: readonly Described[]): readonly string[] {
  const rules = [...new Set(found.flatMap(({ spec }) => spec.blocks.map(({ rule }) => rule)))].sort();
  const twins = [...new Set(found.flatMap(({ spec }) => spec.twins.map(({ name }) => name)))];
  const places = found.filter((one) => !blocks(one) && !one.spec.never && one.spec.twins.length === 0);
  const awaited = found.filter(({ spec }) => spec.never);
  return [
    `## ${library}`,
    "",
    `Compared with ${version}.`,
    "",
    ...rules.map((rule) => `- ${rule}: ${list(found.filter(({ spec }) => spec.blocks.some((block) => block.rule === rule)))}`),
    ...(awaited.length > 0 ? [`- never blocks: ${list(awaited)}`] : []),
    ...(places.length > 0 ? [`- says where callables run: ${list(places)}`] : []),
    ...(twins.length > 0 ? [`- async: ${twins.map((name) => `\`${name}\``).join(", ")}`] : []),
    "",
  ];
}

function blocks({ spec }: Described): boolean {
  return spec.blocks.length > 0;
}

function list(some: readonly Described[]): string {
  return [...new Set(some.map(({ name }) => `\`${name}\``))].join(", ");
}
