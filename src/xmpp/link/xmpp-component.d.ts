/**
 * The part of @xmpp/component 0.13.1 that `library-stream.ts` uses. The package has no types;
 * names with an underscore are its own, and are listed because they must be disarmed.
 */
declare module '@xmpp/component' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  export interface XmlElement {
    readonly name: string;
    readonly attrs: Record<string, string | undefined>;
    readonly children: readonly (XmlElement | string)[];
    is(name: string, namespace?: string): boolean;
    getName(): string;
    getNS(): string | undefined;
    getText(): string;
  }

  export interface ComponentEntity extends EventEmitter {
    readonly socket: Socket | null;
    readonly parser: { write(text: string): void } | null;
    readonly reconnect: { stop(): void };
    timeout: number;
    connect(service: string): Promise<unknown>;
    open(options: { domain: string }): Promise<unknown>;
    authenticate: (id: string, secret: string) => Promise<void>;
    headerElement: () => XmlElement;
    socketParameters: (service: string) => { host: string; port: number };
    _attachSocket: (socket: Socket) => void;
    _onData: (chunk: Buffer) => void;
    _onElement: (element: XmlElement) => void;
    _onParserError: (error: Error) => void;
    _detachParser: () => void;
  }

  export function component(options: { service: string; domain: string; password: string }): ComponentEntity;
}
