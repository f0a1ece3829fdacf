import { randomBytes } from 'node:crypto';
import { type Element, parse } from 'ltx';
import { escapeAttribute } from '../codec/escape.ts';
import type { Frame } from '../codec/frame.ts';
import { Framer, type FramerLimits } from '../codec/framer.ts';
import { ns } from '../codec/namespaces.ts';
import { readError } from '../protocols/received-error.ts';
import { type Clock, systemClock } from './clock.ts';
import { ComponentStream } from './component-stream.ts';
import type { LinkSettings } from './link-settings.ts';
import { printable } from './printable.ts';

/** What a host said when it was asked; `undefined` where it said nothing that can be read. */
export interface HostReport {
  readonly host: string;
  /** Its software, as it calls itself (XEP-0092, else the identity of XEP-0030), such as `Prosody 0.12.3`. */
  readonly software: string | undefined;
  /** Its features (XEP-0030). */
  readonly features: ReadonlySet<string> | undefined;
  /** The addresses that it lists (XEP-0030). */
  readonly items: ReadonlySet<string> | undefined;
  /** Why there are no features: the condition of its error, or that it did not answer, or nothing that can be read. */
  readonly silence: string;
}

const questions = { version: ns.version, info: ns.discoInfo, items: ns.discoItems } as const;
type Question = keyof typeof questions;

/** The payload, or why there is none. */
type Reply = Element | string;

const names: readonly Question[] = ['version', 'info', 'items'];
const closeTimeout = 1_000;

/**
 * Attaches once, asks each host what it is and what it can do, and detaches. Never rejects: what
 * is not known by `pingTimeout`, or when the stream ends, stays unknown.
 *
 * @param hosts Prepared domains.
 */
export async function survey(
  settings: LinkSettings,
  limits: FramerLimits,
  hosts: readonly string[],
  clock: Clock = systemClock,
): Promise<readonly HostReport[]> {
  const replies = new Map<string, Reply>();
  if (hosts.length > 0) {
    await new Promise<void>((resolve) => {
      new Survey(settings, limits, hosts, replies, clock, resolve).start();
    });
  }
  return hosts.map((host) => report(host, (question) => replies.get(keyOf(host, question)) ?? 'no answer'));
}

class Survey {
  readonly #settings: LinkSettings;
  readonly #hosts: readonly string[];
  readonly #replies: Map<string, Reply>;
  readonly #clock: Clock;
  readonly #resolve: () => void;
  readonly #framer: Framer;
  readonly #prefix = randomBytes(9).toString('hex');
  #stream: ComponentStream | undefined;
  #cancel: (() => void) | undefined;
  #done = false;

  constructor(
    settings: LinkSettings,
    limits: FramerLimits,
    hosts: readonly string[],
    replies: Map<string, Reply>,
    clock: Clock,
    resolve: () => void,
  ) {
    this.#settings = settings;
    this.#hosts = hosts;
    this.#replies = replies;
    this.#clock = clock;
    this.#resolve = resolve;
    this.#framer = new Framer(limits, {
      stanza: (frame) => this.#stanza(frame),
      // What is too large to be read is an answer too; nobody waits for another.
      refused: (frame) => this.#note(frame, 'an answer that is too large'),
      streamEnd: () => this.#end(),
    });
  }

  start(): void {
    try {
      this.#stream = new ComponentStream({ ...this.#settings, certificateFor: undefined }, this.#clock, {
        online: () => this.#ask(),
        data: (chunk) => this.#read(chunk),
        closed: () => this.#end(),
      });
    } catch {
      this.#end();
    }
  }

  #ask(): void {
    const from = this.#settings.domain;
    let text = '';
    for (const [index, host] of this.#hosts.entries()) {
      for (const name of names) {
        const id = `${this.#prefix}-${index}-${name}`;
        text += `<iq type='get' id='${id}' from='${from}' to='${escapeAttribute(host)}'><query xmlns='${questions[name]}'/></iq>`;
      }
    }
    this.#stream?.write(text);
    this.#cancel = this.#clock.after(this.#settings.pingTimeout, () => this.#end());
  }

  #read(chunk: Buffer): void {
    try {
      this.#framer.push(chunk);
    } catch {
      // No XML: nothing that comes now can be read.
      this.#end();
    }
  }

  #stanza(frame: Frame): void {
    if (!frame.text.includes(this.#prefix)) return;
    this.#note(frame, (question) => {
      const stanza = read(frame.text);
      if (stanza?.attrs['type'] === 'error') return readError(stanza).condition;
      const payload = stanza?.getChildElements().find((child) => child.is('query', questions[question]));
      return payload ?? 'an answer without content';
    });
  }

  /** Only the open tag is looked at here: of what is too large there is no more. */
  #note(frame: Frame, reply: Reply | ((question: Question) => Reply)): void {
    const tag = frame.text.slice(0, frame.openEnd > 0 ? frame.openEnd : undefined);
    const [, index, name] = new RegExp(`${this.#prefix}-(\\d+)-(version|info|items)`).exec(tag) ?? [];
    const host = this.#hosts[Number(index)];
    const question = names.find((each) => each === name);
    const from = /\sfrom\s*=\s*(["'])(.*?)\1/.exec(tag)?.[2];
    if (host === undefined || question === undefined || from !== escapeAttribute(host)) return;
    this.#replies.set(keyOf(host, question), typeof reply === 'function' ? reply(question) : reply);
    if (this.#replies.size === this.#hosts.length * names.length) this.#end();
  }

  #end(): void {
    if (this.#done) return;
    this.#done = true;
    this.#cancel?.();
    if (this.#stream === undefined) this.#resolve();
    else void this.#stream.finish(closeTimeout, this.#clock).then(this.#resolve);
  }
}

function read(text: string): Element | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function keyOf(host: string, question: Question): string {
  return `${question} ${host}`;
}

function report(host: string, reply: (question: Question) => Reply): HostReport {
  const info = reply('info');
  const items = reply('items');
  const told = typeof info === 'string' ? undefined : info;
  return {
    host,
    software: softwareOf(reply('version')) ?? identityOf(told),
    features: told === undefined ? undefined : valuesOf(told, 'feature', 'var'),
    items: typeof items === 'string' ? undefined : valuesOf(items, 'item', 'jid'),
    silence: typeof info === 'string' ? info : '',
  };
}

function softwareOf(version: Reply): string | undefined {
  if (typeof version === 'string') return undefined;
  const text = (name: string): string =>
    version
      .getChildElements()
      .find((child) => child.is(name, ns.version))
      ?.getText() ?? '';
  const software = printable(`${text('name')} ${text('version')}`);
  return software === '' ? undefined : software;
}

function identityOf(info: Element | undefined): string | undefined {
  const server = info
    ?.getChildElements()
    .find((child) => child.getName() === 'identity' && child.attrs['category'] === 'server');
  const name = printable(server?.attrs['name'] ?? '');
  return name === '' ? undefined : name;
}

function valuesOf(query: Element, name: string, attribute: string): ReadonlySet<string> {
  const found = query.getChildElements().filter((child) => child.getName() === name);
  return new Set(found.flatMap(({ attrs }) => attrs[attribute] ?? []));
}
