import { type CommandAbout, grouped } from '../form/command-form.ts';
import { useCell, useDesk } from '../hooks.ts';
import { Empty } from '../parts/facts.tsx';
import { hashOf } from '../route.ts';
import { CommandPanel } from './command-panel.tsx';
import { Waiting } from './pools-page.tsx';

interface CommandsPageProps {
  readonly name: string | undefined;
  readonly pool: string | undefined;
}

/** Everything that an operator can do, from the router's own list. */
export function CommandsPage({ name, pool }: CommandsPageProps) {
  const commands = useCell(useDesk().commands);
  if (commands.length === 0) return <Waiting />;
  const command = commands.find((each) => each.name === name);
  return (
    <div class="split">
      <section aria-label="All commands" class={`split-list ${command === undefined ? '' : 'has-choice'}`}>
        <h1>Commands</h1>
        <p class="muted">What the command line and XMPP clients offer too: the same list, checked by the same rules.</p>
        {grouped(commands).map(([thing, members]) => (
          <Group key={thing} thing={thing} commands={members} current={name} />
        ))}
      </section>
      <div class="split-rest">
        {command === undefined ? (
          <Empty title={name === undefined ? 'Take a command from the list.' : `There is no command ${name}.`}>
            {name === undefined ? 'Its form opens here.' : 'The router may be older than what links here.'}
          </Empty>
        ) : (
          <CommandPanel
            key={`${command.name} ${pool ?? ''}`}
            command={command}
            known={pool === undefined ? {} : { pool }}
          />
        )}
      </div>
    </div>
  );
}

interface GroupProps {
  readonly thing: string;
  readonly commands: readonly CommandAbout[];
  readonly current: string | undefined;
}

function Group({ thing, commands, current }: GroupProps) {
  return (
    <section aria-labelledby={`group-${thing}`}>
      <h2 id={`group-${thing}`} class="group">
        {thing}
      </h2>
      <ul class="command-links">
        {commands.map(({ name, title, reads, destroys }) => (
          <li key={name}>
            <a
              href={hashOf({ page: 'commands', command: name, pool: undefined })}
              aria-current={name === current ? 'true' : undefined}
            >
              {title}
            </a>
            {reads && <span class="badge is-quiet">reads</span>}
            {destroys !== null && <span class="badge is-bad">destroys</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
