import type { Config } from '../../config/config.ts';
import { explain } from '../../config/explain.ts';
import { formatSize } from '../../config/size.ts';
import { type LargeStanza, probe } from '../../xmpp/link/probe.ts';
import { linkSettings } from '../link-settings.ts';
import { type LoadRequest, load } from '../load.ts';
import { packageVersion } from '../version.ts';
import { type CheckFinding, formatFinding } from './check-finding.ts';
import { hostFindings } from './check-hosts.ts';
import { likenessFindings } from './check-likeness.ts';
import { withMadePools } from './check-made.ts';
import { routerFindings } from './check-router.ts';
import { lookAtStore, storeFindings } from './check-store.ts';

/** What `check` may leave out or add. */
export interface CheckOptions {
  /** Do not connect to the server. */
  readonly offline: boolean;
  /** Connect to the server though a router runs, which loses messages by it. */
  readonly attach: boolean;
  /** Print every setting with its source. */
  readonly explain: boolean;
}

/**
 * Tests what a router needs to run, without running one: the configuration, the database, the
 * server's component port, the secret, the domain, that the server accepts and returns our stanzas,
 * and what the hosts around tell of themselves. Where a router runs already, it is asked instead of the
 * server, so that it loses nothing by this. Returns the exit code.
 */
export async function check(request: LoadRequest, options: CheckOptions): Promise<number> {
  const loaded = load(request);
  if (loaded === undefined) return 2;
  const { warnings } = loaded;
  const look = await lookAtStore(loaded.config);
  const { whole, findings: made } = withMadePools(loaded, look);
  if (options.explain) process.stdout.write(explain(whole.sources));
  const { config } = whole;
  const pools = config.service.pools.map(({ name }) => name);
  const findings = [
    configFinding(config, warnings.length),
    ...made,
    ...storeFindings(config.store, look, pools),
    ...likenessFindings(whole, look, packageVersion()),
  ];
  const running = await routerFindings(config, look);
  findings.push(...running);
  if (!options.offline && (running.length === 0 || options.attach)) findings.push(...(await serverFindings(config)));
  for (const finding of findings) process.stdout.write(formatFinding(finding));
  return findings.some(({ level }) => level === 'fail') ? 1 : 0;
}

function configFinding({ service }: Config, warnings: number): CheckFinding {
  const pools = service.pools.length === 1 ? 'one pool' : `${service.pools.length} pools`;
  const warned = warnings === 0 ? '' : `, ${warnings} warning${warnings === 1 ? '' : 's'}`;
  return { level: 'ok', subject: 'configuration', text: `${pools}${warned}` };
}

async function serverFindings(config: Config): Promise<CheckFinding[]> {
  const { component } = config;
  const result = await probe(linkSettings(config), undefined, config.limits.stanza);
  if (!result.ok) {
    return [
      {
        level: 'fail',
        subject: `server (${result.problem.kind})`,
        text: result.problem.text,
        advice: result.problem.advice,
      },
    ];
  }
  const attached: CheckFinding = {
    level: 'ok',
    subject: 'server',
    text: `${component.service.url} accepts the domain ${component.domain} and the secret`,
  };
  const { sent, back } = result.pings;
  if (back === sent)
    return [
      attached,
      { level: 'ok', subject: 'route', text: "the server brings our domain's stanzas to us" },
      ...(result.large === undefined ? [] : [sizeFinding(result.large, config.limits.stanza)]),
      ...(await hostFindings(config)),
    ];
  const advice =
    back === 0
      ? 'Either the server does not route a component to itself, or another connection holds the domain: stop every other router first.'
      : 'Another connection holds the domain too (ejabberd shares stanzas out among them): stop every other router.';
  return [
    attached,
    { level: 'fail', subject: 'route', text: `${back} of ${sent} stanzas to our own domain came back`, advice },
  ];
}

/** Servers have limits of their own, and those that are lower cost the whole link. */
function sizeFinding(large: LargeStanza, bytes: number): CheckFinding {
  const subject = 'stanza size';
  const size = formatSize(bytes);
  if (large === 'back') return { level: 'ok', subject, text: `a stanza of ${size} (limits.stanza) comes through` };
  const text =
    large === 'closed'
      ? `the server closes the link at a stanza of ${size} (limits.stanza): anybody could close it`
      : `a stanza of ${size} (limits.stanza) did not come back`;
  const advice =
    'Lower limits.stanza, or raise the limit of the server. Prosody: component_stanza_size_limit. ' +
    'ejabberd: max_stanza_size and shaper of the ejabberd_service listener.';
  return { level: 'fail', subject, text, advice };
}
