/**
 * The project around a file, as its pyproject.toml tells: fixes obey its oldest Python and use what it depends on. Read
 * anew each time: fixes are asked for seldom, and not every client tells when the file changes.
 */
import type { Files } from "../analysis/ports.js";
import { type ProjectFacts, PYPROJECT, readProjectFacts } from "../analysis/pyproject.js";
import { isUri } from "./convert.js";

const MAXIMUM_PYPROJECT = 4 * 1024 * 1024;

/** Facts of the nearest pyproject.toml from the folder of `path` upwards; none when there is none. */
export function projectFactsFor(files: Files, path: string): ProjectFacts {
  if (isUri(path)) return {};
  for (let end = path.lastIndexOf("/"); end >= 0; end = path.lastIndexOf("/", end - 1)) {
    const project = `${path.slice(0, end)}/${PYPROJECT}`;
    if (files.isFile(project)) {
      const file = files.read(project, MAXIMUM_PYPROJECT);
      return file?.kind === "text" ? readProjectFacts(file.text) : {};
    }
    if (end === 0) break;
  }
  return {};
}
