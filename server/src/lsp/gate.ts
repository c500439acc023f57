/**
 * What may pass between `initialize` and `exit`: requests that come too early or too late, and JSON that is no message,
 * are answered here, so that every handler behind it sees a running server. Also knows how many edits are still queued,
 * which is how several become one analysis.
 */
import {
  type DataCallback,
  ErrorCodes,
  type Message,
  type MessageReader,
  type MessageWriter,
  type ResponseMessage,
} from "vscode-languageserver";

export interface Gate {
  /** The messages that may pass. */
  readonly reader: MessageReader;
  /** For the answers: a server that failed to start may be told to start again. */
  readonly writer: MessageWriter;
  /** Edits that were read but not yet handled. */
  queuedChanges(): number;
  /** The handler of edits calls it once per notification. */
  changeHandled(): void;
}

const SERVER_NOT_INITIALIZED = -32002;
const CHANGE = "textDocument/didChange";

/** Guards `reader`; refusals are written to `writer`, and notifications that are dropped are told to `log`. */
export function guardMessages(reader: MessageReader, writer: MessageWriter, log: (message: string) => void): Gate {
  let state: "new" | "running" | "ended" = "new";
  let queuedChanges = 0;
  /** Requests that wait for their answers. The connection takes 7 and "7" for one id, and keeps the later of two. */
  const waiting = new Map<string, string>();

  const refuse = (id: string | number | null, code: number, message: string): void => {
    const answer: ResponseMessage = { jsonrpc: "2.0", id, error: { code, message } };
    writer.write(answer).catch(() => {
      // The other side is gone; the reader's end says so, too.
    });
  };

  const admit = (message: unknown): boolean => {
    if (typeof message !== "object" || message === null || Array.isArray(message)) {
      log(`Not a message: ${JSON.stringify(message)?.slice(0, 80)}`);
      refuse(null, ErrorCodes.InvalidRequest, "A message must be an object; batches are not supported.");
      return false;
    }
    const { id, method } = message as { id?: unknown; method?: unknown };
    const isResponse = method === undefined && ("result" in message || "error" in message);
    if (isResponse) return true;
    const validId = typeof id === "string" || typeof id === "number";
    if (typeof method !== "string" || (id !== undefined && !validId)) {
      log(`Neither a request nor a notification: ${JSON.stringify(message).slice(0, 80)}`);
      refuse(validId ? id : null, ErrorCodes.InvalidRequest, "A message must have a method, and a request an id.");
      return false;
    }
    return admitMethod(method, validId ? id : undefined);
  };

  const admitMethod = (method: string, id: string | number | undefined): boolean => {
    const refusal = refusalOf(method, id);
    if (refusal === undefined) {
      // What is sent as the wrong kind of message is not handled, and so changes nothing.
      if (id === undefined) {
        if (method === CHANGE) queuedChanges++;
        return true;
      }
      waiting.set(String(id), method);
      if (method === "initialize") state = "running";
      else if (method === "shutdown") state = "ended";
      return true;
    }
    if (id !== undefined) refuse(id, ...refusal);
    else log(`${method} was dropped: ${refusal[1]}`);
    return false;
  };

  const refusalOf = (method: string, id: string | number | undefined): [code: number, message: string] | undefined => {
    if (method === "exit") return undefined;
    if (id !== undefined && waiting.has(String(id)))
      return [ErrorCodes.InvalidRequest, `A request with the id ${id} is not answered yet.`];
    switch (state) {
      case "new":
        return method === "initialize" ? undefined : [SERVER_NOT_INITIALIZED, `${method} came before initialize.`];
      case "running":
        return method === "initialize" ? [ErrorCodes.InvalidRequest, "The server is initialized already."] : undefined;
      case "ended":
        return [ErrorCodes.InvalidRequest, `${method} came after shutdown.`];
    }
  };

  const answered = (message: Message): void => {
    const { id, error } = message as ResponseMessage;
    if ("method" in message || id === undefined) return;
    if (waiting.get(String(id)) === "initialize" && error !== undefined && state === "running") state = "new";
    waiting.delete(String(id));
  };

  return {
    writer: {
      onError: writer.onError,
      onClose: writer.onClose,
      write: (message: Message) => {
        answered(message);
        return writer.write(message);
      },
      end: () => writer.end(),
      dispose: () => writer.dispose(),
    },
    reader: {
      onError: reader.onError,
      onClose: reader.onClose,
      onPartialMessage: reader.onPartialMessage,
      listen: (callback: DataCallback) =>
        reader.listen((message: Message) => {
          if (admit(message)) callback(message);
        }),
      dispose: () => reader.dispose(),
    },
    queuedChanges: () => queuedChanges,
    changeHandled: () => {
      queuedChanges--;
    },
  };
}
