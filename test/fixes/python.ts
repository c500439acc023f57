/**
 * Runs Python programs beside a heartbeat, against a slow HTTP server of our own.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const BEAT = join(__dirname, "beat.py");
const SERVER = join(__dirname, "server.py");
const INTERPRETERS = ["python3", "/usr/bin/python3"];

export interface Outcome {
  readonly output: string;
  readonly errors: string;
  readonly status: number | null;
  /** The longest stall of the event loop, in seconds. */
  readonly stall: number;
}

/** The first Python that has all these packages, or undefined. */
export function pythonWith(packages: readonly string[]): string | undefined {
  return INTERPRETERS.find((python) => packages.every((name) => hasPackage(python, name)));
}

const packages = new Map<string, boolean>();

function hasPackage(python: string, name: string): boolean {
  const key = `${python} ${name}`;
  let found = packages.get(key);
  if (found === undefined) {
    try {
      execFileSync(python, ["-c", `import ${name}`], { stdio: "ignore" });
      found = true;
    } catch {
      found = false;
    }
    packages.set(key, found);
  }
  return found;
}

/** Runs `program` beside its modules, by path, to its end, for at most ten seconds. */
export async function runProgram(
  python: string,
  program: string,
  base: string,
  modules: ReadonlyMap<string, string> = new Map(),
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "loopguard-fix-"));
  try {
    const file = join(folder, "program.py");
    const beat = join(folder, "beat");
    writeFileSync(file, program);
    for (const [path, text] of modules) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const child = spawn(python, [BEAT, file, beat], {
      cwd: folder,
      env: { ...process.env, BASE: base, PYTHONPATH: folder, PYTHONIOENCODING: "utf-8", NO_PROXY: "*", no_proxy: "*" },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 10_000,
    });
    const [output, errors, status] = await Promise.all([textOf(child.stdout), textOf(child.stderr), statusOf(child)]);
    return { output, errors, status, stall: stallIn(beat) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function stallIn(beat: string): number {
  try {
    return Number(readFileSync(beat, "utf8"));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function statusOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = "";
  stream?.setEncoding("utf8");
  for await (const part of stream ?? []) text += part;
  return text;
}

export interface SlowServer {
  readonly base: string;
  stop(): void;
}

export async function startServer(): Promise<SlowServer> {
  const child = spawn(INTERPRETERS[0] as string, [SERVER], { stdio: ["pipe", "pipe", "inherit"] });
  const port = await new Promise<string>((resolve, reject) => {
    child.on("error", reject);
    child.stdout.setEncoding("utf8").once("data", (text: string) => resolve(text.trim()));
  });
  return { base: `http://127.0.0.1:${port}`, stop: () => child.stdin.end() };
}
