/**
 * Texts of files to show code from.
 */
import type { Files } from "../analysis/ports.js";
import { LARGEST_FILE } from "../analysis/sources.js";
import { lineStartsOf } from "../base/lines.js";
import type { SourceText } from "../report/text.js";

/** Each is read once. */
export function sourcesIn(files: Files): (file: string) => SourceText | undefined {
  const known = new Map<string, SourceText | undefined>();
  return (file) => {
    if (!known.has(file)) {
      const read = files.read(file, LARGEST_FILE);
      known.set(file, read?.kind === "text" ? { text: read.text, lineStarts: lineStartsOf(read.text) } : undefined);
    }
    return known.get(file);
  };
}
