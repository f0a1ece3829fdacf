import fc from 'fast-check';
import { anyHistory, type Subject } from './delivery-commands.ts';
import { DeliveryModel } from './delivery-model.ts';

/** Milliseconds that a test of histories may take; 0, which is no bound, when the environment says how many. */
export const historyTime = process.env['HISTORY_RUNS'] === undefined ? 120_000 : 0;

/**
 * Any history of deliveries means what the model says, also after the store was closed and opened again.
 * @param runs How many; the environment's HISTORY_RUNS, when it is set.
 * @param open Makes an empty store.
 */
export async function holdsAnyHistory(runs: number, open: () => Promise<Subject>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(anyHistory, async (commands) => {
      const subject = await open();
      try {
        await fc.asyncModelRun(() => ({ model: new DeliveryModel(), real: subject }), commands);
      } finally {
        await subject.store.close();
      }
    }),
    { numRuns: Number(process.env['HISTORY_RUNS'] ?? runs), endOnFailure: true },
  );
}
