/**
 * Asks every remedy, proves what they propose and puts it in order. A pure function of the analysis: no protocol, no files.
 */

import type { Finding } from "../../analysis/findings.js";
import type { Grammar } from "../../syntax/grammar.js";
import { clientTwin } from "./clients/client-twin.js";
import { sqliteToAiosqlite } from "./clients/sqlite-to-aiosqlite.js";
import { asyncHelper } from "./functions/async-helper.js";
import { dropAsync } from "./functions/drop-async.js";
import { httpxAsyncClient } from "./http/httpx-async-client.js";
import { requestsToAiohttp } from "./http/requests-to-aiohttp.js";
import { requestsToHttpx } from "./http/requests-to-httpx.js";
import { ignore } from "./ignore.js";
import { asyncWith } from "./mistakes/async-with.js";
import { awaitCoroutine } from "./mistakes/await-coroutine.js";
import { awaitNestedRun } from "./mistakes/await-nested-run.js";
import { keepTask } from "./mistakes/keep-task.js";
import { reraiseCancellation } from "./mistakes/reraise-cancellation.js";
import { taskInGroup } from "./mistakes/task-in-group.js";
import { tasksToWait } from "./mistakes/tasks-to-wait.js";
import { asyncSibling } from "./native/async-sibling.js";
import { asyncioSleep } from "./native/asyncio-sleep.js";
import { functionTwin } from "./native/function-twin.js";
import { getaddrinfo } from "./native/getaddrinfo.js";
import { openToAiofiles } from "./native/open-to-aiofiles.js";
import { subprocessToAsyncio } from "./native/subprocess-to-asyncio.js";
import { threadPrimitives } from "./native/thread-primitives.js";
import { wrapFuture } from "./native/wrap-future.js";
import { executorExit } from "./offload/executor-exit.js";
import { groupToThread } from "./offload/group-to-thread.js";
import { processPool } from "./offload/process-pool.js";
import { toThread } from "./offload/to-thread.js";
import { inOrderOf } from "./packages.js";
import { whyNotProven, whyNotProvenAcross } from "./proof.js";
import { type FixHost, type Proposal, type Remedy, requestFor } from "./request.js";
import { arrangeEdits, type Edit, type FileEdits } from "./text/edits.js";

export interface Fix {
  /** Names the API it brings in. */
  readonly title: string;
  readonly kind: "quickfix" | "refactor.rewrite";
  /** Right without a second look: what `source.fixAll` applies. */
  readonly preferred: boolean;
  readonly remedy: string;
  /** Of the finding's own file; sorted, not overlapping; offsets into `host.text(path)`. */
  readonly edits: readonly Edit[];
  /** It gives variables of the function another place: applied unseen, no other fix of that function goes beside it. */
  readonly reshapes?: true;
  /** Of other files, likewise; present when the fix concerns more than the function around the finding. */
  readonly elsewhere?: readonly FileEdits[];
}

/** A remedy for this kind of finding that would be wrong here. `reason` is a clause without a full stop. */
export interface RefusedFix {
  readonly remedy: string;
  readonly reason: string;
}

/** The native ways first, then a thread, then those that reach further, then silence. */
const REMEDIES: readonly Remedy[] = [
  awaitCoroutine,
  tasksToWait,
  keepTask,
  taskInGroup,
  reraiseCancellation,
  asyncWith,
  awaitNestedRun,
  asyncioSleep,
  getaddrinfo,
  wrapFuture,
  subprocessToAsyncio,
  threadPrimitives,
  asyncSibling,
  functionTwin,
  requestsToAiohttp,
  requestsToHttpx,
  httpxAsyncClient,
  sqliteToAiosqlite,
  clientTwin,
  processPool,
  openToAiofiles,
  toThread,
  executorExit,
  groupToThread,
  asyncHelper,
  dropAsync,
  ignore,
];

/** Proven fixes of a finding in `path`, best first; the last one silences it. */
export function fixesFor(host: FixHost, grammar: Grammar, path: string, finding: Finding): readonly Fix[] {
  return [...outcomesFor(host, grammar, path, finding)].flatMap((outcome) => ("title" in outcome ? [outcome] : []));
}

/** The preferred one of `fixesFor`; the others are not proven for it. */
export function preferredFixFor(host: FixHost, grammar: Grammar, path: string, finding: Finding): Fix | undefined {
  for (const outcome of outcomesFor(host, grammar, path, finding, (proposal) => proposal.preferred !== false)) {
    if ("preferred" in outcome && outcome.preferred) return outcome;
  }
  return undefined;
}

/**
 * Why remedies for this kind of finding are not offered for this one, as far as they see it in the program. What only a
 * trial of the result would show is not asked: a trial analyses the file, and a hover answers at once.
 */
export function refusalsFor(host: FixHost, grammar: Grammar, path: string, finding: Finding): readonly RefusedFix[] {
  return [...outcomesFor(host, grammar, path, finding, () => false)].flatMap((outcome) => ("reason" in outcome ? [outcome] : []));
}

/** What becomes of each remedy, one after the other; proposals that are not wanted are passed over unproven. */
function* outcomesFor(
  host: FixHost,
  grammar: Grammar,
  path: string,
  finding: Finding,
  isWanted: (proposal: Proposal) => boolean = () => true,
): Generator<Fix | RefusedFix> {
  const request = requestFor({ host, grammar, remedies: REMEDIES }, path, finding);
  if (!request) return;
  const findings = host.findings(path);
  let hasPreferred = false;
  for (const remedy of inOrderOf(request, REMEDIES)) {
    const outcome = remedy.propose(request);
    if (outcome?.kind === "refusal") yield { remedy: remedy.name, reason: outcome.reason };
    if (outcome?.kind !== "proposal" || !isWanted(outcome)) continue;
    const proven = prove(host, path, findings, finding, outcome);
    if (typeof proven === "string") {
      yield { remedy: remedy.name, reason: proven };
      continue;
    }
    const isPreferred: boolean = outcome.preferred === "alone" ? !hasPreferred : outcome.preferred;
    // What reaches beyond the function wants a look.
    const preferred: boolean = isPreferred && proven.elsewhere === undefined;
    hasPreferred ||= preferred;
    const reshapes = outcome.reshapes ? { reshapes: true as const } : {};
    yield { title: outcome.title, kind: outcome.action, preferred, remedy: remedy.name, ...reshapes, ...proven };
  }
}

type Proven = Pick<Fix, "edits" | "elsewhere">;

/** The edits of a proposal, arranged and proven; else why it must not be offered. */
function prove(host: FixHost, path: string, findings: readonly Finding[], finding: Finding, proposal: Proposal): Proven | string {
  const edits = arrangeEdits(proposal.edits);
  if (!edits) return CONTRADICTION;
  if (!proposal.elsewhere) return whyNotProven(host, path, host.text(path) ?? "", findings, [finding], edits) ?? { edits };
  const elsewhere: FileEdits[] = [];
  for (const file of proposal.elsewhere) {
    const arranged = arrangeEdits(file.edits);
    if (!arranged) return CONTRADICTION;
    elsewhere.push({ path: file.path, edits: arranged });
  }
  return whyNotProvenAcross(host, [{ path, edits }, ...elsewhere], finding) ?? { edits, elsewhere };
}

const CONTRADICTION = "its edits contradict each other";
