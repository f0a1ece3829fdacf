import type { Config } from '../config/config.ts';
import { explain } from '../config/explain.ts';
import { formatSize } from '../config/size.ts';
import { StoreError } from '../store/error.ts';
import { examineStore } from '../store/examine.ts';
import { type LargeStanza, probe } from '../xmpp/link/probe.ts';
import { linkSettings } from './link-settings.ts';
import { type LoadRequest, load } from './load.ts';

/** What `check` may leave out or add. */
export interface CheckOptions {
  /** Do not connect to the server. */
  readonly offline: boolean;
  /** Print every setting with its source. */
  readonly explain: boolean;
}

/** One line of the report. */
interface Finding {
  readonly ok: boolean;
  readonly subject: string;
  readonly text: string;
  /** What to do, when it is not ok. */
  readonly advice?: string;
}

/**
 * Tests what a router needs to run, without running one: the configuration, the database, the
 * server's component port, the secret, the domain, and that the server accepts and returns our
 * stanzas. Returns the exit code.
 */
export async function check(request: LoadRequest, options: CheckOptions): Promise<number> {
  const loaded = load(request);
  if (loaded === undefined) return 2;
  if (options.explain) process.stdout.write(explain(loaded.sources));
  const { config, warnings } = loaded;
  const findings: Finding[] = [configFinding(config, warnings.length), storeFinding(config)];
  if (!options.offline) findings.push(...(await serverFindings(config)));
  for (const finding of findings) process.stdout.write(format(finding));
  return findings.every(({ ok }) => ok) ? 0 : 1;
}

function configFinding({ service }: Config, warnings: number): Finding {
  const pools = service.pools.length === 1 ? 'one pool' : `${service.pools.length} pools`;
  const warned = warnings === 0 ? '' : `, ${warnings} warning${warnings === 1 ? '' : 's'}`;
  return { ok: true, subject: 'configuration', text: `${pools}${warned}` };
}

function storeFinding({ store }: Config): Finding {
  const subject = 'database';
  if (store.driver === 'memory')
    return { ok: true, subject, text: 'in memory: members and preferences end with the process' };
  try {
    const texts = {
      missing: `${store.file} does not exist yet; it will be made`,
      good: `${store.file} is sound`,
      'in-use': `${store.file} is in use by a running router`,
    };
    return { ok: true, subject, text: texts[examineStore(store.file)] };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { ok: false, subject, text: `${error.file}: ${error.problem}`, advice: error.advice };
  }
}

async function serverFindings(config: Config): Promise<Finding[]> {
  const { component } = config;
  const result = await probe(linkSettings(config), undefined, config.limits.stanza);
  if (!result.ok) {
    return [
      {
        ok: false,
        subject: `server (${result.problem.kind})`,
        text: result.problem.text,
        advice: result.problem.advice,
      },
    ];
  }
  const attached: Finding = {
    ok: true,
    subject: 'server',
    text: `${component.service.url} accepts the domain ${component.domain} and the secret`,
  };
  const { sent, back } = result.pings;
  if (back === sent)
    return [
      attached,
      { ok: true, subject: 'route', text: "the server brings our domain's stanzas to us" },
      ...(result.large === undefined ? [] : [sizeFinding(result.large, config.limits.stanza)]),
    ];
  const advice =
    back === 0
      ? 'Either the server does not route a component to itself, or another connection holds the domain: stop every other router first.'
      : 'Another connection holds the domain too (ejabberd shares stanzas out among them): stop every other router.';
  return [
    attached,
    { ok: false, subject: 'route', text: `${back} of ${sent} stanzas to our own domain came back`, advice },
  ];
}

/** Servers have limits of their own, and those that are lower cost the whole link. */
function sizeFinding(large: LargeStanza, bytes: number): Finding {
  const subject = 'stanza size';
  const size = formatSize(bytes);
  if (large === 'back') return { ok: true, subject, text: `a stanza of ${size} (limits.stanza) comes through` };
  const text =
    large === 'closed'
      ? `the server closes the link at a stanza of ${size} (limits.stanza): anybody could close it`
      : `a stanza of ${size} (limits.stanza) did not come back`;
  const advice =
    'Lower limits.stanza, or raise the limit of the server. Prosody: component_stanza_size_limit. ' +
    'ejabberd: max_stanza_size and shaper of the ejabberd_service listener.';
  return { ok: false, subject, text, advice };
}

function format({ ok, subject, text, advice }: Finding): string {
  const line = `${ok ? 'ok   ' : 'FAIL '} ${subject}: ${text}\n`;
  return advice === undefined ? line : `${line}      ${advice}\n`;
}
