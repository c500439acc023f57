/** Numbers that look like chance and are the same for the same seed: where what fails cannot be made smaller. */
const SEED = Number(process.env.LOOPGUARD_TEST_SEED ?? 20260801);

export class Draws {
  #state: number;

  constructor(seed: number = SEED) {
    this.#state = Math.imul(seed + 1, 2654435761) >>> 0;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    // Mulberry32.
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }
}
