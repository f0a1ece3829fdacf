/** What stands where nothing is known. */
export const nothing = '–';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** `12,345`. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? nothing : whole.format(value);
}

/** `12.3K` where there is little room; exact below 10 000. */
export function compact(value: number): string {
  return Math.abs(value) < 10_000 ? whole.format(value) : short.format(value);
}

/** Something a second: `0`, `0.4`, `12`, `1,234`. */
export function rate(value: number | undefined): string {
  if (value === undefined) return nothing;
  if (value === 0) return '0';
  if (value < 0.05) return '<0.1';
  return value < 9.95 ? value.toFixed(1) : whole.format(value);
}

/** `3.4 MB`. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [size, unit] = [value, 0];
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  return `${unit === 0 || size >= 99.5 ? size.toFixed(0) : size.toFixed(1)} ${units[unit]}`;
}

/** A time that has passed, in its largest unit or two: `4 s`, `2 min 5 s`, `3 h 10 min`, `5 d 2 h`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ');
}

/** How long ago, by the router's clock; nothing for what never was. */
export function ago(time: string | null | undefined, now: number): string {
  const at = time === null || time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(at) ? nothing : duration(now - at);
}

/** `2026-11-21 19:10:03`, by the reader's clock. */
export function moment(time: string): string {
  const at = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clockTime(at.getTime())}`;
}

/** A point in time as the reader's clock shows it. */
export function clockTime(time: number): string {
  return new Date(time).toLocaleTimeString('en', { hourCycle: 'h23' });
}

/** `12.3 %`; tiny shares are not none. */
export function percent(part: number, whole: number): string {
  if (whole <= 0) return nothing;
  const share = (100 * part) / whole;
  if (share > 0 && share < 0.1) return '<0.1 %';
  return `${share >= 99.95 || share === 0 ? share.toFixed(0) : share.toFixed(1)} %`;
}

/** `1 worker`, `2 workers`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
