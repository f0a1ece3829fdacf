import { algorithmNames } from '../select/table.ts';
import type { DeliverySettings, PoolSettings } from '../settings.ts';
import type { Input } from './command.ts';
import { type Field, optionalChoice, optionalList, optionalText, optionalWhole } from './field.ts';
import { isJsonObject, isTooDeep, type JsonObject, mergePatch } from './merge-patch.ts';

/** Most characters of other settings. */
const longest = 16_384;

const joins: readonly PoolSettings['join'][] = ['presence', 'subscription', 'both'];
const guarantees: readonly DeliverySettings['guarantee'][] = ['plain', 'at-least-once'];
const acks: readonly DeliverySettings['ack'][] = ['auto', 'receipt', 'processed', 'iq'];
const patterns = 'user@host, *@host, host or *';

/** What can be said of a pool one by one: each stands for a key of `pools` in the configuration. */
const keyed: readonly (readonly [field: Field<unknown>, key: readonly string[]])[] = [
  [optionalText({ name: 'title', label: 'Title', help: 'Name for people.' }), ['name']],
  [optionalText({ name: 'description', label: 'Description', help: 'A sentence for people.' }), ['description']],
  [
    optionalChoice({
      name: 'algorithm',
      label: 'Algorithm',
      help: 'How the pool chooses among its workers.',
      words: algorithmNames(),
    }),
    ['algorithm'],
  ],
  [optionalList({ name: 'offer', label: 'Offers', help: 'The algorithms that clients may choose among.' }), ['offer']],
  [optionalList({ name: 'workers', label: 'Workers', help: `Who may join and work: ${patterns}.` }), ['workers']],
  [optionalList({ name: 'senders', label: 'Senders', help: `Who may send: ${patterns}.` }), ['senders']],
  [optionalList({ name: 'owners', label: 'Owners', help: `Who may manage the pool: ${patterns}.` }), ['owners']],
  [optionalChoice({ name: 'join', label: 'Join', help: 'How a worker joins.', words: joins }), ['join']],
  [
    optionalChoice({
      name: 'guarantee',
      label: 'Guarantee',
      help: 'How hard the pool tries to deliver.',
      words: guarantees,
    }),
    ['delivery', 'guarantee'],
  ],
  [
    optionalChoice({ name: 'ack', label: 'Acknowledgement', help: 'What counts as one.', words: acks }),
    ['delivery', 'ack'],
  ],
  [
    optionalText({
      name: 'ackTimeout',
      label: 'Acknowledged within',
      help: 'How long a worker may take, such as 30s.',
    }),
    ['delivery', 'ackTimeout'],
  ],
  [
    optionalWhole({
      name: 'maxAttempts',
      label: 'Attempts',
      help: 'How often a message is given to a worker before it is given up.',
      min: 1,
      max: 1_000,
    }),
    ['delivery', 'maxAttempts'],
  ],
  [
    optionalText({
      name: 'ttl',
      label: 'Life',
      help: 'How long a message lives that nobody acknowledges, such as 1d.',
    }),
    ['delivery', 'ttl'],
  ],
  [
    optionalWhole({
      name: 'capacity',
      label: 'Capacity',
      help: 'How many messages a worker has at a time.',
      min: 1,
      max: 10_000,
    }),
    ['delivery', 'capacity'],
  ],
  [
    optionalWhole({
      name: 'maxMessages',
      label: 'Queue',
      help: 'Most messages that are open in the pool.',
      min: 1,
      max: 100_000_000,
    }),
    ['delivery', 'queue', 'maxMessages'],
  ],
  [weightsField(), ['weights']],
];

/** All other keys of a pool, for administrators. */
export const settingsField: Field<JsonObject | undefined> = {
  name: 'settings',
  label: 'Other settings',
  help: 'Any other keys of a pool as in the configuration, a JSON object such as {"rate": {"perSender": "100/s"}}; null takes a key out. Only an administrator may give this.',
  kind: 'text',
  required: false,
  fallback: undefined,
  read: (given) => {
    if (given === undefined || given === null || given === '') return { value: undefined };
    const value = typeof given === 'string' ? parsed(given) : given;
    if (!isJsonObject(value)) return { problem: 'This is no JSON object.' };
    if (isTooDeep(value)) return { problem: 'This is nested more deeply than any setting.' };
    return JSON.stringify(value).length > longest
      ? { problem: `This is longer than ${longest} characters.` }
      : { value };
  },
};

/** What can be said of a pool. */
export const poolFields: readonly Field<unknown>[] = [...keyed.map(([field]) => field), settingsField];

/** `before` with what was given: settings as they would stand under `pools` in the configuration. */
export function settingsWith(before: JsonObject, input: Input): JsonObject {
  let settings = mergePatch(before, input.of(settingsField) ?? {});
  for (const [field, key] of keyed) {
    const value = input.of(field);
    if (value !== undefined) settings = withKey(settings, key, value);
  }
  return settings;
}

/**
 * Settings as they stand under `pools` in the configuration, as texts for the fields that say them.
 * @param others Whether what has no field of its own is told too.
 */
export function textsOfSettings(settings: JsonObject, others: boolean): ReadonlyMap<string, readonly string[]> {
  const texts = new Map<string, readonly string[]>();
  let rest = settings;
  for (const [{ name }, key] of keyed) {
    const value = key.reduce<unknown>((at, each) => (isJsonObject(at) ? at[each] : undefined), settings);
    if (value === undefined) continue;
    texts.set(name, textsOf(value));
    rest = withoutKey(rest, key);
  }
  if (others && Object.keys(rest).length > 0) texts.set(settingsField.name, [JSON.stringify(rest)]);
  return texts;
}

/** A list by its items, weights as `pattern=weight`. */
function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  if (isJsonObject(value)) return Object.entries(value).map(([pattern, weight]) => `${pattern}=${String(weight)}`);
  return [String(value)];
}

/** Objects that hold nothing more go too. */
function withoutKey(settings: JsonObject, [key = '', ...rest]: readonly string[]): JsonObject {
  const { [key]: below, ...others } = settings;
  const left = rest.length > 0 && isJsonObject(below) ? withoutKey(below, rest) : {};
  return Object.keys(left).length === 0 ? others : { ...others, [key]: left };
}

/** The field that stands for the key at `path` below a pool, such as `delivery.ackTimeout` or `workers[0]`. */
export function fieldOfKey(path: string): string {
  const found = keyed.find(([, key]) => {
    const own = key.join('.');
    return path === own || (path.startsWith(own) && /^[.[]/.test(path.slice(own.length)));
  });
  return found?.[0].name ?? settingsField.name;
}

function withKey(settings: JsonObject, [key = '', ...rest]: readonly string[], value: unknown): JsonObject {
  if (rest.length === 0) return { ...settings, [key]: value };
  const below = settings[key];
  return { ...settings, [key]: withKey(isJsonObject(below) ? below : {}, rest, value) };
}

function weightsField(): Field<JsonObject | undefined> {
  const list = optionalList({
    name: 'weights',
    label: 'Weights',
    help: 'Weights of workers by access pattern, each as pattern=weight.',
  });
  return {
    ...list,
    read: (given) => {
      if (isJsonObject(given)) return isTooDeep(given, 1) ? { problem: 'A weight is a number.' } : { value: given };
      const reading = list.read(given);
      if ('problem' in reading) return reading;
      const pairs = reading.value?.map((text) => /^(.+)=(\d{1,6})$/.exec(text));
      if (pairs?.includes(null) === true)
        return { problem: 'Write each weight as pattern=weight, such as big@host=5.' };
      return { value: pairs && Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', Number(pair?.[2])])) };
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
