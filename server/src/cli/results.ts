/**
 * What a check found, kept with all that it asked of the machine: while every answer is the same, nothing is analysed again.
 */
import { createHash } from "node:crypto";
import type { Finding } from "../analysis/findings.js";
import type { Statistics } from "../analysis/statistics.js";
import type { Environment } from "./environment.js";
import { type Answered, answersAsThen, type Places, placesFrom, record } from "./recording.js";
import { openWorkspace, type Workspace, type WorkspaceOptions } from "./workspace.js";

/** What a check of some paths found. */
export interface Results {
  readonly selected: readonly string[];
  readonly findings: readonly Finding[];
  readonly statistics: Statistics;
  /** What could not be analysed, one line each. */
  readonly problems: readonly string[];
}

interface Kept {
  readonly answered: readonly Answered[];
  readonly results: Results;
}

/**
 * The results of checking `paths`: those that are kept, if they hold still, else by analysing them. `of`: tells runs of one folder
 * apart that see different files.
 */
export async function resultsOf(
  environment: Environment,
  paths: readonly string[],
  options: WorkspaceOptions,
  of = "",
): Promise<Results> {
  const { files, variables, folder } = environment;
  const key = keyOf(environment, paths, options, of);
  if (key === undefined) return analyse(environment, paths, options);
  const store = environment.openStore(options.cacheDir);
  const places = placesFrom(folder);
  const known = keptIn(store.read(key)?.text, folder);
  const holds = known !== undefined && answersAsThen({ files, variables }, places, known.answered);
  // What was said while comparing is part of the results, or will be said again.
  environment.log.take();
  if (holds) return known.results;
  const recording = record({ files, variables }, places);
  const { machine } = recording;
  const results = await analyse({ ...environment, ...machine }, paths, options);
  const text = JSON.stringify({ answered: recording.answered(), results } satisfies Kept);
  store.write(key, { text: portable(text, folder) });
  return results;
}

async function analyse(environment: Environment, paths: readonly string[], options: WorkspaceOptions): Promise<Results> {
  const workspace = await openWorkspace(environment, paths, options);
  const results = resultsIn(workspace);
  workspace.host.dispose();
  return results;
}

/** What is found in the files that were named. */
export function resultsIn({ selected, findings, host, problems }: Workspace): Results {
  // What could not be read shows while findings are made.
  const found = selected.flatMap((file) => findings(file));
  return { selected, findings: found, statistics: host.statistics(selected), problems: problems() };
}

/**
 * Under which name results are kept; undefined: nowhere. Another engine would find something else. Where the folder stands does
 * not count, so that machines can share results; what lies in it tells one project from another.
 */
function keyOf(environment: Environment, paths: readonly string[], { python }: WorkspaceOptions, of: string): string | undefined {
  const { files, folder, resolve } = environment;
  const build = environment.build();
  if (build === undefined) return undefined;
  const { kept }: Places = placesFrom(folder);
  const entries = (files.list(folder) ?? []).map(({ name }) => name).sort();
  const parts = [build, paths.map((path) => kept(resolve(path))), python ?? "", of, entries, kept(environment.home)];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, KEY_LENGTH);
}

const KEY_LENGTH = 28;

function keptIn(text: string | undefined, folder: string): Kept | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text.replaceAll(PLACE, `${quoted(folder)}/`)) as Kept;
  } catch {
    return undefined;
  }
}

/** Stands for the folder in results, where paths are absolute. */
const PLACE = "\u0002";

/** Without the place of the folder. */
function portable(text: string, folder: string): string {
  return text.replaceAll(`${quoted(folder)}/`, PLACE);
}

/** As it stands in JSON. */
function quoted(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
