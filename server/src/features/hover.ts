/**
 * The hover of a site, as a senior colleague would put it: what blocks, what it costs and whom, how it gets there, and the
 * ways out with their catch. For sites that are not reported: why not. Markdown; knows no protocol.
 */

import type { Explanation, Finding, Location, Step, Way } from "../analysis/findings.js";
import type { AnalysisHost } from "../analysis/host.js";
import { lineStartsOf, offsetAt, type Position } from "../base/lines.js";
import { type RuleName, ruleNamed } from "../base/rules.js";
import type { Grammar } from "../syntax/grammar.js";
import { type FixHost, type RefusedFix, refusalsFor } from "./fixes/index.js";
import { primitiveOf, stepText } from "./steps.js";

export interface Hover {
  readonly markdown: string;
  readonly location: Location;
}

/** How locations and rule pages become links; undefined where there is nothing to open. */
export interface Links {
  location(location: Location): string | undefined;
  rule(rule: RuleName): string | undefined;
  /** Leads through the path of a finding; absent where no command does. */
  path?(finding: Finding): string | undefined;
}

/** The part of the analysis that hovers use. */
export type HoverHost = FixHost & Pick<AnalysisHost, "explain">;

/** The hover at a position; undefined where no site stands. */
export function hoverAt(host: HoverHost, grammar: Grammar, path: string, position: Position, links: Links): Hover | undefined {
  const sites = host.explain(path, position.line, position.column);
  // The cursor may be on an argument inside the underlined call: what is underlined is what is asked about.
  const site = sites.find((candidate) => candidate.verdict.kind === "reported") ?? sites[0];
  if (!site || !isWorthSaying(site)) return undefined;
  const surroundings = site.verdict.kind === "reported" ? surroundingsOf(host, grammar, path, site.verdict.finding) : ALONE;
  return { markdown: explanationText(site, links, surroundings), location: site.location };
}

/** What bears on the ways out of a finding besides the finding itself. */
export interface Surroundings {
  readonly refused: readonly RefusedFix[];
  /** Other findings are steps of this one: what is opened here is read below. */
  readonly hasParts: boolean;
  /** What the site calls, as it is written there (`self.client.get`); absent where that is more than a name. */
  readonly written?: string;
}

const ALONE: Surroundings = { refused: [], hasParts: false };

function surroundingsOf(host: FixHost, grammar: Grammar, path: string, finding: Finding): Surroundings {
  const hasParts = host.findings(path).some(({ partOf }) => partOf === finding.fingerprint);
  const written = writtenCallee(host, path, finding);
  return { refused: refusalsFor(host, grammar, path, finding), hasParts, ...(written === undefined ? {} : { written }) };
}

