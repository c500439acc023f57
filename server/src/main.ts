/**
 * The bundle's entry: `loopguard lsp` is the language server, everything else the command line. Each is loaded, and
 * evaluated, only when it is asked for, so neither pays for the other's start.
 */
const commandLine = process.argv.slice(2);

async function main(): Promise<void> {
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
