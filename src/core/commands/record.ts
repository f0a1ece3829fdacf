import type { Command, CommandEnd, CommandHouse, CommandResult } from './command.ts';

/** Most characters of what was given for one field that the log repeats. */
const longest = 100;

/** Takes down who gave a command that does more than read, what it was about, and what became of it. */
export function record(
  house: CommandHouse,
  command: Command,
  given: Readonly<Record<string, unknown>>,
  result: CommandResult,
): CommandResult {
  if (command.reads === true) return result;
  const note = (end: CommandEnd): CommandEnd => {
    write(house, command, given, end);
    return end;
  };
  return 'later' in result ? { later: result.later.then(note) } : note(result);
}

function write(
  { notice, pools, caller }: CommandHouse,
  { name, fields }: Command,
  given: Readonly<Record<string, unknown>>,
  end: CommandEnd,
): void {
  const told = fields
    .filter((field) => field.unlogged !== true && given[field.name] !== undefined)
    .map((field) => `${field.name}=${short(given[field.name])}`);
  const outcome = 'done' in end ? 'done' : end.refused;
  const about = typeof given['pool'] === 'string' ? given['pool'] : undefined;
  const what = [name, ...told].join(' ');
  notice({
    level: 'done' in end ? 'info' : 'warn',
    event: 'command',
    // Only names that there are: others would be told apart by a bounded table.
    pool: about !== undefined && pools.has(about) ? about : undefined,
    text: `${caller.name} gave ${what}: ${outcome}`,
    detail: { command: name, by: caller.name, role: caller.role, outcome },
    each: true,
  });
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > longest ? `${text.slice(0, longest)}...` : text;
}
