import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { clockTime } from '../format.ts';
import { useCell } from '../hooks.ts';
import { worn } from '../theme.ts';

/** One line of a chart. */
export interface Line {
  readonly label: string;
  /** The custom property of the style sheet that holds its colour. */
  readonly color: string;
  readonly values: readonly number[];
}

interface ChartProps {
  readonly title: string;
  /** Epoch milliseconds, the oldest first. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly show: (value: number) => string;
}

const height = 150;
/** Seconds that are shown, at least and at most. */
const shown = { least: 60, most: 300 };
/** Rows of the table that says the same: one in so many samples. */
const tableStep = 10;

/** Lines over time, with their numbers under the pointer, and as a table for whoever sees no chart. */
export function Chart({ title, times, lines, show }: ChartProps) {
  const [at, setAt] = useState<number | undefined>(undefined);
  const theme = useCell(worn);
  const index = at ?? times.length - 1;
  return (
    <figure class="chart">
      <figcaption>
        <h2>{title}</h2>
        <ul class="legend">
          {lines.map(({ label, color, values }) => (
            <li key={label}>
              <span class="swatch" data-color={color} aria-hidden="true" />
              {label} <strong>{values[index] === undefined ? '–' : show(values[index])}</strong>
            </li>
          ))}
        </ul>
      </figcaption>
      <Plot key={theme} times={times} lines={lines} show={show} onPoint={setAt} />
      <div class="chart-foot">
        <span>{at === undefined || times[at] === undefined ? spanOf(times) : clockTime(times[at])}</span>
        <details class="numbers">
          <summary>As a table</summary>
          <Numbers title={title} times={times} lines={lines} show={show} />
        </details>
      </div>
    </figure>
  );
}

function Numbers({ title, times, lines, show }: ChartProps) {
  const rows = times.map((_, index) => index).filter((index) => (times.length - 1 - index) % tableStep === 0);
  return (
    <table>
      <caption class="hidden">{title}</caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          {lines.map(({ label }) => (
            <th key={label} scope="col" class="number">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.toReversed().map((index) => (
          <tr key={times[index]}>
            <th scope="row">{clockTime(times[index] ?? 0)}</th>
            {lines.map(({ label, values }) => (
              <td key={label} class="number">
                {show(values[index] ?? 0)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function spanOf(times: readonly number[]): string {
  const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1_000;
  return seconds < shown.most - 10 ? 'Since this page was opened' : 'The last five minutes';
}

/** Epoch seconds from which, and to which, the chart reaches. */
function inSight(_plot: uPlot, low: number | null, high: number | null): [number, number] {
  const end = high ?? Date.now() / 1_000;
  return [end - Math.min(shown.most, Math.max(shown.least, end - (low ?? end))), end];
}

interface PlotProps extends Omit<ChartProps, 'title'> {
  readonly onPoint: (index: number | undefined) => void;
}

/** The drawing itself, which screen readers pass over. */
function Plot({ times, lines, show, onPoint }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const colors = lines.map(({ color }) => color).join(' ');
  const data: uPlot.AlignedData = [times.map((time) => time / 1_000), ...lines.map(({ values }) => [...values])];
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    const { current } = place;
    if (current === null) return undefined;
    const drawn = new uPlot(optionsOf(current, colors.split(' '), show, onPoint), latest.current, current);
    plot.current = drawn;
    const observer = new ResizeObserver(() => drawn.setSize({ width: current.clientWidth, height }));
    observer.observe(current);
    return () => {
      observer.disconnect();
      drawn.destroy();
      plot.current = undefined;
    };
  }, [colors, show, onPoint]);
  useEffect(() => plot.current?.setData(latest.current));
  return <div ref={place} class="plot" aria-hidden="true" />;
}

/** `12:03`, and `:15` between two minutes. */
function axisTime(time: number): string {
  const text = clockTime(time * 1_000);
  return text.endsWith(':00') ? text.slice(0, 5) : text.slice(5);
}

function optionsOf(
  place: HTMLElement,
  colors: readonly string[],
  show: (value: number) => string,
  onPoint: (index: number | undefined) => void,
): uPlot.Options {
  const style = getComputedStyle(place);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const axis = { stroke: color('--muted'), grid: { stroke: color('--line'), width: 1 }, ticks: { show: false } };
  return {
    width: place.clientWidth,
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: {
      x: { time: true, range: inSight },
      y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] },
    },
    axes: [
      {
        ...axis,
        size: 26,
        incrs: [15, 60],
        values: (_plot, times) => times.map(axisTime),
      },
      { ...axis, size: 52, values: (_plot, values) => values.map((value) => show(value)) },
    ],
    series: [
      {},
      ...colors.map((name, index) => ({
        stroke: color(name),
        width: 1.75,
        points: { show: false },
        ...(index === 0 ? { fill: `${color(name)}22` } : {}),
      })),
    ],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)] },
  };
}
