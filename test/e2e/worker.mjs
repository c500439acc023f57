/**
 * The server's bundle for browsers, in a worker of a page in Chromium, with nothing of node: one file is analysed, and a call is
 * followed into a second one.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve } from "node:path";
import { launchBrowser } from "./editor.mjs";

const stepNames = {
  ready: "Browser: the server comes up in a worker",
  findings: "Browser: a file is analysed, and a call followed into another",
  hover: "Browser: the hover explains, and a fix is offered",
};

export function workerSteps() {
  return Object.values(stepNames);
}

const APP =
  "import time\n\nfrom store import load\n\n\nasync def handler():\n    load()\n\n\nasync def poll():\n    time.sleep(5)\n";
const FILES = {
  "/project/store.py": "import requests\n\n\ndef load():\n    return requests.get('https://example.com', timeout=10)\n",
};

export async function testWorker({ steps, chromium, distribution }) {
  const { address, close } = await serveFolder(distribution);
  let browser;
  try {
    browser = await launchBrowser(chromium);
    const page = await browser.newPage();
    await page.goto(address);
    await steps.run(stepNames.ready, 60, async () => {
      const began = performance.now();
      await page.evaluate(startWorker, { base: `${address}/`, files: FILES });
      return `${Math.round(performance.now() - began)} ms`;
    });
    const uri = "file:///project/app.py";
    await steps.run(stepNames.findings, 30, async () => {
      const capabilities = { textDocument: { publishDiagnostics: {} } };
      const workspaceFolders = [{ uri: "file:///project", name: "project" }];
      await ask(page, "initialize", { processId: null, rootUri: null, workspaceFolders, capabilities });
      await tell(page, "initialized", {});
      await tell(page, "textDocument/didOpen", { textDocument: { uri, languageId: "python", version: 1, text: APP } });
      const messages = await page.evaluate(() => globalThis.loopguard.diagnostics());
      const wanted = ["load → requests.get", "time.sleep"];
      if (messages.length !== 2 || wanted.some((part, index) => !messages[index].includes(part))) {
        throw new Error(`found is: ${messages.join("; ")}`);
      }
    });
    await steps.run(stepNames.hover, 30, async () => {
      const position = { line: 10, character: 8 };
      const hover = await ask(page, "textDocument/hover", { textDocument: { uri }, position });
      if (!JSON.stringify(hover).includes("`time.sleep` blocks the event loop")) throw new Error(JSON.stringify(hover));
      const range = { start: position, end: position };
      const actions = await ask(page, "textDocument/codeAction", { textDocument: { uri }, range, context: { diagnostics: [] } });
      if (!JSON.stringify(actions).includes("await asyncio.sleep")) throw new Error(JSON.stringify(actions));
    });
  } finally {
    await browser?.close().catch(() => {});
    close();
  }
}

function ask(page, method, params) {
  return page.evaluate(([name, value]) => globalThis.loopguard.ask(name, value), [method, params]);
}

function tell(page, method, params) {
  return page.evaluate(([name, value]) => globalThis.loopguard.tell(name, value), [method, params]);
}

/** Runs in the page: starts the worker and leaves a small client behind. */
function startWorker(start) {
  const worker = new Worker(`${start.base}browser/loopguard.worker.js`);
  const waiting = new Map();
  let published;
  let id = 0;
  const arrived = new Promise((resolveDiagnostics) => {
    published = resolveDiagnostics;
  });
  globalThis.loopguard = {
    ask: (method, params) =>
      new Promise((answer) => {
        waiting.set(++id, answer);
        worker.postMessage({ jsonrpc: "2.0", id, method, params });
      }),
    tell: (method, params) => worker.postMessage({ jsonrpc: "2.0", method, params }),
    diagnostics: () => arrived,
  };
  return new Promise((ready, failed) => {
    worker.onerror = (event) => failed(new Error(event.message));
    worker.onmessage = ({ data }) => {
      if (data.ready) ready();
      else if (data.failed) failed(new Error(data.failed));
      else if (data.method === "textDocument/publishDiagnostics" && data.params.diagnostics.length > 0) {
        published(data.params.diagnostics.map(({ message }) => message));
      } else if (waiting.has(data.id)) {
        waiting.get(data.id)(data.result ?? data.error);
        waiting.delete(data.id);
      }
    };
    worker.postMessage(start);
  });
}

const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm", ".bin": "application/octet-stream" };

/** Serves the built files, and an empty page, on this machine only. */
function serveFolder(folder) {
  const server = createServer((request, response) => {
    const name = (request.url ?? "/").slice(1);
    if (name === "")
      return void response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>test</title>");
    const type = TYPES[extname(name)];
    try {
      if (type === undefined || name.includes("..")) throw new Error("not one of the files");
      response.writeHead(200, { "content-type": type }).end(readFileSync(join(resolve(folder), name)));
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((listening) => {
    server.listen(0, "127.0.0.1", () => {
      listening({ address: `http://127.0.0.1:${server.address().port}`, close: () => server.close() });
    });
  });
}
