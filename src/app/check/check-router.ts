import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import { RouterSilent, readPage } from '../../http/client.ts';
import type { ListenAddress } from '../../http/listen-address.ts';
import { addressOf } from '../operate/api-target.ts';
import { printable } from '../terminal/table.ts';
import type { CheckFinding } from './check-finding.ts';
import type { StoreLook } from './check-store.ts';

const subject = 'router';
const readiness = z.object({ ready: z.boolean(), reasons: z.array(z.object({ code: z.string(), text: z.string() })) });

const wake = 'Look at its process: wake it (SIGCONT), or end it. The server was not asked.';

/**
 * What a router says of itself that runs with this configuration, or that it says nothing; empty when none runs.
 * @param patience Milliseconds for its answer.
 */
export async function routerFindings(
  { http, store }: Config,
  look: StoreLook,
  patience?: number,
): Promise<CheckFinding[]> {
  const said = http.listen === undefined ? undefined : await ask(addressOf(http.listen), patience);
  if (said instanceof RouterSilent)
    return [{ level: 'fail', subject, text: `one listens, and ${said.message}`, advice: wake }];
  const holdsStore = typeof look === 'object' && 'state' in look && look.state === 'in-use';
  const unknown = said === undefined && hidesRouter(store.driver, look);
  if (said === undefined && !holdsStore && !unknown) return [];
  const advice =
    'The server was not asked: a second connection would end the first, or take part of its messages. ' +
    'Stop the router to test the server, or give --attach to do it all the same.';
  if (unknown)
    return [
      { level: 'note', subject, text: 'whether one runs elsewhere is not known: the database would tell', advice },
    ];
  if (said === undefined) return [{ level: 'note', subject, text: 'one runs, by its database', advice }];
  if (said.ready) return [{ level: 'ok', subject, text: 'one runs, and is ready', advice }];
  const standsBy = said.reasons.length > 0 && said.reasons.every(({ code }) => code === 'standby');
  const reasons = said.reasons.map(({ text }) => printable(text)).join(' ');
  // Not ready to route, and well: readiness is there to find the active one.
  if (standsBy) return [{ level: 'ok', subject, text: `one runs, and is well: ${reasons}`, advice }];
  return [{ level: 'fail', subject, text: `one runs, and is not ready: ${reasons}`, advice }];
}

/** Whether a router may run on another machine, of which a database that several share would tell, and cannot. */
function hidesRouter(driver: Config['store']['driver'], look: StoreLook): boolean {
  return driver === 'postgres' && typeof look === 'object' && 'failure' in look && look.failure.kind !== 'moved';
}

async function ask(
  address: ListenAddress,
  patience: number | undefined,
): Promise<z.infer<typeof readiness> | RouterSilent | undefined> {
  try {
    const page = await readPage({ address, token: undefined }, '/readyz', patience);
    return readiness.safeParse(JSON.parse(page)).data;
  } catch (error) {
    // Nobody there, or somebody else.
    return error instanceof RouterSilent ? error : undefined;
  }
}
