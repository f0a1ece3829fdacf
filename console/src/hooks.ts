import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { Desk } from './desk.ts';
import { readPath } from './live/api.ts';
import type { WatchPhase } from './live/watch.ts';
import { type Route, readRoute } from './route.ts';
import type { Cell } from './state/cell.ts';

export const DeskContext = createContext<Desk | undefined>(undefined);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === undefined) throw new Error('There is no desk around this.');
  return desk;
}

/** The value of a cell, now and whenever it changes. */
export function useCell<T>(cell: Cell<T>): T {
  const [value, setValue] = useState(() => cell.value);
  useEffect(() => {
    setValue(() => cell.value);
    return cell.watch(() => setValue(() => cell.value));
  }, [cell]);
  return value;
}

/** Where the reader is, by the address. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(location.hash));
  useEffect(() => {
    const changed = (): void => setRoute(readRoute(location.hash));
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return route;
}

/** Something that is followed: its last state, and how the stream is doing. */
export interface Followed<T> {
  readonly state: T | undefined;
  readonly phase: WatchPhase;
}

/**
 * Follows a command that only reads while the page is seen.
 * @param given Its fields, and perhaps an `interval`; `undefined` follows nothing.
 * @param isState Whether an answer is what is wanted: another version of the router may answer otherwise.
 */
export function useFollowed<T>(
  command: string,
  given: Readonly<Record<string, string | number>> | undefined,
  isState: (value: unknown) => value is T,
): Followed<T> {
  const desk = useDesk();
  const epoch = useCell(desk.epoch);
  const awake = useCell(desk.awake);
  const path = given === undefined ? undefined : readPath('watch', command, given);
  const [followed, setFollowed] = useState<Followed<T> & { readonly path: string | undefined }>(() => nothing(path));
  useEffect(() => {
    if (path === undefined || !awake) return undefined;
    setFollowed((before) => (before.path === path ? before : nothing(path)));
    const watch = desk.follow(path, {
      state: (state) => {
        if (isState(state)) setFollowed({ path, state, phase: { kind: 'live' } });
      },
      phase: (phase) => setFollowed((before) => ({ ...before, path, phase })),
    });
    return () => watch.stop();
  }, [desk, path, awake, epoch, isState]);
  return followed.path === path ? followed : nothing(path);
}

function nothing(path: string | undefined) {
  return { path, state: undefined, phase: { kind: 'connecting' } as const };
}
