/**
 * How a pool of another domain stands, as far as this one knows. `asked`: it has not answered yet. `idle`: it has no
 * worker. `refused`: it does not show itself. `moved`: it is to be found elsewhere. `silent`: it does not answer.
 * `unreachable`: a server answers in its place.
 */
export type FarStanding = 'asked' | 'available' | 'idle' | 'refused' | 'moved' | 'silent' | 'unreachable';

/** What is known of a static member beside what every member has; `FarPools` changes it. */
export interface FarPool {
  standing: FarStanding;
  /** When it was last asked to show itself, in epoch milliseconds; 0 for never. */
  askedAt: number;
  /** It was asked, and has not answered. */
  waits: boolean;
  /** How often it was asked since it showed itself last. */
  tries: number;
}

/** Why a static member gets nothing. */
export type FarObstacle = Exclude<FarStanding, 'available'>;

/** The same as the end of a sentence, of one and of several. */
export const farObstacles: Readonly<Record<FarObstacle, readonly [one: string, several: string]>> = {
  asked: ['it has not shown yet whether it has workers', 'that have not shown yet whether they have workers'],
  idle: ['it has no worker that could take a message', 'without a worker of their own'],
  refused: ['it does not show itself: its `senders` must allow this pool', 'that do not show themselves to this pool'],
  moved: ['it says that it has moved', 'that have moved'],
  silent: ['it does not answer', 'that do not answer'],
  unreachable: ['it cannot be reached', 'that cannot be reached'],
};
