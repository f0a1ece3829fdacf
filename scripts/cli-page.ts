import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { programOf } from '../src/cli/program.ts';

const readme = new URL('../README.md', import.meta.url);
/** Columns of a terminal that the help is wrapped for. */
const width = 80;

/** The sections of docs/cli.md: the help of every command. */
export function cliPage(): readonly string[] {
  const program = narrow(programOf(() => undefined));
  return [
    `What \`switchyard COMMAND --help\` says. Exit codes: 0 done, 1 it did not work, 2 the command line or the
configuration is wrong. What the commands to a router that runs do is told in [commands](commands.md).`,
    ...program.commands.flatMap((command) => [`## ${command.name()}`, ...helpOf(command, command.name())]),
  ];
}

/** README.md with the help that the code has. */
export function withHelp(): string {
  const help = printed(narrow(programOf(() => undefined)));
  const [before, after] = ['```console\n$ node dist/main.js --help\n', '```'];
  const text = readFileSync(readme, 'utf8');
  const start = text.indexOf(before) + before.length;
  return `${text.slice(0, start)}${help}${text.slice(text.indexOf(after, start))}`;
}

function helpOf(command: Command, path: string): string[] {
  const own = `\`\`\`console\n$ switchyard ${path} --help\n${printed(command)}\`\`\``;
  return [own, ...command.commands.flatMap((each) => helpOf(each, `${path} ${each.name()}`))];
}

/** With what stands behind the help itself. */
function printed(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

/** Help does not depend on who makes it where. */
function narrow(program: Command): Command {
  for (const command of [program, ...program.commands, ...program.commands.flatMap((each) => each.commands)]) {
    command.configureOutput({ getOutHelpWidth: () => width });
  }
  return program;
}
