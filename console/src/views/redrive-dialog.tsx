import { useState } from 'preact/hooks';
import type { PoolOverview } from '../../../src/core/commands/overview.ts';
import { counted } from '../format.ts';
import { ActButton, useAct } from '../parts/act.tsx';
import { Dialog } from '../parts/dialog.tsx';

interface RedriveDialogProps {
  readonly pool: PoolOverview;
  /** The ids that are chosen; none stands for all. */
  readonly chosen: readonly string[];
  readonly onClose: () => void;
}

/** Asks how fast dead letters go back into the queue. */
export function RedriveDialog({ pool, chosen, onClose }: RedriveDialogProps) {
  const act = useAct();
  const [pace, setPace] = useState('50');
  const letters = counted(chosen.length === 0 ? (pool.queue?.dead ?? 0) : chosen.length, 'dead letter');
  const valid = /^\d{1,5}$/.test(pace) && Number(pace) >= 1 && Number(pace) <= 10_000;
  const redrive = (): void => {
    onClose();
    const ids = chosen.length === 0 ? 'all' : chosen;
    void act('queue.redrive', { pool: pool.pool, ids, perSecond: Number(pace) }, `Redrive ${letters}`);
  };
  return (
    <Dialog title={`Redrive ${letters}`} onClose={onClose}>
      <p>They go back into the queue, with a new life and all their attempts again.</p>
      <label class="field inline">
        <span>How many a second</span>
        <input
          data-first
          type="number"
          min={1}
          max={10_000}
          value={pace}
          onInput={({ currentTarget }) => setPace(currentTarget.value)}
        />
      </label>
      <div class="dialog-foot">
        <button type="button" onClick={onClose}>
          Leave them
        </button>
        <ActButton primary disabled={!valid} onAct={redrive}>
          Redrive
        </ActButton>
      </div>
    </Dialog>
  );
}
