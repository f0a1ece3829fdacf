/** The mock's own process: a server to one component, driven by the bench over IPC. */
import { Load } from './load.ts';
import type { MockReply, MockRequest, PhaseResult } from './protocol.ts';
import { MockServer } from './server.ts';

interface Mock {
  readonly server: MockServer;
  readonly load: Load;
}

const guarded = new Set<number>();
let mock: Mock | undefined;

process.on('message', (request: MockRequest) => {
  answer(request).then(tell, (error: unknown) => {
    tell({ tell: 'failed', text: error instanceof Error ? error.message : String(error) });
  });
});

process.on('disconnect', () => {
  for (const pid of guarded) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
  process.exit();
});

function tell(reply: MockReply): void {
  process.send?.(reply);
}

async function answer(request: MockRequest): Promise<MockReply> {
  if (request.ask === 'guard') {
    guarded.add(request.pid);
    return { tell: 'done' };
  }
  if (request.ask === 'listen') {
    const server: MockServer = new MockServer(request.service, (chunk) => load.read(chunk));
    const load: Load = new Load(request.service, (frame) => server.deliver(frame));
    mock = { server, load };
    return { tell: 'listening', port: await server.listen() };
  }
  if (mock === undefined) throw new Error('the mock does not listen yet');
  const socket = await mock.server.attached;
  if (request.ask === 'attached') return { tell: 'done' };
  if (request.ask === 'join') {
    await mock.server.join();
    return { tell: 'done' };
  }
  return { tell: 'phase', result: await phase(mock.load, socket, request) };
}

type PhaseRequest = Extract<MockRequest, { ask: 'check' | 'window' | 'rate' | 'flood' | 'drain' }>;

function phase(load: Load, socket: Parameters<Load['check']>[0], request: PhaseRequest): Promise<PhaseResult> {
  if (request.ask === 'check') return load.check(socket, request.messages);
  if (request.ask === 'flood') return load.flood(socket, request.messages, request.first);
  if (request.ask === 'drain') return load.drain(socket, request.perSecond, request.seconds);
  if (request.ask === 'window') return load.window(socket, request.inFlight, request.seconds, request.messages);
  return load.rate(socket, request.perSecond, request.seconds);
}
