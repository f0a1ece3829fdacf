import { fileURLToPath } from 'node:url';
import type { Config } from '../../config/config.ts';
import type { Caller } from '../../core/commands/command.ts';
import { formatListenAddress } from '../../http/listen-address.ts';
import { HttpServer } from '../../http/server.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Stage } from './stage.ts';

/** Where `npm run build` puts the console: three folders up from here in `src` and in `dist`. */
const consoleFolder = fileURLToPath(new URL('../../../dist/console', import.meta.url));

/** The operator's HTTP server, if the configuration has one. */
export function httpServer(
  { http, service }: Config,
  metrics: Metrics,
  stage: Pick<Stage, 'perform' | 'unready' | 'remarks'>,
  log: Log,
): HttpServer | undefined {
  const { listen, token, read, hosts } = http;
  if (listen === undefined) return undefined;
  const caller = callerAt(listen);
  return new HttpServer({
    listen: listenText(listen),
    token,
    read,
    hosts,
    version: service.version,
    console: consoleFolder,
    perform: (name, given) => stage.perform(name, caller, given),
    readiness: () => stage.unready(),
    remarks: () => stage.remarks?.() ?? [],
    metrics: () => metrics.text(),
    metricsType: metrics.contentType,
    onProblem: (error) => log.logger.error({ err: error }, 'the HTTP server has a problem'),
  });
}

/** Whoever gets in at this listener is an administrator. */
function callerAt(listen: NonNullable<Config['http']['listen']>): Caller {
  return { role: 'admin', name: 'path' in listen ? 'socket' : 'http' };
}

function listenText(listen: NonNullable<Config['http']['listen']>): string {
  return formatListenAddress('path' in listen ? { kind: 'unix', ...listen } : { kind: 'tcp', ...listen });
}
