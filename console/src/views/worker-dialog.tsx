import { useState } from 'preact/hooks';
import type { WorkerReport } from '../../../src/core/commands/worker-report.ts';
import { ago, count, nothing } from '../format.ts';
import { useCell, useDesk } from '../hooks.ts';
import { isRecord } from '../live/answer.ts';
import { isListOf } from '../live/overview.ts';
import { ActButton, ReadOnlyHint, useAct } from '../parts/act.tsx';
import { Confirm, Dialog } from '../parts/dialog.tsx';
import { Facts } from '../parts/facts.tsx';
import { StateBadge } from '../parts/state-badge.tsx';

interface WorkerDialogProps {
  readonly worker: WorkerReport;
  readonly onClose: () => void;
  /** Told of what a command says about workers. */
  readonly onReports: (reports: readonly WorkerReport[]) => void;
}

/** A worker with all that is known of it, and what an operator can do about it. */
export function WorkerDialog({ worker, onClose, onReports }: WorkerDialogProps) {
  const now = Date.parse(useCell(useDesk().overview)?.at ?? '');
  return (
    <Dialog title={worker.label || worker.worker} onClose={onClose} wide>
      <p class="jid">{worker.worker}</p>
      <p>
        <StateBadge state={worker.state} why={worker.why} /> {worker.why}
      </p>
      <ReadOnlyHint what="Steering a worker" />
      <Steering worker={worker} onClose={onClose} onReports={onReports} />
      <Facts
        items={[
          ['In flight', count(worker.inFlight)],
          ['Holds', worker.holds === null ? nothing : `${count(worker.holds)} of ${count(worker.mayHold)}`],
          ['Capacity', count(worker.capacity)],
          ['Latency', worker.latency === null ? nothing : `${count(worker.latency)} ms`],
          ['Delivered since it joined', count(worker.delivered)],
          ['Weight', count(worker.weight)],
          ['Priority', String(worker.priority)],
          ['Show', worker.show],
          ['By an operator', worker.order ?? nothing],
          ['Server', worker.server ?? nothing],
          ['Answers pings', worker.answersPings === null ? 'not known' : worker.answersPings ? 'yes' : 'no'],
          ['Last presence', `${ago(worker.seen, now)} ago`],
          ['Last sign of life', worker.heard === null ? nothing : `${ago(worker.heard, now)} ago`],
          ['Last message', worker.served === null ? nothing : `${ago(worker.served, now)} ago`],
        ]}
      />
    </Dialog>
  );
}

function Steering({ worker, onClose, onReports }: WorkerDialogProps) {
  const act = useAct();
  const [ejecting, setEjecting] = useState(false);
  const target = { worker: worker.worker, pool: worker.pool };
  const name = worker.label || worker.worker;
  const steer = async (verb: string, told: string, more: object = {}): Promise<boolean> => {
    const acted = await act(`workers.${verb}`, { ...target, ...more }, told);
    if ('done' in acted && isWorkers(acted.done)) onReports(acted.done.workers);
    return 'done' in acted;
  };
  return (
    <div class="steering">
      <div class="acts">
        <ActButton disabled={worker.order === 'drained'} onAct={() => void steer('drain', `Drain ${name}`)}>
          Drain
        </ActButton>
        <ActButton disabled={worker.order === 'suspended'} onAct={() => void steer('suspend', `Suspend ${name}`)}>
          Suspend
        </ActButton>
        <ActButton
          disabled={worker.order === null && worker.state !== 'silent'}
          onAct={() => void steer('resume', `Resume ${name}`)}
        >
          Resume
        </ActButton>
        <ActButton danger onAct={() => setEjecting(true)}>
          Eject …
        </ActButton>
      </div>
      <WeightForm worker={worker} onWeight={(weight) => void steer('weight', `Weight of ${name}`, { weight })} />
      <p class="muted small">
        Drained, it finishes what it has and gets nothing new. Suspended, it gets nothing at all. Both hold until it is
        resumed, also when it joins again.
      </p>
      {ejecting && (
        <Confirm
          title={`Eject ${name}?`}
          text="It is taken out of the pool and told so. It may join again: suspend it to keep work from it."
          act="Eject"
          onClose={() => setEjecting(false)}
          onAct={() =>
            void steer('eject', `Eject ${name}`).then((done) => {
              if (done) onClose();
            })
          }
        />
      )}
    </div>
  );
}

interface WeightFormProps {
  readonly worker: WorkerReport;
  readonly onWeight: (weight: number) => void;
}

function WeightForm({ worker, onWeight }: WeightFormProps) {
  const [weight, setWeight] = useState(String(worker.weight));
  const valid = /^\d{1,4}$/.test(weight) && Number(weight) <= 1_000;
  return (
    <div class="acts">
      <label class="field inline">
        <span>Weight</span>
        <input
          type="number"
          min={0}
          max={1_000}
          value={weight}
          onInput={({ currentTarget }) => setWeight(currentTarget.value)}
        />
      </label>
      <ActButton disabled={!valid} onAct={() => onWeight(Number(weight))}>
        Set weight
      </ActButton>
      <span class="muted small">0 for that of its presence or of the configuration</span>
    </div>
  );
}

function isWorkers(value: unknown): value is { readonly workers: readonly WorkerReport[] } {
  return isRecord(value) && isListOf(value['workers'], 'worker', 'state', 'inFlight');
}
