/**
 * What views of the whole program are told: the way behind one finding when they ask, and the findings of every file while
 * somebody looks at them. Nothing of it costs anything before a client asks.
 */
import type { Finding } from "../analysis/findings.js";
import type { AnalysisHost } from "../analysis/host.js";
import { findingAt, hopsOf } from "../features/paths.js";
import { primitiveOf } from "../features/steps.js";
import { type Addresses, fromPosition, pathOf, toRange } from "./convert.js";

/** Request of a client: `PathParams` -> `PathAnswer`, or null where nothing blocks. */
export const PATH = "loopguard/path";
/** Request of a client: `{watch: boolean}` -> null. While it watches it is sent `FINDINGS`. */
export const WATCH_FINDINGS = "loopguard/watchFindings";
/** Notification to a client that watches: `{uri, findings}`, whenever those of a file differ from what it was told. */
export const FINDINGS = "loopguard/findings";
/** A command of the client: leads through the path of the finding `{uri, fingerprint}`. */
export const EXPLAIN_PATH = "loopguard.explainPath";

/** A place in a document, or a finding in it. */
interface PathParams {
  readonly textDocument: { readonly uri: string };
  readonly position?: { readonly line: number; readonly character: number };
  readonly fingerprint?: string;
}

type Range = ReturnType<typeof toRange>;

interface PathAnswer {
  readonly fingerprint: string;
  readonly rule: string;
  readonly message: string;
  /** For people: "up to 3 s"; "" where nothing is known. */
  readonly stall: string;
  /** From the site on the loop to what blocks. */
  readonly steps: readonly {
    readonly role: string;
    readonly text: string;
    readonly function: string;
    readonly callee: string;
    /** Absent where there is no source. */
    readonly uri?: string;
    readonly range?: Range;
  }[];
}

/** A finding in a list; what is a step of another one is not told. */
interface Item {
  readonly fingerprint: string;
  readonly rule: string;
  readonly severity: Finding["severity"];
  readonly message: string;
  readonly range: Range;
  readonly entry: { readonly function: string; readonly uri: string; readonly range: Range };
  /** What is called at the place, by its name in its file, and what blocks in the end; the same where nothing lies between. */
  readonly callee: string;
  readonly primitive: string;
  readonly stall: string;
}

/** Throws a TypeError when the request names neither a place nor a finding. */
export function pathAnswer(host: AnalysisHost, addresses: Addresses, params: PathParams): PathAnswer | null {
  const { textDocument, position, fingerprint } = params;
  const path = pathOf(textDocument.uri);
  const finding = findingOf(host, path, position, fingerprint);
  if (!finding) return null;
  const { rule, message, stall } = finding;
  const steps = hopsOf(finding).map(({ location, ...hop }) => ({
    ...hop,
    ...(location ? { uri: addresses.uri(location.file), range: toRange(location) } : {}),
  }));
  return { fingerprint: finding.fingerprint, rule, message, stall: stall.text, steps };
}

function findingOf(
  host: AnalysisHost,
  path: string,
  position: PathParams["position"],
  fingerprint: PathParams["fingerprint"],
): Finding | undefined {
  if (fingerprint !== undefined) return host.findings(path).find((finding) => finding.fingerprint === fingerprint);
  if (!position) throw new TypeError(`${PATH} needs a position or a fingerprint.`);
  return findingAt(host, path, fromPosition(position));
}

export interface OverviewOptions {
  readonly host: Pick<AnalysisHost, "findings">;
  readonly addresses: Addresses;
  /** Whether a file has a place in the overview: it is reported on and not switched off. */
  isShown(path: string): boolean;
  send(params: { readonly uri: string; readonly findings: readonly Item[] }): void;
}

/** What a client that watches knows of each file, so that it is told differences only, also when it looks again. */
export class Overview {
  /** By path: the URI it was told by, and what as JSON. */
  readonly #told = new Map<string, { readonly uri: string; readonly text: string }>();
  #watched = false;

  constructor(private readonly options: OverviewOptions) {}

  get watched(): boolean {
    return this.#watched;
  }

  set watched(watched: boolean) {
    this.#watched = watched;
  }

  /** Files the client has findings of. */
  paths(): readonly string[] {
    return [...this.#told.keys()];
  }

  /** Looks at a file again and tells what is different, when somebody watches. */
  look(path: string): void {
    if (!this.#watched) return;
    const findings = this.options.isShown(path) ? this.options.host.findings(path) : [];
    this.#tell(
      path,
      findings.filter(({ partOf }) => partOf === undefined).map((finding) => this.#item(finding)),
    );
  }

  /** A file that is gone, or no longer reported on. */
  withdraw(path: string): void {
    this.#tell(path, []);
  }

  #tell(path: string, findings: readonly Item[]): void {
    const known = this.#told.get(path);
    const text = findings.length === 0 ? undefined : JSON.stringify(findings);
    if (known?.text === text) return;
    const uri = known?.uri ?? this.options.addresses.uri(path);
    if (text === undefined) this.#told.delete(path);
    else this.#told.set(path, { uri, text });
    this.options.send({ uri, findings });
  }

  #item(finding: Finding): Item {
    const { fingerprint, rule, severity, message, stall, entry } = finding;
    return {
      fingerprint,
      rule,
      severity,
      message,
      range: toRange(finding.location),
      entry: {
        function: entry.function,
        uri: this.options.addresses.uri(entry.location.file),
        range: toRange(entry.location),
      },
      callee: finding.path[1]?.function || (finding.path[0]?.callee ?? ""),
      primitive: primitiveOf(finding),
      stall: stall.text,
    };
  }
}
