import type { PostgresFinding } from '../../store/postgres/examine.ts';
import { heldText } from '../database/held-text.ts';
import { isAlive } from './alive.ts';
import type { CheckFinding } from './check-finding.ts';

const subject = 'database';

/** What is to be said of a database that can be used: what is there, who is active, what could not take over. */
export function postgresFindings(look: PostgresFinding): CheckFinding[] {
  const server = `PostgreSQL ${look.version} at ${look.host}`;
  const text =
    look.state === 'missing'
      ? `${look.place} is empty; its tables will be made (${server})`
      : `${look.place} is sound${heldText(look.queues)} (${server})`;
  return [{ level: 'ok', subject, text }, ...instanceFindings(look), ...pendingFindings(look), ...hostFindings(look)];
}

function instanceFindings({ lease }: PostgresFinding): CheckFinding[] {
  if (lease === undefined) return [];
  const living = lease.instances.filter((instance) => isAlive(instance, lease.now));
  const active = lease.until > lease.now ? lease.instances.find(({ id }) => id === lease.owner) : undefined;
  const standby = living.filter(({ id }) => id !== active?.id).map(({ name }) => name);
  const stands = standby.length === 0 ? 'no instance stands by' : `standing by: ${standby.join(', ')}`;
  const text = active === undefined ? 'no instance is active' : `${active.name} is active (version ${active.version})`;
  return [{ level: 'ok', subject: 'instances', text: `${text}, ${stands}` }];
}

function pendingFindings({ state, pending }: PostgresFinding): CheckFinding[] {
  if (state === 'missing' || pending === 0) return [];
  const text = `the schema is of an older version, and lacks ${pending} ${pending === 1 ? 'migration' : 'migrations'}`;
  const advice =
    'It is brought up to date when an instance of this version becomes the active one; make a copy before.';
  return [{ level: 'note', subject, text, advice }];
}

function hostFindings({ unusable }: PostgresFinding): CheckFinding[] {
  return unusable.map(({ file, problem, advice }) => ({
    level: 'note',
    subject,
    text: `the host ${file} could not take over: ${problem}`,
    advice,
  }));
}
