import { callerOf, commandsFor } from '../commands/callers.ts';
import type { Caller, Command } from '../commands/command.ts';
import { commands } from '../commands/perform.ts';
import type { ErrorCode } from '../errors/errors.ts';
import type { Pool } from '../pool/pool.ts';
import type { Answer, DiscoItem } from '../requests/answer.ts';
import type { Service } from '../service.ts';
import { commandsNamespace } from './namespace.ts';

const discoInfo = 'http://jabber.org/protocol/disco#info';
const discoItems = 'http://jabber.org/protocol/disco#items';
const dataForms = 'jabber:x:data';

/** A command, and what he is who may give it. */
interface Permitted {
  readonly caller: Caller;
  readonly command: Command;
}

/** The command of this name at the service, or at a pool, for `jid`; or why he cannot give it (XEP-0050 section 4.5). */
export function commandAt(
  service: Service,
  jid: string,
  node: string | undefined,
  pool: Pool | undefined,
): Permitted | ErrorCode {
  if (node === undefined) return 'adhoc-bad-payload';
  const command = commands.get(node);
  if (command === undefined || (pool !== undefined && !isAboutPools(command))) return 'command-unknown';
  const caller = callerOf(service, jid);
  const allowed = caller !== undefined && commandsFor(caller, pool).includes(command);
  return allowed ? { caller, command } : 'command-forbidden';
}

/** Whether disco of this node is about commands. */
export function isCommandNode(node: string | undefined): node is string {
  return node !== undefined && (node === commandsNamespace || commands.has(node));
}

/** What disco#info says of the list of commands, or of one of them, to `jid`. */
export function commandInfo(service: Service, jid: string, node: string, pool: Pool | undefined): Answer | ErrorCode {
  if (node === commandsNamespace) {
    const identity = { category: 'automation', type: 'command-list', name: 'Commands' };
    return {
      name: 'disco-info',
      node,
      identities: [identity],
      features: [discoInfo, discoItems, commandsNamespace],
      forms: [],
    };
  }
  const permitted = commandAt(service, jid, node, pool);
  if (typeof permitted === 'string') return permitted;
  const identity = { category: 'automation', type: 'command-node', name: permitted.command.title };
  const features = [discoInfo, discoItems, commandsNamespace, dataForms];
  return { name: 'disco-info', node, identities: [identity], features, forms: [] };
}

/** The commands that `jid` may give at the service, or at a pool; nothing is listed below one of them. */
export function commandItems(
  service: Service,
  jid: string,
  node: string,
  pool: Pool | undefined,
): readonly DiscoItem[] | ErrorCode {
  if (node !== commandsNamespace) {
    const permitted = commandAt(service, jid, node, pool);
    return typeof permitted === 'string' ? permitted : [];
  }
  const caller = callerOf(service, jid);
  const at = pool?.jid ?? service.domain;
  const given = caller === undefined ? [] : commandsFor(caller, pool);
  return given.map(({ name, title }) => ({ jid: at, node: name, name: title }));
}

function isAboutPools({ fields }: Command): boolean {
  return fields.some(({ name }) => name === 'pool');
}
