/** The part of ltx 3.1.2 that the codec and the protocols use. The package has no types. */
declare module 'ltx' {
  export class Element {
    /** With its prefix. */
    readonly name: string;
    readonly parent: Element | null;
    readonly attrs: Record<string, string | undefined>;
    readonly children: readonly (Element | string)[];
    is(name: string, namespace?: string): boolean;
    /** Without its prefix. */
    getName(): string;
    getNS(): string | undefined;
    findNS(prefix?: string): string | undefined;
    getText(): string;
    getChildElements(): Element[];
  }

  /** @throws when the text is no complete element, or has an entity that XML does not define. */
  export function parse(text: string): Element;
}
