/**
 * Mocha's reporter for this project: a line per test file, failures in full at the end, and the totals. Under
 * scripts/test.mjs the totals go to the parent, which prints the last line; alone the reporter prints it itself.
 */
const { relative } = require("node:path");
const { reporters, Runner } = require("mocha");

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Runner.constants;

class TotalsReporter extends reporters.Base {
  constructor(runner, options) {
    super(runner, options);
    const files = new Map();
    const count = (kind) => (test) => {
      const file = relative(process.cwd(), test.file ?? "");
      const counts = files.get(file) ?? { passed: 0, failed: 0, skipped: 0, milliseconds: 0 };
      counts[kind]++;
      counts.milliseconds += test.duration ?? 0;
      files.set(file, counts);
    };
    runner.on(EVENT_TEST_PASS, count("passed"));
    runner.on(EVENT_TEST_FAIL, count("failed"));
    runner.on(EVENT_TEST_PENDING, count("skipped"));
    runner.once(EVENT_RUN_END, () => {
      for (const [file, counts] of files) console.log(`  ${describe(counts)}  ${file} (${Math.round(counts.milliseconds)} ms)`);
      if (this.failures.length > 0) reporters.Base.list(this.failures);
      const totals = { passed: this.stats.passes, failed: this.stats.failures, skipped: this.stats.pending };
      if (process.send) process.send(totals);
      else console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
    });
  }
}

function describe({ passed, failed, skipped }) {
  const parts = [`${passed} passed`];
  if (failed > 0) parts.push(`${failed} FAILED`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  return parts.join(", ");
}

module.exports = TotalsReporter;
