/**
 * The project's own files, for tests that read the code instead of running it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";

export const projectRoot = resolve(__dirname, "..", "..");

export interface SourceFile {
  /** Relative to the root, forward slashes. */
  readonly path: string;
  readonly text: string;
}

const NOT_OURS = new Set(["node_modules", "dist", "build", ".git", "__pycache__", ".loopguard-cache", ".venv"]);

/** All files below `folder` (relative to the root) whose path matches, read; generated and foreign folders left out. */
export function sourceFiles(folder: string, matching: RegExp): SourceFile[] {
  return walk(join(projectRoot, folder))
    .map((path) => relative(projectRoot, path).replaceAll("\\", "/"))
    .filter((path) => matching.test(path))
    .map((path) => ({ path, text: readFileSync(join(projectRoot, path), "utf8") }));
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return walk(path);
    return entry.isFile() ? [path] : [];
  });
}

/** An import, a re-export or a dynamic import of a TypeScript file. */
export interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

export function importsOf({ text }: SourceFile): Import[] {
  const statement = /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)";?/gm;
  const dynamic = /\b(?:import|require)\("([^"]+)"\)/g;
  return [
    ...[...text.matchAll(statement)].map((match) => ({ target: match[2] as string, typeOnly: match[1] !== undefined })),
    ...[...text.matchAll(dynamic)].map((match) => ({ target: match[1] as string, typeOnly: false })),
  ];
}

/** Contents of the plain string literals of a file, comments left out. */
export function stringLiteralsOf({ text }: SourceFile): string[] {
  const token = /"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`(?:[^`\\]|\\.)*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return [...text.matchAll(token)].flatMap((match) => match[1] ?? match[2] ?? []);
}
