import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import type { Desk } from './desk.ts';
import { readPath } from './live/api.ts';
import { instanceOf } from './live/overview.ts';
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

/** Which of several instances answers, as it says. */
export function useInstance(): ReturnType<typeof instanceOf> {
  return instanceOf(useCell(useDesk().overview));
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

/** What is followed: a command that only reads, and its fields. */
interface Asked {
  readonly command: string;
  readonly given: Readonly<Record<string, string | number>>;
  /** Milliseconds between two states; the router's own measure when it is left out. */
  readonly interval?: number;
}

/**
 * Follows something while the page is seen.
 * @param isState Whether an answer is what is wanted: another version of the router may answer otherwise.
 */
export function useFollowed<T>(
  { command, given, interval }: Asked,
  isState: (value: unknown) => value is T,
): Followed<T> {
  const desk = useDesk();
  const epoch = useCell(desk.epoch);
  const awake = useCell(desk.awake);
  const once = readPath('commands', command, given);
  const path = readPath('watch', command, interval === undefined ? given : { ...given, interval });
  const [followed, setFollowed] = useState<Followed<T> & { readonly path: string }>(() => nothing(path));
  useEffect(() => {
    if (!awake) return undefined;
    setFollowed((before) => (before.path === path ? before : nothing(path)));
    const watch = desk.follow(path, {
      state: (state) => {
        if (isState(state)) setFollowed({ path, state, phase: { kind: 'live' } });
      },
      phase: (phase) => setFollowed((before) => ({ ...before, path, phase })),
    });
    return () => watch.stop();
  }, [desk, path, awake, epoch, isState]);
  useReadAfterActs(once, (state) => {
    if (isState(state)) setFollowed((before) => (before.path === path ? { ...before, state } : before));
  });
  return followed.path === path ? followed : nothing(path);
}

/** Reads a path after each command that was done: streams may take their time. */
function useReadAfterActs(path: string, take: (answer: unknown) => void): void {
  const desk = useDesk();
  const acted = useCell(desk.acted);
  const seen = useRef(acted);
  const taking = useRef(take);
  taking.current = take;
  useEffect(() => {
    if (seen.current === acted) return undefined;
    seen.current = acted;
    let over = false;
    void desk.readAt(path).then((answer) => {
      if (!over && 'done' in answer) taking.current(answer.done);
    });
    return () => {
      over = true;
    };
  }, [desk, path, acted]);
}

function nothing(path: string) {
  return { path, state: undefined, phase: { kind: 'connecting' } as const };
}
