/**
 * The base protocol, read so that one bad message costs only itself: bytes in, JSON values out. vscode-jsonrpc's own
 * reader never finds back into step after a header without Content-Length; this one looks for the next header. Knows
 * nothing of the language server protocol.
 */
import {
  AbstractMessageReader,
  type DataCallback,
  Disposable,
  ErrorCodes,
  type MessageReader,
  type MessageWriter,
  type ResponseMessage,
} from "vscode-languageserver";

export type Frame =
  | { readonly kind: "message"; readonly value: unknown }
  /** `body`: the bytes were framed well but are no JSON, so the sender waits for an answer. */
  | { readonly kind: "malformed"; readonly body: boolean; readonly reason: string };

/** Longest body that is believed; a longer one is a broken header, and waiting for it would never end. */
const MAXIMUM_BODY = 256 * 1024 * 1024;
const MAXIMUM_HEADER = 64 * 1024;
const SMALLEST_BUFFER = 8192;
const HEADER_NAME = "content-length:";
const CARRIAGE_RETURN = 13;
const LENGTH = /content-length:[ \t]*(\d+)[ \t]*(?=\r\n|$)/gi;

/** Cuts a byte stream into frames. Owns the bytes that are not yet a whole frame. */
export class FrameDecoder {
  #bytes = new Uint8Array(SMALLEST_BUFFER);
  #start = 0;
  #end = 0;
  /** Length of the body that the last header announced; undefined while a header is read. */
  #bodyLength: number | undefined;
  /** How many bytes of a body that is not whole were searched for a header. */
  #searched = 0;

  push(chunk: Uint8Array): Frame[] {
    this.#append(chunk);
    const frames: Frame[] = [];
    while (this.#bodyLength === undefined ? this.#readHeader(frames) : this.#readBody(this.#bodyLength, frames)) {
      // Each round takes one header or one body.
    }
    return frames;
  }

  #append(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) {
      const kept = this.#bytes.subarray(this.#start, this.#end);
      // What one large message needed is given back behind it.
      const grown = new Uint8Array(Math.max(SMALLEST_BUFFER, 2 * (kept.length + chunk.length)));
      grown.set(kept);
      this.#bytes = grown;
      this.#end = kept.length;
      this.#start = 0;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  #readHeader(frames: Frame[]): boolean {
    const end = this.#headerEnd();
    if (end === undefined) {
      if (this.#end - this.#start > MAXIMUM_HEADER) {
        frames.push({ kind: "malformed", body: false, reason: `${this.#end - this.#start} bytes without a header were skipped` });
        // The last ones may be the beginning of a header.
        this.#start = this.#end - 256;
      }
      return false;
    }
    const header = latin1(this.#bytes.subarray(this.#start, end));
    this.#start = end + 4;
    // The rest of a message that was cut in the wrong place may stand before the header, so the last length counts.
    const match = [...header.matchAll(LENGTH)].at(-1);
    const length = match ? Number(match[1]) : undefined;
    if (!match || length === undefined || length > MAXIMUM_BODY) {
      frames.push({ kind: "malformed", body: false, reason: `header without a usable Content-Length: ${excerpt(header)}` });
      return true;
    }
    const junk = header.slice(0, match.index);
    if (junk !== "" && !/^([\w-]+:[^\r\n]*\r\n)*$/.test(junk)) {
      frames.push({ kind: "malformed", body: false, reason: `skipped before a header: ${excerpt(junk)}` });
    }
    this.#bodyLength = length;
    this.#searched = 0;
    return true;
  }

  /** Where the empty line behind the header begins, searched from the start of the bytes not yet read. */
  #headerEnd(): number | undefined {
    const bytes = this.#bytes;
    for (let index = this.#start; index + 3 < this.#end; index++) {
      if (bytes[index] === 13 && bytes[index + 1] === 10 && bytes[index + 2] === 13 && bytes[index + 3] === 10) return index;
    }
    return undefined;
  }

  #readBody(length: number, frames: Frame[]): boolean {
    if (this.#end - this.#start < length) return this.#partFromBody(frames);
    const body = new TextDecoder().decode(this.#bytes.subarray(this.#start, this.#start + length));
    this.#bodyLength = undefined;
    try {
      frames.push({ kind: "message", value: JSON.parse(body) });
      this.#start += length;
    } catch (error) {
      frames.push({ kind: "malformed", body: true, reason: `no JSON: ${(error as Error).message}` });
      this.#start += this.#nextHeaderIn(length) ?? length;
    }
    return true;
  }

  /**
   * Gives up a body that is not whole when a header stands in it, which no JSON holds: its length was too large, and whoever waits
   * for an answer to the next message might never send as much.
   */
  #partFromBody(frames: Frame[]): boolean {
    const body = this.#bytes.subarray(this.#start, this.#end);
    for (let end = body.indexOf(CARRIAGE_RETURN, this.#searched); end >= 0; end = body.indexOf(CARRIAGE_RETURN, end + 1)) {
      const line = latin1(body.subarray(Math.max(0, end - 64), end));
      const header = /content-length:[ \t]*\d+[ \t]*$/i.exec(line);
      if (!header) continue;
      frames.push({ kind: "malformed", body: true, reason: "a body ended before its Content-Length" });
      this.#start += end - (line.length - header.index);
      this.#bodyLength = undefined;
      return true;
    }
    this.#searched = body.length;
    return false;
  }

  /** A length that was too large swallows the next header, whole or in part; header lines cannot stand in JSON. */
  #nextHeaderIn(length: number): number | undefined {
    const text = latin1(this.#bytes.subarray(this.#start, this.#start + length)).toLowerCase();
    for (let index = text.indexOf("c"); index >= 0; index = text.indexOf("c", index + 1)) {
      const rest = text.slice(index, index + 64);
      if (HEADER_NAME.startsWith(rest) || /^content-length:[ \t]*\d*(\r|$)/.test(rest)) return index;
    }
    return undefined;
  }
}

/** A stream of bytes, as a host provides it. */
export interface ByteSource {
  onData(listener: (chunk: Uint8Array) => void): void;
  onClose(listener: () => void): void;
  onError(listener: (error: Error) => void): void;
}

/**
 * Reads JSON-RPC messages from bytes. What is none is told as an error and, where its sender waits, answered to `writer`;
 * the stream goes on.
 */
export class FramedReader extends AbstractMessageReader implements MessageReader {
  constructor(
    private readonly source: ByteSource,
    private readonly writer: MessageWriter,
  ) {
    super();
  }

  listen(callback: DataCallback): Disposable {
    const decoder = new FrameDecoder();
    let listening = true;
    this.source.onData((chunk) => {
      if (!listening) return;
      for (const frame of decoder.push(chunk)) {
        if (frame.kind === "malformed") this.#reject(frame);
        else this.#deliver(frame.value, callback);
      }
    });
    this.source.onError((error) => this.fireError(error));
    this.source.onClose(() => this.fireClose());
    return Disposable.create(() => {
      listening = false;
    });
  }

  #reject({ body, reason }: Frame & { readonly kind: "malformed" }): void {
    this.fireError(new Error(reason));
    if (!body) return;
    const answer: ResponseMessage = { jsonrpc: "2.0", id: null, error: { code: ErrorCodes.ParseError, message: reason } };
    this.writer.write(answer).catch(() => {
      // The other side is gone; the end of the stream says so, too.
    });
  }

  /** JSON that is no message may break the receiver; the messages behind it must still arrive. */
  #deliver(value: unknown, callback: DataCallback): void {
    try {
      callback(value as Parameters<DataCallback>[0]);
    } catch (error) {
      this.fireError(error);
    }
  }
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}
