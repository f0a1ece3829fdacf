import type { InstanceStatus } from '../core/commands/service-status.ts';
import type { LinkProblem } from '../xmpp/link/link-problem.ts';
import type { EarlyLink } from './standby/early-link.ts';

/** What a router is given that is one of several on a database. */
export interface Sharing {
  /** The database's clock. */
  readonly wall: () => number;
  readonly mayAttach: () => boolean;
  readonly lost: (problem: LinkProblem) => void;
  readonly instance: () => InstanceStatus;
  /** The link, where it was made before. */
  readonly early: EarlyLink | undefined;
  /** Stanzas that the router before it was given and left to this one, as they came. */
  readonly unrouted: readonly string[];
}
