import type { Handover, InstanceView, LeaseView } from '../shared.ts';
import { quoted } from './quoted.ts';
import type { Session } from './session.ts';
import type { ConnectionSettings } from './settings.ts';

/** What the functions of the schema answer: a `LeaseView`, with `null` for what is not there. */
export interface LeaseRow {
  readonly epoch: number;
  readonly owner: string | null;
  /** Absent where the schema is of an older version. */
  readonly ownerName?: string | null;
  readonly until: number;
  readonly handover: Handover | null;
  readonly successor: string | null;
  readonly instances: readonly InstanceView[];
  readonly now: number;
}

/** The answer as the rest of the program has it. */
export function viewOf({ owner, ownerName, handover, successor, ...row }: LeaseRow): LeaseView {
  const name = ownerName ?? undefined;
  return {
    ...row,
    owner: owner ?? undefined,
    ownerName: name,
    handover: handover ?? undefined,
    successor: successor ?? undefined,
  };
}

/** Who has the lease, asked by who is no instance. */
export async function leaseOf(session: Session, { schema }: ConnectionSettings): Promise<LeaseView | undefined> {
  const [found] = await session.query<{ view: LeaseRow }>(`select ${quoted(schema)}.lease_view() as view`);
  return found === undefined ? undefined : viewOf(found.view);
}
