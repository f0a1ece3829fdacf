import type { Worker } from 'node:worker_threads';

/** Lets a writer thread do its work, and end before it says that it has written. */
export function endOnceWritten(worker: Worker): void {
  const emit = worker.emit.bind(worker);
  worker.emit = (name: string | symbol, ...values: unknown[]): boolean => {
    const [reply] = values;
    const isAnswer = typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === 'written';
    if (!isAnswer) return emit(name, ...values);
    void worker.terminate();
    return true;
  };
}
