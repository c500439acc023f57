/**
 * Which packages a fix may count on: those that the project declares or the file imports.
 */
import type { FixRequest, Remedy } from "./request.js";
import { bindingsNamed } from "./text/scopes.js";
import type { Source } from "./text/source.js";

/** The project declares the package, or the file imports it. */
function isAtHand({ dependencies, source }: FixRequest, name: string): boolean {
  return (dependencies?.some((dependency) => dependency.toLowerCase() === name) ?? false) || importsPackage(source, name);
}

function importsPackage(source: Source, name: string): boolean {
  const targets = source.scopes.imported.flatMap((bound) => bindingsNamed(source, bound).map(({ target }) => target ?? ""));
  return targets.some((target) => target.split(".")[0] === name);
}

/** "" or a note for titles: the package must be added to the project. */
export function missingNote(request: FixRequest, name: string): string {
  return request.dependencies === undefined || isAtHand(request, name) ? "" : ` (${name} is not among the dependencies)`;
}

/** Of neighbours that bring a package, those first whose package is at hand; everything else keeps its place. */
export function inOrderOf(request: FixRequest, remedies: readonly Remedy[]): readonly Remedy[] {
  const ordered: Remedy[] = [];
  for (const remedy of remedies) {
    let place = ordered.length;
    if (remedy.brings !== undefined && isAtHand(request, remedy.brings)) {
      while (place > 0 && isLater(request, ordered[place - 1])) place--;
    }
    ordered.splice(place, 0, remedy);
  }
  return ordered;
}

function isLater(request: FixRequest, remedy: Remedy | undefined): boolean {
  return remedy?.brings !== undefined && !isAtHand(request, remedy.brings);
}
