/** Something that whoever runs the program may want to know. */
export interface Notice {
  /**
   * - `online`, `offline`: the session; it is opened again by itself.
   * - `joined`, `refused`, `left`: a worker and its pool.
   * - `moved`, `not-moved`: a transfer was obeyed or refused (XEP-0051).
   * - `found`, `gone`: a conversation has its instance, or has lost it.
   * - `failed`: a handler threw; whoever asked got an error.
   * - `problem`: anything else that went wrong and ended nothing.
   */
  readonly event:
    | 'online'
    | 'offline'
    | 'joined'
    | 'refused'
    | 'left'
    | 'moved'
    | 'not-moved'
    | 'found'
    | 'gone'
    | 'failed'
    | 'problem';
  /** One line for people. */
  readonly text: string;
  /** What was thrown, if something was. */
  readonly error?: unknown;
}

export type Notify = (notice: Notice) => void;

/** Unless the program says otherwise: what went wrong goes to standard error, the rest nowhere. */
export const tellTrouble: Notify = ({ event, text }) => {
  if (['offline', 'refused', 'not-moved', 'failed', 'problem'].includes(event)) {
    process.stderr.write(`${event}: ${text}\n`);
  }
};
