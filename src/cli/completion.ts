import { Command, type Option } from 'commander';

/** `switchyard completion`: what a shell completes is made from the commands themselves. */
export function completionCommand(report: (exitCode: number) => void): Command {
  const command = new Command('completion')
    .description('Print what makes bash or zsh complete commands, options and their values.')
    .addHelpText('after', '\nIn ~/.bashrc or ~/.zshrc:  eval "$(switchyard completion)"');
  return command.action(() => {
    process.stdout.write(completionScript(command.parent ?? command));
    report(0);
  });
}

/** A script for bash, which zsh reads too, that completes everything below `program`. */
export function completionScript(program: Command): string {
  const places = placesOf(program, program.name());
  const name = program.name();
  return `# Completes ${name} in bash and zsh: eval "$(${name} completion)"
if [ -n "\${ZSH_VERSION:-}" ]; then
  autoload -U +X compinit && compinit
  autoload -U +X bashcompinit && bashcompinit
fi
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} place=${name} i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$place \${COMP_WORDS[i]}" in
${places
  .slice(1)
  .map(({ path }) => `      ${quoted(path)}) place=${quoted(path)} ;;\n`)
  .join('')}    esac
  done
  case "$place $prev" in
${places.flatMap(valuesOf).join('')}  esac
  case "$place" in
${places.map(({ path, words }) => `    ${quoted(path)}) COMPREPLY=($(compgen -W ${quoted(words.join(' '))} -- "$cur")) ;;\n`).join('')}  esac
}
complete -F _${name} ${name}
`;
}

/** A command and what may follow it. */
interface Place {
  readonly path: string;
  readonly command: Command;
  readonly words: readonly string[];
}

function placesOf(command: Command, path: string): readonly Place[] {
  const options = optionsOf(command).flatMap(({ short, long }) => [long, short].filter((flag) => flag !== undefined));
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const below = command.commands.map((each) => each.name());
  return [
    { path, command, words: [...below, ...choices, ...options] },
    ...command.commands.flatMap((each) => placesOf(each, `${path} ${each.name()}`)),
  ];
}

/** Help is an option of every command, though commander does not list it. */
function optionsOf(command: Command): readonly Pick<Option, 'short' | 'long'>[] {
  return [...command.options, { short: '-h', long: '--help' }];
}

/** What follows an option that takes a value: one of its choices, or a file; of others nothing is known. */
function valuesOf({ path, command }: Place): string[] {
  return command.options
    .filter(({ required, optional }) => required || optional)
    .map(({ short, long, flags, argChoices }) => {
      const given = [long, short].filter((flag) => flag !== undefined).map((flag) => quoted(`${path} ${flag}`));
      const isFile = flags.includes('<file>');
      const reply = isFile ? 'compgen -f' : `compgen -W ${quoted((argChoices ?? []).join(' '))}`;
      return `    ${given.join('|')}) COMPREPLY=($(${reply} -- "$cur")); return ;;\n`;
    });
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
