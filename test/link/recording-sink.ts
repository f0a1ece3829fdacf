import type { LinkSink } from '../../src/xmpp/link/link.ts';
import type { HealthState } from '../../src/xmpp/link/link-health.ts';
import type { LinkProblem } from '../../src/xmpp/link/link-problem.ts';

/** What a link told, in order, and waits for more of it. */
export class RecordingSink implements LinkSink {
  readonly chunks: Buffer[] = [];
  readonly problems: { problem: LinkProblem; retryInMs: number }[] = [];
  readonly healths: { state: HealthState; reason: string | undefined }[] = [];
  onlines = 0;
  /** Runs inside `data`. */
  onData: (chunk: Buffer) => void = () => undefined;
  readonly #watchers = new Set<() => void>();

  get text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }

  online(): void {
    this.onlines += 1;
    this.#wake();
  }

  data(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.#wake();
    this.onData(chunk);
  }

  offline(problem: LinkProblem, retryInMs: number): void {
    this.problems.push({ problem, retryInMs });
    this.#wake();
  }

  health(state: HealthState, reason: string | undefined): void {
    this.healths.push({ state, reason });
    this.#wake();
  }

  /** Waits until `condition` holds; looked at after each thing the link tells. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
    });
  }

  /** Waits for the n-th problem (from 1) and gives it. */
  async problem(n = 1): Promise<LinkProblem> {
    await this.until(() => this.problems.length >= n);
    const told = this.problems[n - 1];
    if (told === undefined) throw new Error('no problem');
    return told.problem;
  }

  #wake(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
