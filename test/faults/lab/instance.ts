import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { prepareRouter, type RouterProcess } from '../../support/router/router-process.ts';
import type { Wire } from './wire.ts';

/** Milliseconds that a router has for an answer. */
const patience = 2_000;
const hooks = fileURLToPath(new URL('./hooks.mjs', import.meta.url));

/** How the router breaks itself at its next start; see hooks.mjs. */
export interface Hook {
  readonly kill?: {
    readonly point: 'before-commit' | 'in-commit' | 'after-commit' | 'after-effect';
    /** The kind of change; any when absent. */
    readonly op?: string;
    readonly nth: number;
  };
  /** `wrong`: from the start on. */
  readonly clock?: { readonly offset: number; readonly wrong?: true };
}

export interface InstanceOptions {
  readonly domain: string;
  readonly pools: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Sections of the configuration. */
  readonly store: Readonly<Record<string, unknown>> | undefined;
  readonly standby: Readonly<Record<string, unknown>> | undefined;
  /** URL of the folder with the compiled router. */
  readonly home: string;
  /** To the server. */
  readonly wire: Wire;
  /** To the hosts of the database, where they can be cut. */
  readonly databaseWires: readonly Wire[];
}

/** A router of the lab, with what can be cut around it. */
export class Instance {
  readonly router: RouterProcess;
  readonly wire: Wire;
  readonly databaseWires: readonly Wire[];
  readonly #home: string;
  readonly #environment: Record<string, string> = {};

  constructor({ domain, pools, store, standby, home, wire, databaseWires }: InstanceOptions) {
    this.wire = wire;
    this.databaseWires = databaseWires;
    this.#home = home;
    this.router = prepareRouter({
      componentPort: wire.port,
      domain,
      secret: 's3cret',
      pools,
      config: {
        log: { level: 'info', format: 'json' },
        component: {
          service: `xmpp://127.0.0.1:${wire.port}`,
          domain,
          secret: 's3cret',
          reconnect: { min: '50ms', max: '300ms' },
          keepalive: '2s',
          pingTimeout: '2s',
        },
        ...(store === undefined ? {} : { store }),
        ...(standby === undefined ? {} : { standby }),
      },
      program: [`--import=${hooks}`, fileURLToPath(new URL('main.js', home))],
      environment: this.#environment,
    });
  }

  /** Starts the router, which breaks itself as it is told. */
  async start(hook: Hook = {}, until: 'ready' | 'listening' = 'ready'): Promise<void> {
    this.#environment['LAB_HOOK'] = JSON.stringify({ home: this.#home, ending: 'js', ...hook });
    await this.router.start(until);
  }

  /** What `/readyz` says; `undefined` when nobody answers: a process that is stopped takes connections too. */
  async readiness(): Promise<{ readonly status: number; readonly body: string } | undefined> {
    if (this.router.pid === undefined) return undefined;
    const answer = this.router.get('/readyz').catch(() => undefined);
    return Promise.race([answer, sleep(patience, undefined, { ref: false })]);
  }

  /** Whether it is the one that works. */
  async isReady(): Promise<boolean> {
    return (await this.readiness())?.status === 200;
  }

  async remove(): Promise<void> {
    await this.router.remove();
    for (const wire of [this.wire, ...this.databaseWires]) await wire.close();
  }
}
