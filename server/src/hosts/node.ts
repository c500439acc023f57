/**
 * The language server as a node process: streams or an IPC channel to the client, the files beside the bundle, and the end
 * of the process. Standard output belongs to the protocol alone.
 */
import { Console } from "node:console";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { MessageReader, MessageWriter } from "vscode-languageserver";
import { IPCMessageReader, IPCMessageWriter, StreamMessageWriter } from "vscode-languageserver/node";
import { createAnalysisHost } from "../analysis/create.js";
import { FramedReader } from "../lsp/framing.js";
import { startServer } from "../lsp/server.js";
import { cacheFolder } from "../platform/folders.js";
import { keepHeapSmall } from "../platform/memory.js";
import { createNodeFiles, distributionFolder, nodeClock, nodeTurns, readDistribution } from "../platform/node.js";
import { createNodeStore } from "../platform/store.js";
import { startWatchdog } from "../platform/watchdog.js";
import { loadGrammar } from "../syntax/grammar.js";

export type Transport = "stdio" | "node-ipc";

/** `loopguard lsp`: reads the transport from the arguments, as editors pass it; standard streams unless told otherwise. */
export function serve(commandLine: readonly string[]): Promise<void> {
  return runServer(commandLine.includes("--node-ipc") ? "node-ipc" : "stdio");
}

/** Serves one client, until it leaves or its process ends. Throws when a file beside the bundle cannot be read. */
export async function runServer(transport: Transport): Promise<void> {
  keepStandardOutputClean();
  keepHeapSmall();
  surviveAccidents();
  const distribution = readDistribution();
  const grammar = await loadGrammar(distribution.grammar);
  const watchdog = startWatchdog(join(distributionFolder(), "loopguard.cjs"));
  startServer({
    ...connect(transport),
    version: process.env.LOOPGUARD_VERSION ?? "development",
    clock: nodeClock,
    turns: nodeTurns,
    createWorkshop: (log) => {
      const files = createNodeFiles(log);
      const { knowledge } = distribution;
      const store = createNodeStore(cacheFolder(), log);
      const options = { grammar, knowledge, files, clock: nodeClock, log, variables: process.env, store };
      return { files, grammar, host: createAnalysisHost(options) };
    },
    rulePage: shippedPages(),
    watchParent,
    doing: watchdog.doing,
    exit: (code) => process.exit(code),
  });
}

function connect(transport: Transport): { reader: MessageReader; writer: MessageWriter } {
  switch (transport) {
    case "node-ipc":
      // Without a parent that listens nobody can end this process any more.
      process.on("disconnect", () => process.exit(1));
      return { reader: new IPCMessageReader(process), writer: new IPCMessageWriter(process) };
    case "stdio": {
      const writer = new StreamMessageWriter(process.stdout);
      const reader = new FramedReader(
        {
          onData: (listener) => void process.stdin.on("data", listener),
          onClose: (listener) => void process.stdin.once("end", listener).once("close", listener),
          onError: (listener) => void process.stdin.on("error", listener),
        },
        writer,
      );
      return { reader, writer };
    }
  }
}

/** The pages of the rules as they are shipped, in docs/rules beside the bundle's folder; looked for once each. */
function shippedPages(): (rule: string) => string | undefined {
  const folder = resolve(distributionFolder(), "..", "docs", "rules");
  const known = new Map<string, string | undefined>();
  return (rule) => {
    if (!known.has(rule)) {
      const path = join(folder, `${rule}.md`);
      known.set(rule, existsSync(path) ? pathToFileURL(path).href : undefined);
    }
    return known.get(rule);
  };
}

function watchParent(processId: number): void {
  const timer = setInterval(() => {
    try {
      // Signal 0 sends nothing; it only looks whether the process is there.
      process.kill(processId, 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ESRCH") process.exit(1);
    }
  }, 3000);
  timer.unref();
}

function keepStandardOutputClean(): void {
  // The methods are replaced, not the object: libraries hold on to it.
  Object.assign(console, new Console(process.stderr, process.stderr));
}

/** What nobody caught is told, and the server lives on: the next request finds the state of the last good one. */
function surviveAccidents(): void {
  process.on("uncaughtException", (error) => console.error(error));
  process.on("unhandledRejection", (reason) => console.error(reason));
}
