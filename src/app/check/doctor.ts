import { z } from 'zod';
import { explain } from '../../config/explain.ts';
import { ConfigError } from '../../config/issue.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { commands } from '../../core/commands/perform.ts';
import { type ApiTarget, readPage } from '../../http/client.ts';
import { type LoadRequest, loadAgain } from '../load.ts';
import { apiTargetOf } from '../operate/api-target.ts';
import { readAnswer, renderAnswer } from '../operate/command-view.ts';
import { printable } from '../terminal/table.ts';
import { formatFinding } from './check-finding.ts';
import { withMadePools } from './check-made.ts';
import { lookAtStore, storeFindings } from './check-store.ts';
import { type Fact, programFacts, storeFacts } from './doctor-facts.ts';

/** What is asked of a router that runs: no message, no worker. */
const asked = ['service.overview', 'service.statistics', 'pools.list', 'queue.status'];

/** What is said instead of what an instance that stands by does not know. */
const elsewhere = 'Of stanzas, pools and queues the active instance knows: run the doctor on its machine as well.';

const preface = `# Switchyard: report of the doctor

Without secrets and without messages. It names your domains, pools, accounts that the configuration names, and files:
read it before you give it to others.
`;

/**
 * Gathers what a report of a fault needs: program, configuration, database, and how the router is doing
 * if it runs. Whatever cannot be told is told so. Nothing is changed, and nothing connects to the XMPP server.
 *
 * @param write Takes the report, part by part: Markdown.
 */
export async function doctor(request: LoadRequest, write: (text: string) => void): Promise<void> {
  write(preface);
  write(section('Program', facts(programFacts())));
  const loaded = configOf(request);
  if (typeof loaded === 'string') {
    write(section('Configuration', loaded));
    return;
  }
  const look = await lookAtStore(loaded.config);
  const { whole, findings: made } = withMadePools(loaded, look);
  const { config, warnings, sources } = whole;
  write(
    section('Configuration', `${explain(sources)}${warnings.length === 0 ? '' : `warnings: ${warnings.length}\n`}`),
  );
  const pools = config.service.pools.map(({ name }) => name);
  const findings = [...made, ...storeFindings(config.store, look, pools)].map(formatFinding).join('');
  write(section('Database', `${facts(storeFacts(config))}${findings}`));
  const target = apiTargetOf(config, 'read');
  if ('problem' in target) write(section('Router', `${target.problem}\n`));
  else await askRouter(target, write);
}

function configOf(request: LoadRequest): LoadedConfig | string {
  try {
    return loadAgain(request);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return `${error.message}\n`;
  }
}

async function askRouter(target: ApiTarget, write: (text: string) => void): Promise<void> {
  const ready = await read(target, '/readyz');
  // What does not answer once is not asked again: each question may take its time.
  if (parse(ready) === undefined) {
    write(section('Router', `${ready}\n`));
    return;
  }
  const router = standsBy(parse(ready)) ? `${ready}\n${elsewhere}` : ready;
  write(section('Router', `${router}\n`));
  if (router !== ready) {
    write(section('Metrics', await read(target, '/metrics')));
    return;
  }
  for (const name of asked) {
    const command = commands.get(name);
    if (command !== undefined) write(section(command.title, await shown(target, name)));
  }
  write(section('Metrics', await read(target, '/metrics')));
}

function standsBy(ready: unknown): boolean {
  const form = z.object({ reasons: z.array(z.object({ code: z.string() })) });
  return form.safeParse(ready).data?.reasons.some(({ code }) => code === 'standby') ?? false;
}

async function shown(target: ApiTarget, name: string): Promise<string> {
  const command = commands.get(name);
  const text = await read(target, `/v1/commands/${name}`);
  const answer = command === undefined ? undefined : readAnswer(parse(text));
  if (command === undefined || answer === undefined || 'error' in answer) return `${text}\n`;
  return renderAnswer(command.view, answer, { width: undefined, now: Date.now() });
}

async function read(target: ApiTarget, path: string): Promise<string> {
  try {
    return (await readPage(target, path)).trim();
  } catch (error) {
    return `The router does not answer: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function facts(list: readonly Fact[]): string {
  return list.map(([what, value]) => `${what}: ${value}\n`).join('');
}

function section(title: string, text: string): string {
  // Nothing inside can end the block, or steer a terminal.
  const lines = text.trimEnd().split('\n').map(printable);
  return `\n## ${title}\n\n\`\`\`\`\n${lines.join('\n').replaceAll('````', "''''")}\n\`\`\`\`\n`;
}
