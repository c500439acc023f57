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

/** A text of several lines. */
const lines = (...texts: readonly string[]): string => texts.join("\n");

const TABLE = [
  {
    name: "blocking-sleep",
    summary: "A sleep that stops the event loop's thread",
    why: `A thread sleep keeps the loop's thread and does nothing with it. ${FREEZE}`,
    codes: ["ASYNC251", "ASYNC101", "S7488"],
    example: lines("import time", "", "async def poll():", "    time.sleep(5)"),
    instead: lines("import asyncio", "", "async def poll():", "    await asyncio.sleep(5)"),
    silent: "`time.sleep(0)`, and sleeps that run only in threads or in processes of their own.",
  },
  {
    name: "blocking-http",
    summary: "A synchronous HTTP request on the event loop",
    why: `The thread waits for another machine's answer, without a timeout perhaps for ever. ${FREEZE}`,
    codes: ["ASYNC210", "ASYNC212", "ASYNC100", "S7499"],
    example: lines("import requests", "", "async def load(url):", "    return requests.get(url, timeout=10).json()"),
    instead: lines(
      "import aiohttp",
      "",
      "async def load(url):",
      "    async with aiohttp.ClientSession() as session:",
      "        async with session.get(url) as response:",
      "            return await response.json()",
    ),
    silent:
      "Async clients; requests handed to a thread; making, configuring and closing a session; and the body of a response " +
      "that has arrived already (`response.json()`).",
  },
  {
    name: "blocking-network",
    summary: "Sockets, name look-ups, mail, SSH or message queues on the event loop",
    why: `The thread waits for another machine, which may be slow, far away or gone. ${FREEZE}`,
    codes: ["ASYNC210"],
    example: lines("import socket", "", "async def resolve(host):", "    return socket.getaddrinfo(host, 443)"),
    instead: lines(
      "import asyncio",
      "",
      "async def resolve(host):",
      "    return await asyncio.get_running_loop().getaddrinfo(host, 443)",
    ),
    silent: "Sockets set to non-blocking, the loop's own `sock_*` methods, and asyncio's streams.",
  },
  {
    name: "blocking-database",
    summary: "A synchronous database or cache query on the event loop",
    why: `The thread waits for the database: one slow query, or one lock that somebody else holds, stops everything. ${FREEZE}`,
    codes: [],
    example: lines(
      "import sqlite3",
      "",
      "async def users(path):",
      "    connection = sqlite3.connect(path)",
      '    return connection.execute("SELECT * FROM users").fetchall()',
    ),
    instead: lines(
      "import aiosqlite",
      "",
      "async def users(path):",
      "    async with aiosqlite.connect(path) as connection:",
      '        return await connection.execute_fetchall("SELECT * FROM users")',
    ),
    silent: "Making cursors and row factories, databases in memory, and async drivers.",
  },
  {
    name: "blocking-file",
    summary: "Reading or writing a file on the event loop",
    why: `Files have no readiness to wait for: on a slow disk or a network share the thread stands still. ${FREEZE}`,
    codes: ["ASYNC230", "ASYNC101", "S7493"],
    example: lines("async def config(path):", "    with open(path) as file:", "        return file.read()"),
    instead: lines(
      "import asyncio",
      "from pathlib import Path",
      "",
      "async def config(path):",
      "    return await asyncio.to_thread(Path(path).read_text)",
    ),
    silent:
      "Files in memory (`io.BytesIO`, `io.StringIO`), and async files (aiofiles, anyio). A file that is opened and used in one " +
      "block is one finding, at the opening.",
  },
  {
    name: "blocking-filesystem",
    summary: "Walking, checking, moving or deleting files on the event loop",
    why: `Each call asks the disk or a network share. One look at one file is short; a tree is not. ${FREEZE}`,
    codes: ["ASYNC240", "ASYNC121"],
    example: lines("import shutil", "", "async def clean(folder):", "    shutil.rmtree(folder)"),
    instead: lines(
      "import asyncio",
      "import shutil",
      "",
      "async def clean(folder):",
      "    await asyncio.to_thread(shutil.rmtree, folder)",
    ),
    silent: "Pure path arithmetic (`os.path.join`, `Path.parent`, `Path.with_suffix`). One look at one file is a hint only.",
  },
  {
    name: "blocking-process",
    summary: "Starting or waiting for a child process on the event loop",
    why: `The thread waits until the child ends, however long that takes. ${FREEZE}`,
    codes: ["ASYNC220", "ASYNC221", "ASYNC222", "S7487"],
    example: lines("import subprocess", "", "async def build():", '    subprocess.run(["make"], check=True)'),
    instead: lines(
      "import asyncio",
      "",
      "async def build():",
      '    process = await asyncio.create_subprocess_exec("make")',
      "    await process.wait()",
    ),
    silent:
      "asyncio's own subprocesses, `Popen.poll()` and signals. Starting a child without waiting for it takes a few milliseconds " +
      "and is a hint.",
  },
  {
    name: "blocking-wait",
    summary: "Waiting for a lock, an event, a queue, a thread or a future on the event loop",
    why: `What is waited for may need the event loop to go on: at best everything stops, at worst for ever. ${FREEZE}`,
    codes: [],
    example: lines("import queue", "", "async def worker(jobs: queue.Queue):", "    return jobs.get()"),
    instead: lines("import asyncio", "", "async def worker(jobs: asyncio.Queue):", "    return await jobs.get()"),
    silent:
      "Non-blocking forms (`get_nowait`, `acquire(blocking=False)`, `timeout=0`), results of futures that are known to be " +
      "finished, and asyncio's own primitives. A lock is a hint as long as no other section under it, in its file, blocks.",
  },
  {
    name: "blocking-cpu",
    summary: "Work that keeps the event loop's thread busy",
    why: `Computing is as bad as waiting: until it is done nothing else runs. ${FREEZE}`,
    codes: [],
    example: lines(
      "import hashlib",
      "",
      "async def hash_password(password, salt):",
      "    return hashlib.scrypt(password, salt=salt, n=2**14, r=8, p=1)",
    ),
    instead: lines(
      "import asyncio",
      "import hashlib",
      "",
      "async def hash_password(password, salt):",
      "    return await asyncio.to_thread(hashlib.scrypt, password, salt=salt, n=2**14, r=8, p=1)",
    ),
    silent:
      "Work that takes long for large input only (`json.loads`, `re.sub`, `hashlib.sha256`); the setting `loopguard.largeInput` " +
      "reports it. Of the program's own work it sees loops over `range` whose counts are written down and, multiplied, pass a " +
      "million; functions that count a parameter down in two calls of themselves; and loops without an end.",
  },
  {
    name: "blocking-input",
    summary: "Waiting for the terminal on the event loop",
    why: `The thread waits for a person. ${FREEZE}`,
    codes: ["ASYNC250"],
    example: lines("async def ask():", '    return input("name: ")'),
    instead: lines("import asyncio", "", "async def ask():", '    return await asyncio.to_thread(input, "name: ")'),
    silent: "Questions asked in a thread, or before the loop runs.",
  },
  {
    name: "nested-event-loop",
    summary: "Running an event loop inside a running one",
    why: "asyncio refuses to run a loop in a thread that already runs one: RuntimeError.",
    severity: "error",
    codes: [],
    example: lines(
      "import asyncio",
      "",
      "async def fetch():",
      "    return 42",
      "",
      "async def handler():",
      "    return asyncio.run(fetch())",
    ),
    instead: lines("async def fetch():", "    return 42", "", "async def handler():", "    return await fetch()"),
    silent: "Where no loop runs: at module level, in threads, and in functions that no coroutine calls.",
  },
  {
    name: "loop-deadlock",
    summary: "Waiting for something that only this event loop can finish",
    why:
      "The loop waits for a result that it would have to compute itself: it never comes. A thread lock that a coroutine holds " +
      "across an await does the same to the next coroutine that asks for it: the holder cannot go on to release it.",
    severity: "error",
    codes: [],
    example: lines(
      "import asyncio",
      "",
      "async def fetch():",
      "    return 42",
      "",
      "async def handler():",
      "    loop = asyncio.get_running_loop()",
      "    return asyncio.run_coroutine_threadsafe(fetch(), loop).result()",
    ),
    instead: lines("async def fetch():", "    return 42", "", "async def handler():", "    return await fetch()"),
    silent:
      "A thread that waits for the loop, and a thread lock that is released before the next `await`. Where nobody sees that the " +
      "loop is the running one, waiting for its result is `blocking-wait`. Locks are followed within one file: names of the " +
      "module and attributes of its classes.",
  },
  {
    name: "executor-exit-blocks",
    summary: "Leaving an executor that still has work, on the event loop",
    why: `Leaving \`with ThreadPoolExecutor()\` waits for all submitted work. ${FREEZE}`,
    codes: [],
    example: lines(
      "from concurrent.futures import ThreadPoolExecutor",
      "",
      "async def main(work):",
      "    with ThreadPoolExecutor() as pool:",
      "        pool.submit(work)",
    ),
    instead: lines("import asyncio", "", "async def main(work):", "    await asyncio.to_thread(work)"),
    silent:
      "`shutdown(wait=False)`. Where all submitted work is awaited inside the block it is a hint. A timeout, a `shield` and the " +
      "first of several end the wait and not the work: leaving then waits for it.",
  },
  {
    name: "unawaited-coroutine",
    summary: "A coroutine that is never awaited",
    why: "Calling an async function runs nothing; without await its body never runs.",
    severity: "warning",
    codes: ["RUF006"],
    example: lines("import asyncio", "", "async def main():", "    asyncio.sleep(1)"),
    instead: lines("import asyncio", "", "async def main():", "    await asyncio.sleep(1)"),
    silent:
      "Coroutines that are returned, stored or handed on to somebody who awaits them. A name that nothing reads stores nothing; " +
      "`asyncio.wait` takes tasks, not coroutines.",
  },
  {
    name: "lost-task",
    summary: "A task that nothing keeps",
    why: "The event loop keeps only weak references to tasks: one that nothing else holds may vanish half done, its exception unseen.",
    severity: "information",
    codes: ["RUF006", "ASYNC300", "S7502"],
    example: lines("import asyncio", "", "async def main(work):", "    asyncio.create_task(work())"),
    instead: lines(
      "import asyncio",
      "",
      "tasks = set()",
      "",
      "async def main(work):",
      "    task = asyncio.create_task(work())",
      "    tasks.add(task)",
      "    task.add_done_callback(tasks.discard)",
    ),
    silent:
      "Tasks of a `TaskGroup`, and tasks that are awaited, returned or stored. A local name keeps a task for as long as its " +
      "function runs.",
  },
  {
    name: "swallowed-cancellation",
    summary: "CancelledError caught and not raised again",
    why:
      "Cancelling is how timeouts, task groups and shutdown stop a task. A task that swallows its cancellation goes on, and " +
      "whoever waits for its end waits in vain.",
    severity: "warning",
    codes: ["ASYNC103", "ASYNC104", "S7497"],
    example: lines(
      "import asyncio",
      "",
      "async def main(work):",
      "    while True:",
      "        try:",
      "            await work()",
      "        except asyncio.CancelledError:",
      "            pass",
    ),
    instead: lines(
      "import asyncio",
      "",
      "async def main(work, clean_up):",
      "    while True:",
      "        try:",
      "            await work()",
      "        except asyncio.CancelledError:",
      "            clean_up()",
      "            raise",
    ),
    silent:
      "Where the function itself cancelled what it awaits there, or awaits a task that somebody else may have cancelled; in " +
      "functions that ask `cancelling()` or call `uncancel()`; handlers that raise on one of their ways; `except Exception`, " +
      "which does not catch CancelledError; and at the end of a coroutine that is only started as a task of its own, which " +
      "has then ended as it was told to. Where a function ends behind the handler and nobody sees who awaits it, and in loops " +
      "whose condition may end them, it is an information; a warning where the code then goes round again.",
  },
  {
    name: "missing-drain",
    summary: "Writing to a stream in a loop without ever draining it",
    why: "Without `await writer.drain()` a slow reader makes the buffer grow without bound.",
    severity: "information",
    codes: [],
    example: lines(
      "import asyncio",
      "",
      "async def send(writer: asyncio.StreamWriter, lines):",
      "    for line in lines:",
      "        writer.write(line)",
    ),
    instead: lines(
      "import asyncio",
      "",
      "async def send(writer: asyncio.StreamWriter, lines):",
      "    for line in lines:",
      "        writer.write(line)",
      "        await writer.drain()",
    ),
    silent:
      "Functions that drain somewhere, call one that does or give the writer away; single writes; and synchronous functions, " +
      "which cannot drain.",
  },
  {
    name: "async-primitive-misuse",
    summary: "An asyncio primitive used the synchronous way, or from a thread",
    why:
      "asyncio's locks, queues and events work only on the loop, awaited: entered the synchronous way they raise, and from a " +
      "thread they wake nobody, or break in the middle of what the loop does with them.",
    severity: "warning",
    codes: [],
    example: lines(
      "import asyncio",
      "",
      "lock = asyncio.Lock()",
      "",
      "async def main(work):",
      "    with lock:",
      "        await work()",
    ),
    instead: lines(
      "import asyncio",
      "",
      "lock = asyncio.Lock()",
      "",
      "async def main(work):",
      "    async with lock:",
      "        await work()",
    ),
    silent:
      "Locks and events of `threading`; `call_soon_threadsafe` and `run_coroutine_threadsafe`; threads that run a loop of their " +
      "own; and functions that nobody is seen to hand to a thread.",
  },
  {
    name: "unused-ignore",
    summary: "An ignore comment that silences nothing",
    why:
      "The call it was written for is gone, blocks no longer, or stands on another line. Left behind, the comment hides the next " +
      "finding on its line, and tells its readers of a stall of the event loop that is none.",
    severity: "hint",
    codes: [],
    example: lines("async def main(name):", "    print(name)  # loopguard: ignore[blocking-file] read at start-up"),
    instead: lines("async def main(name):", "    print(name)"),
    silent:
      "Comments of other linters; comments for a whole file; rules that are switched off in the settings; and lines with a call " +
      "that cannot be followed here, since it may block where more of the program is installed.",
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

/** What is only probable is said one step less loudly. */
function quieter(severity: Severity): Severity {
  return severity === "error" ? "warning" : severity === "warning" ? "information" : severity;
}

/** Severity of a blocking rule; undefined: not reported (only hover and `explain` say it). */
export function severityOf(rule: RuleName, stall: StallClass, confidence: Confidence, largeInput: boolean): Severity | undefined {
  const fixed = ruleNamed(rule).severity;
  // Helpers that run a coroutine look first whether a loop runs: what is not sure to start another is no news.
  if (rule === "nested-event-loop" && confidence === "probable") return "information";
  if (fixed) return confidence === "probable" ? quieter(fixed) : fixed;
  switch (stall) {
    case "never":
      return confidence === "definite" ? "error" : "warning";
    case "wait":
    case "whole-file":
    case "tree":
    case "cpu":
      return confidence === "definite" ? "warning" : "information";
    // Who runs into it finds out at once, so a program that is in use hardly ever does.
    case "raises":
      return confidence === "definite" ? "information" : "hint";
    case "inode":
    case "spawn":
    case "once":
    case "lock":
      return "hint";
    case "large-input":
      return largeInput ? "hint" : undefined;
    case "none":
      return undefined;
  }
}
