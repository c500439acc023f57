/**
 * Whether any text can bring the analysis down: programs that the grammar allows, unfinished ones among them, and real files with
 * damaged bytes. Each is opened, asked all that an editor asks, edited and closed.
 *
 *   npm run fuzz -- [--bytes 10000000] [--corpus DIR]... [--seed 1] [--from 0] [--out build/fuzz]
 *
 * Text number n follows from the seed and n alone, so that `--from n --bytes 1` repeats it; real files must be the same. Prints counts as JSON. What throws, or takes longer than a
 * second of CPU, is written to `--out` and named; exit code 1 then. A text that never ends is called off by force.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { distribution, ROOT, round } from "./client.mjs";
import { writeEngine } from "./engine.mjs";

/** Longest that a text of sensible size may take, in ms. */
const LONGEST = 1000;
/** Then nobody waits any more, in ms: other programs may have the machine. */
const GIVEN_UP = 30_000;

if (isMainThread) await supervise();
else await analyseAll();

async function supervise() {
  const { values: options } = parseArgs({
    options: {
      bytes: { type: "string", default: "10000000" },
      corpus: { type: "string", multiple: true, default: [join(ROOT, "examples")] },
      seed: { type: "string", default: "1" },
      from: { type: "string", default: "0" },
      out: { type: "string", default: join(ROOT, "build", "fuzz") },
    },
  });
  const engine = await writeEngine({
    "server/src/analysis/create.ts": "createAnalysisHost",
    "server/src/analysis/configuration.ts": "DEFAULT_CONFIGURATION",
    "server/src/features/code-actions.ts": "actionsFor, fixAllEdits",
    "server/src/features/fixes/index.ts": "fixHostOf, rewritesAt",
    "server/src/features/hover.ts": "hoverAt",
    "server/src/platform/node.ts": "decodeText, readDistribution",
    "server/src/syntax/document.ts": "liveTreeCount",
    "server/src/syntax/grammar.ts": "loadGrammar",
    "test/support/draws.ts": "Draws",
    "test/support/memory.ts": "MemoryFiles, MemoryLog, stillClock",
    "test/support/pythonGrammar.ts": "mangled, PythonWriter",
  });
  const files = options.corpus.flatMap((folder) => pythonFilesBelow(resolve(folder)));
  const total = { texts: 0, bytes: 0, findings: 0, actions: 0 };
  const failures = [];
  const times = [];
  let next = Number(options.from);
  const fail = (number, reason, text) => {
    mkdirSync(options.out, { recursive: true });
    writeFileSync(join(options.out, `${options.seed}-${number}.py`), text ?? "");
    failures.push({ number, reason });
    process.stderr.write(`TEXT ${number}: ${reason.slice(0, 2000)}\n`);
  };
  while (total.bytes < Number(options.bytes)) {
    await new Promise((ended) => {
      const worker = new Worker(new URL(import.meta.url), {
        workerData: { engine, files, seed: Number(options.seed), next, bytes: Number(options.bytes) - total.bytes },
      });
      let timer;
      worker.on("message", ({ number, started, text, ...result }) => {
        clearTimeout(timer);
        if (started) {
          next = number + 1;
          timer = setTimeout(() => {
            fail(number, `no end after ${GIVEN_UP / 1000} s`, text);
            total.texts++;
            total.bytes += text.length;
            worker.terminate();
          }, GIVEN_UP);
          return;
        }
        for (const key of Object.keys(total)) total[key] += result[key] ?? 0;
        times.push(result.time);
        if (result.error) fail(number, result.error, text);
        else if (result.time > LONGEST) fail(number, `${result.time} ms for ${result.bytes} bytes`, text);
        if (total.texts % 200 === 0) process.stderr.write(`${total.texts} texts, ${total.bytes} bytes\n`);
      });
      worker.on("error", (error) => {
        fail(next - 1, `the thread died: ${error.stack}`);
        total.texts++;
      });
      worker.on("exit", () => {
        clearTimeout(timer);
        ended();
      });
    });
  }
  console.log(
    JSON.stringify(
      { seed: Number(options.seed), ...total, milliseconds: distribution(times), failing: failures.length, failures },
      undefined,
      2,
    ),
  );
  process.exit(failures.length > 0 ? 1 : 0);
}

