import type { Snapshot } from '../../durable-state.ts';
import type { Out } from '../../ports.ts';
import { urnOf } from '../../select/table.ts';
import type { AlgorithmName } from '../../settings.ts';
import type { Pool } from '../pool.ts';

/**
 * Which algorithm a pool runs: the file's, or the one that a client set since (XEP-0354). One
 * state a pool, the same for every session (business rule 3); it changes when its commit is
 * reported, and until then the old one rules.
 */
export class Preferences {
  readonly #out: Out;

  constructor(out: Out) {
    this.#out = out;
  }

  /**
   * Takes in what clients had set. Where the operator has changed the file since, or no longer
   * offers the algorithm, the file wins, and that is said.
   */
  restore(pool: Pool, stored: Snapshot['preferences'][number] | undefined): void {
    if (stored === undefined) return;
    const { algorithm: file, offer } = pool.settings;
    if (stored.replaced === file && offer.includes(stored.algorithm)) {
      pool.algorithm = stored.algorithm;
      return;
    }
    this.#override(pool, stored.algorithm);
  }

  /**
   * Follows a reload. Where the operator has changed the file's algorithm, or no longer offers
   * what a client had set, the file wins; else what a client had set stays.
   * @param before What the file said until now.
   */
  follow(pool: Pool, before: AlgorithmName): void {
    const { algorithm: file, offer } = pool.settings;
    if (file === before && offer.includes(pool.algorithm)) return;
    const discarded = pool.algorithm;
    pool.algorithm = file;
    if (discarded === before) this.forget(pool);
    else this.#override(pool, discarded);
  }

  /** Forgets what clients had set. */
  forget(pool: Pool): void {
    this.#out.commit({ op: 'clear-preference', pool: pool.settings.name });
  }

  /**
   * Changes the algorithm once that is on disk.
   * @param by Who asked, for the log.
   * @param done Told the end, in the order of the calls.
   */
  set(pool: Pool, algorithm: AlgorithmName, by: string, done: (error: Error | undefined) => void): void {
    const { name, algorithm: replaced } = pool.settings;
    this.#out.commit({ op: 'set-preference', pool: name, algorithm, replaced }, (error) => {
      if (error === undefined) this.#apply(pool, algorithm, replaced, by);
      else this.#failed(pool, algorithm, error);
      done(error);
    });
  }

  #apply(pool: Pool, algorithm: AlgorithmName, replaced: AlgorithmName, by: string): void {
    const { algorithm: file, offer } = pool.settings;
    if (file !== replaced || !offer.includes(algorithm)) {
      // A reload came between the request and its commit.
      this.#override(pool, algorithm);
      return;
    }
    const before = pool.algorithm;
    pool.algorithm = algorithm;
    this.#out.event('preference-changed', pool.settings.name);
    this.#out.notice({
      level: 'info',
      event: 'preference-changed',
      pool: pool.settings.name,
      text: `algorithm ${before} -> ${algorithm}, set by ${by}`,
      detail: { before, after: algorithm, urn: urnOf(algorithm), by },
    });
  }

  #override(pool: Pool, discarded: AlgorithmName): void {
    const { name, algorithm: file } = pool.settings;
    this.forget(pool);
    this.#out.notice({
      level: 'warn',
      event: 'preference-overridden',
      pool: name,
      text: `the configuration's algorithm ${file} replaces ${discarded}, which a client had set`,
      detail: { configured: file, discarded },
    });
  }

  #failed(pool: Pool, algorithm: AlgorithmName, error: Error): void {
    this.#out.event('write-failed', pool.settings.name);
    this.#out.notice({
      level: 'error',
      event: 'preference-failed',
      pool: pool.settings.name,
      text: `algorithm ${algorithm} could not be stored, ${pool.algorithm} stays: ${error.message}`,
      detail: { wanted: algorithm, kept: pool.algorithm },
    });
  }
}
