import type { IqRequestEnvelope } from '../envelope.ts';

/** What a request that waits for the disk costs beside its text, in bytes: records, closures, its place in line. */
const waitingOverhead = 800;

/** What a request that waits for the disk may keep in memory, in bytes: all that was read with it. UTF-16 text may hold two bytes a unit. */
export function costOf({ from, to, id, payload, lang, attributes }: IqRequestEnvelope): number {
  const texts = from.length + to.length + (id?.length ?? 0) + (lang?.length ?? 0) + (attributes?.length ?? 0);
  return waitingOverhead + 2 * (texts + payload.length);
}
