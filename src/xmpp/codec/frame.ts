/**
 * One top-level element as the framer found it, with what it noted on its one walk. Offsets are
 * UTF-16 code units of `text`. The framer uses one frame for all stanzas: read it at once.
 */
export interface Frame {
  /** From `<` to `>`; of a stanza that was refused only the open tag, or less. */
  text: string;
  /** End of the element's name, which begins at 1. */
  nameEnd: number;
  /** End of the open tag. */
  openEnd: number;
  /** Start of the end tag; the length of `text` when the element is self-closing. */
  closeStart: number;
  /** Four numbers an attribute: start and end of the name, start and end of the value without quotes. */
  readonly attributes: number[];
  /** Where the element's own attributes end in `attributes`. */
  ownAttributes: number;
  /** `childFields` numbers a child element. */
  readonly children: number[];
  /** Where the children end in `children`; what stands after it is of earlier stanzas. */
  childrenEnd: number;
  /** Something is in it that only the parser may read: a prefix, an entity in an attribute, text between children. */
  odd: boolean;
}

/** Places in the numbers of a child. */
export const child = {
  start: 0,
  nameEnd: 1,
  openEnd: 2,
  end: 3,
  attributesFrom: 4,
  attributesTo: 5,
} as const;

/** How many numbers `Frame.children` holds for each child. */
export const childFields = 6;

export function emptyFrame(): Frame {
  return {
    text: '',
    nameEnd: 0,
    openEnd: 0,
    closeStart: 0,
    attributes: [],
    ownAttributes: 0,
    children: [],
    childrenEnd: 0,
    odd: false,
  };
}

/** Adds a child that is self-closing, unless `endChild` says otherwise. */
export function noteChild(
  frame: Frame,
  start: number,
  nameEnd: number,
  openEnd: number,
  attributesFrom: number,
  attributesTo: number,
): void {
  const { children, childrenEnd } = frame;
  children[childrenEnd + child.start] = start;
  children[childrenEnd + child.nameEnd] = nameEnd;
  children[childrenEnd + child.openEnd] = openEnd;
  children[childrenEnd + child.end] = openEnd;
  children[childrenEnd + child.attributesFrom] = attributesFrom;
  children[childrenEnd + child.attributesTo] = attributesTo;
  frame.childrenEnd = childrenEnd + childFields;
}

/** The end tag of the child noted last ends at `end`. */
export function endChild(frame: Frame, end: number): void {
  frame.children[frame.childrenEnd - childFields + child.end] = end;
}

/** What the framer finds. Nothing here may throw. */
export interface FrameSink {
  /** A whole top-level element, well-formed but for what namespaces ask. The frame is used again. */
  stanza(frame: Frame): void;
  /** An element over a limit has ended. Of its text the frame holds the open tag, if that is short. */
  refused(frame: Frame, why: 'too-large' | 'too-deep'): void;
  /** `</stream:stream>`. */
  streamEnd(): void;
}
