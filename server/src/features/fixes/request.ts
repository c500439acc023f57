/**
 * What a remedy is given and what it answers. Plain values; the engine proves proposals and turns them into fixes.
 */

import type { Finding } from "../../analysis/findings.js";
import type { AnalysisHost } from "../../analysis/host.js";
import { offsetAt } from "../../base/lines.js";
import type { FlatTree } from "../../syntax/flatten.js";
import type { Grammar } from "../../syntax/grammar.js";
import type { PythonVersion } from "./text/awaiting.js";
import type { Edit, FileEdits } from "./text/edits.js";
import { type NodeId, nodeAt, readSource, type Source } from "./text/source.js";

/** What fixes need to know of the project around a file; what is absent is not known. */
export interface ProjectFacts {
  /** Lower bound of the Python versions the project supports. */
  readonly python?: PythonVersion;
  /** Names of the distributions the project depends on. */
  readonly dependencies?: readonly string[];
}

/** The part of the analysis that fixes use. */
export type FixHost = Pick<
  AnalysisHost,
  "text" | "trial" | "within" | "findings" | "traits" | "siblings" | "twins" | "twinCalls" | "twinUse" | "mentions" | "naming"
> & {
  projectFacts?(path: string): ProjectFacts | undefined;
  /** The flat tree of a text that is parsed already. */
  flatTree?(path: string): FlatTree | undefined;
};

/** What fixes ask, of an analysis and of whoever knows the project around a file. */
export function fixHostOf(host: AnalysisHost, projectFacts: (path: string) => ProjectFacts | undefined): FixHost {
  return {
    text: (path) => host.text(path),
    trial: (path, text) => host.trial(path, text),
    within: (texts, ask) => host.within(texts, ask),
    findings: (path) => host.findings(path),
    traits: (path, start, end, text) => host.traits(path, start, end, text),
    siblings: (path, start, end, text) => host.siblings(path, start, end, text),
    twins: (path, start, end, text) => host.twins(path, start, end, text),
    twinCalls: (path, start, end, text) => host.twinCalls(path, start, end, text),
    twinUse: (path, made, name, steps, text) => host.twinUse(path, made, name, steps, text),
    mentions: (path, offset) => host.mentions(path, offset),
    naming: (name) => host.naming(name),
    flatTree: (path) => host.flatTree(path),
    projectFacts,
  };
}

/** The file that is asked about, and what stands around it. */
export interface RequestAround {
  readonly host: FixHost;
  readonly grammar: Grammar;
  /** All there are, for one that needs another. */
  readonly remedies: readonly Remedy[];
  readonly path: string;
  readonly source: Source;
  /** Other files that were looked into; undefined: not there. */
  readonly others: Map<string, Source | undefined>;
  /** Lowest version the result has to run on. */
  readonly python: PythonVersion;
  readonly dependencies?: readonly string[];
}

export interface FixRequest extends RequestAround {
  readonly finding: Finding;
  /** The range of the finding's first step. */
  readonly start: number;
  readonly end: number;
  /** The call at the finding's first step; undefined when the step is none. */
  readonly call?: NodeId;
}

export interface Proposal {
  readonly kind: "proposal";
  readonly title: string;
  readonly action: "quickfix" | "refactor.rewrite";
  /** `alone`: preferred unless a remedy before it is. */
  readonly preferred: boolean | "alone";
  readonly edits: readonly Edit[];
  /** It gives variables of the function another place: applied unseen, no other fix of that function goes beside it. */
  readonly reshapes?: true;
  /**
   * Edits of other files, for a change that concerns more than the function around the finding; empty when all of it
   * stands in the file. What the change means to the rest of the program is proven as well.
   */
  readonly elsewhere?: readonly FileEdits[];
}

/** This remedy is the right kind, but here it would be wrong. One clause without a full stop. */
export interface Refusal {
  readonly kind: "refusal";
  readonly reason: string;
}

export interface Remedy {
  readonly name: string;
  /** The package it brings in: of neighbours that bring one, those come first whose package is at hand. */
  readonly brings?: string;
  /** Undefined: the finding is none of this remedy's business. */
  propose(request: FixRequest): Proposal | Refusal | undefined;
}

/** The question about one finding of the file. */
export function requestAbout(request: RequestAround, finding: Finding): FixRequest {
  const { source } = request;
  const [site] = finding.path;
  const { start, end } = site?.location ?? finding.location;
  const [from, to] = [offsetAt(source.lineStarts, source.text, start), offsetAt(source.lineStarts, source.text, end)];
  const { host, grammar, remedies, path, others, python, dependencies } = request;
  const around = {
    host,
    grammar,
    remedies,
    path,
    source,
    others,
    python,
    ...(dependencies === undefined ? {} : { dependencies }),
  };
  const call = site?.role === "read" ? undefined : nodeAt(source, "call", from, to);
  return { ...around, finding, start: from, end: to, ...(call === undefined ? {} : { call }) };
}

export function refuse(reason: string): Refusal {
  return { kind: "refusal", reason };
}

/** What is assumed of a project that does not say which Python it supports. */
const NEWEST_PYTHON: PythonVersion = [3, 14];

/** What stands around a question about `path`; undefined when there is no such text. */
export function requestAround(
  { host, grammar, remedies }: Pick<RequestAround, "host" | "grammar" | "remedies">,
  path: string,
): RequestAround | undefined {
  const text = host.text(path);
  if (text === undefined) return undefined;
  const source = readSource(grammar, text, () => host.flatTree?.(path));
  const project = host.projectFacts?.(path);
  const dependencies = project?.dependencies === undefined ? {} : { dependencies: project.dependencies };
  const python = project?.python ?? NEWEST_PYTHON;
  return { host, grammar, remedies, path, source, others: new Map(), python, ...dependencies };
}

/** The request for a finding of `path`; undefined when its first step stands elsewhere. */
export function requestFor(
  knowledge: Pick<RequestAround, "host" | "grammar" | "remedies">,
  path: string,
  finding: Finding,
): FixRequest | undefined {
  const around = finding.path[0]?.location.file === path ? requestAround(knowledge, path) : undefined;
  return around && requestAbout(around, finding);
}