/** `jobs.get` of `jobs.get(timeout=3)`; undefined where the call is one of several in a row, as in `connect().execute()`. */
function writtenCallee(host: FixHost, path: string, finding: Finding): string | undefined {
  const text = host.text(path);
  if (text === undefined) return undefined;
  const name = /^[\w.]+(?=\()/.exec(text.slice(offsetAt(lineStartsOf(text), text, finding.location.start)))?.[0];
  const called = finding.path[0]?.callee;
  return name !== undefined && called !== undefined && lastPart(name) === lastPart(called) ? name : undefined;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** Off the loop, a call that blocks nobody is not worth a word: most Python is not asynchronous. */
function isWorthSaying({ verdict, context }: Explanation): boolean {
  const nothing = verdict.kind === "harmless" || verdict.kind === "unknown";
  return !nothing || context.place === "loop" || context.place === "both";
}

/** What we say of a site, reported or not. */
export function explanationText(site: Explanation, links: Links, surroundings: Surroundings = ALONE): string {
  const { verdict } = site;
  const callee = site.callee === "" ? "This" : code(site.callee);
  switch (verdict.kind) {
    case "reported":
      return findingText(verdict.finding, links, surroundings);
    case "silent": {
      const silent = `${callee} can block, but is not reported here. ${sentence(verdict.reason)}`;
      return verdict.finding ? paragraphs([silent, chain(verdict.finding, links), hint(verdict.finding.rule)]) : silent;
    }
    case "harmless":
      return `${callee} does not block the event loop. ${sentence(verdict.reason)}`;
    case "offloaded":
      return paragraphs([`${callee} leaves the event loop free. ${sentence(verdict.reason)}`, OFFLOAD_COST]);
    case "unknown":
      return `Whether ${callee === "This" ? "this" : callee} blocks is not known. ${sentence(verdict.reason)}`;
  }
}

/** The whole explanation of a finding. */
export function findingText(finding: Finding, links: Links, surroundings: Surroundings = ALONE): string {
  return paragraphs([
    headline(finding),
    certainty(finding),
    chain(finding, links),
    waysOut(finding, surroundings),
    about(finding, links),
    hint(finding.rule),
  ]);
}

const OFFLOAD_COST =
  "What that costs: a timeout around it ends the wait, not the work; Python code in a thread competes for the GIL; and the " +
  "default pool is shared, so long jobs starve the others.";

function headline(finding: Finding): string {
  const primitive = code(primitiveOf(finding));
  if (!blocks(finding.rule)) return `**${sentence(finding.message)}** ${ruleNamed(finding.rule).why}`;
  const through = finding.path.length > 1 ? `, through ${code((finding.path[0] as Step).callee)},` : "";
  const cost = finding.stall.text === "" ? "" : ` (${finding.stall.text})`;
  const what = finding.stall.class === "raises" ? "must not run on the event loop" : "blocks the event loop";
  return `**${primitive}${through} ${what}**${cost}.\n${meanwhile(finding)}`;
}

/** Who is held up, and for how long on a good and on a bad day. */
function meanwhile({ entry, stall }: Finding): string {
  const runner = entry.function === "" ? "this code" : code(entry.function);
  const frozen = `the loop that runs ${runner} serves nobody: every other task, timer and connection of the process waits.`;
  switch (stall.class) {
    case "never":
      return `The loop that runs ${runner} never goes on: every other task, timer and connection of the process waits for good.`;
    case "raises":
      return `The library sees the running loop of ${runner} and refuses to hold it up.`;
    case "inode":
      return `Short on a disk of this machine, long on a network share that hangs. Meanwhile ${frozen}`;
    case "spawn":
      return `Short, but longer the more memory the process has. Meanwhile ${frozen}`;
    case "once":
      return `Later calls cost nothing; during the first one ${frozen}`;
    case "lock":
      return `Mostly short. While another holds it, ${frozen}`;
    default:
      return `Until it returns, ${frozen}`;
  }
}

function certainty(finding: Finding): string {
  const parts: string[] = [];
  if (finding.implementations) {
    const [blocking, all] = finding.implementations;
    parts.push(`${blocking} of the ${all} implementations that this call can reach block.`);
  } else if (finding.confidence === "probable") parts.push("This is probable, not certain.");
  if (finding.partOf !== undefined) parts.push("It is a step of the finding where the file is opened.");
  if (finding.also.length > 0) parts.push(`The same site also breaks ${finding.also.map(code).join(", ")}.`);
  return parts.join(" ");
}

/** The hops from the loop to the primitive, each with a link to its line. One hop says no more than the headline. */
function chain(finding: Finding, links: Links): string {
  if (finding.path.length < 2) return "";
  const hops = finding.path.map((step, index) => {
    const address = links.location(step.location);
    const text = stepText(step, code);
    if (address === undefined) return `${index + 1}. ${text}`;
    return `${index + 1}. ${text} ([${fileName(step.location.file)}:${step.location.start.line + 1}](${address}))`;
  });
  const lead = links.path?.(finding);
  return `How it gets there${lead === undefined ? "" : ` ([peek](${lead}))`}:\n${hops.join("\n")}`;
}

function waysOut(finding: Finding, surroundings: Surroundings): string {
  if (finding.partOf !== undefined) return "The way out is that of the opening: one thread for the whole block.";
  const ways = finding.ways.map((way, index) => wayText(way, index === 0, surroundings));
  if (blocks(finding.rule)) ways.push(...offloads(finding, surroundings));
  else if (ways.length === 0) ways.push(...(AMENDS[finding.rule] ?? []));
  if (ways.length === 0) return "";
  if (ways.length === 1) return `The way out: ${ways[0]}`;
  return `Ways out, best first:\n${ways.map((way, index) => `${index + 1}. ${way}`).join("\n")}`;
}

/** What puts a mistake right, where no other function does. */
const AMENDS: Readonly<Partial<Record<RuleName, readonly string[]>>> = {
  "unawaited-coroutine": ["`await` it.", "`asyncio.create_task`, with the task kept: it then runs beside what follows."],
  "lost-task": [
    "A task group (`async with asyncio.TaskGroup()`): it waits for its tasks and passes on what they raise.",
    "A set that keeps the task until it is done (`add_done_callback(tasks.discard)`): nobody hears of its exception.",
  ],
  "swallowed-cancellation": ["`raise` it again when the cleaning up is done."],
  "missing-drain": ["`await writer.drain()` in each round: it waits only while the buffer is full."],
  "async-primitive-misuse": [
    "On the loop: `async with`, or `await` what it returns.",
    "From a thread: `loop.call_soon_threadsafe` or `asyncio.run_coroutine_threadsafe`.",
  ],
};

function wayText(way: Way, isFirst: boolean, surroundings: Surroundings): string {
  // A language-level way: there is nothing to call.
  if (way.name === "await") return "`await` the coroutine itself.";
  const catches: string[] = [];
  if (way.differs !== undefined) catches.push(way.differs);
  const renamed = Object.entries(way.rename ?? {}).map(([from, to]) => `${code(from)} is called ${code(to)}`);
  if (renamed.length > 0) catches.push(`there ${renamed.join(" and ")}`);
  if (way.drop && way.drop.length > 0) catches.push(`it has no ${way.drop.map(code).join(", ")}`);
  const sentences = [`${code(way.name)}, awaited${isFirst ? ": other tasks run meanwhile." : "."}`];
  if (catches.length > 0) sentences.push(`What differs: ${sentence(catches.join("; "))}`);
  if (way.remedy !== undefined) sentences.push(...refusalOf(way.remedy, surroundings));
  return sentences.join(" ");
}

/** Nobody should wonder why the lightbulb lacks what is recommended here. */
function refusalOf(remedy: string, { refused }: Surroundings): string[] {
  const refusal = refused.find((candidate) => candidate.remedy === remedy);
  return refusal ? [`No fix does it here: ${sentence(refusal.reason)}`] : [];
}

/** Threads and processes, with what they cost. */
function offloads(finding: Finding, surroundings: Surroundings): string[] {
  if (finding.stall.class === "never") {
    return ["an end, or an `await` in each round. In a thread it would never return either."];
  }
  const role = finding.path[0]?.role;
  const isCall = (role === "call" || role === undefined) && !surroundings.hasParts;
  const what = isCall
    ? `\`await asyncio.to_thread(${surroundings.written ?? (finding.path[0] as Step).callee}, ...)\``
    : "`await asyncio.to_thread(...)` with the whole block in a function of its own";
  const catches = [
    "A thread cannot be cancelled: a timeout ends the wait, not the work.",
    ...refusalOf(TO_THREAD, surroundings),
  ].join(" ");
  if (finding.rule !== "blocking-cpu") return [`${what}: a thread waits and the loop goes on. ${catches}`];
  if (finding.gil === "released") {
    return [`${what}: the C code lets go of the GIL, so the loop goes on beside it. ${catches}`];
  }
  const process = [
    "`loop.run_in_executor(ProcessPoolExecutor(), ...)`: a process of its own computes. Arguments and results are pickled.",
    ...refusalOf(PROCESS_POOL, surroundings),
  ];
  return [process.join(" "), `${what}: the work keeps the GIL, so the loop goes on in short turns only. ${catches}`];
}

/** The remedies behind `asyncio.to_thread` and a pool of processes. */
const TO_THREAD = "to-thread";
const PROCESS_POOL = "process-pool";

function about(finding: Finding, links: Links): string {
  const page = links.rule(finding.rule);
  const rule = page === undefined ? code(finding.rule) : `[${finding.rule}](${page})`;
  return `Rule ${rule}: ${ruleNamed(finding.rule).summary}.`;
}

/** How to see it happen, by rule. */
function hint(rule: RuleName): string {
  switch (rule) {
    case "unawaited-coroutine":
      return "To see it happen: `PYTHONASYNCIODEBUG=1` says where a coroutine that was never awaited was created.";
    case "lost-task":
      return "To see it happen: `PYTHONASYNCIODEBUG=1` says of each pending task that is destroyed where it was created.";
    case "nested-event-loop":
    case "async-primitive-misuse":
      return "To see it happen: run it with `PYTHONASYNCIODEBUG=1`; the error then also says where the task was created.";
    case "swallowed-cancellation":
      return "To see it happen: cancel the task and watch it go on; `PYTHONASYNCIODEBUG=1` does not show this one.";
    case "missing-drain":
      return "To see it happen: let the other side read slowly and watch the memory; `PYTHONASYNCIODEBUG=1` does not show this one.";
    default:
      return "To see it happen: `PYTHONASYNCIODEBUG=1` logs every callback that holds the loop for more than 100 ms.";
  }
}

/** Whether the rule is about time spent on the loop, and not about correctness. */
function blocks(rule: RuleName): boolean {
  return ruleNamed(rule).severity === undefined;
}

function paragraphs(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}

/** `text` with a full stop, unless it ends its sentence itself. */
function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function code(name: string): string {
  return `\`${name}\``;
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
