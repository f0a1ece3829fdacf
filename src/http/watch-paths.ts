import { commands } from '../core/commands/perform.ts';
import { needOf } from './command-paths.ts';
import { refusal } from './refusal.ts';
import type { Place } from './request.ts';

const root = '/v1/watch/';
/** How often it is looked, in milliseconds. */
export const watchInterval = { name: 'interval', min: 500, max: 60_000, fallback: 1_000 };

/**
 * What a command that only reads answers, as server-sent events, whenever it differs:
 *
 *     GET /v1/watch/{name}   ?pool=jobs&interval=2000, with milliseconds between two looks
 */
export function watchPlace(path: string): Place | undefined {
  if (!path.startsWith(root)) return undefined;
  const command = commands.get(path.slice(root.length));
  if (command?.reads !== true) return undefined;
  return {
    methods: ['GET'],
    needs: () => needOf(command),
    ask: ({ query }) => {
      const { interval: asked, ...given } = Object.fromEntries(new URLSearchParams(query));
      const every = readInterval(asked);
      if (every !== undefined) return { watch: command.name, given, interval: every };
      const { name, min, max } = watchInterval;
      return refusal({ refused: 'command-input', field: name, text: `This is no whole number from ${min} to ${max}.` });
    },
  };
}

/** Milliseconds, or `undefined` for a text that stands for none. */
function readInterval(text = String(watchInterval.fallback)): number | undefined {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return value >= watchInterval.min && value <= watchInterval.max ? value : undefined;
}
