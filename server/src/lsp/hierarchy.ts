/**
 * Call hierarchy and code lenses in the protocol's shapes. An item carries the key of its function, so that a later request
 * finds it again in a file that is not open.
 */
import {
  type CallHierarchyIncomingCall,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  type CodeLens,
  LSPErrorCodes,
  ResponseError,
  SymbolKind,
  type TextDocumentPositionParams,
} from "vscode-languageserver";
import type { FunctionKey, FunctionNode } from "../analysis/hierarchy.js";
import type { AnalysisHost } from "../analysis/host.js";
import { calleeDetail, callerDetail, functionDetail } from "../features/call-hierarchy.js";
import { entriesText, lensesOf, lensOf } from "../features/code-lens.js";
import type { Client } from "./client.js";
import { type Addresses, fromPosition, pathOf, toRange } from "./convert.js";

/** A command of the client: shows places beside the code. Its arguments are those of VS Code's `showReferences`. */
export const SHOW_CALLERS = "loopguard.showCallers";
/** The same by the server, which can only tell. */
export const TELL_CALLERS = "loopguard.server.tellCallers";

export interface HierarchyOptions {
  readonly host: AnalysisHost;
  readonly addresses: Addresses;
  readonly client: Client;
  /** The user wants lenses in this file. */
  wantsLenses(path: string): boolean;
}

export interface HierarchyHandlers {
  prepare(params: TextDocumentPositionParams): CallHierarchyItem[] | null;
  incoming(params: { readonly item: CallHierarchyItem }): CallHierarchyIncomingCall[] | null;
  outgoing(params: { readonly item: CallHierarchyItem }): CallHierarchyOutgoingCall[] | null;
  lenses(params: { readonly textDocument: { readonly uri: string } }): CodeLens[];
  resolveLens(lens: CodeLens): CodeLens;
  /** Who blocks the loop through a function, as a sentence. */
  tellCallers(key: unknown): string;
}

interface LensData {
  readonly uri: string;
  readonly key: FunctionKey;
}

export function createHierarchyHandlers({ host, addresses, client, wantsLenses }: HierarchyOptions): HierarchyHandlers {
  const itemOf = (node: FunctionNode, detail: string): CallHierarchyItem => ({
    name: node.name,
    kind: KINDS[node.kind],
    ...(detail === "" ? {} : { detail }),
    uri: addresses.uri(node.location.file),
    range: toRange(node.location),
    selectionRange: toRange(node.nameLocation),
    ...(node.key ? { data: node.key } : {}),
  });

  const lenses: HierarchyHandlers["lenses"] = ({ textDocument: { uri } }) => {
    const path = pathOf(uri);
    if (!wantsLenses(path)) return [];
    return lensesOf(host, path).map((node) => ({ range: toRange(node.nameLocation), data: { uri, key: node.key } }));
  };

  return {
    prepare: ({ textDocument, position }) => {
      const nodes = host.functionsAt(pathOf(textDocument.uri), fromPosition(position));
      return nodes.length > 0 ? nodes.map((node) => itemOf(node, functionDetail(node))) : null;
    },
    incoming: ({ item }) => {
      const callers = isKey(item.data) ? host.callersOf(item.data) : undefined;
      if (!callers) return null;
      return callers.map((caller) => ({
        from: itemOf(caller.node, callerDetail(caller)),
        fromRanges: caller.sites.map(toRange),
      }));
    },
    outgoing: ({ item }) => {
      const callees = isKey(item.data) ? host.calleesOf(item.data) : undefined;
      if (!callees) return null;
      return callees.map((callee) => ({ to: itemOf(callee.node, calleeDetail(callee)), fromRanges: callee.sites.map(toRange) }));
    },
    lenses,
    resolveLens: (lens) => {
      const data = lens.data as LensData | undefined;
      const said = isKey(data?.key) ? lensOf(host, data.key) : undefined;
      if (!said || !data) throw new ResponseError(LSPErrorCodes.ContentModified, "The code behind this lens has changed.");
      const places = said.sites.map((site) => ({ uri: addresses.uri(site.file), range: toRange(site) }));
      const command = client.showsCallers
        ? { title: said.title, command: SHOW_CALLERS, arguments: [data.uri, lens.range.start, places] }
        : { title: said.title, command: TELL_CALLERS, arguments: [data.key] };
      return { ...lens, command };
    },
    tellCallers: (key) => {
      const entries = isKey(key) ? host.reachedFrom(key) : undefined;
      if (!isKey(key) || !entries || entries.length === 0) return "Nothing on the event loop reaches this function any more.";
      return `${key.qualifiedName} blocks the event loop from ${entriesText(entries)}.`;
    },
  };
}

const KINDS: Readonly<Record<FunctionNode["kind"], SymbolKind>> = {
  function: SymbolKind.Function,
  method: SymbolKind.Method,
  constructor: SymbolKind.Constructor,
  module: SymbolKind.Module,
  primitive: SymbolKind.Function,
};

function isKey(data: unknown): data is FunctionKey {
  if (typeof data !== "object" || data === null) return false;
  const { path, qualifiedName, ordinal } = data as Partial<FunctionKey>;
  return typeof path === "string" && typeof qualifiedName === "string" && typeof ordinal === "number";
}
