import type { Overview } from '../../../src/core/commands/overview.ts';
import { ago, bytes, count, nothing } from '../format.ts';
import { useCell, useDesk, useInstance } from '../hooks.ts';
import { Empty, Facts } from '../parts/facts.tsx';
import { hashOf } from '../route.ts';
import { Waiting } from './pools-page.tsx';

/** The router itself: its link, its store, whether it is ready, and what became of all stanzas. */
export function RouterPage() {
  const overview = useCell(useDesk().overview);
  if (overview === undefined) return <Waiting />;
  const { router, at } = overview;
  if (router === null) return <Empty title="The router is shown to administrators only." />;
  return (
    <>
      <h1>Router</h1>
      <State router={router} now={Date.parse(at)} />
      <Instances now={Date.parse(at)} />
      <ServiceCommands />
      <Outcomes outcomes={router.outcomes} />
    </>
  );
}

function State({ router, now }: { readonly router: NonNullable<Overview['router']>; readonly now: number }) {
  const { link, store, ready, memory } = router;
  const since = link.since === null ? '' : ` for ${ago(link.since, now)}`;
  return (
    <Facts
      card
      items={[
        ['Domain', router.domain],
        ['Ready', <Good key="ready" good={ready} yes="ready" no={router.reasons.map(({ text }) => text).join(' ')} />],
        ['Link to the server', <Good key="link" good={link.up} yes={`up${since}`} no={`down${since}`} />],
        ['Store', <Good key="store" good={!store.failed} yes={store.kind} no={`${store.kind}, failing`} />],
        ['Running for', ago(router.started, now)],
        ['Version', router.version],
        ['Memory', `${bytes(memory.rss)}, of it heap ${bytes(memory.heap)}`],
        ['Event loop behind, 99th percentile', `${router.loopDelay.toFixed(1)} ms`],
      ]}
    />
  );
}

/** Which of several instances this is, and what it knows of the others. */
function Instances({ now }: { readonly now: number }) {
  const instance = useInstance();
  if (instance === undefined) return null;
  const { name, id, role, epoch, since, viewAge, others } = instance;
  const alive = others.map((other) => `${other.name} (${shortId(other.id)}), ${other.role}`).join('; ');
  return (
    <section aria-labelledby="instances">
      <h2 id="instances">Instances</h2>
      <Facts
        card
        items={[
          ['This instance', `${name} (${shortId(id)})`],
          ['Role', `${role === 'active' ? `active (epoch ${epoch})` : 'stands by'} for ${ago(since, now)}`],
          ['Others that are alive', alive === '' ? 'none' : alive],
          ['Age of this view', viewAge === null ? nothing : `${(viewAge / 1_000).toFixed(1)} s`],
        ]}
      />
    </section>
  );
}

/** As the log and other texts have it. */
function shortId(id: string): string {
  return id.slice(0, 8);
}

interface GoodProps {
  readonly good: boolean;
  readonly yes: string;
  readonly no: string;
}

function Good({ good, yes, no }: GoodProps) {
  return <span class={`badge is-${good ? 'ok' : 'bad'}`}>{good ? yes : no || nothing}</span>;
}

function ServiceCommands() {
  const commands = useCell(useDesk().commands).filter(({ name, reads }) => name.startsWith('service.') && !reads);
  if (commands.length === 0) return null;
  return (
    <p class="acts">
      {commands.map(({ name, title, destroys }) => (
        <a
          key={name}
          class={`button ${destroys === null ? '' : 'danger'}`}
          href={hashOf({ page: 'commands', command: name, pool: undefined })}
        >
          {title} …
        </a>
      ))}
    </p>
  );
}

function Outcomes({ outcomes }: { readonly outcomes: Readonly<Record<string, number>> }) {
  const rows = Object.entries(outcomes).sort(([, a], [, b]) => b - a);
  const total = rows.reduce((sum, [, stanzas]) => sum + stanzas, 0);
  return (
    <section aria-labelledby="outcomes">
      <h2 id="outcomes">What became of {count(total)} stanzas</h2>
      {rows.length === 0 ? (
        <p class="muted">None has come yet.</p>
      ) : (
        <div class="table-frame narrow">
          <table>
            <caption class="hidden">Stanzas by outcome</caption>
            <thead>
              <tr>
                <th scope="col">Outcome</th>
                <th scope="col" class="number">
                  Stanzas
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map(([outcome, stanzas]) => (
                <tr key={outcome}>
                  <th scope="row">{outcome}</th>
                  <td class="number">{count(stanzas)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
