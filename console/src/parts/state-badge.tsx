/** How a worker's state is meant: what works, what waits for something, what needs somebody. */
function toneOf(state: string): 'ok' | 'warn' | 'bad' | 'quiet' {
  if (state === 'works') return 'ok';
  if (state === 'cut-off' || state === 'silent' || state === 'cannot-acknowledge') return 'bad';
  if (state === 'suspended' || state === 'drained' || state === 'last-resort' || state === 'negative') return 'warn';
  return 'quiet';
}

interface StateBadgeProps {
  readonly state: string;
  /** The state in words. */
  readonly why: string;
}

export function StateBadge({ state, why }: StateBadgeProps) {
  return (
    <span class={`badge is-${toneOf(state)}`} title={why}>
      {state}
    </span>
  );
}
