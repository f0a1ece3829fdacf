import type { WorkerReport } from '../../../src/core/commands/worker-report.ts';

/** A worker of a list, with these values. */
export function workerOf(name: string, values: Partial<WorkerReport> = {}): WorkerReport {
  return {
    pool: 'jobs',
    worker: `${name}@example/r`,
    label: name,
    state: 'works',
    why: 'It works.',
    priority: 0,
    show: 'online',
    weight: 1,
    inFlight: 0,
    capacity: null,
    holds: null,
    mayHold: null,
    latency: null,
    order: null,
    orderedWeight: null,
    server: null,
    answersPings: null,
    seen: '2026-11-21T00:00:00.000Z',
    heard: null,
    served: null,
    delivered: 0,
    ...values,
  };
}
