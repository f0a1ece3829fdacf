import { useEffect, useState } from 'preact/hooks';
import type { PoolOverview } from '../../../src/core/commands/overview.ts';
import { useDesk } from '../hooks.ts';
import { isRecord } from '../live/answer.ts';
import { useAct, useMayWrite } from '../parts/act.tsx';

/** Shows how the pool chooses, and lets one choose among what it offers. */
export function AlgorithmSwitch({ pool }: { readonly pool: PoolOverview }) {
  const desk = useDesk();
  const act = useAct();
  const may = useMayWrite();
  const [offer, setOffer] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    void desk.read('pools.show', { pool: pool.pool }).then((answer) => {
      const found = 'done' in answer && isRecord(answer.done) ? answer.done['offer'] : undefined;
      if (Array.isArray(found)) setOffer(found.map(String));
    });
  }, [desk, pool.pool]);
  const choose = async (algorithm: string): Promise<void> => {
    setBusy(true);
    await act('pools.algorithm', { pool: pool.pool, algorithm }, `${pool.pool} chooses by ${algorithm}`);
    setBusy(false);
  };
  const words = offer.includes(pool.algorithm) ? offer : [pool.algorithm, ...offer];
  return (
    <label class="field inline">
      <span>Algorithm</span>
      <select
        value={pool.algorithm}
        disabled={!may || busy}
        onChange={({ currentTarget }) => void choose(currentTarget.value)}
      >
        {words.map((word) => (
          <option key={word} value={word}>
            {word}
          </option>
        ))}
      </select>
    </label>
  );
}
