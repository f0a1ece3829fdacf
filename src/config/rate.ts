import type { Rate } from '../core/settings.ts';
import { complaint, type Reading } from './leaves.ts';

const periods: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** The most that may be written for either number. */
const most = 1_000_000;

const forms = 'Write "off", a rate such as "100/s" or "30/m", or one with a burst such as "100/s burst 500".';

/** A rate as it is written in the file: `100/s`, `30/m burst 100`, `off`. Without a burst it is the number before the slash. */
export function readRate(written: string): Reading<Rate | undefined> {
  if (written === 'off') return { value: undefined };
  const [, count, unit, burst] = /^(\d+)\/([smhd])(?: burst (\d+))?$/.exec(written) ?? [];
  const period = periods[unit ?? ''];
  if (count === undefined || period === undefined) return { complaint: complaint('This is no rate.', forms) };
  const rate = { count: Number(count), period, burst: Number(burst ?? count) };
  if (rate.count >= 1 && rate.burst >= 1 && rate.count <= most && rate.burst <= most) return { value: rate };
  return { complaint: complaint('A number is out of range.', 'Write numbers from 1 to 1000000, or "off".') };
}
