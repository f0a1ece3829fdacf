/** A data form of type `result` in a disco#info answer (XEP-0128). */
export interface InfoForm {
  /** Its FORM_TYPE. */
  readonly type: string;
  readonly fields: readonly { readonly name: string; readonly values: readonly string[] }[];
}

/** One item of a disco#items answer. */
export interface DiscoItem {
  readonly jid: string;
  readonly node?: string;
  readonly name: string;
}

/** Which part of a longer list an answer holds (XEP-0059). `first` is absent when it holds nothing. */
export interface PageInfo {
  readonly first: { readonly id: string; readonly index: number } | undefined;
  readonly last: string | undefined;
  readonly count: number;
}

/** What the router tells about itself in a disco#info answer (XEP-0030). */
export interface DiscoInfo {
  readonly node: string | undefined;
  readonly identities: readonly { readonly category: string; readonly type: string; readonly name: string }[];
  readonly features: readonly string[];
  readonly forms: readonly InfoForm[];
}

/** Computes the version string of XEP-0115 section 5.1 from a disco#info answer, whatever its node. */
export type CapsVersion = (info: Omit<DiscoInfo, 'node'>) => string;

/** The result of an IQ, free of XML. */
export type Answer =
  | { readonly name: 'empty' }
  | { readonly name: 'version'; readonly title: string; readonly version: string }
  | ({ readonly name: 'disco-info' } & DiscoInfo)
  | {
      readonly name: 'disco-items';
      readonly node: string | undefined;
      readonly items: readonly DiscoItem[];
      readonly page: PageInfo | undefined;
    }
  | { readonly name: 'last'; readonly seconds: number }
  /** `now` in epoch milliseconds. */
  | { readonly name: 'time'; readonly now: number }
  /** `active` is absent for the service's domain (XEP-0354, example 11). URNs. */
  | { readonly name: 'cmr'; readonly active: string | undefined; readonly available: readonly string[] };
