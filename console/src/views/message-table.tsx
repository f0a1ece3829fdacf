import type { MessageSummary } from '../../../src/core/commands/message-report.ts';
import { ago, bytes, count, duration, nothing } from '../format.ts';
import { useCell, useDesk } from '../hooks.ts';

interface MessageTableProps {
  readonly messages: readonly MessageSummary[];
  readonly dead: boolean;
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (id: string) => void;
  readonly onChooseAll: (all: boolean) => void;
  readonly onOpen: (id: string) => void;
}

export function MessageTable({ messages, dead, chosen, onChoose, onChooseAll, onOpen }: MessageTableProps) {
  const heads = dead ? ['Died of', 'Attempts', 'Size'] : ['State', 'Worker', 'Attempts', 'Size'];
  return (
    <div class="table-frame">
      <table class="messages">
        <caption class="hidden">{dead ? 'Dead letters' : 'Messages of the queue'}</caption>
        <thead>
          <tr>
            <th scope="col">
              <input
                type="checkbox"
                aria-label="Choose all on this page"
                checked={chosen.size === messages.length}
                onChange={({ currentTarget }) => onChooseAll(currentTarget.checked)}
              />
            </th>
            <th scope="col">Id</th>
            <th scope="col">From</th>
            <th scope="col" class="number">
              Age
            </th>
            {heads.map((head) => (
              <th key={head} scope="col" class={head === 'Attempts' || head === 'Size' ? 'number' : ''}>
                {head}
              </th>
            ))}
            <th scope="col">
              <span class="hidden">More</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {messages.map((message) => (
            <OneRow
              key={message.id}
              message={message}
              dead={dead}
              chosen={chosen.has(message.id)}
              onChoose={onChoose}
              onOpen={onOpen}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface OneRowProps {
  readonly message: MessageSummary;
  readonly dead: boolean;
  readonly chosen: boolean;
  readonly onChoose: (id: string) => void;
  readonly onOpen: (id: string) => void;
}

function OneRow({ message, dead, chosen, onChoose, onOpen }: OneRowProps) {
  const now = Date.parse(useCell(useDesk().overview)?.at ?? '');
  const { id, from, since, attempts, bytes: size, reason, worker } = message;
  return (
    <tr class={chosen ? 'is-chosen' : ''}>
      <td>
        <input type="checkbox" aria-label={`Choose ${id}`} checked={chosen} onChange={() => onChoose(id)} />
      </td>
      <th scope="row" class="jid">
        {id}
      </th>
      <td class="jid" title={from}>
        {from}
      </td>
      <td class="number">{ago(since, now)}</td>
      {dead ? (
        <td>{reason ?? nothing}</td>
      ) : (
        <>
          <td>{stateInWords(message, now)}</td>
          <td class="jid" title={worker ?? ''}>
            {worker ?? nothing}
          </td>
        </>
      )}
      <td class="number">{count(attempts)}</td>
      <td class="number">{bytes(size)}</td>
      <td class="number">
        <button type="button" class="small" aria-label={`Inspect ${id}`} onClick={() => onOpen(id)}>
          Inspect
        </button>
      </td>
    </tr>
  );
}

function stateInWords({ state, deadline, notBefore }: MessageSummary, now: number): string {
  if (state === 'leased') {
    const left = deadline === null ? 0 : Date.parse(deadline) - now;
    return left > 0 ? `with a worker, ${duration(left)} left` : 'with a worker';
  }
  const pause = notBefore === null ? 0 : Date.parse(notBefore) - now;
  return pause > 0 ? `again in ${duration(pause)}` : 'waits';
}
