/**
 * Where a function runs: on the loop, off the loop, or on both, followed from callee to caller up to an entry or to whoever
 * hands it away, with the shortest way as the reason. Findings need entries only; this is for those who ask about the rest.
 */
import { type FunctionEntity, fullName, isAsync } from "../link/entities.js";
import type { Program } from "../link/program.js";
import type { Callers, GivenPlace, Use } from "./callers.js";
import { placeOfShape, siteLocation } from "./detect.js";
import type { Context, Location } from "./findings.js";

/** More functions than this are not looked at for one answer. */
const MAX_FUNCTIONS = 5000;

export interface ContextKnowledge {
  readonly program: Program;
  readonly callers: Callers;
  /** Where the project steps its coroutines by hand, unless a loop is known to run this function. */
  readonly steppedAt: (entity: FunctionEntity) => Location | undefined;
  /** A place for people: `app/routes.py:12`. */
  readonly placeText: (location: Location) => string;
}

/** Where the body of `entity` runs. */
export function contextOf(knowledge: ContextKnowledge, entity: FunctionEntity): Context {
  const { callers } = knowledge;
  const step = knowledge.steppedAt(entity);
  if (step) {
    const text = `the project steps coroutines by hand at ${knowledge.placeText(step)}, and nothing shows a loop for this one`;
    return { place: "unknown", text: because("is not known to run on the event loop", text) };
  }
  const reasons: { loop?: string; away?: string; import?: string } = {};
  // Breadth first: the first reason found is the nearest one.
  const queue: Visit[] = [{ at: entity }];
  const seen = new Set([entity]);
  for (const visit of queue) {
    for (const { side, text } of ownReasons(knowledge, visit)) reasons[side] ??= text;
    if (reasons.loop !== undefined && reasons.away !== undefined) break;
    // A coroutine's body runs where its loop does, whoever calls it.
    if (isAsync(visit.at)) continue;
    for (const use of callers.of("runs", visit.at)) {
      if (!use.caller) reasons.import ??= importText(knowledge, use, visit);
      else if (!seen.has(use.caller) && seen.size < MAX_FUNCTIONS) {
        seen.add(use.caller);
        queue.push({ at: use.caller, use, from: visit });
      }
    }
  }
  const { loop, away } = reasons;
  if (loop !== undefined && away !== undefined)
    return { place: "both", loop, away, text: `runs on the event loop (${loop}) and off it (${away})` };
  if (loop !== undefined) return { place: "loop", loop, text: because("runs on the event loop", loop) };
  if (away !== undefined) return { place: "away", away, text: because("runs off the event loop", away) };
  const [use] = callers.of("runs", entity);
  const known = reasons.import ?? (use?.caller && `called by ${nameOf(use.caller)} at ${placeOf(knowledge, use)}`);
  return { place: "unknown", text: because("is not known to run on the event loop", known ?? "nothing that was read calls it") };
}

function because(what: string, reason: string): string {
  return reason === "" ? what : `${what}: ${reason}`;
}

/** A function on the way up, and the call by which it runs the one below. */
interface Visit {
  readonly at: FunctionEntity;
  readonly use?: Use;
  readonly from?: Visit;
}

interface OwnReason {
  readonly side: "loop" | "away";
  readonly text: string;
}

/** What the function itself, its decorators, its class and those who hand it away say of where it runs. */
function ownReasons(knowledge: ContextKnowledge, visit: Visit): OwnReason[] {
  const { program, callers } = knowledge;
  const { at } = visit;
  const found: OwnReason[] = [];
  const say = (side: OwnReason["side"], text: string): void => {
    if (visit.use === undefined) found.push({ side, text });
    else found.push({ side, text: `called ${callText(knowledge, visit)}, which is ${text}` });
  };
  if (isAsync(at)) {
    if (knowledge.steppedAt(at)) return [];
    // Of a coroutine itself there is no more to say.
    found.push({
      side: "loop",
      text: visit.use === undefined ? "" : `called by the coroutine ${callText(knowledge, visit).slice(3)}`,
    });
    return found;
  }
  const place = placeOfShape(program, at) ?? program.stubs.hookPlace(at);
  if (place === "loop" || place === "startup") say("loop", "called there by its framework");
  else if (place === "thread" || place === "loop-or-thread") say("away", "called in a thread by its framework");
  else if (place === "process") say("away", "called in a process by its framework");
  for (const given of GIVEN_PLACES) {
    const [use] = callers.of(given, at);
    if (use) say(given === "loop" || given === "startup" ? "loop" : "away", givenText(knowledge, given, use));
  }
  return found;
}

const GIVEN_PLACES = ["loop", "startup", "thread", "process"] as const satisfies readonly GivenPlace[];

function givenText(knowledge: ContextKnowledge, given: (typeof GIVEN_PLACES)[number], use: Use): string {
  const name = knowledge.program.calls.nameAt(use.unit, use.site);
  const kind = { loop: "", startup: " to run at start-up", thread: " to run in a thread", process: " to run in a process" }[
    given
  ];
  return `handed to ${name === "" ? "its runner" : name}${kind} at ${placeOf(knowledge, use)}`;
}

/** "by main at app.py:7, through load and read". */
function callText(knowledge: ContextKnowledge, visit: Visit): string {
  const through: string[] = [];
  for (let below = visit.from; below?.use; below = below.from) through.push(nameOf(below.at));
  const at = visit.use ? ` at ${placeOf(knowledge, visit.use)}` : "";
  return `by ${nameOf(visit.at)}${at}${through.length > 0 ? `, through ${listed(through)}` : ""}`;
}

function importText(knowledge: ContextKnowledge, use: Use, visit: Visit): string {
  const through: string[] = [];
  for (let below: Visit | undefined = visit; below?.use; below = below.from) through.push(nameOf(below.at));
  const chain = through.length > 0 ? `, through ${listed(through)}` : "";
  return `called where ${use.unit.file.module} is imported or run, at ${placeOf(knowledge, use)}${chain}`;
}

/** A long way is told by its ends. */
function listed(names: readonly string[]): string {
  if (names.length <= 3) return names.join(", ");
  return `${names[0]}, … ${names.at(-1)}`;
}

function nameOf(entity: FunctionEntity): string {
  return entity.qualifiedName === "" ? fullName(entity) : entity.qualifiedName;
}

function placeOf({ placeText }: ContextKnowledge, { unit, site }: Use): string {
  return placeText(siteLocation(unit, site));
}
