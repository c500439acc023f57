/**
 * The example project: every finding the engine reports in it, with its path, and nothing else. The lines that look as if
 * they blocked and do not are held by the second half.
 */
import { deepEqual, equal } from "node:assert/strict";
import type { Finding } from "../../server/src/analysis/findings.js";
import type { AnalysisHost } from "../../server/src/analysis/host.js";
import { createTestHost, PROJECT } from "../support/host.js";
import { sourceFiles } from "../support/project.js";

/** File, code from the site to the end of its line, rule, and the path: the functions it runs through, then the primitive. */
type Expected = readonly [file: string, code: string, rule: string, path: string];

const EXPECTED: readonly Expected[] = [
  ["alerts.py", 'requests.get(f"{ALERT_URL}/{city}", timeout=5)', "blocking-http", "current → get"],
  ["console.py", 'input("Where does the backup go? ")', "blocking-input", "main → input"],
  [
    "console.py",
    "socket.create_connection((host, 443), timeout=3).close()",
    "blocking-network",
    "is_reachable → create_connection",
  ],
  ["jobs.py", "ThreadPoolExecutor(max_workers=4) as workers:", "executor-exit-blocks", "warm_up → Executor"],
  ["jobs.py", "pool.submit(client.forecast, city).result()", "blocking-wait", "forecast → result"],
  ["jobs.py", "shutil.copytree(DATA, target)", "blocking-filesystem", "back_up → copytree"],
  ["report.py", 'open(target, "w", encoding="utf-8") as file:', "blocking-file", "keep → open"],
  [
    "routes.py",
    "cache.lookup(city)",
    "blocking-file",
    "forecast → ForecastCache.lookup → ForecastCache._load → read_json → read_text",
  ],
  ["routes.py", "client.forecast(city)", "blocking-http", "forecast → ForecastClient.forecast → ForecastClient._get → get"],
  ["routes.py", "storage.add(city, temperature)", "blocking-database", "observe → Storage.add → execute"],
  ["routes.py", "report.render(city)", "blocking-process", "make_report → render → run"],
  ["routes.py", "accounts.is_right(name, password):", "blocking-cpu", "login → is_right → hash_of → scrypt"],
  ["routes.py", "alerts.subscribe(city, address)", "nested-event-loop", "subscribe → subscribe → run"],
  ["routes.py", "alerts.send_mail(city, text)", "blocking-network", "alert → send_mail → SMTP"],
  ["worker.py", "self._measurements.get()", "blocking-wait", "Worker.run → get"],
  ["worker.py", "self._ready.wait(timeout=5)", "blocking-wait", "Worker.settle → wait"],
  ["worker.py", "time.sleep(0.5)", "blocking-sleep", "Worker.settle → sleep"],
];

/** Lines that stay silent, and what `explain` says of them. */
const SILENT: readonly (readonly [file: string, code: string, verdict: string])[] = [
  ["routes.py", "asyncio.to_thread(client.forecast, city)", "offloaded"],
  ["routes.py", "storage.history(city)", "silent"],
  ["routes.py", "tasks.add_task(export, rows, target)", "offloaded"],
  ["jobs.py", "loop.run_in_executor(pool, client.forecast, city)", "offloaded"],
  ["main.py", '(DATA / "observations.db").stat()', "silent"],
  ["worker.py", "self._measurements.put_nowait(measurement)", "harmless"],
  ["worker.py", "time.sleep(0)", "harmless"],
  ["accounts.py", "hashlib.sha256(name.encode())", "silent"],
  ["storage.py", '(folder / city.lower()).with_suffix(".csv")', "harmless"],
  ["stations.py", "text.write(", "harmless"],
];

const FOLDER = "weather_service";
const texts = Object.fromEntries(
  sourceFiles("examples", /\.(py|toml)$/).map(({ path, text }) => [path.slice("examples/".length), text]),
);

describe("example project", () => {
  let host: AnalysisHost;

  before(async () => {
    ({ host } = await createTestHost(texts));
  });

  it("is reported as it should be, and nothing else is", () => {
    const found = Object.keys(texts)
      .filter((path) => path.endsWith(".py"))
      .sort()
      .flatMap((path) => host.findings(`${PROJECT}/${path}`).filter(({ partOf }) => partOf === undefined))
      .map((finding) => [fileName(finding), codeAt(finding), finding.rule, chainOf(finding)]);
    deepEqual(found, EXPECTED);
  });

  it("leads from every site to its primitive, hop by hop", () => {
    for (const path of Object.keys(texts).filter((name) => name.endsWith(".py"))) {
      for (const finding of host.findings(`${PROJECT}/${path}`)) {
        deepEqual(finding.path[0]?.location, finding.location);
        for (const step of finding.path) equal(step.location.file.startsWith(PROJECT), true, chainOf(finding));
      }
    }
  });

  it("is silent where the code only looks as if it blocked", () => {
    for (const [file, code, verdict] of SILENT) {
      const { line, column } = positionOf(file, code);
      const sites = host.explain(`${PROJECT}/${FOLDER}/${file}`, line);
      const site = sites.find(({ location: { start } }) => start.column === column);
      equal(site?.verdict.kind, verdict, `${file}: ${code}`);
    }
  });
});

function fileName({ location }: Finding): string {
  return location.file.slice(`${PROJECT}/${FOLDER}/`.length);
}

function codeAt({ location }: Finding): string {
  const lines = (texts[location.file.slice(PROJECT.length + 1)] as string).split("\n");
  return (lines[location.start.line] as string).slice(location.start.column);
}

/** The functions on the way, then the last word of the primitive's name: where a module keeps it is not the example's concern. */
function chainOf({ path }: Finding): string {
  const primitive = (path.at(-1)?.callee ?? "").split(".").at(-1);
  return [...path.map((step) => step.function), primitive].join(" → ");
}

function positionOf(file: string, code: string): { line: number; column: number } {
  const lines = (texts[`${FOLDER}/${file}`] as string).split("\n");
  const line = lines.findIndex((text) => text.includes(code));
  if (line < 0) throw new Error(`${file} lacks ${code}`);
  return { line, column: (lines[line] as string).indexOf(code) };
}
