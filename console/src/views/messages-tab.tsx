import { useState } from 'preact/hooks';
import type { PoolOverview } from '../../../src/core/commands/overview.ts';
import { count } from '../format.ts';
import { useCell, useDesk, useFollowed } from '../hooks.ts';
import { ReadOnlyHint } from '../parts/act.tsx';
import { Empty } from '../parts/facts.tsx';
import { isMessagePage, type MessagePage, stillThere, toggled } from '../state/messages.ts';
import { MessageActs } from './message-acts.tsx';
import { MessageDialog } from './message-dialog.tsx';
import { MessageTable } from './message-table.tsx';

const pageSize = 50;
/** Milliseconds between two looks at the store. */
const interval = 2_000;

interface MessagesTabProps {
  readonly pool: PoolOverview;
  /** Dead letters, or what waits and what workers have. */
  readonly dead: boolean;
}

/** What a pool keeps, a page at a time. */
export function MessagesTab({ pool, dead }: MessagesTabProps) {
  const session = useCell(useDesk().session);
  if (pool.queue === null) {
    return (
      <Empty title="This pool keeps no messages.">
        It is plain: what comes is given to a worker at once. A pool with <code>delivery.guarantee</code>{' '}
        <code>at-least-once</code> has a queue.
      </Empty>
    );
  }
  if (session?.write !== true) {
    return (
      <>
        <Empty title="Messages are private.">Who sent them and what they say is shown with the token only.</Empty>
        <ReadOnlyHint what="Looking into the queue" />
      </>
    );
  }
  return <Messages pool={pool} dead={dead} />;
}

function Messages({ pool, dead }: MessagesTabProps) {
  const [state, setState] = useState('');
  /** The last ids of the pages before this one. */
  const [pages, setPages] = useState<readonly string[]>([]);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const after = pages.at(-1);
  const given = {
    pool: pool.pool,
    ...(dead || state === '' ? {} : { state }),
    ...(after === undefined ? {} : { after }),
    limit: pageSize,
  };
  const { state: page, phase } = useFollowed(
    { command: dead ? 'queue.dead' : 'queue.list', given, interval },
    isMessagePage,
  );
  const rows = (page?.messages ?? []).filter((message) => dead || message.state !== 'dead');
  const chosen = stillThere(picked, rows);
  const show = (wanted: string): void => {
    setState(wanted);
    setPages([]);
  };
  return (
    <>
      <div class="toolbar">
        {!dead && <StateChoice state={state} onState={show} />}
        <MessageActs pool={pool} dead={dead} chosen={[...chosen]} />
      </div>
      {phase.kind === 'refused' ? (
        <Empty title="The queue is not shown.">{phase.why.text}</Empty>
      ) : (
        <Page
          pool={pool.pool}
          rows={page === undefined ? undefined : rows}
          dead={dead}
          chosen={chosen}
          onPick={setPicked}
        />
      )}
      <Pages
        page={pages.length}
        more={page?.more === true}
        onBack={() => setPages(pages.slice(0, -1))}
        onNext={() => setPages([...pages, page?.messages.at(-1)?.id ?? ''])}
      />
    </>
  );
}

interface PageProps {
  readonly pool: string;
  readonly rows: MessagePage['messages'] | undefined;
  readonly dead: boolean;
  readonly chosen: ReadonlySet<string>;
  readonly onPick: (chosen: ReadonlySet<string>) => void;
}

function Page({ pool, rows, dead, chosen, onPick }: PageProps) {
  const [opened, setOpened] = useState<string | undefined>(undefined);
  if (rows === undefined) return <p class="waiting">Asking for the messages …</p>;
  return (
    <>
      {rows.length === 0 ? (
        <Nothing dead={dead} />
      ) : (
        <MessageTable
          messages={rows}
          dead={dead}
          chosen={chosen}
          onChoose={(id) => onPick(toggled(chosen, id))}
          onChooseAll={(all) => onPick(new Set(all ? rows.map(({ id }) => id) : []))}
          onOpen={setOpened}
        />
      )}
      {opened !== undefined && <MessageDialog pool={pool} id={opened} onClose={() => setOpened(undefined)} />}
    </>
  );
}

function Nothing({ dead }: { readonly dead: boolean }) {
  return dead ? (
    <Empty title="No dead letters.">Messages that no worker took after all attempts would be here.</Empty>
  ) : (
    <Empty title="Nothing is here.">No message waits, and no worker has one to acknowledge.</Empty>
  );
}

interface StateChoiceProps {
  readonly state: string;
  readonly onState: (state: string) => void;
}

function StateChoice({ state, onState }: StateChoiceProps) {
  const choices = [
    ['', 'All'],
    ['ready', 'Waiting'],
    ['leased', 'With workers'],
  ] as const;
  return (
    <fieldset class="choices">
      <legend class="hidden">Show</legend>
      {choices.map(([value, label]) => (
        <button key={value} type="button" aria-pressed={state === value} onClick={() => onState(value)}>
          {label}
        </button>
      ))}
    </fieldset>
  );
}

interface PagesProps {
  readonly page: number;
  readonly more: boolean;
  readonly onBack: () => void;
  readonly onNext: () => void;
}

function Pages({ page, more, onBack, onNext }: PagesProps) {
  if (page === 0 && !more) return null;
  return (
    <nav class="paging" aria-label="Pages of messages">
      <button type="button" disabled={page === 0} onClick={onBack}>
        Back
      </button>
      <span class="muted">Page {count(page + 1)}</span>
      <button type="button" disabled={!more} onClick={onNext}>
        Next
      </button>
    </nav>
  );
}
