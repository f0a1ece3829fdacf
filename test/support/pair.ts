import { prepareRouter, type RouterProcess, testToken } from './router/router-process.ts';
import type { Postgres } from './servers/postgres.ts';
import type { XmppServer } from './servers/xmpp-server.ts';
import { until } from './until.ts';

export const pairDomain = 'pools.localhost';
/** A durable pool, and a plain one. */
export const [safe, jobs] = [`safe@${pairDomain}`, `jobs@${pairDomain}`];

/** What the instances of a pair are given beside what all of them have. */
interface InstanceMore {
  readonly componentPort?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly program?: readonly string[];
  /** Runs dist, as installed, instead of the sources; default false. */
  readonly built?: boolean;
  /** `standby.lease`; shorter than the default when absent. */
  readonly lease?: string;
}

/** A process of an instance on `cluster`, attached to `server` while it is the active one; not started yet. */
export function prepareInstance(
  name: string,
  server: Pick<XmppServer, 'componentPort'>,
  cluster: Pick<Postgres, 'url'>,
  more: InstanceMore = {},
): RouterProcess {
  return prepareRouter({
    componentPort: server.componentPort,
    domain: pairDomain,
    secret: 's3cret',
    pools: {
      safe: {
        workers: ['*@localhost'],
        delivery: {
          guarantee: 'at-least-once',
          ack: 'processed',
          ackTimeout: '3s',
          backoff: { min: '100ms', max: '1s' },
        },
      },
      jobs: { workers: ['*@localhost'] },
    },
    config: {
      component: {
        service: `xmpp://127.0.0.1:${more.componentPort ?? server.componentPort}`,
        domain: pairDomain,
        secret: 's3cret',
        reconnect: { min: '50ms', max: '500ms' },
        pingTimeout: '1s',
      },
      store: { driver: 'postgres', url: cluster.url() },
      http: { listen: '127.0.0.1:0', token: testToken },
      standby: { lease: more.lease ?? '2s', holdover: '4s', name },
    },
    ...more,
  });
}

/** Codes of why an instance is not ready; `undefined` when it does not answer. */
export async function reasonsOf(instance: RouterProcess): Promise<readonly string[] | undefined> {
  try {
    const { body } = await instance.get('/readyz');
    const { reasons } = JSON.parse(body) as { reasons: readonly { code: string }[] };
    return reasons.map(({ code }) => code);
  } catch {
    return undefined;
  }
}

/** Waits until an instance is not ready for exactly these reasons; none: until it is ready. */
export async function untilReasons(instance: RouterProcess, ...codes: readonly string[]): Promise<void> {
  let last: readonly string[] | undefined;
  const so = async (): Promise<boolean> => {
    last = await reasonsOf(instance);
    return last?.join() === codes.join();
  };
  await until(so, () => `reasons ${codes.join()}, but ${last?.join()}\n${tailOf(instance)}`);
}

/** Has an instance hand its place over, as soon as it has seen that another is alive. */
export async function stepDown(instance: RouterProcess): Promise<void> {
  let told = '';
  const done = async (): Promise<boolean> => {
    const { status, body } = await instance.command('service.step-down');
    told = body;
    return status === 200;
  };
  await until(done, () => `stepping down: ${told}`);
}

/** What an instance said of its role. */
export function rolesOf(instance: RouterProcess): readonly string[] {
  return instance.log.filter(({ event }) => event === 'role').map(({ msg }) => String(msg));
}

function tailOf(instance: RouterProcess): string {
  return instance.log
    .slice(-12)
    .map((line) => JSON.stringify(line))
    .join('\n');
}
