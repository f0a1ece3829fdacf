interface MeterProps {
  readonly part: number;
  readonly whole: number;
  /** A second mark, such as a fair share. */
  readonly mark?: number | undefined;
  readonly tone?: 'ok' | 'warn' | 'bad' | 'accent';
}

/** A bar that is filled in part. Only a picture: the numbers stand beside it. */
export function Meter({ part, whole, mark, tone = 'accent' }: MeterProps) {
  const at = (value: number): number => (whole <= 0 ? 0 : Math.min(100, (100 * value) / whole));
  return (
    <svg class={`meter is-${tone}`} viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="meter-ground" width="100" height="8" />
      <rect class="meter-fill" width={at(part)} height="8" />
      {mark !== undefined && <line class="meter-mark" x1={at(mark)} x2={at(mark)} y1="0" y2="8" />}
    </svg>
  );
}
