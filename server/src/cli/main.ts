/**
 * The command line: reads the arguments and hands each command its options. Exit codes: 0 done and nothing to report at the
 * chosen severity, 1 findings, 2 usage or internal error.
 */
import { Argument, Command, CommanderError, Option } from "commander";
import { type CheckOptions, check, FORMATS, SEVERITIES } from "./check.js";
import { type Environment, UsageError } from "./environment.js";
import { type ExplainOptions, explain } from "./explain.js";
import { type StatsOptions, stats } from "./stats.js";

/** Runs one command and answers the exit code. Internal errors are printed with their stack; they never look like findings. */
export async function runCommandLine(commandLine: readonly string[], environment: Environment): Promise<number> {
  let exitCode = 0;
  const program = createProgram(environment, async (command) => {
    exitCode = await command;
  });
  try {
    await program.parseAsync(commandLine, { from: "user" });
    return exitCode;
  } catch (error) {
    // Help and version end that way too; their code is 0. Commander has printed what is to be said.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const message = error instanceof UsageError ? error.message : `internal error: ${(error as Error).stack ?? error}`;
    environment.printError(`loopguard: ${message}\n`);
    return 2;
  }
}

function createProgram(environment: Environment, run: (command: Promise<number>) => Promise<void>): Command {
  const program = new Command("loopguard")
    .description("Finds Python code that blocks the asyncio event loop, and says why.")
    .version(environment.version)
    .exitOverride()
    .configureOutput({ writeOut: environment.print, writeErr: environment.printError })
    .showHelpAfterError("(loopguard --help tells more)");
  const python = [
    "--python <path>",
    "the interpreter or environment whose packages are read (default: .venv, else the active one)",
  ] as const;
  const cache = ["--cache-dir <folder>", "where facts of files are kept for the next run (default: the user's cache)"] as const;

  program
    .command("check", { isDefault: false })
    .description("check files and folders")
    .addArgument(new Argument("[paths...]", "files and folders (default: the current folder)"))
    .addOption(new Option("--format <format>", "how to print").choices(FORMATS).default("text"))
    .option("--output <file>", "write the report to a file")
    .option("--fix", "apply the preferred fixes, then report what is left")
    .addOption(new Option("--diff", "print what --fix would change and change nothing").conflicts(["fix", "format", "withFixes"]))
    .option("--with-fixes", "name the fixes of every finding in the JSON report")
    .option(...python)
    .option(...cache)
    .option("--baseline <file>", "leave out the findings that the file holds")
    .option("--update-baseline", "drop from the baseline what is gone; make it where there is none")
    .option("--diff-base <revision>", "leave out what was found at that revision of Git already")
    .addOption(
      new Option("--fail-on <severity>", "exit with 1 when a finding is at least that severe")
        .choices(SEVERITIES)
        .default("warning"),
    )
    .action((paths: string[], options: CheckOptions) => run(check(environment, paths, options)));

  program
    .command("explain")
    .description("explain a line of code, or a rule")
    .argument("<subject>", "FILE:LINE, FILE:LINE:COLUMN or a rule")
    .option(...python)
    .option(...cache)
    .action((subject: string, options: ExplainOptions) => run(explain(environment, subject, options)));

  program
    .command("stats")
    .description("count files, calls, and what is not known")
    .argument("[paths...]", "files and folders (default: the current folder)")
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
    .option(...python)
    .option(...cache)
    .action((paths: string[], options: StatsOptions) => run(stats(environment, paths, options)));

  // Started by main.ts before this program is loaded; it stands here for the help.
  program.command("lsp").description("the language server").option("--stdio", "talk over standard input and output");
  return program;
}
