/**
 * The rule table: one place that feeds diagnostics, hover, documentation, SARIF and `explain`. Severity follows from the
 * stall class and from how sure we are; the table says only what a rule is about.
 */
import type { Confidence, Severity, StallClass } from "./stall.js";

export interface Rule {
  readonly name: string;
  readonly summary: string;
  /** Why it hurts, for hover and documentation. */
  readonly why: string;
  /** Correctness rules have a severity of their own; the others take it from the stall. */
  readonly severity?: Severity;
  /** Codes of other linters that mean the same; `# noqa: CODE` is honoured for them. */
  readonly codes: readonly string[];
  /** Blocking code and the better way, for the documentation. */
  readonly example: string;
  readonly instead: string;
  /** When the rule stays silent. */
  readonly silent: string;
}

const FREEZE = "While it runs, the event loop serves nobody: every other request, timer and connection of the process waits.";

const TABLE = [
  {
    name: "blocking-sleep",
    summary: "A sleep that stops the event loop's thread",
    why: `A thread sleep keeps the loop's thread and does nothing with it. ${FREEZE}`,
    codes: ["ASYNC251", "ASYNC101", "S7488"],
    example: "async def poll():\n    time.sleep(5)",
    instead: "async def poll():\n    await asyncio.sleep(5)",
    silent: "`time.sleep(0)`, and sleeps that only run in threads.",
  },
  {
    name: "blocking-http",
    summary: "A synchronous HTTP request on the event loop",
    why: `The thread waits for another machine's answer, without a timeout perhaps for ever. ${FREEZE}`,
    codes: ["ASYNC210", "ASYNC212", "ASYNC100", "S7499"],
    example: "async def load(url):\n    return requests.get(url).json()",
    instead: "async def load(session, url):\n    async with session.get(url) as response:\n        return await response.json()",
    silent: "Async clients, and requests handed to a thread.",
  },
  {
    name: "blocking-network",
    summary: "Sockets, name look-ups, mail, SSH or message queues on the event loop",
    why: `The thread waits for another machine. ${FREEZE}`,
    codes: ["ASYNC210"],
    example: "async def resolve(host):\n    return socket.getaddrinfo(host, 443)",
    instead: "async def resolve(host):\n    return await asyncio.get_running_loop().getaddrinfo(host, 443)",
    silent: "Sockets set to non-blocking, and the loop's own `sock_*` methods.",
  },
  {
    name: "blocking-database",
    summary: "A synchronous database or cache query on the event loop",
    why: `The thread waits for the database, and one slow query or lock stops everything. ${FREEZE}`,
    codes: [],
    example: "async def user(session: Session, id: int):\n    return session.get(User, id)",
    instead: "async def user(session: AsyncSession, id: int):\n    return await session.get(User, id)",
    silent: "Building a query, and async drivers.",
  },
  {
    name: "blocking-file",
    summary: "Reading or writing a file on the event loop",
    why: `Files have no readiness to wait for: on a slow disk or a network share the thread stands still. ${FREEZE}`,
    codes: ["ASYNC230", "ASYNC101", "S7493"],
    example: "async def config(path):\n    with open(path) as file:\n        return file.read()",
    instead: "async def config(path):\n    return await asyncio.to_thread(Path(path).read_text)",
    silent: "Files in memory (`io.BytesIO`), and async files (aiofiles, anyio).",
  },
  {
    name: "blocking-filesystem",
    summary: "Walking, checking, moving or deleting files on the event loop",
    why: `Each call asks the disk or a network share. One look at one file is short; a tree is not. ${FREEZE}`,
    codes: ["ASYNC240", "ASYNC121"],
    example: "async def clean(folder):\n    shutil.rmtree(folder)",
    instead: "async def clean(folder):\n    await asyncio.to_thread(shutil.rmtree, folder)",
    silent: "Pure path arithmetic (`os.path.join`, `Path.parent`).",
  },
  {
    name: "blocking-process",
    summary: "Starting or waiting for a child process on the event loop",
    why: `The thread waits until the child ends. ${FREEZE}`,
    codes: ["ASYNC220", "ASYNC221", "ASYNC222", "S7487"],
    example: 'async def build():\n    subprocess.run(["make"])',
    instead: 'async def build():\n    process = await asyncio.create_subprocess_exec("make")\n    await process.wait()',
    silent: "asyncio's own subprocesses.",
  },
  {
    name: "blocking-wait",
    summary: "Waiting for a lock, an event, a queue, a thread or a future on the event loop",
    why: `What is waited for may need the event loop to go on: at best everything stops, at worst for ever. ${FREEZE}`,
    codes: [],
    example: "async def worker(jobs: queue.Queue):\n    job = jobs.get()",
    instead: "async def worker(jobs: asyncio.Queue):\n    job = await jobs.get()",
    silent: "Non-blocking forms (`get_nowait`, `acquire(blocking=False)`), and results of finished futures.",
  },
  {
    name: "blocking-cpu",
    summary: "Work that keeps the event loop's thread busy",
    why: `Computing is as bad as waiting: until it is done nothing else runs. ${FREEZE}`,
    codes: [],
    example: "async def login(password, hashed):\n    return bcrypt.checkpw(password, hashed)",
    instead: "async def login(password, hashed):\n    return await asyncio.to_thread(bcrypt.checkpw, password, hashed)",
    silent: "Work that is long for large input only; see the setting `loopguard.largeInput`.",
  },
  {
    name: "blocking-input",
    summary: "Waiting for the terminal on the event loop",
    why: `The thread waits for a person. ${FREEZE}`,
    codes: ["ASYNC250"],
    example: 'async def ask():\n    return input("name: ")',
    instead: 'async def ask():\n    return await asyncio.to_thread(input, "name: ")',
    silent: "-",
  },
  {
    name: "nested-event-loop",
    summary: "Running an event loop inside a running one",
    why: "asyncio refuses to run a loop in a thread that already runs one: RuntimeError.",
    severity: "error",
    codes: [],
    example: "async def handler():\n    return asyncio.run(fetch())",
    instead: "async def handler():\n    return await fetch()",
    silent: "Where no loop runs: at module level, in threads, after `nest_asyncio.apply()`.",
  },
  {
    name: "loop-deadlock",
    summary: "Waiting for something that only this event loop can finish",
    why: "The loop waits for a result that it would have to compute itself: it never comes.",
    severity: "error",
    codes: [],
    example: "async def handler(loop):\n    return asyncio.run_coroutine_threadsafe(fetch(), loop).result()",
    instead: "async def handler():\n    return await fetch()",
    silent: "Another thread waiting for the loop.",
  },
  {
    name: "executor-exit-blocks",
    summary: "Leaving an executor that still has work, on the event loop",
    why: `Leaving \`with ThreadPoolExecutor()\` waits for all submitted work. ${FREEZE}`,
    codes: [],
    example: "async def main():\n    with ThreadPoolExecutor() as pool:\n        pool.submit(work)",
    instead: "async def main():\n    await asyncio.to_thread(work)",
    silent: "When all submitted work was awaited.",
  },
  {
    name: "unawaited-coroutine",
    summary: "A coroutine that is never awaited",
    why: "Calling an async function runs nothing; without await its body never runs.",
    severity: "warning",
    codes: ["RUF006"],
    example: "async def main():\n    asyncio.sleep(1)",
    instead: "async def main():\n    await asyncio.sleep(1)",
    silent: "Coroutines handed on to somebody who awaits them.",
  },
  {
    name: "lost-task",
    summary: "A task that nothing keeps",
    why: "The event loop keeps only weak references to tasks: one that nothing else holds may vanish half done, its exception unseen.",
    severity: "information",
    codes: ["RUF006", "ASYNC300", "S7502"],
    example: "async def main():\n    asyncio.create_task(work())",
    instead: "async def main():\n    task = asyncio.create_task(work())\n    tasks.add(task)\n    task.add_done_callback(tasks.discard)",
    silent: "Tasks of a TaskGroup.",
  },
  {
    name: "swallowed-cancellation",
    summary: "CancelledError caught and not raised again",
    why: "A task that swallows its cancellation cannot be stopped: timeouts and shutdown hang.",
    severity: "warning",
    codes: ["ASYNC103", "ASYNC104", "S7497"],
    example: "try:\n    await work()\nexcept asyncio.CancelledError:\n    pass",
    instead: "try:\n    await work()\nexcept asyncio.CancelledError:\n    clean_up()\n    raise",
    silent: "Where the function itself cancelled what it awaits.",
  },
  {
    name: "missing-drain",
    summary: "Writing to a stream in a loop without ever draining it",
    why: "Without `await writer.drain()` a slow reader makes the buffer grow without bound.",
    severity: "information",
    codes: [],
    example: "for line in lines:\n    writer.write(line)",
    instead: "for line in lines:\n    writer.write(line)\n    await writer.drain()",
    silent: "Functions that drain somewhere.",
  },
  {
    name: "async-primitive-misuse",
    summary: "An asyncio primitive used the synchronous way",
    why: "asyncio's locks and events work only from the loop, awaited: otherwise they raise or protect nothing.",
    severity: "warning",
    codes: [],
    example: "with self.lock:  # asyncio.Lock\n    ...",
    instead: "async with self.lock:\n    ...",
    silent: "Locks of `threading`.",
  },
] as const satisfies readonly Rule[];

export type RuleName = (typeof TABLE)[number]["name"];

export const RULES: readonly (Rule & { readonly name: RuleName })[] = TABLE;

const BY_NAME = new Map<string, Rule & { readonly name: RuleName }>(TABLE.map((rule) => [rule.name, rule]));

export function ruleNamed(name: RuleName): Rule & { readonly name: RuleName } {
  return BY_NAME.get(name) as Rule & { readonly name: RuleName };
}

export function isRuleName(name: string): name is RuleName {
  return BY_NAME.has(name);
}

/** Severity of a blocking rule; undefined: not reported (only hover and `explain` say it). */
export function severityOf(rule: RuleName, stall: StallClass, confidence: Confidence, largeInput: boolean): Severity | undefined {
  const fixed = ruleNamed(rule).severity;
  if (fixed) return confidence === "probable" && fixed === "error" ? "warning" : fixed;
  switch (stall) {
    case "never":
      return confidence === "definite" ? "error" : "warning";
    case "wait":
    case "whole-file":
    case "tree":
    case "cpu":
      return confidence === "definite" ? "warning" : "information";
    case "inode":
    case "spawn":
    case "once":
    case "lock":
      return "hint";
    case "large-input":
      return largeInput ? "hint" : undefined;
  }
}
