import type { InstanceView, LeaseView } from '../../store/shared.ts';

/** An instance for people: names may be the same, ids are not. */
export function instanceText({ name, id }: Pick<InstanceView, 'name' | 'id'>): string {
  return `${name} (${id.slice(0, 8)})`;
}

/** The instance that has the lease, or had it last, for people; `undefined` when there never was one. */
export function ownerText({ owner, ownerName, instances }: LeaseView): string | undefined {
  if (owner === undefined) return undefined;
  const known = instances.find(({ id }) => id === owner);
  return instanceText(known ?? { name: ownerName ?? 'an instance that is gone', id: owner });
}

/** Milliseconds as seconds. */
export function secondsText(milliseconds: number): string {
  return `${(Math.max(0, milliseconds) / 1_000).toFixed(1)} s`;
}

/** Who is active, as the instance `own`, which stands by, sees it. */
export function viewText(view: LeaseView | undefined, age: number, own: string): string {
  if (view === undefined) return 'The database has not answered yet.';
  const owner = ownerText(view);
  const seen = `as of ${secondsText(age)} ago`;
  if (owner === undefined) return `No instance is active, ${seen}.`;
  if (view.until <= view.now) return `No instance is active, ${seen}; the last was ${owner} (epoch ${view.epoch}).`;
  if (view.owner === own)
    return `The lease is still in this one's name (epoch ${view.epoch}), ${seen}; no instance is active.`;
  return `${owner} is active (epoch ${view.epoch}), ${seen}.`;
}