/** In a thread of its own: analyses one text after the other until so many bytes are done. */
async function analyseAll() {
  const engine = (await import(workerData.engine)).default;
  const { knowledge, grammar: source } = engine.readDistribution();
  const grammar = await engine.loadGrammar(source);
  const files = new engine.MemoryFiles({});
  const host = engine.createAnalysisHost({ grammar, knowledge, files, clock: engine.stillClock, log: new engine.MemoryLog() });
  host.setFolders([{ path: "/project", configuration: engine.DEFAULT_CONFIGURATION }]);
  for (const _ of host.index());
  // Knowledge is read when it is first asked for, and code is slow when it is new, which is no text's fault.
  survive("import asyncio, time, requests\nasync def f():\n    time.sleep(1)\n    requests.get('')\n", new engine.Draws(0));
  for (let number = 0; number < 25; number++) survive(makeText(new engine.Draws(number)), new engine.Draws(number));
  let bytes = 0;
  for (let number = workerData.next; bytes < workerData.bytes; number++) {
    const random = new engine.Draws(workerData.seed * 1_000_003 + number);
    const text = makeText(random);
    parentPort.postMessage({ number, started: true, text });
    const [begin, cpu] = [performance.now(), process.cpuUsage()];
    let result = {};
    try {
      result = survive(text, random);
    } catch (error) {
      result = { error: error.stack ?? String(error) };
    }
    const { user, system } = process.cpuUsage(cpu);
    const time = round(Math.min(performance.now() - begin, (user + system) / 1000));
    if (engine.liveTreeCount() > 0) result.error ??= `${engine.liveTreeCount()} trees are left`;
    const size = Buffer.byteLength(text);
    bytes += size;
    parentPort.postMessage({
      number,
      texts: 1,
      bytes: size,
      time,
      text: result.error || time > LONGEST ? text : undefined,
      ...result,
    });
  }

  function makeText(random) {
    if (random.below(2) === 0) return new engine.PythonWriter(random).program(500 + random.below(12_000));
    const bytes = engine.mangled(readFileSync(random.pick(workerData.files)), random);
    const decoded = engine.decodeText(Buffer.from(bytes));
    const text = decoded.kind === "text" ? decoded.text : Buffer.from(bytes).toString("utf8");
    if (random.below(4) > 0) return text;
    // What an editor sends may hold halves of characters.
    const at = random.below(text.length + 1);
    return text.slice(0, at) + random.pick(["\ud800", "\udc00", "\udfff\ud800", "\ufffe", "\0"]) + text.slice(at);
  }

  function survive(text, random) {
    const path = "/project/main.py";
    host.open(path, text);
    try {
      const findings = host.findings(path);
      const lines = text.split("\n");
      const fixHost = engine.fixHostOf(host, () => ({}));
      let actions = 0;
      for (let question = 0; question < 3; question++) {
        const line = random.below(lines.length);
        const column = random.below((lines[line]?.length ?? 0) + 1);
        host.explain(path, line);
        host.functionsAt(path, { line, column });
        engine.hoverAt(
          { ...fixHost, explain: host.explain.bind(host) },
          grammar,
          path,
          { line, column },
          { location: () => undefined, rule: () => undefined },
        );
        const at = random.below(text.length + 1);
        engine.rewritesAt(fixHost, grammar, path, at, at);
        const finding = findings.length > 0 ? random.pick(findings) : undefined;
        if (finding) actions += engine.actionsFor(fixHost, grammar, path, finding).length;
      }
      host.blockingFunctions(path);
      const at = { line: random.below(lines.length), column: random.below(20) };
      host.change(path, [{ range: { start: at, end: at }, text: random.pick(["#", "\n", "(", "x", '"', "'''", "    "]) }]);
      host.findings(path);
      while (host.catchUp());
      host.takeChanged();
      return { findings: findings.length, actions };
    } finally {
      host.close(path);
    }
  }
}

function pythonFilesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".py"))
    .map((name) => join(folder, name))
    .sort()
    .filter((path) => {
      const { size } = statSync(path);
      return size > 100 && size < 60_000;
    });
}
