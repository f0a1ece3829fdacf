import type { StageAction } from '../adhoc/actions.ts';
import type { DataForm } from '../adhoc/form.ts';

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

/** What people are told beside a form (XEP-0050 section 4.3). */
export interface CommandNote {
  readonly type: 'info' | 'warn' | 'error';
  readonly text: string;
}

/** A stage of an ad-hoc command (XEP-0050 section 3.3). */
export interface CommandAnswer {
  readonly node: string;
  readonly session: string;
  readonly status: 'executing' | 'completed' | 'canceled';
  /** What may be done next; the first is what `execute` means. None unless it is executing. */
  readonly actions: readonly StageAction[];
  readonly notes: readonly CommandNote[];
  /** The first is for people. */
  readonly forms: readonly DataForm[];
  /** Which part of a list the forms hold (XEP-0059). */
  readonly page: PageInfo | undefined;
}

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
  | ({ readonly name: 'command' } & CommandAnswer)
  | { readonly name: 'last'; readonly seconds: number }
  /** `now` in epoch milliseconds. */
  | { readonly name: 'time'; readonly now: number }
  /** `active` is absent for the service's domain (XEP-0354, example 11). URNs. */
  | { readonly name: 'cmr'; readonly active: string | undefined; readonly available: readonly string[] };
