/**
 * What a client must not send: any method at any time with any parameters, cancelled at once, answered with nonsense, framed wrong
 * and cut in the middle. Everything follows from numbers that a caller draws. Says of each piece which answers it deserves.
 */
import type { Numbers } from "./pythonGrammar.js";

/** Bytes for the server, and the ids of the requests in it that must be answered. */
export interface Piece {
  readonly bytes: Buffer;
  readonly ids: readonly (number | string)[];
  /** What it was meant to be, for the report. */
  readonly what: string;
}

/** Where the documents of a storm lie; folders must exist and be small. */
export interface StormPlaces {
  readonly uris: readonly string[];
  readonly folders: readonly string[];
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const JUNK: readonly Json[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e9,
  2 ** 53,
  -(2 ** 31),
  1e308,
  "",
  "x",
  "\ud800",
  "\udc00\ud83d",
  "\0",
  "__proto__",
  "constructor",
  "file:///",
  "file://%zz",
  "http://[",
  "a".repeat(5000),
  [],
  [null],
  {},
  { __proto__: null },
  { line: -5, character: -5 },
  { line: 2 ** 40, character: 2 ** 40 },
  [[[[[[[[]]]]]]]],
];

const TEXTS = [
  "import time\n\n\nasync def handler():\n    time.sleep(5)\n",
  "async def f():\n    open('x').read()\r\n\tawait g(\n",
  "",
  "😀 = '\ud800'\n",
  "def f(:\n",
  "\0\0",
  `x = ${"(".repeat(300)}`,
  "class A(B): pass\nclass B(A): pass\nB().x()\n",
];

const METHODS = [
  "initialize",
  "initialized",
  "textDocument/didOpen",
  "textDocument/didOpen",
  "textDocument/didChange",
  "textDocument/didChange",
  "textDocument/didChange",
  "textDocument/didClose",
  "textDocument/didSave",
  "textDocument/willSave",
  "textDocument/hover",
  "textDocument/hover",
  "textDocument/codeAction",
  "textDocument/codeAction",
  "codeAction/resolve",
  "textDocument/prepareCallHierarchy",
  "callHierarchy/incomingCalls",
  "callHierarchy/outgoingCalls",
  "textDocument/codeLens",
  "codeLens/resolve",
  "textDocument/diagnostic",
  "workspace/executeCommand",
  "workspace/didChangeConfiguration",
  "workspace/didChangeWatchedFiles",
  "workspace/didChangeWorkspaceFolders",
  "$/cancelRequest",
  "$/setTrace",
  "$/progress",
  "window/workDoneProgress/cancel",
  "textDocument/unknown",
  "__proto__",
  "",
];

export class ProtocolStorm {
  #nextId = 1;
  readonly #recent: (number | string)[] = [];
  #version = 1;

  constructor(
    private readonly numbers: Numbers,
    private readonly places: StormPlaces,
  ) {}

  /** The next thing to send. */
  next(): Piece {
    switch (this.numbers.below(20)) {
      case 0:
        return this.#misframed();
      case 1:
        return this.#cancelStorm();
      case 2:
        return this.#oddMessage();
      case 3:
        return this.#response();
      default:
        return this.#message(this.#pick(METHODS));
    }
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.numbers.below(items.length)] as Item;
  }

