import type { Config } from '../../config/config.ts';
import { type HostReport, survey } from '../../xmpp/link/survey.ts';
import { linkSettings } from '../link-settings.ts';
import type { CheckFinding } from './check-finding.ts';

/** Hosts that are asked at most. */
const hostsMost = 8;

/** Of a page on a server that the documentation has. */
const pages: readonly (readonly [RegExp, string])[] = [
  [/^prosody\b/i, 'docs/prosody.md'],
  [/^ejabberd\b/i, 'docs/ejabberd.md'],
  // What jabberd2 calls itself unless told otherwise.
  [/^(?:jabberd|jabber im server)/i, 'docs/jabberd2.md'],
];

/** What a host can do that is a trap for the accounts of workers, and what to do about it. */
const traps: readonly { readonly features: readonly string[]; readonly text: string; readonly advice: string }[] = [
  {
    features: ['msgoffline'],
    text: 'it stores messages for accounts that are not there',
    advice:
      'What a worker that is gone was meant to get is kept and delivered late, instead of going to another worker. ' +
      'Switch it off where workers have their accounts. Prosody: the module offline. ejabberd: mod_offline.',
  },
  {
    features: ['urn:xmpp:carbons:2'],
    text: 'it has carbons: another session of the same account may get copies of what a worker answers',
    advice: 'Give each worker an account of its own, and log in to it nowhere else.',
  },
  {
    features: ['urn:xmpp:mam:1', 'urn:xmpp:mam:2'],
    text: 'it has an archive of messages',
    advice:
      'Switch it off for the accounts of workers, unless all their work shall be kept. ejabberd and Prosody: mod_mam.',
  },
];

/**
 * Asks the servers around us what of the traps they show: the host that our domain lies under, and
 * the hosts of workers. Not everything can be known, and what is not known is no failure.
 */
export async function hostFindings(config: Config): Promise<readonly CheckFinding[]> {
  const workers = workerHosts(config);
  const parent = parentOf(config.component.domain, workers);
  const all = [...new Set(parent === undefined ? workers : [parent, ...workers])];
  const hosts = all.slice(0, hostsMost);
  const limits = { stanza: config.limits.stanza, depth: config.limits.depth };
  const reports = await survey(linkSettings(config), limits, hosts);
  const findings = reports.flatMap((report) => [
    ...known(report, config.component.domain),
    ...(workers.includes(report.host) ? trapsOf(report) : []),
    ...(report.host === parent ? listing(report, config.component.domain) : []),
  ]);
  const more = all.length - hosts.length;
  if (more === 0) return findings;
  return [
    ...findings,
    { level: 'note', subject: 'hosts', text: `not asked, after so many: ${more} more hosts of workers` },
  ];
}

/** The hosts that the patterns of workers name, in order, without our own. */
function workerHosts({ service, component }: Config): readonly string[] {
  const hosts = service.pools.flatMap(({ workers }) =>
    workers.map((pattern) => (pattern.split('/')[0] ?? '').replace(/^.*@/, '')),
  );
  return [...new Set(hosts)].filter((host) => host !== '*' && host !== component.domain);
}

/** The domain above ours. Nobody has a server at a top-level domain, unless workers are there. */
function parentOf(domain: string, workers: readonly string[]): string | undefined {
  const dot = domain.indexOf('.');
  const parent = dot < 0 ? '' : domain.slice(dot + 1);
  return parent.includes('.') || parent === 'localhost' || workers.includes(parent) ? parent : undefined;
}

function known({ host, software, features, silence }: HostReport, domain: string): readonly CheckFinding[] {
  const subject = host;
  const page = pages.find(([name]) => name.test(software ?? ''))?.[1] ?? 'docs/servers.md';
  if (software !== undefined) return [{ level: 'ok', subject, text: `${software}; what to set there: ${page}` }];
  if (features !== undefined) return [{ level: 'ok', subject, text: `it answers; what to set there: ${page}` }];
  if (silence.startsWith('remote-server-')) {
    const text = `the server does not reach it (${silence})`;
    const advice =
      `Workers of ${host} get nothing now. Look at the name, at the DNS records and certificates of both sides ` +
      `(that of ${domain} too), and at the connections to other servers: docs/servers.md.`;
    return [{ level: 'note', subject, text, advice }];
  }
  const text = `it tells nothing of itself (${silence})`;
  const advice = 'Whether it stores messages, copies or archives them cannot be known: see docs/servers.md.';
  return [{ level: 'note', subject, text, advice }];
}

function trapsOf({ host, features }: HostReport): readonly CheckFinding[] {
  return traps
    .filter((trap) => trap.features.some((feature) => features?.has(feature) === true))
    .map(({ text, advice }) => ({ level: 'note', subject: host, text, advice }));
}

function listing({ host, items }: HostReport, domain: string): readonly CheckFinding[] {
  if (items === undefined || items.has(domain)) return [];
  const text = `it does not list ${domain} among its services`;
  const advice =
    'Clients that look for services do not find it; who knows the address is not concerned. ' +
    'Prosody: disco_items of the host. ejabberd: extra_domains of mod_disco.';
  return [{ level: 'note', subject: host, text, advice }];
}
