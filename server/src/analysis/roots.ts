/**
 * Import roots that the projects in a folder name: a repository may hold several, each with sources of its own. Says where
 * modules may lie; which of them a name means is the linker's business.
 */
import { absoluteIn } from "./environments.js";
import type { Files } from "./ports.js";
import { PYPROJECT, readProjectFacts } from "./pyproject.js";
import { createBorder, NEVER_ENTERED } from "./selection.js";

/** Projects of one repository lie in it, in a folder of it, or one below: `libs/billing`, `services/eu/mail`. */
const DEEPEST_PROJECT = 3;
const PROJECT_FILES = new Set([PYPROJECT, "setup.py", "setup.cfg"]);
const LARGEST_PYPROJECT = 4 * 1024 * 1024;

/** The roots of each project in `folder`, nearest projects first: what its pyproject.toml names, its `src`, its folder. */
export function projectRootsIn(files: Files, folder: string): readonly string[] {
  const roots: string[] = [];
  const isWithin = createBorder(files, folder);
  const entered = new Set<string>();
  let level = [folder];
  for (let depth = 0; depth <= DEEPEST_PROJECT && level.length > 0; depth++) {
    const below: string[] = [];
    const linked: string[] = [];
    for (const at of level) {
      // Links may lead in a circle, or twice to one place.
      const real = files.realPath(at);
      if (entered.has(real)) continue;
      entered.add(real);
      const entries = files.list(at) ?? [];
      const names = new Set(entries.map(({ name }) => name));
      if (names.has("pyvenv.cfg")) continue;
      if (entries.some(({ name, kind }) => kind === "file" && PROJECT_FILES.has(name))) {
        if (names.has(PYPROJECT)) roots.push(...namedRoots(files, at));
        if (names.has("src")) roots.push(`${at}/src`);
        roots.push(at);
      }
      // What is a package holds modules and no further projects.
      if (names.has("__init__.py")) continue;
      for (const { name, kind, link } of entries) {
        const isEntered = kind === "directory" && !name.startsWith(".") && !NEVER_ENTERED.has(name);
        if (!isEntered) continue;
        if (!link) below.push(`${at}/${name}`);
        else if (isWithin(`${at}/${name}`)) linked.push(`${at}/${name}`);
      }
    }
    // A folder goes by its own name, where it has one.
    level = [...below.sort(), ...linked.sort()];
  }
  return [...new Set(roots)];
}

function namedRoots(files: Files, folder: string): readonly string[] {
  const file = files.read(`${folder}/${PYPROJECT}`, LARGEST_PYPROJECT);
  if (file?.kind !== "text") return [];
  const named = readProjectFacts(file.text).sourceFolders ?? [];
  return named.map((name) => absoluteIn(folder, name)).filter((path) => files.isDirectory(path));
}
