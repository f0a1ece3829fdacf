import type { Command } from '../core/commands/command.ts';
import { commands } from '../core/commands/perform.ts';
import type { Need } from './access.ts';
import { json } from './reply.ts';
import type { Place } from './request.ts';

const root = '/v1/commands';

/**
 * The commands themselves, made from their list:
 *
 *     GET  /v1/commands          what there is, with the fields of each
 *     POST /v1/commands/{name}   gives a command: {"pool": "jobs", ...}
 *     GET  /v1/commands/{name}   the same for one that only reads: ?pool=jobs
 */
export function commandPlace(path: string): Place | undefined {
  if (path === root) {
    const list = () => json(200, { commands: [...commands.values()].map(about) });
    return { methods: ['GET'], needs: () => 'read', ask: list };
  }
  if (!path.startsWith(`${root}/`)) return undefined;
  const command = commands.get(path.slice(root.length + 1));
  if (command === undefined) return undefined;
  return {
    methods: command.reads === true ? ['GET', 'POST'] : ['POST'],
    needs: () => needOf(command),
    ask: ({ method, query, object }) => {
      const given = method === 'POST' ? object : Object.fromEntries(new URLSearchParams(query));
      return { command: command.name, given, done: 200 };
    },
  };
}

/** What one must be allowed to give this command. */
export function needOf({ reads, confidential }: Command): Need {
  return reads === true && confidential !== true ? 'read' : 'all';
}

function about({ name, title, help, role, reads, confidential, destroys, fields }: Command) {
  return {
    name,
    title,
    help,
    role,
    reads: reads === true,
    confidential: confidential === true,
    destroys: destroys ?? null,
    fields: fields.map((field) => ({
      name: field.name,
      label: field.label,
      help: field.help,
      kind: field.kind,
      choices: field.choices ?? null,
      range: field.range ?? null,
      required: field.required,
      default: field.fallback ?? null,
    })),
  };
}
