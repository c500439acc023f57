/**
 * Neighbouring statements that block, moved into one function that runs in one thread: one change of threads instead of
 * several, and the loop does not come back in between. Statements between them that block nothing go along.
 */

import { type FixRequest, type Proposal, type Remedy, requestAbout } from "../request.js";
import {
  endOf,
  isFirstOnLine,
  isSuite,
  kindOf,
  lineOf,
  NO_NODE,
  type NodeId,
  parentOf,
  type Source,
  startOf,
  statementsOf,
} from "../text/source.js";
import { moveToThread, type Stretch, whyNotMovable } from "./block-to-thread.js";

export const groupToThread: Remedy = { name: "group-to-thread", propose };

function propose(request: FixRequest): Proposal | undefined {
  const { finding, source } = request;
  if (!isWorthAThread(request)) return undefined;
  if (finding.partOf !== undefined) return undefined;
  // The suite of the statement itself, then those around it: a loop may have neighbours that block, too.
  for (const own of statementsAround(source, request.start)) {
    const proposal = groupAround(request, own);
    if (proposal) return proposal;
  }
  return undefined;
}

function groupAround(request: FixRequest, own: NodeId): Proposal | undefined {
  const { source } = request;
  const suite = parentOf(source, own);
  const neighbours = statementsOf(source, suite);
  const [top, bottom] = [lineOf(source, startOf(source, suite)), lineOf(source, endOf(source, suite))];
  const blocking = request.host
    .findings(request.path)
    .filter(({ location: { start } }) => top <= start.line && start.line <= bottom)
    .map((other) => requestAbout(request, other))
    .filter((other) => isWorthAThread(other) && neighbours.some((statement) => holdsSite(source, statement, other)));
  for (const stretch of candidates(source, own, movableAround(request, own, neighbours, blocking), blocking)) {
    const inside = blocking.filter((other) => stretch.some((statement) => holdsSite(source, statement, other)));
    const moved = moveToThread(request, stretch, inside, "run_blocking");
    if (typeof moved === "string") continue;
    return {
      kind: "proposal",
      title: `Run these ${stretch.length} statements in one thread with ${moved.name}`,
      action: "refactor.rewrite",
      preferred: false,
      edits: moved.edits,
    };
  }
  return undefined;
}

function isWorthAThread({ finding, path }: FixRequest): boolean {
  if (!finding.rule.startsWith("blocking-") || finding.severity === "hint") return false;
  return finding.gil !== "shared" && finding.path[0]?.location.file === path;
}

/** The statements at an offset, innermost first, up to the function around them. */
function statementsAround(source: Source, offset: number): NodeId[] {
  const found: NodeId[] = [];
  for (let node = 0; node < source.parents.length && startOf(source, node) <= offset; node++) {
    const parent = parentOf(source, node);
    if (parent !== NO_NODE && isSuite(source, parent) && endOf(source, node) > offset) found.unshift(node);
  }
  const limit = found.findIndex((node) => /definition$/.test(kindOf(source, node)));
  return limit === -1 ? [] : found.slice(0, limit);
}

function holdsSite(source: Source, statement: NodeId, { start, end }: FixRequest): boolean {
  return startOf(source, statement) <= start && end <= endOf(source, statement);
}

/** The statements around `own` that look as if they could move; what belongs together is judged when all are known. */
function movableAround(request: FixRequest, own: NodeId, neighbours: Stretch, blocking: readonly FixRequest[]): Stretch {
  const { source } = request;
  const at = neighbours.indexOf(own);
  const canMove = (statement: NodeId): boolean =>
    standsAlone(source, statement, neighbours) && whyNotMovable(request, statement, neighbours, blocking) === undefined;
  if (!canMove(own)) return [];
  let [from, to] = [at, at + 1];
  while (from > 0 && canMove(neighbours[from - 1] as NodeId)) from--;
  while (to < neighbours.length && canMove(neighbours[to] as NodeId)) to++;
  return neighbours.slice(from, to);
}

/** Stretches that are looked at: each asks for the traits of its calls. */
const MOST_CANDIDATES = 30;
/** How far a `close()` behind the last statement that blocks may be. */
const FARTHEST_CLOSE = 3;

/**
 * Stretches that hold `own`, the longest first: from one that blocks to another that does, and then with those behind
 * them that may end what was begun in them.
 */
function* candidates(source: Source, own: NodeId, movable: Stretch, blocking: readonly FixRequest[]): Generator<Stretch> {
  const isBlocking = (statement: NodeId): boolean => blocking.some((other) => holdsSite(source, statement, other));
  let left = MOST_CANDIDATES;
  const at = movable.indexOf(own);
  const starts = movable.map((_, index) => index).filter((index) => index <= at && isBlocking(movable[index] as NodeId));
  const ends = movable.map((_, index) => index).filter((index) => index >= at && isBlocking(movable[index] as NodeId));
  for (const start of starts) {
    for (const end of [...ends].reverse()) {
      if (end === start) continue;
      const next = movable.findIndex((statement, index) => index > end && isBlocking(statement));
      const limit = Math.min(next === -1 ? movable.length : next, end + 1 + FARTHEST_CLOSE);
      for (let stop = end + 1; stop <= limit && left > 0; stop++, left--) yield movable.slice(start, stop);
    }
  }
}

/** The statement has its lines for itself. */
function standsAlone(source: Source, statement: NodeId, neighbours: Stretch): boolean {
  const next = neighbours[neighbours.indexOf(statement) + 1];
  const isApart = next === undefined || lineOf(source, startOf(source, next)) > lineOf(source, endOf(source, statement));
  return (
    isApart && isFirstOnLine(source, startOf(source, statement)) && !/^import|^future_import/.test(kindOf(source, statement))
  );
}
