import type { Caller, CommandResult } from '../../core/commands/command.ts';
import type { ReadinessReason } from '../../http/routes.ts';
import type { Ticked } from './keep-time.ts';

/** Who answers for the process: the router that runs, or what stands in for it. */
export interface Stage extends Ticked {
  perform(name: string, caller: Caller, given: Readonly<Record<string, unknown>>): CommandResult;
  /** Why the service is not ready to route; empty when it is. */
  unready(): readonly ReadinessReason[];
  /** What the operator should look at although it may be ready. */
  remarks?(): readonly ReadinessReason[];
}
