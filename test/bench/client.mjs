/**
 * A client for measurements: starts the built server over stdio and speaks just enough of the protocol to open files,
 * type into them and wait for what is published.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const BUILT_SERVER = join(ROOT, "dist", "loopguard.cjs");
/** Longest that an answer may take, in ms; behind it the measurement has failed. */
const PATIENCE = 120_000;

/** Starts a server process. Ends this process with a message when the file is not there. */
export function startServer(file) {
  if (!existsSync(file)) {
    console.error(`${file} does not exist; run \`npm run build\` first.`);
    process.exit(2);
  }
  const child = spawn(process.execPath, [file, "lsp", "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = new Map();
  const waiting = new Set();
  let nextId = 1;
  const send = (message) => {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  const receive = (message) => {
    if (message.method !== undefined) {
      if (message.id !== undefined) send({ id: message.id, result: null });
      for (const waiter of [...waiting]) if (waiter.isMet(message)) waiter.meet(message.params);
      return;
    }
    const { resolve: answer, reject } = answers.get(message.id);
    answers.delete(message.id);
    if (message.error) reject(new Error(message.error.message));
    else answer(message.result);
  };
  readMessages(child.stdout, receive);
  const died = new Promise((_, reject) => child.on("exit", (code) => reject(new Error(`The server ended with ${code}.`))));
  // An end nobody waits for is no failure.
  died.catch(() => {});
  const orFail = (what, answer) =>
    Promise.race([
      answer,
      died,
      new Promise((_, reject) =>
        setTimeout(() => reject(new Error(`No ${what} within ${PATIENCE / 1000} s.`)), PATIENCE).unref(),
      ),
    ]);
  /** The parameters of the next notification of that method that `isMet` accepts. To be called before what causes it. */
  const notified = (method, isMet = () => true) =>
    orFail(
      method,
      new Promise((meet) => {
        const waiter = {
          isMet: (message) => message.method === method && isMet(message.params),
          meet: (params) => {
            waiting.delete(waiter);
            meet(params);
          },
        };
        waiting.add(waiter);
      }),
    );
  return {
    pid: child.pid,
    notified,
    notify: (method, params) => send({ method, params }),
    request: (method, params) => {
      const id = nextId++;
      const answer = new Promise((resolve, reject) => answers.set(id, { resolve, reject }));
      send({ id, method, params });
      return orFail(method, answer);
    },
    published: (uri, version) =>
      notified("textDocument/publishDiagnostics", (params) => params.uri === uri && params.version === version),
    stop: () => child.kill(),
  };
}

export function readMessages(stream, receive) {
  let buffer = Buffer.alloc(0);
  stream.on("data", (chunk) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const end = buffer.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, end).toString())[1]);
      if (buffer.length < end + 4 + length) return;
      const message = JSON.parse(buffer.subarray(end + 4, end + 4 + length).toString());
      buffer = buffer.subarray(end + 4 + length);
      receive(message);
    }
  });
}

/** An open document that is typed into; `insert` and `replace` answer the ms until the document's diagnostics came. */
export class TypedDocument {
  #version = 1;

  constructor(server, uri, text) {
    this.server = server;
    this.uri = uri;
    this.text = text;
  }

  async open() {
    const published = this.server.published(this.uri, 1);
    const begin = performance.now();
    const { uri, text } = this;
    this.server.notify("textDocument/didOpen", { textDocument: { uri, languageId: "python", version: 1, text } });
    const { diagnostics } = await published;
    return { diagnostics, time: performance.now() - begin };
  }

  /** Replaces the characters from `start` to `end` (`{line, character}`, UTF-16 units). */
  async change(start, end, text) {
    const version = ++this.#version;
    const published = this.server.published(this.uri, version);
    const begin = performance.now();
    this.server.notify("textDocument/didChange", {
      textDocument: { uri: this.uri, version },
      contentChanges: [{ range: { start, end }, text }],
    });
    await published;
    return performance.now() - begin;
  }

  /** Replaces the first `from` in the text. */
  async replace(from, to) {
    const at = this.text.indexOf(from);
    if (at < 0) throw new Error(`${this.uri} has no ${JSON.stringify(from)}.`);
    const [start, end] = [this.#positionAt(at), this.#positionAt(at + from.length)];
    this.text = this.text.slice(0, at) + to + this.text.slice(at + from.length);
    return this.change(start, end, to);
  }

  #positionAt(offset) {
    const before = this.text.slice(0, offset);
    return { line: before.split("\n").length - 1, character: offset - (before.lastIndexOf("\n") + 1) };
  }
}

/** Distribution of times in ms. */
export function distribution(times) {
  const sorted = [...times].sort((one, other) => one - other);
  const share = (part) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]);
  return { p50: share(0.5), p90: share(0.9), p99: share(0.99), worst: round(sorted.at(-1)) };
}

export function round(milliseconds) {
  return Math.round(milliseconds * 10) / 10;
}
