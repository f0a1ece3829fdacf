import { deepEqual, equal } from 'node:assert/strict';
import { followRedrive } from '../../../src/app/operate/follow-redrive.ts';
import { ProgressBar } from '../../../src/app/terminal/progress-bar.ts';
import type { CommandResult } from '../../../src/core/commands/command.ts';
import { HttpServer } from '../../../src/http/server.ts';
import { httpOptions } from '../../support/router/http-options.ts';

const token = 'correct-horse-battery-staple';

describe('following how dead letters are put back', () => {
  /** Answers one look after the other; returns what came of it, and what a terminal of 40 columns shows in turn. */
  async function follow(...looks: readonly CommandResult[]) {
    const left = [...looks];
    const asked: unknown[] = [];
    const server = new HttpServer({
      ...httpOptions,
      token,
      perform: (name, given) => {
        asked.push([name, given]);
        return left.shift() ?? { refused: 'store-failed' };
      },
    });
    const listen = await server.start();
    let shown = '';
    const lines = { isTTY: true, columns: 40, write: (text: string) => (shown += text) };
    const address = { kind: 'tcp', host: '127.0.0.1', port: Number(listen.split(':').at(-1)) } as const;
    try {
      const done = await followRedrive({ address, token, json: false }, 'jobs', new ProgressBar(lines));
      return { done, asked, shown: shown.split('\r\u001b[K').slice(1) };
    } finally {
      await server.stop();
    }
  }

  const look = (redriving: number): CommandResult => ({ done: { queues: [{ pool: 'jobs', redriving }] } });

  it('shows a bar until none is left, and takes it away', async () => {
    const { done, asked, shown } = await follow(look(4), look(1), look(0));
    equal(done, true);
    deepEqual(asked.at(0), ['queue.status', { pool: 'jobs' }]);
    deepEqual(shown, ['[---------------------] 0 of 4 put back', '[###############------] 3 of 4 put back', '']);
  });

  it('ends at once where nothing is to be done, and when the router refuses', async () => {
    deepEqual([(await follow(look(0))).shown, (await follow()).done], [[], false]);
  });
});
