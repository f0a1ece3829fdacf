import { useEffect, useErrorBoundary, useRef, useState } from 'preact/hooks';
import { Banner } from './banner.tsx';
import type { Desk } from './desk.ts';
import { Header } from './header.tsx';
import { DeskContext, useCell, useRoute } from './hooks.ts';
import { Empty } from './parts/facts.tsx';
import { Notices } from './parts/notices.tsx';
import type { Route } from './route.ts';
import { CommandsPage } from './views/commands-page.tsx';
import { PoolPage } from './views/pool-page.tsx';
import { PoolsPage } from './views/pools-page.tsx';
import { RouterPage } from './views/router-page.tsx';
import { TransfersPage } from './views/transfers-page.tsx';

const titles: Readonly<Record<Route['page'], string>> = {
  pools: 'Pools',
  pool: 'Pool',
  transfers: 'Transfers',
  commands: 'Commands',
  router: 'Router',
};

export function App({ desk }: { readonly desk: Desk }) {
  const route = useRoute();
  const dialogs = useCell(desk.dialogs);
  const main = useRef<HTMLElement>(null);
  const place = route.page === 'pool' ? `pools/${route.pool}` : route.page;
  const came = useRef(place);
  useEffect(() => {
    document.title = `${route.page === 'pool' ? route.pool : titles[route.page]} · Switchyard`;
    // A reader of another page begins at its beginning.
    if (came.current !== place) main.current?.focus();
    came.current = place;
  }, [place, route]);
  return (
    <DeskContext.Provider value={desk}>
      <Header route={route} onSkip={() => main.current?.focus()} />
      <Banner />
      <main ref={main} tabIndex={-1}>
        <Guarded key={place} route={route} />
      </main>
      {dialogs === 0 && <Notices />}
    </DeskContext.Provider>
  );
}

/** A fault of one page leaves the others. */
function Guarded({ route }: { readonly route: Route }) {
  const [fault, setFault] = useState<string | undefined>(undefined);
  useErrorBoundary((error: unknown) => setFault(error instanceof Error ? error.message : 'It gives no reason.'));
  if (fault === undefined) return <Page route={route} />;
  return (
    <Empty title="This page has failed.">
      It says: “{fault}”. Load it again; if that does not help, this sentence and the router's log belong in a report.
    </Empty>
  );
}

function Page({ route }: { readonly route: Route }) {
  switch (route.page) {
    case 'pools':
      return <PoolsPage />;
    case 'pool':
      return <PoolPage key={route.pool} name={route.pool} tab={route.tab} />;
    case 'transfers':
      return <TransfersPage run={route.run} />;
    case 'commands':
      return <CommandsPage name={route.command} pool={route.pool} />;
    case 'router':
      return <RouterPage />;
  }
}