  #chance(oneIn: number): boolean {
    return this.numbers.below(oneIn) === 0;
  }

  #message(method: string): Piece {
    const params = this.#chance(3) ? this.#mangled(this.#paramsOf(method)) : this.#paramsOf(method);
    const isNotification = /^(initialized|\$\/|textDocument\/(did|will)|workspace\/did|window\/)/.test(method);
    // Now and then a request is sent as a notification, and the other way round.
    const hasId = this.#chance(25) ? isNotification : !isNotification;
    const message = { jsonrpc: "2.0", method, ...(this.#chance(40) ? {} : { params }) };
    if (!hasId) return piece(framed(message), [], method);
    const id = this.#newId();
    return piece(framed({ ...message, id }), [id], method);
  }

  #newId(): number | string {
    const id = this.#chance(5) ? `id ${this.#nextId++}` : this.#nextId++;
    this.#recent.push(id);
    if (this.#recent.length > 20) this.#recent.shift();
    return id;
  }

  /** Requests that are called off before, while and after they are worked on. */
  #cancelStorm(): Piece {
    const parts: Buffer[] = [];
    const ids: (number | string)[] = [];
    for (let count = 1 + this.numbers.below(15); count > 0; count--) {
      const request = this.#message(this.#pick(["textDocument/hover", "textDocument/codeAction", "textDocument/codeLens"]));
      ids.push(...request.ids);
      parts.push(request.bytes);
      const id = this.#chance(4) ? this.#pick(JUNK) : (this.#pick(this.#recent) ?? 0);
      parts.push(framed({ jsonrpc: "2.0", method: "$/cancelRequest", params: { id } }));
    }
    return piece(Buffer.concat(parts), ids, "cancel storm");
  }

  /** JSON that is no message, or half of one. */
  #oddMessage(): Piece {
    const odd: Json = this.#pick<Json>([
      null,
      [],
      [{ jsonrpc: "2.0", method: "textDocument/hover", id: -7 }],
      "hover",
      7,
      {},
      { jsonrpc: "2.0" },
      { jsonrpc: "1.0", method: "x" },
      { method: 5, id: -8 },
      { method: "textDocument/hover", id: null },
      { method: "textDocument/hover", id: { a: 1 } },
      { method: "textDocument/hover", id: [1], params: null },
      { id: -9 },
      { id: -9, result: 1, error: { code: 1, message: "both" } },
      { id: -9, error: null },
      { id: null, error: { code: 1, message: "x" } },
      { jsonrpc: "2.0", method: "$/cancelRequest" },
      { jsonrpc: "2.0", method: "$/cancelRequest", params: null },
      { jsonrpc: "2.0", method: "$/cancelRequest", params: { id: null } },
    ]);
    return piece(framed(odd), [], `odd message ${JSON.stringify(odd)}`);
  }

  /** An answer to a question that the server may or may not have asked. */
  #response(): Piece {
    const id = this.numbers.below(12);
    const body = this.#chance(2) ? { result: this.#pick(JUNK) } : { error: { code: -1, message: this.#pick(["no", "\ud800"]) } };
    return piece(framed({ jsonrpc: "2.0", id, ...body }), [], "response");
  }

  /** Headers and bodies that do not fit each other. The message behind them is whole. */
  #misframed(): Piece {
    const body = JSON.stringify({ jsonrpc: "2.0", method: "$/setTrace", params: { value: "off" } });
    const length = Buffer.byteLength(body);
    const broken = this.#pick([
      `Content-Length: ${length + 1 + this.numbers.below(2000)}\r\n\r\n${body}`,
      `Content-Length: ${this.numbers.below(length)}\r\n\r\n${body}`,
      `Content-Length: -5\r\n\r\n${body}`,
      `Content-Length: many\r\n\r\n${body}`,
      `Content-Length: 99999999999999999999\r\n\r\n${body}`,
      `Content-Length: ${length}\n\n${body}`,
      `Content-Type: x\r\n\r\n${body}`,
      `${body}\r\n\r\n`,
      "\r\n\r\n\r\n\r\n",
      "\0\0\xff\xfe\r\n\r\n",
      `Content-Length: 4\r\n\r\nnull`,
      `Content-Length: ${length}\r\n\r\n${body.slice(0, -1)}}`,
      `Content-Length: 9\r\n\r\n{"a": \xff}`,
      `Content-Length: ${length}\r\nContent-Length: ${length}\r\n\r\n${body}`,
      `Content-Length: ${length}\r\n\r\n${body.slice(0, 10)}`,
    ]);
    const behind = this.#message("textDocument/hover");
    return piece(
      Buffer.concat([Buffer.from(broken, "latin1"), behind.bytes]),
      behind.ids,
      `misframed ${JSON.stringify(broken.slice(0, 60))}`,
    );
  }

  #paramsOf(method: string): Json {
    const textDocument = { uri: this.#pick(this.places.uris) };
    const position = this.#position();
    switch (method) {
      case "initialize":
        return { processId: null, rootUri: null, capabilities: {} };
      case "textDocument/didOpen":
        return {
          textDocument: { ...textDocument, languageId: "python", version: this.numbers.below(5), text: this.#pick(TEXTS) },
        };
      case "textDocument/didChange":
        return {
          textDocument: { ...textDocument, version: this.#chance(3) ? this.#pick([-1, 0, 1e12]) : this.#version++ },
          contentChanges: Array.from({ length: this.numbers.below(4) }, () =>
            this.#chance(4)
              ? { text: this.#pick(TEXTS) }
              : { range: this.#range(), text: this.#pick(["", "x", "\n", "\r", "😀", "\ud83d", "(", "'''", "async "]) },
          ),
        };
      case "textDocument/codeAction":
        return {
          textDocument,
          range: this.#range(),
          context: {
            diagnostics: this.#chance(2)
              ? []
              : [{ source: "loopguard", code: "blocking-sleep", range: this.#range(), message: "" }],
            triggerKind: 1,
          },
        };
      case "codeAction/resolve":
        return {
          title: "x",
          data: { uri: textDocument.uri, title: "x", ...(this.#chance(2) ? { fingerprint: "a" } : { at: this.#range() }) },
        };
      case "callHierarchy/incomingCalls":
      case "callHierarchy/outgoingCalls":
        return {
          item: {
            name: "f",
            kind: 12,
            uri: textDocument.uri,
            range: this.#range(),
            selectionRange: this.#range(),
            data: this.#key(),
          },
        };
      case "codeLens/resolve":
        return { range: this.#range(), data: { uri: textDocument.uri, key: this.#key() } };
      case "workspace/executeCommand":
        return {
          command: this.#pick(["loopguard.server.checkWorkspace", "loopguard.server.tellCallers", "rm"]),
          arguments: [this.#key()],
        };
      case "workspace/didChangeConfiguration":
        return {
          settings: {
            loopguard: {
              enable: this.#chance(10) ? this.#pick(JUNK) : true,
              exclude: this.#pick(JUNK),
              severity: this.#pick(JUNK),
            },
          },
        };
      case "workspace/didChangeWatchedFiles":
        return { changes: [{ ...textDocument, type: 1 + this.numbers.below(3) }] };
      case "workspace/didChangeWorkspaceFolders": {
        const folder = { uri: this.#pick(this.places.folders), name: "x" };
        return { event: this.#chance(2) ? { added: [folder], removed: [] } : { added: [], removed: [folder] } };
      }
      case "$/cancelRequest":
        return { id: this.#recent.at(-1) ?? 0 };
      case "$/setTrace":
        return { value: this.#pick(["off", "messages", "verbose"]) };
      default:
        return { textDocument, position };
    }
  }

  #key(): Json {
    return { path: this.#pick(["/a.py", "", "..", "/"]), name: "f", index: this.numbers.below(5) };
  }

  #position(): { [key: string]: Json } {
    const number = (): number => this.#pick([0, 1, 3, 4, 9, -1, -(2 ** 31), 2 ** 31, 1e300, 0.5, 4294967295]);
    return { line: number(), character: number() };
  }

  #range(): Json {
    return { start: this.#position(), end: this.#position() };
  }

  /** `value` with one of its parts replaced, doubled or taken away. */
  #mangled(value: Json): Json {
    if (typeof value !== "object" || value === null || this.#chance(4)) return this.#pick(JUNK);
    if (Array.isArray(value)) {
      if (value.length === 0) return [this.#pick(JUNK)];
      const at = this.numbers.below(value.length);
      return value.map((item, index) => (index === at ? this.#mangled(item) : item));
    }
    const keys = Object.keys(value);
    if (keys.length === 0) return this.#pick(JUNK);
    const chosen = this.#pick(keys);
    const { [chosen]: part, ...rest } = value;
    return this.#chance(5) ? rest : { ...rest, [chosen]: this.#mangled(part ?? null) };
  }
}

function framed(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
}

function piece(bytes: Buffer, ids: readonly (number | string)[], what: string): Piece {
  return { bytes, ids, what };
}
