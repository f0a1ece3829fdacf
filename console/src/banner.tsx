import { useEffect, useState } from 'preact/hooks';
import { AccessDialog } from './access-dialog.tsx';
import { clockTime } from './format.ts';
import { useCell, useDesk, useInstance } from './hooks.ts';
import type { WatchPhase } from './live/watch.ts';

/** What is wrong with the connection of this page, or with the router: above everything, until it is over. */
export function Banner() {
  const desk = useDesk();
  const phase = useCell(desk.phase);
  const overview = useCell(desk.overview);
  const version = useCell(desk.update);
  if (phase.kind === 'lost') return <Lost phase={phase} hasState={overview !== undefined} />;
  if (phase.kind === 'refused') return <Refused phase={phase} />;
  return (
    <>
      <Reasons reasons={overview?.router?.reasons ?? []} />
      <Unlike />
      {version !== undefined && <Updated version={version} />}
    </>
  );
}

interface ReasonsProps {
  readonly reasons: readonly { readonly code: string; readonly text: string }[];
}

function Reasons({ reasons }: ReasonsProps) {
  if (reasons.length === 0) return null;
  // One that stands by is well: it is to be known which one the page shows.
  const standsBy = reasons.every(({ code }) => code === 'standby');
  const title = standsBy ? 'Not the active instance' : 'The router is not ready';
  return (
    <section class="banner is-warn" aria-label={title}>
      <strong>{title}.</strong>
      <ul>
        {reasons.map(({ code, text }) => (
          <li key={code}>{text}</li>
        ))}
      </ul>
    </section>
  );
}

/** Instances of a pair are to be configured alike. */
function Unlike() {
  const others = useInstance()?.others.filter(({ differs }) => differs.length > 0) ?? [];
  if (others.length === 0) return null;
  return (
    <section class="banner is-warn" aria-label="Instances are configured differently">
      <strong>Instances are configured differently.</strong>
      <ul>
        {others.map(({ id, name, differs }) => (
          <li key={id}>
            {name}: {differs.join(', ')}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Updated({ version }: { readonly version: string }) {
  return (
    <section class="banner is-warn" aria-label="Another version">
      <strong>The router is version {version} now.</strong> <span>This page came from another one.</span>
      <span class="banner-tools">
        <button type="button" onClick={() => location.reload()}>
          Load the page again
        </button>
      </span>
    </section>
  );
}

interface LostProps {
  readonly phase: Extract<WatchPhase, { readonly kind: 'lost' }>;
  readonly hasState: boolean;
}

function Lost({ phase, hasState }: LostProps) {
  const desk = useDesk();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, Math.ceil((phase.retryAt - now) / 1_000));
  return (
    <section class="banner is-bad" aria-label="Connection lost">
      <strong>Connection lost at {clockTime(phase.since)}.</strong>{' '}
      <span>
        {phase.why.text} {hasState ? 'What you see is how it was then.' : ''}
      </span>
      <span class="banner-tools">
        <span class="muted">{left === 0 ? 'Trying again' : `Trying again in ${left} s`}</span>
        <button type="button" onClick={() => desk.retry()}>
          Try now
        </button>
      </span>
    </section>
  );
}

function Refused({ phase }: { readonly phase: Extract<WatchPhase, { readonly kind: 'refused' }> }) {
  const desk = useDesk();
  const [open, setOpen] = useState(false);
  const unauthorized = phase.why.status === 401;
  return (
    <section class="banner is-bad" aria-label="The router refuses">
      <strong>{unauthorized ? 'The router wants a token.' : 'The router does not show this.'}</strong>{' '}
      <span>{phase.why.text}</span>
      <span class="banner-tools">
        {unauthorized ? (
          <button type="button" class="primary" onClick={() => setOpen(true)}>
            Give the token
          </button>
        ) : (
          <button type="button" onClick={() => desk.retry()}>
            Try again
          </button>
        )}
      </span>
      {open && <AccessDialog onClose={() => setOpen(false)} />}
    </section>
  );
}
