import { commands } from '../core/commands/perform.ts';
import { needOf } from './command-paths.ts';
import { refusal } from './refusal.ts';
import type { Place } from './request.ts';

const root = '/v1/watch/';
const interval = { name: 'interval', min: 500, max: 60_000, fallback: 1_000 };

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
      const text = `This is no whole number from ${interval.min} to ${interval.max}.`;
      return refusal({ refused: 'command-input', field: interval.name, text });
    },
  };
}

/** Milliseconds, or `undefined` for a text that stands for none. */
function readInterval(text = String(interval.fallback)): number | undefined {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return value >= interval.min && value <= interval.max ? value : undefined;
}
