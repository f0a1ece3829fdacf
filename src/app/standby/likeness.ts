import type { Fingerprint, InstanceView, LeaseView, SharedDatabase } from '../../store/shared.ts';
import type { Log } from '../../telemetry/log.ts';
import { differencesOf, unlikeText } from './differences.ts';
import { instanceText } from './view-text.ts';

/** Milliseconds after a failed question before the next. */
const pauseAfterFailure = 10_000;

/** What was found of another instance. */
interface Found {
  /** The two digests that were compared. */
  readonly pair: string;
  /** In what it differs, for people; empty when it is alike. */
  readonly differs: readonly string[];
}

/**
 * Whether the instances that share a database are configured alike. It says there what this one is, and compares what the
 * others say of themselves. That something differs is told, once for each change, and keeps nobody from anything: one
 * instance is always reloaded before the other.
 */
export class Likeness {
  readonly #database: Pick<SharedDatabase, 'id' | 'describe' | 'sectionsOf'>;
  readonly #log: Log;
  readonly #steady: () => number;
  readonly #found = new Map<string, Found>();
  #own: Fingerprint;
  #others: readonly InstanceView[] = [];
  #busy = false;
  #notBefore = Number.NEGATIVE_INFINITY;

  /** @param own Of what this instance runs with. */
  constructor(
    own: Fingerprint,
    database: Pick<SharedDatabase, 'id' | 'describe' | 'sectionsOf'>,
    log: Log,
    steady = (): number => performance.now(),
  ) {
    this.#own = own;
    this.#database = database;
    this.#log = log;
    this.#steady = steady;
  }

  /** From now on this instance runs with this. */
  become(own: Fingerprint): void {
    this.#own = own;
  }

  /** In what another that is alive differs, as far as is known; empty when it is alike. */
  differencesTo(id: string): readonly string[] {
    return this.#found.get(id)?.differs ?? [];
  }

  /** A sentence for each instance that is alive and differs. */
  get texts(): readonly string[] {
    return this.#others.flatMap((other) => {
      const differs = this.differencesTo(other.id);
      return differs.length === 0 ? [] : [warning(other, differs)];
    });
  }

  /**
   * Looks at what the database said last, and asks it what that leaves open.
   * @param others Those that are alive.
   */
  look(view: LeaseView, others: readonly InstanceView[]): void {
    this.#others = others;
    for (const id of this.#found.keys()) if (!others.some((each) => each.id === id)) this.#found.delete(id);
    const entry = view.instances.find(({ id }) => id === this.#database.id);
    // Tables of an older version hold no configurations.
    if (entry?.digest === undefined || this.#busy || this.#steady() < this.#notBefore) return;
    this.#busy = true;
    void this.#ask(entry, others);
  }

  async #ask(entry: InstanceView, others: readonly InstanceView[]): Promise<void> {
    const own = this.#own;
    try {
      if (entry.digest !== own.digest) await this.#database.describe(own);
      for (const other of others) await this.#compare(own, other, entry.version !== other.version);
    } catch (error) {
      this.#notBefore = this.#steady() + pauseAfterFailure;
      const why = error instanceof Error ? error.message : String(error);
      const text = `configurations could not be compared: ${why}`;
      this.#log.logger.debug({ event: 'configuration-not-compared' }, text);
    } finally {
      this.#busy = false;
    }
  }

  async #compare(own: Fingerprint, other: InstanceView, brief: boolean): Promise<void> {
    const { id, digest } = other;
    if (typeof digest !== 'string') return;
    const pair = `${own.digest} ${digest}`;
    const before = this.#found.get(id);
    if (before?.pair === pair) return;
    const sections = digest === own.digest ? own.sections : await this.#database.sectionsOf(id);
    if (sections === undefined) return;
    const differs = differencesOf(own.sections, sections, brief);
    this.#found.set(id, { pair, differs });
    this.#tell(other, differs, before?.differs ?? []);
  }

  #tell(other: InstanceView, differs: readonly string[], before: readonly string[]): void {
    const { logger } = this.#log;
    if (differs.join() === before.join()) return;
    const fields = { event: 'configuration-differs', instance: other.name, id: other.id, differs };
    if (differs.length > 0) logger.warn(fields, warning(other, differs));
    else
      logger.info(
        { ...fields, event: 'configuration-alike' },
        `${instanceText(other)} is configured as this one again`,
      );
  }
}

/** What is wrong, and what to do. */
function warning(other: InstanceView, differs: readonly string[]): string {
  return `${unlikeText(other, differs)} Whoever takes over goes by its own: give both the same file, and reload or restart the one that is behind.`;
}
