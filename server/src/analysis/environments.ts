/**
 * Where the packages of a Python environment lie, found from its layout alone: no interpreter is ever run.
 */
import type { Files } from "./ports.js";

/** Folders of installed packages of the interpreter at `pythonPath`, or of the virtual environment in `folder`. */
export function sitePackagesOf(files: Files, folder: string, pythonPath: string): readonly string[] {
  if (pythonPath !== "") {
    const absolute = pythonPath.startsWith("/") || /^[a-z]:/i.test(pythonPath) ? pythonPath : `${folder}/${pythonPath}`;
    const prefix = files.isDirectory(absolute) ? absolute : absolute.replace(/\/(bin|Scripts)\/[^/]+$/, "");
    return packagesUnder(files, prefix);
  }
  for (const name of [".venv", "venv", "env"]) {
    if (files.isFile(`${folder}/${name}/pyvenv.cfg`)) return packagesUnder(files, `${folder}/${name}`);
  }
  return [];
}

function packagesUnder(files: Files, prefix: string): readonly string[] {
  const found: string[] = [];
  for (const library of [`${prefix}/lib`, `${prefix}/lib64`, `${prefix}/Lib`, `${prefix}/local/lib`]) {
    for (const entry of files.list(library) ?? []) {
      if (entry.kind !== "directory") continue;
      if (entry.name === "site-packages") found.push(`${library}/site-packages`);
      if (!/^python3/.test(entry.name)) continue;
      for (const name of ["site-packages", "dist-packages"]) {
        if (files.isDirectory(`${library}/${entry.name}/${name}`)) found.push(`${library}/${entry.name}/${name}`);
      }
    }
  }
  return [...new Map(found.map((path) => [files.realPath(path), path])).values()];
}
