import { deepEqual } from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { RoleLog } from '../../../src/app/standby/role-log.ts';
import { Tenure } from '../../../src/app/standby/tenure.ts';
import { StoreError } from '../../../src/store/error.ts';
import { createLog } from '../../../src/telemetry/log.ts';

describe('the log of an instance', () => {
  it('tells each reason of a database that is away once, however they alternate, and again the next time', () => {
    const stream = new PassThrough();
    const log = createLog({ level: 'info', format: 'json', component: 'd', version: '1', secrets: [], stream });
    let problem: StoreError | undefined;
    const keeper = {
      id: 'one',
      tenure: new Tenure({ id: 'one', lease: 5_000, holdover: 12_000 }),
      get problem() {
        return problem;
      },
      now: () => 0,
    };
    const roles = new RoleLog(log, keeper);
    const texts = ['It is silent.', 'It timed out.', 'It is silent.', 'It timed out.', undefined, 'It is silent.'];
    for (const text of texts) {
      problem = text === undefined ? undefined : new StoreError('unreachable', 'db', text, 'Look.');
      roles.look();
    }
    const lines = String(stream.read()).trim().split('\n');
    deepEqual(
      lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
      ['db: It is silent. Look.', 'db: It timed out. Look.', 'the database answers again', 'db: It is silent. Look.'],
    );
  });

  it('tells that the database is another one, or an older copy', () => {
    const stream = new PassThrough();
    const log = createLog({ level: 'info', format: 'json', component: 'd', version: '1', secrets: [], stream });
    let epoch = 0;
    const view = () => ({
      epoch,
      owner: undefined,
      until: 0,
      handover: undefined,
      successor: undefined,
      instances: [],
      now: 1,
    });
    const tenure = new Tenure({ id: 'one', lease: 5_000, holdover: 12_000 });
    const roles = new RoleLog(log, { id: 'one', tenure, problem: undefined, now: () => 0 });
    for (const [index, seen] of [8, 8, 9, 2, 3].entries()) {
      epoch = seen;
      const call = { kind: 'beat', epoch: undefined } as const;
      tenure.answered(call, view(), index);
      roles.look();
    }
    const lines = String(stream.read()).trim().split('\n');
    const told = lines.map((line) => JSON.parse(line) as { event: string; before?: number; epoch?: number });
    deepEqual(
      told.filter(({ event }) => event === 'database-replaced').map(({ before, epoch }) => [before, epoch]),
      [[9, 2]],
    );
  });
});
