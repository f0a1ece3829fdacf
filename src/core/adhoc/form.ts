/** A field of a form (XEP-0004 section 3.3). */
export interface FormField {
  /** Its `var`. */
  readonly name: string;
  readonly kind: 'boolean' | 'list-single' | 'text-multi' | 'text-single';
  readonly label: string;
  /** For people, a sentence or two. */
  readonly help?: string;
  readonly required?: boolean;
  /** Each a line of a `text-multi`; at most one of any other kind. */
  readonly values: readonly string[];
  /** What a `list-single` may be. */
  readonly options?: readonly string[];
  /** It takes whole numbers from one to the other (XEP-0122). */
  readonly range?: { readonly min: number; readonly max: number };
}

/** Rows of equal make (XEP-0004 section 3.4). */
export interface FormTable {
  readonly columns: readonly { readonly name: string; readonly label: string }[];
  /** A value for each column. */
  readonly rows: readonly (readonly string[])[];
}

/** A data form: to be filled in, or a result. */
export interface DataForm {
  readonly type: 'form' | 'result';
  readonly title: string;
  /** For people, one line; `''` for none. There are clients that show no second one (Profanity 0.13). */
  readonly instructions: string;
  readonly fields: readonly FormField[];
  readonly table?: FormTable;
}

/** What somebody has filled in: the values by the names of the fields. */
export type Filled = ReadonlyMap<string, readonly string[]>;
