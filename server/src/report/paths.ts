/**
 * Paths as people read them: relative to where they stand. Absolute paths with forward slashes come in.
 */

/** `path` relative to `folder` when it lies below it, else as it is. */
export function displayPath(path: string, folder: string): string {
  const prefix = folder.endsWith("/") ? folder : `${folder}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : path;
}

/** A file URI of an absolute path; what is a URI already stays. */
export function fileUri(path: string): string {
  if (/^[a-z][a-z0-9+.-]+:/i.test(path)) return path;
  return `file://${path.startsWith("/") ? "" : "/"}${encodePath(path)}`;
}

/** Percent-encodes every segment. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
