import { naive } from './naive.ts';
import { relay } from './relay.ts';
import { crowd, router } from './router.ts';
import { slixmpp } from './slixmpp.ts';
import type { Variant } from './variant.ts';

/** All that can be measured, in the order of every round. */
export const variants: readonly Variant[] = [relay, router, crowd, naive, slixmpp];
