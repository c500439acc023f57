/**
 * The call hierarchy in words: beside each function where it runs, or what of it blocks. Knows no protocol.
 */
import type { UseKind } from "../analysis/callers.js";
import type { Context } from "../analysis/findings.js";
import type { Blocking, Callee, Caller, FunctionNode } from "../analysis/hierarchy.js";

/** Beside a caller: what it is, where it runs, and what it does if that is no plain call. */
export function callerDetail({ node, context, use }: Caller): string {
  return joined(kindText(node), PLACES[context.place], USES[use]);
}

/** Beside a callee: what it is, what blocks in it, and where it goes if it is no plain call. */
export function calleeDetail({ node, use, blocking }: Callee): string {
  if (node.kind === "primitive") return joined(blocking ? `blocks${stallText(blocking)}` : "");
  return joined(kindText(node), blocking ? `blocks: ${blocking.primitive}${stallText(blocking)}` : "", USES[use]);
}

/** Beside the function that the hierarchy begins with. */
export function functionDetail(node: FunctionNode): string {
  return kindText(node);
}

function kindText({ kind, async }: FunctionNode): string {
  switch (kind) {
    case "module":
      return "module";
    case "primitive":
      return "";
    case "function":
    case "method":
    case "constructor":
      return async ? "async def" : "def";
  }
}

const PLACES: Readonly<Record<Context["place"], string>> = {
  loop: "on the event loop",
  both: "on the event loop and off it",
  away: "off the event loop",
  unknown: "",
};

const USES: Readonly<Record<UseKind, string>> = {
  runs: "",
  makes: "",
  rounds: "",
  loop: "handed to the loop",
  task: "handed to the loop",
  thread: "handed to a thread",
  process: "handed to a process",
  startup: "handed to the start-up",
};

function stallText({ stall }: Blocking): string {
  return stall === "" ? "" : ` (${stall})`;
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" · ");
}
