/**
 * The bundle's entry: `loopguard lsp` is the language server, everything else the command line; in a thread of either it
 * reads files. Each is loaded, and evaluated, only when it is asked for, so none pays for the others' start.
 */
import { isMainThread, workerData } from "node:worker_threads";

const commandLine = process.argv.slice(2);

async function main(): Promise<void> {
  if (!isMainThread && workerData?.role === "reader") {
    const { readFiles } = await import("./hosts/reader.js");
    return readFiles(workerData);
  }
  if (commandLine[0] === "lsp" && !commandLine.includes("--help")) {
    const { serve } = await import("./hosts/node.js");
    return serve(commandLine.slice(1));
  }
  const [{ runCommandLine }, { nodeEnvironment }] = await Promise.all([import("./cli/main.js"), import("./cli/process.js")]);
  process.exitCode = await runCommandLine(commandLine, nodeEnvironment());
}

main().catch((error: unknown) => {
  // Standard output belongs to the protocol or to the report; an internal error must not look like either.
  console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 2;
});
