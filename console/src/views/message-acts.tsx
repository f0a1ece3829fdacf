import { useState } from 'preact/hooks';
import type { PoolOverview } from '../../../src/core/commands/overview.ts';
import { count, counted } from '../format.ts';
import { ActButton, useAct } from '../parts/act.tsx';
import { Confirm } from '../parts/dialog.tsx';
import { RedriveDialog } from './redrive-dialog.tsx';

interface MessageActsProps {
  readonly pool: PoolOverview;
  readonly dead: boolean;
  /** The ids that are chosen. */
  readonly chosen: readonly string[];
}

/** What can be done with messages. */
export function MessageActs({ pool, dead, chosen }: MessageActsProps) {
  const act = useAct();
  const [asking, setAsking] = useState<'cancel' | 'purge' | 'redrive' | undefined>(undefined);
  const close = (): void => setAsking(undefined);
  const waiting = (dead ? pool.queue?.dead : pool.queue?.ready) ?? 0;
  const some = counted(chosen.length, 'message');
  return (
    <div class="acts">
      {dead ? (
        <ActButton disabled={waiting === 0} onAct={() => setAsking('redrive')}>
          Redrive {chosen.length === 0 ? 'all' : count(chosen.length)} …
        </ActButton>
      ) : (
        <ActButton danger disabled={chosen.length === 0} onAct={() => setAsking('cancel')}>
          Cancel {chosen.length === 0 ? '' : count(chosen.length)} …
        </ActButton>
      )}
      <ActButton danger disabled={waiting === 0} onAct={() => setAsking('purge')}>
        {dead ? 'Delete all dead letters …' : 'Empty the queue …'}
      </ActButton>
      {asking === 'cancel' && (
        <Confirm
          title={`Cancel ${some}?`}
          text="They are deleted, also where a worker has them, and their senders are told."
          act="Cancel them"
          onClose={close}
          onAct={() => void act('queue.cancel', { pool: pool.pool, ids: chosen }, `Cancel ${some}`)}
        />
      )}
      {asking === 'purge' && (
        <Confirm
          title={
            dead ? `Delete ${counted(waiting, 'dead letter')}?` : `Delete ${counted(waiting, 'message')} that wait?`
          }
          text={
            dead
              ? 'All dead letters of this pool are deleted for good.'
              : 'All messages that wait are deleted, and their senders are told. Those that workers have are left.'
          }
          act="Delete"
          onClose={close}
          onAct={() =>
            void act('queue.purge', { pool: pool.pool, state: dead ? 'dead' : 'ready' }, `Empty ${pool.pool}`)
          }
        />
      )}
      {asking === 'redrive' && <RedriveDialog pool={pool} chosen={chosen} onClose={close} />}
    </div>
  );
}
