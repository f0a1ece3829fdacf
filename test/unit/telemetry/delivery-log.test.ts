import { deepEqual } from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { DeliveryLog } from '../../../src/telemetry/delivery-log.ts';
import { createLog, type LogLevel } from '../../../src/telemetry/log.ts';
import { message } from '../../router/house.ts';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const passage = { jid: 'jobs@pools.example', hidesSenders: true };

/** The lines that a log of this level takes, without what stands in each. */
function lines(level: LogLevel, write: (log: DeliveryLog) => void): unknown[] {
  const stream = new PassThrough();
  const { logger } = createLog({ level, format: 'json', component: 'c', version: '1', secrets: [], stream });
  write(new DeliveryLog(logger));
  const text = String(stream.read() ?? '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { time: _time, component: _component, version: _version, ...rest } = JSON.parse(line);
      return rest;
    });
}

describe('the log of deliveries', () => {
  it('has a line for each message at the level trace, with its trace and nothing of what it says', () => {
    const tail = `<body>secret</body><headers xmlns='http://jabber.org/protocol/shim'><header name='traceparent'>${traceparent}</header></headers>`;
    const written = lines('trace', (log) => {
      log.given(message({ id: 'm1', tail }), 'ada@work.example/a', passage, 'sent', 2);
      log.given(message({ id: undefined }), 'bob@work.example/b', passage, 'congested');
    });
    const rest = { level: 'trace', event: 'given', pool: 'jobs' };
    deepEqual(written, [
      {
        ...rest,
        worker: 'ada@work.example/a',
        id: 'm1',
        attempt: 2,
        traceparent,
        sent: 'sent',
        msg: 'a message was given to a worker',
      },
      { ...rest, worker: 'bob@work.example/b', sent: 'congested', msg: 'a message could not be given' },
    ]);
  });

  it('is silent at every other level', () => {
    deepEqual(
      lines('debug', (log) => log.given(message(), 'ada@work.example/a', passage, 'sent')),
      [],
    );
  });
});
