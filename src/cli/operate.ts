import { Argument, Command, Option } from 'commander';
import { type OperateRequest, operate, type Parameter, type Verb, verbsOf } from '../app/operate/operate.ts';
import { configCommand, loadRequest } from './options.ts';

type Report = (exitCode: number) => void;

/** `switchyard pools`, `switchyard workers`: the commands about these, made from their list. */
export function thingsCommand(things: string, description: string, report: Report): Command {
  const group = new Command(things).description(description);
  for (const [place, verb] of verbsOf(things).entries()) {
    group.addCommand(verbCommand(verb, verb.verb, report), { isDefault: place === 0 });
  }
  return group;
}

/** `switchyard explain`: a command about pools that has a name of its own. */
export function explainCommand(report: Report): Command {
  const [verb] = verbsOf('pools').filter(({ command }) => command === 'pools.explain');
  return verb === undefined ? new Command('explain') : verbCommand(verb, 'explain', report);
}

/** `switchyard step-down`: the same for the command that changes which instance is the active one. */
export function stepDownCommand(report: Report): Command {
  const [verb] = verbsOf('service').filter(({ command }) => command === 'service.step-down');
  return verb === undefined ? new Command('step-down') : verbCommand(verb, 'step-down', report);
}

/** What must be given stands in its place, what may be given is an option. */
function verbCommand(verb: Verb, name: string, report: Report): Command {
  const command = configCommand(name, verb.help).option('--json', 'answer with JSON', false);
  if (verb.asks) command.option('-y, --yes', 'do not ask whether you mean it', false);
  const places = verb.parameters.filter(({ required }) => required);
  for (const parameter of places) command.addArgument(argumentOf(parameter));
  const others = verb.parameters.filter(({ required }) => !required);
  for (const parameter of others) command.addOption(optionOf(parameter));
  return command.action(async () => {
    const options = command.opts<Readonly<Record<string, unknown>>>();
    const given = [
      ...places.map(({ name: place, list }, index) => {
        return [place, list ? command.args.slice(index) : command.args[index]] as const;
      }),
      ...others.map(({ name: option }) => [option, options[option]] as const),
    ];
    const known = given.filter(([, value]) => value !== undefined);
    report(await operate(requestOf(command), verb.command, Object.fromEntries(known)));
  });
}

function argumentOf({ name, help, list, choices }: Parameter): Argument {
  const argument = new Argument(list ? `<${name}...>` : `<${name}>`, help);
  return choices === undefined ? argument : argument.choices(choices);
}

function optionOf({ name, help, flag, fallback, choices }: Parameter): Option {
  const long = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const text = fallback === undefined ? help : `${help} (default: ${fallback})`;
  const option = new Option(flag ? long : `${long} <${name}>`, text);
  return choices === undefined ? option : option.choices(choices);
}

function requestOf(command: Command): OperateRequest {
  const { json, yes = false } = command.opts<{ json: boolean; yes?: boolean }>();
  return { load: loadRequest(command), json, yes };
}
