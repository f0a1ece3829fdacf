/** What we use of @xmpp/client, which has no types of its own. */
declare module '@xmpp/client' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  export interface Element {
    readonly name: string;
    readonly attrs: Record<string, string | undefined>;
    readonly children: readonly (Element | string)[];
    is(name: string, xmlns?: string): boolean;
    getNS(): string | undefined;
    getChild(name: string, xmlns?: string): Element | undefined;
    getChildByAttr(name: string, value: string, xmlns?: string): Element | undefined;
    getChildren(name: string, xmlns?: string): Element[];
    getChildElements(): Element[];
    getChildText(name: string, xmlns?: string): string | null;
    getText(): string;
    toString(): string;
  }

  export interface Credentials {
    readonly username: string;
    readonly password: string;
  }

  /** Where a transport connects to, as net.connect and tls.connect take it. */
  export interface SocketParameters {
    readonly host?: string;
    readonly port?: number | null;
    readonly servername?: string;
  }

  /** The library uses a transport's prototype only. */
  export interface Transport {
    readonly prototype: { socketParameters(service: string): SocketParameters | string | undefined };
  }

  export interface StanzaContext {
    readonly stanza: Element;
    readonly type: string;
    /** The only child of a request (get or set). */
    readonly element?: Element;
  }

  export interface Client extends EventEmitter {
    readonly socket: Socket | null;
    readonly reconnect: { stop(): void };
    readonly jid: { toString(): string } | null;
    readonly middleware: {
      use(handler: (context: StanzaContext, next: () => Promise<unknown>) => unknown): unknown;
    };
    transports: readonly Transport[];
    /** Milliseconds for a step of opening and closing; 2000 unless set. */
    timeout: number;
    isSecure(): boolean;
    start(): Promise<{ toString(): string }>;
    stop(): Promise<unknown>;
    write(text: string): Promise<void>;
    send(stanza: object): Promise<void>;
    /** Null before the stream and after it. */
    readonly parser: object | null;
    _onData(data: Buffer | string): void;
    _onElement(element: Element): void;
    _onSeeOtherHost(error: { readonly element: Element }): unknown;
  }

  export interface ClientOptions {
    readonly service: string;
    readonly domain: string;
    readonly resource?: string;
    readonly credentials: (
      authenticate: (credentials: Credentials, mechanism: string, userAgent?: Element) => Promise<void>,
      mechanisms: readonly string[],
      fast: unknown,
      entity: Client,
    ) => Promise<void>;
  }

  export function client(options: ClientOptions): Client;
  export function xml(
    name: string,
    attrs?: Readonly<Record<string, string | undefined>>,
    ...children: readonly (object | string | undefined)[]
  ): Element;
}
