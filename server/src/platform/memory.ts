/**
 * How much garbage the process may hold. V8 lets the heap double before it collects all of it again; most of what an analysis
 * holds stays, so that doubling it is what makes a process large. Collecting more often costs time: for a server that stays, not
 * for a run that ends.
 */
import { setFlagsFromString } from "node:v8";

/** By how much the heap may grow beyond what was alive, in percent. */
const GROWTH = 30;
/** Node's versions that know the flag for sure; another would complain on standard error. */
const KNOWN_VERSIONS = [20, 24] as const;

export function keepHeapSmall(version: string = process.versions.node): boolean {
  const major = Number(version.split(".", 1)[0]);
  const isKnown = major >= KNOWN_VERSIONS[0] && major <= KNOWN_VERSIONS[1];
  if (isKnown) setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
  return isKnown;
}
