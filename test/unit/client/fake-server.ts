import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'ltx';
import { Connection } from '../../../client/src/connection.ts';
import type { ConnectionOptions } from '../../../client/src/connection-options.ts';
import type { Element } from '../../../client/src/element.ts';
import type { Notice } from '../../../client/src/notice.ts';
import type { Dial, Login, StreamEvents } from '../../../client/src/stream.ts';

/** A server as the client library sees it: logins, stanzas in both directions, ends. */
export class FakeServer {
  readonly logins: Login[] = [];
  readonly written: Element[] = [];
  readonly notices: Notice[] = [];
  /** How many streams were closed in order. */
  closed = 0;
  secure = false;
  /** Fails a login by throwing; called before each. */
  beforeLogin: (login: Login, events: StreamEvents) => void = () => undefined;
  /** Answers what the client writes; undefined leaves it unanswered. */
  reply: (stanza: Element) => string | undefined = () => undefined;
  #events: StreamEvents | undefined;
  #online = 0;

  readonly dial: Dial = async (login, events) => {
    this.logins.push(login);
    await Promise.resolve();
    this.beforeLogin(login, events);
    this.#events = events;
    this.#online += 1;
    const number = this.#online;
    const end = (reason: string): void => {
      if (this.#online !== number || this.#events === undefined) return;
      this.#events = undefined;
      events.closed(reason);
    };
    return {
      jid: `${login.username}@${login.domain}/${login.resource ?? 'generated'}`,
      secure: this.secure,
      write: (stanza) => {
        this.written.push(parsed(stanza.toString()));
        const answer = this.reply(stanza);
        if (answer !== undefined) setImmediate(() => events.stanza(parsed(answer)));
        return Promise.resolve();
      },
      close: () => {
        this.closed += 1;
        end('closed');
        return Promise.resolve();
      },
      kill: () => end('killed'),
    };
  };

  connection(options: Partial<ConnectionOptions> = {}): Connection {
    const notify = (notice: Notice): void => {
      this.notices.push(notice);
    };
    const reconnect = { min: 1, max: 5 };
    return new Connection(
      { address: 'w@example.org/n1', password: 'secret', notify, reconnect, ...options },
      this.dial,
    );
  }

  /** Delivers a stanza to the client. */
  deliver(text: string): void {
    this.#events?.stanza(parsed(text));
  }

  /** Delivers a request; resolves with what the client answers: a payload, an error element, `true` or nothing. */
  async ask(text: string): Promise<string | true | undefined> {
    const answer = await this.#events?.request(parsed(text));
    return typeof answer === 'object' ? answer.toString() : answer;
  }

  seeOtherHost(host: string): void {
    this.#events?.seeOtherHost(host);
    this.cut('see-other-host');
  }

  /** Waits until the session of this number is open. */
  async session(number: number): Promise<void> {
    while (this.logins.length < number || this.#events === undefined) await sleep(1);
  }

  /** Ends the stream as a lost line does. */
  cut(reason = 'cut'): void {
    const events = this.#events;
    this.#events = undefined;
    events?.closed(reason);
  }

  /** Waits for a written stanza, and takes it out. */
  async wrote(matches: (stanza: Element) => boolean): Promise<Element> {
    for (;;) {
      const index = this.written.findIndex(matches);
      const [found] = index < 0 ? [] : this.written.splice(index, 1);
      if (found !== undefined) return found;
      await sleep(1);
    }
  }

  /** Waits for a notice. */
  async told(event: Notice['event']): Promise<Notice> {
    for (;;) {
      const index = this.notices.findIndex((notice) => notice.event === event);
      const [found] = index < 0 ? [] : this.notices.splice(index, 1);
      if (found !== undefined) return found;
      await sleep(1);
    }
  }
}

/** An element as a client gets it: its root is in `jabber:client`. */
export function parsed(text: string): Element {
  const element = parse(text);
  element.attrs['xmlns'] ??= 'jabber:client';
  // What ltx parses is what @xmpp/client hands over; its types tell less.
  return element as unknown as Element;
}

export const isPresence = (to?: string, type?: string) => (stanza: Element) =>
  stanza.name === 'presence' && stanza.attrs['to'] === to && stanza.attrs['type'] === type;

export const isMessage = (to: string) => (stanza: Element) => stanza.name === 'message' && stanza.attrs['to'] === to;

/** The `<result/>` for a request. */
export function result(iq: Element, payload = ''): string {
  const { to, id } = iq.attrs;
  return `<iq type='result' from='${to}' id='${id}'>${payload}</iq>`;
}
