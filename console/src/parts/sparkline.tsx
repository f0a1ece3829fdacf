interface SparklineProps {
  /** The oldest first. */
  readonly values: readonly number[];
}

const width = 100;
const height = 24;
/** Room for so many values; fewer stand at the right. */
const room = 60;

/** How a number went of late. Only a picture: the number itself stands beside it. */
export function Sparkline({ values }: SparklineProps) {
  const shown = values.slice(-room);
  const top = Math.max(1, ...shown);
  const points = shown.map((value, index) => {
    const x = ((index + room - shown.length) / (room - 1)) * width;
    return `${x.toFixed(1)},${(height - 2 - (value / top) * (height - 4)).toFixed(1)}`;
  });
  return (
    <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      {points.length > 1 && <polyline points={points.join(' ')} />}
    </svg>
  );
}
