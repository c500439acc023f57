/**
 * The settings `include` and `exclude`: glob patterns relative to the folder of the configuration. A pattern without a slash means a file
 * or folder of that name at any depth (`*_pb2.py`, `migrations`); what lies in an excluded folder is excluded with it.
 */
import picomatch from "picomatch";

/** Answers whether a file of that path, relative as below, gets findings: it is included and not excluded. */
export function createReported({
  include,
  exclude,
}: {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}): (relativePath: string) => boolean {
  const isExcluded = createExclude(exclude);
  const isIncluded = include.length === 0 ? () => true : createExclude(include);
  return (relativePath) => isIncluded(relativePath) && !isExcluded(relativePath);
}

/** Answers whether a path relative to the folder of the configuration, forward slashes, matches one of the patterns. */
export function createExclude(patterns: readonly string[]): (relativePath: string) => boolean {
  const matchers = patterns.map((pattern) => pattern.replace(/^(\.?\/)+/, "").replace(/\/+$/, "")).filter(Boolean);
  if (matchers.length === 0) return () => false;
  const isExcluded = picomatch(
    matchers.map((pattern) => (pattern.includes("/") ? pattern : `**/${pattern}`)),
    { dot: true },
  );
  return (relativePath) => {
    for (let slash = relativePath.indexOf("/"); slash >= 0; slash = relativePath.indexOf("/", slash + 1)) {
      if (isExcluded(relativePath.slice(0, slash))) return true;
    }
    return isExcluded(relativePath);
  };
}
