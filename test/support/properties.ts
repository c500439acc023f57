/**
 * Properties that hold for whatever is made up: each run is bounded in time and starts from one fixed seed, which is
 * printed. LOOPGUARD_TEST_SEED asks for another one, LOOPGUARD_TEST_PATH for the one failure that its message names.
 */
import fc from "fast-check";

const SEED = Number(process.env.LOOPGUARD_TEST_SEED ?? 20260801);

export interface Bounds {
  readonly runs: number;
  readonly seconds: number;
}

/** Throws with the smallest counterexample found. */
export async function checkProperty<Values extends [unknown, ...unknown[]]>(
  property: fc.IAsyncProperty<Values>,
  { runs, seconds }: Bounds,
): Promise<void> {
  const details = await fc.check(property, {
    seed: SEED,
    numRuns: runs,
    interruptAfterTimeLimit: seconds * 1000,
    ...(process.env.LOOPGUARD_TEST_PATH ? { path: process.env.LOOPGUARD_TEST_PATH } : {}),
  });
  console.log(`    seed ${SEED}: ${details.numRuns} runs`);
  if (!details.failed || !details.counterexample) return;
  throw new Error(await fc.asyncDefaultReportMessage(details), { cause: details.errorInstance });
}
