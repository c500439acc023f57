/**
 * A plausible finding for tests of whatever prints or compares findings.
 */
import type { Finding } from "../../server/src/analysis/findings.js";

const location = { file: "/project/main.py", start: { line: 3, column: 4 }, end: { line: 3, column: 17 } };

/** `time.sleep(1)` in `async def main`, changed as asked. */
export function finding(changes: Partial<Finding> = {}): Finding {
  const site = changes.location ?? location;
  return {
    rule: "blocking-sleep",
    severity: "warning",
    confidence: "definite",
    message: "`main` stops the event loop for 1 s: time.sleep",
    location: site,
    entry: { function: "main", location: { ...site, start: { line: 2, column: 10 }, end: { line: 2, column: 14 } } },
    path: [{ role: "call", function: "main", callee: "time.sleep", location: site }],
    stall: { class: "wait", seconds: 1, text: "1 s" },
    also: [],
    ways: [],
    fingerprint: "00000000000001",
    ...changes,
  };
}
