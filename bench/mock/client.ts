import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MockReply, MockRequest, PhaseResult, Service } from './protocol.ts';

type PhaseRequest = Extract<MockRequest, { ask: 'check' | 'window' | 'rate' | 'flood' | 'drain' }>;

/** The mock as the bench sees it: a process of its own, asked one thing at a time. */
export class MockClient {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(fileURLToPath(new URL('main.ts', import.meta.url)), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  /** Lets the mock listen as the server of `service`; gives its port. */
  async listen(service: Service): Promise<number> {
    const reply = await this.#ask({ ask: 'listen', service });
    if (reply.tell !== 'listening') throw new Error('the mock does not listen');
    return reply.port;
  }

  /** Has the mock end the process `pid` if this process dies. */
  async guard(pid: number): Promise<void> {
    await this.#ask({ ask: 'guard', pid });
  }

  /** Resolves once a component has authenticated. */
  async attached(): Promise<void> {
    await this.#ask({ ask: 'attached' });
  }

  /** Resolves once the pool has answered every worker's presence. */
  async join(): Promise<void> {
    await this.#ask({ ask: 'join' });
  }

  /** Runs one phase of load. */
  async phase(request: PhaseRequest): Promise<PhaseResult> {
    const reply = await this.#ask(request);
    if (reply.tell !== 'phase') throw new Error(`the mock answered "${reply.tell}" to a phase`);
    return reply.result;
  }

  /** Ends the process at once; for the end of this one. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  #ask(request: MockRequest): Promise<MockReply> {
    return new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error('the mock ended'));
      this.#child.once('exit', onExit);
      this.#child.once('message', (reply: MockReply) => {
        this.#child.off('exit', onExit);
        if (reply.tell === 'failed') reject(new Error(`the mock: ${reply.text}`));
        else resolve(reply);
      });
      this.#child.send(request);
    });
  }
}

/** Gives `use` a mock, and a temporary folder beside it; both are gone after it, however this process ends. */
export async function withMock<T>(use: (mock: MockClient, folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  const mock = new MockClient();
  const cleanUp = (): void => {
    mock.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', cleanUp);
  try {
    return await use(mock, folder);
  } finally {
    await mock.stop();
    process.off('exit', cleanUp);
    cleanUp();
  }
}
