import type { MessagePort } from 'node:worker_threads';
import { unpackChanges } from '../packed-changes.ts';
import { type Hurry, type Notice, type Reply, type Request, toFailure, toFailures } from '../thread/protocol.ts';
import { failureOf } from './failure.ts';
import { placeOf } from './settings.ts';
import { SteadyWriter, type WriterOptions } from './steady-writer.ts';

/** Connects, says so, and answers the requests that come by `port`. */
export async function serveWriter(port: MessagePort, options: WriterOptions): Promise<void> {
  const say = (message: Reply | Notice): void => port.postMessage(message);
  const failed = (id: number, error: unknown): void =>
    say({ kind: 'failed', id, failure: toFailure(failureOf(error, placeOf(options.settings))) });
  const writer = new SteadyWriter(options, {
    down: (reason) => say({ kind: 'down', failure: toFailure(reason) }),
    up: () => say({ kind: 'up' }),
  });
  port.on('message', (request: Request | Hurry) => {
    if (request.kind === 'hurry') {
      writer.hurry();
      return;
    }
    answer(writer, request)
      .then(say, (error: unknown) => failed(request.id, error))
      .finally(() => void (request.kind === 'close' && port.close()));
  });
  try {
    say({ kind: 'opened', last: await writer.open() });
  } catch (error) {
    failed(0, error);
  }
}

async function answer(writer: SteadyWriter, request: Request): Promise<Reply> {
  const { id } = request;
  switch (request.kind) {
    case 'write': {
      const { refused } = await writer.write(unpackChanges(request.changes), request.batch);
      return { kind: 'written', id, refused: toFailures(refused) };
    }
    case 'load':
      return { kind: 'loaded', id, snapshot: await writer.load() };
    case 'read':
      return { kind: 'read', id, rows: await writer.read(request.query) };
    case 'was-last': {
      const { written, refused } = await writer.wasWritten(request.batch);
      return { kind: 'was-last', id, written, refused: toFailures(refused) };
    }
    case 'close':
      await writer.close();
      return { kind: 'closed', id };
  }
}
