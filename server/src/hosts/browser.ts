/**
 * The language server in a browser's worker. The page sends one message, `{base, files?}`: where the grammar and the knowledge
 * are fetched from, and texts by absolute path. The answer is `{ready: true}` or `{failed: reason}`; from then on both speak
 * the protocol.
 */
import { BrowserMessageReader, BrowserMessageWriter } from "vscode-languageserver/browser";
import { createAnalysisHost } from "../analysis/create.js";
import { startServer } from "../lsp/server.js";
import { browserClock, createMemoryFiles, createTurns, fetchDistribution } from "../platform/browser.js";
import { loadGrammar } from "../syntax/grammar.js";

declare const self: DedicatedWorkerGlobalScope;
/** Put in by the build. */
declare const process: { readonly env: { readonly LOOPGUARD_VERSION?: string } };

/** What the page sends first. */
interface Start {
  /** Address of the folder of the built files, with a slash at its end. */
  readonly base: string;
  /** What can be read besides open documents: text by path, `/project/app.py`. */
  readonly files?: Readonly<Record<string, string>>;
}

self.onmessage = ({ data }: MessageEvent<Start>) => {
  serve(data).then(
    () => self.postMessage({ ready: true }),
    (error: unknown) => self.postMessage({ failed: error instanceof Error ? error.message : String(error) }),
  );
};

async function serve({ base, files: texts = {} }: Start): Promise<void> {
  const distribution = await fetchDistribution(base);
  const grammar = await loadGrammar(distribution.grammar);
  const files = createMemoryFiles(new Map(Object.entries(texts)));
  startServer({
    reader: new BrowserMessageReader(self),
    writer: new BrowserMessageWriter(self),
    version: process.env.LOOPGUARD_VERSION ?? "development",
    clock: browserClock,
    turns: createTurns(),
    createWorkshop: (log) => {
      const { knowledge } = distribution;
      return { files, grammar, host: createAnalysisHost({ grammar, knowledge, files, clock: browserClock, log }) };
    },
    rulePage: () => undefined,
    // A worker ends with its page.
    watchParent: () => {},
    exit: () => self.close(),
  });
}
