import { deepEqual, doesNotMatch, equal, match } from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { LinkEvents } from '../../../src/app/link-events.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import type { LinkProblem } from '../../../src/xmpp/link/link-problem.ts';

const refused: LinkProblem = { kind: 'refused', text: 'Nothing listens.', advice: 'Start the server.' };
const closed: LinkProblem = { kind: 'closed', phase: 'header', text: 'It was closed.', advice: 'Check the port.' };

/** What is written of each line that matters here. */
function begin(lost?: () => void) {
  const stream = new PassThrough();
  const log = createLog({ level: 'info', format: 'json', component: 'd', version: '1', secrets: [], stream });
  const counts = { receivedBytes: 0, sentBefore: 0, storeFailures: 0, routed: 0, reconnects: {}, since: undefined };
  const events = new LinkEvents(log, counts, [], lost);
  const lines = (): Record<string, unknown>[] =>
    String(stream.read() ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  return { events, lines };
}

describe('the log of the link', () => {
  it('gives the whole problem once, then a short line for each attempt', () => {
    const { events, lines } = begin();
    events.offline(refused, 812.6123);
    events.offline(refused, 1_650.2);
    events.offline(refused, 59_999.9);
    deepEqual(
      lines().map(({ level, msg, attempts, retryInMs, advice }) => [level, msg, attempts, retryInMs, advice]),
      [
        ['error', 'not attached: Nothing listens. Start the server.', 1, 813, 'Start the server.'],
        ['warn', 'still not attached (refused); next attempt in 1.6 s', 2, 1650, undefined],
        ['warn', 'still not attached (refused); next attempt in 60.0 s', 3, 60_000, undefined],
      ],
    );
  });

  it('tells each change of the reason, and no advice twice until the link is up', () => {
    const { events, lines } = begin();
    for (const problem of [refused, closed, refused]) events.offline(problem, 1_000);
    events.online();
    events.offline(refused, 1_000);
    deepEqual(
      lines().map(({ msg }) => msg),
      [
        'not attached: Nothing listens. Start the server.',
        'not attached: It was closed. Check the port.',
        'not attached: Nothing listens.',
        'attached to the XMPP server',
        'not attached: Nothing listens. Start the server.',
      ],
    );
  });

  it('does not tell the active one of several instances to stop the other, which is not active any more', () => {
    const conflict: LinkProblem = { kind: 'conflict', text: 'Held.', advice: 'Stop the other instance.' };
    const levels: unknown[] = [];
    for (const [lost, advice] of [
      [undefined, /^Stop the other instance\.$/],
      [() => {}, /^This is the active instance, .*kick_old/],
    ] as const) {
      const { events, lines } = begin(lost);
      events.offline(conflict, 100);
      const [line] = lines();
      match(String(line?.['advice']), advice);
      levels.push(line?.['level']);
    }
    // An error, and what a planned change brings with it.
    deepEqual(levels, ['error', 'info']);
    const { events, lines } = begin(() => {});
    events.offline(refused, 100);
    doesNotMatch(String(lines()[0]?.['msg']), /active instance/);
  });

  it('tells a self-test that failed, and the first that passes after it', () => {
    const { events, lines } = begin();
    events.health('good', undefined);
    events.health('suspect', 'another connection');
    events.health('offline', undefined);
    events.health('testing', undefined);
    events.health('good', undefined);
    events.health('good', undefined);
    const [failed, passed, ...more] = lines();
    deepEqual([failed?.['level'], failed?.['event']], ['error', 'link-suspect']);
    deepEqual([passed?.['level'], passed?.['event']], ['info', 'link-trusted']);
    equal(more.length, 0);
  });
});
