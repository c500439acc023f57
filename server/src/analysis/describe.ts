/**
 * The words of a finding: how long it blocks, and one sentence that names the primitive last.
 */
import type { RuleName } from "../base/rules.js";
import type { Effect } from "../link/propagate.js";
import { collectsResults } from "../link/special.js";
import type { Stall, Step } from "./findings.js";

export function stallOf(effect: Effect): Stall {
  const seconds = effect.seconds?.kind === "constant" ? (effect.seconds.value ?? undefined) : undefined;
  const bound = effect.bound?.kind === "constant" ? effect.bound.value : undefined;
  return {
    class: effect.stall,
    ...(seconds === undefined ? {} : { seconds }),
    ...(typeof bound === "number" ? { bound } : {}),
    text: stallText(effect, seconds, bound),
  };
}

function stallText(effect: Effect, seconds: number | undefined, bound: number | null | undefined): string {
  if (effect.rule === "nested-event-loop") return "raises RuntimeError";
  if (effect.rule === "async-primitive-misuse" && effect.role === "call") return "may be lost, or wake nobody";
  if (effect.rule === "executor-exit-blocks") return "until its work is done";
  if (effect.rule === "loop-deadlock" && effect.stall === "never") return "can never finish";
  if (effect.inThread) return "in turns, since its thread keeps the GIL";
  if (effect.contended) return "as long as another holds the lock";
  if (effect.rule === "loop-deadlock" && !effect.bound) return "may never end";
  switch (effect.stall) {
    case "never":
      return "never returns";
    case "wait":
      if (seconds !== undefined) return secondsText(seconds);
      if (effect.seconds) return "as long as its argument says";
      if (typeof bound === "number") return `up to ${secondsText(bound)}`;
      if (bound === null) return "no timeout: may never return";
      if (effect.bound) return "up to its timeout";
      return UNBOUNDED[effect.rule] ?? "until the other side answers";
    case "whole-file":
      if (effect.rule === "blocking-network") return "while it loads certificates";
      return effect.writes ? "grows with what is written" : "grows with the file";
    case "tree":
      return "grows with the folder tree";
    case "cpu":
      return "as long as it computes";
    case "raises":
      return "raises an error instead of waiting";
    case "lock":
      return "while somebody else holds it";
    case "spawn":
      return "2-5 ms to start a process";
    case "inode":
      return "one look at the disk";
    case "once":
      return "only the first time";
    case "large-input":
      return "grows with its input";
    case "none":
      return isGathering(effect) ? "its results are lost" : (MISTAKES[effect.rule] ?? "");
  }
}

/** What a mistake leads to that stalls nobody. */
const MISTAKES: Readonly<Partial<Record<RuleName, string>>> = {
  "unawaited-coroutine": "its body never runs",
  "lost-task": "may end half done",
  "swallowed-cancellation": "cannot be stopped",
  "missing-drain": "grows without bound",
  "async-primitive-misuse": "raises an error",
};

/** What `gather` is given runs all the same; what nobody awaits is what comes of it. */
function isGathering({ rule, via }: Effect): boolean {
  return rule === "unawaited-coroutine" && via.kind === "primitive" && collectsResults(via.name);
}

/** How long something takes that no parameter bounds. */
const UNBOUNDED: Readonly<Partial<Record<RuleName, string>>> = {
  "blocking-sleep": "as long as it sleeps",
  "blocking-input": "until somebody answers",
  "blocking-database": "until the database answers",
  "blocking-process": "until the process ends",
  "blocking-wait": "until somebody else is done",
};

function secondsText(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${Number(seconds.toFixed(2))} s`;
}

/** One sentence for a list of problems: contains "event loop", ends with the primitive. */
export function messageOf(effect: Effect, path: readonly Step[], stall: Stall): string {
  const primitive = path.at(-1)?.callee ?? "";
  const hops = path.slice(0, -1).map((step) => shortName(step.callee));
  const shown = hops.length > 4 ? [...hops.slice(0, 2), "…", ...hops.slice(-1)] : hops;
  const chain = [...shown, primitive].join(" → ");
  const sure =
    effect.confidence === "definite" ? "" : effect.implementations ? implementationsText(effect.implementations) : "probably ";
  if (effect.stall === "raises") return `Refuses to wait on the event loop and ${sure}raises an error: ${chain}`;
  switch (effect.rule) {
    case "nested-event-loop":
      return `${capital(`${sure}starts`)} an event loop inside the running event loop, which raises RuntimeError: ${chain}`;
    case "unawaited-coroutine":
      if (isGathering(effect)) return `Nobody awaits these results, so the event loop drops them, errors included: ${chain}`;
      return `This coroutine is never awaited, so the event loop never runs it: ${chain}`;
    case "missing-drain":
      return `Nothing here waits for the other side to read, so the event loop's buffer grows: ${chain}`;
    case "async-primitive-misuse":
      if (effect.role === "call")
        return `Runs in a thread, but belongs to the thread of the event loop; call_soon_threadsafe leads there: ${chain}`;
      return `Only \`async with\` enters this; the event loop has to wait for it: ${chain}`;
    case "loop-deadlock":
      return effect.confidence === "definite"
        ? `Waits for what only this event loop could finish, so it never comes: ${chain}`
        : `Held across an await: whoever asks for this lock next on the event loop may wait for ever: ${chain}`;
    case "swallowed-cancellation":
      return effect.confidence === "definite"
        ? `Swallows the cancellation and goes on, so the event loop cannot stop this task: ${chain}`
        : `Swallows the cancellation; what awaits this on the event loop goes on as if nothing had been cancelled: ${chain}`;
    case "lost-task":
      return `Nothing keeps this task; the event loop holds it only weakly and may drop it half done: ${chain}`;
    case "executor-exit-blocks":
      return `Leaving this executor ${sure}blocks the event loop until its work is done: ${chain}`;
    default:
      if (stall.class === "never") return `${capital(sure)}never returns and freezes the event loop: ${chain}`.replace(/^n/, "N");
      return `${capital(`${sure}blocks`)} the event loop (${stall.text}): ${chain}`;
  }
}

function implementationsText([blocking, all]: readonly [number, number]): string {
  return `in ${blocking} of ${all} implementations `;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The last two parts of a dotted name: enough to recognise a function in a sentence. */
function shortName(name: string): string {
  const parts = name.split(".").filter((part) => part !== "<locals>");
  const isMethod = /^[A-Z]/.test(parts.at(-2) ?? "") || /^__\w+__$/.test(parts.at(-1) ?? "");
  return parts.slice(isMethod ? -2 : -1).join(".");
}
