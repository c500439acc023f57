/**
 * The base protocol: messages in any cut, and streams that go on after bytes that are no message.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { type Frame, FrameDecoder } from "../../server/src/lsp/framing.js";

const framed = (value: unknown): string => {
  const body = typeof value === "string" ? value : JSON.stringify(value);
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};

const decode = (...parts: (string | Uint8Array)[]): Frame[] => {
  const decoder = new FrameDecoder();
  return parts.flatMap((part) => decoder.push(typeof part === "string" ? Buffer.from(part) : part));
};

const values = (frames: readonly Frame[]): unknown[] =>
  frames.flatMap((frame) => (frame.kind === "message" ? [frame.value] : []));

const reasons = (frames: readonly Frame[]): string[] =>
  frames.flatMap((frame) => (frame.kind === "malformed" ? [frame.reason] : []));

describe("framing", () => {
  it("reads several messages in one piece", () => {
    deepEqual(values(decode(framed({ a: 1 }) + framed({ b: "ü€😀" }) + framed({}))), [{ a: 1 }, { b: "ü€😀" }, {}]);
  });

  it("reads messages cut at every byte", () => {
    const bytes = Buffer.from(framed({ text: "ü€😀\r\n\r\n" }) + framed({ b: 2 }));
    deepEqual(values(decode(...[...bytes].map((byte) => Uint8Array.of(byte)))), [{ text: "ü€😀\r\n\r\n" }, { b: 2 }]);
  });

  it("reads a message larger than its buffer", () => {
    const text = "x".repeat(100_000);
    const bytes = framed({ text });
    deepEqual(values(decode(bytes.slice(0, 9_000), bytes.slice(9_000), framed({ b: 2 }))), [{ text }, { b: 2 }]);
  });

  it("takes other headers and any case", () => {
    const header = "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length: 2\r\n\r\n";
    const frames = decode(`${header}{}`);
    deepEqual([values(frames), reasons(frames)], [[{}], []]);
  });

  it("goes on after a body that is no JSON", () => {
    const frames = decode(framed("{nonsense}") + framed({ b: 2 }));
    deepEqual(values(frames), [{ b: 2 }]);
    match(reasons(frames)[0] ?? "", /no JSON/);
    equal(frames[0]?.kind === "malformed" && frames[0].body, true);
  });

  it("goes on after a header without a length, and after one that is no number", () => {
    for (const header of ["Content-Size: 2\r\n\r\n", "Content-Length: two\r\n\r\n", "no header at all\r\n\r\n", "\r\n\r\n"]) {
      const frames = decode(`${header}{}${framed({ b: 2 })}${framed({ c: 3 })}`);
      deepEqual(values(frames), [{ b: 2 }, { c: 3 }], header);
      match(reasons(frames)[0] ?? "", /Content-Length/);
    }
  });

  it("goes on after a length that is too small", () => {
    deepEqual(values(decode(`Content-Length: 3\r\n\r\n{"a":1}${framed({ b: 2 })}`)), [{ b: 2 }]);
  });

  it("loses no message to a length that is too large", () => {
    const body = '{"a":1}';
    for (const excess of [1, 10, 17, 19]) {
      const frames = decode(`Content-Length: ${body.length + excess}\r\n\r\n${body}${framed({ b: 2 })}${framed({ c: 3 })}`);
      deepEqual(values(frames), [{ b: 2 }, { c: 3 }], `${excess} too many`);
    }
  });

  it("does not wait for the rest of a length that is too large", () => {
    const decoder = new FrameDecoder();
    const bytes = Buffer.from(`Content-Length: 5000\r\n\r\n{"a":1}${framed({ b: 2 })}`);
    const frames = [...bytes].flatMap((byte) => decoder.push(Uint8Array.of(byte)));
    deepEqual(values(frames), [{ b: 2 }]);
    equal(frames[0]?.kind === "malformed" && frames[0].body, true);
    deepEqual(values(decoder.push(Buffer.from(framed({ c: 3 })))), [{ c: 3 }]);
    // Line ends between the tokens of a body, and a text that speaks of headers, are no header.
    const body = `{\r\n"text": "Content-Length: 5\\r\\n",\r\n"b": 1}`;
    const whole = framed(body);
    const parts = [whole.slice(0, 40), whole.slice(40, 60), whole.slice(60)];
    deepEqual(values(parts.flatMap((part) => decoder.push(Buffer.from(part)))), [JSON.parse(body)]);
  });

  it("does not wait for a length that nobody can mean", () => {
    deepEqual(values(decode(`Content-Length: 99999999999\r\n\r\n{}${framed({ b: 2 })}`)), [{ b: 2 }]);
  });

  it("skips bytes in which no header ever comes", () => {
    const frames = decode("z".repeat(70_000), framed({ b: 2 }));
    deepEqual(values(frames), [{ b: 2 }]);
    match(reasons(frames)[0] ?? "", /skipped/);
  });
});
