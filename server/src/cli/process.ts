/**
 * The environment of a real run: this process, its files and its streams.
 */
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createColors } from "picocolors";
import { createAnalysisHost } from "../analysis/create.js";
import type { Files } from "../analysis/ports.js";
import { cacheFolder, homeFolder } from "../platform/folders.js";
import { filesAtRevision, RevisionError } from "../platform/git.js";
import { createNodeFiles, distributionFolder, nodeClock, readDistribution, reasonOf, toCorePath } from "../platform/node.js";
import { createNodeStore } from "../platform/store.js";
import { replaceFile } from "../platform/write.js";
import { loadGrammar } from "../syntax/grammar.js";
import { type Environment, UsageError } from "./environment.js";

export function nodeEnvironment(): Environment {
  const messages: string[] = [];
  const log = {
    warn: (message: string) => void messages.push(message),
    info: () => {},
    take: () => messages.splice(0),
  };
  const files = createNodeFiles(log);
  // `loopguard check | head`: whoever reads has seen enough.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    // 1 would mean findings.
    process.stderr.write(`loopguard: the report cannot be written: ${reasonOf(error)}\n`);
    process.exit(2);
  });
  return {
    files,
    clock: nodeClock,
    log,
    folder: toCorePath(process.cwd()),
    home: toCorePath(homeFolder()),
    variables: process.env,
    version: process.env.LOOPGUARD_VERSION ?? "0.0.0",
    palette: createColors(wantsColours(process.env, process.stdout.isTTY)),
    interactive: process.stderr.isTTY === true && process.env.TERM !== "dumb",
    resolve: toCorePath,
    print: (text) => void process.stdout.write(text),
    printError: (text) => void process.stderr.write(text),
    write: writeText,
    filesAt: (revision, folders) => {
      let at: Files = files;
      const roots: string[] = [];
      for (const folder of folders) {
        if (roots.some((root) => folder === root || folder.startsWith(`${root}/`))) continue;
        try {
          const { root, ...earlier } = filesAtRevision(at, folder, revision);
          roots.push(root);
          at = earlier;
        } catch (error) {
          if (error instanceof RevisionError) throw new UsageError(`--diff-base: ${error.message}.`);
          throw error;
        }
      }
      return at;
    },
    build,
    openStore: (folder) => createNodeStore(folder === undefined ? cacheFolder() : toCorePath(folder), log),
    createHost: async ({ files: given, variables }, store) => {
      const distribution = readDistribution();
      const grammar = await loadGrammar(distribution.grammar);
      const { knowledge } = distribution;
      return { grammar, host: createAnalysisHost({ grammar, knowledge, files: given, clock: nodeClock, log, variables, store }) };
    },
  };
}

function writeText(path: string, text: string): void {
  // A pipe or a device (`--output /dev/stderr`) would be read for ever.
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  const before = isFile ? readFileSync(path) : Buffer.alloc(0);
  // A comment in it names its encoding; in another one Python could not read it any more.
  if (!isUtf8(before)) throw new Error("it is not UTF-8");
  const hasMark = before.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]));
  replaceFile(path, hasMark ? `\uFEFF${text}` : text);
}

/** A hash of the files that make up the engine; undefined when it runs from its sources. */
function build(): string | undefined {
  const folder = distributionFolder();
  if (folder !== __dirname) return undefined;
  const hash = createHash("sha256");
  const parts = readdirSync(folder).filter((name) => name === "engine.cjs" || /\.(wasm|bin)$/.test(name));
  for (const name of parts.sort()) hash.update(readFileSync(join(folder, name)));
  return hash.digest("hex");
}

/** https://no-color.org and its counterpart FORCE_COLOR; else whether standard output is a terminal. */
export function wantsColours(variables: Environment["variables"], isTerminal: boolean | undefined): boolean {
  if (variables.NO_COLOR) return false;
  if (variables.FORCE_COLOR) return variables.FORCE_COLOR !== "0";
  return isTerminal === true && variables.TERM !== "dumb";
}
