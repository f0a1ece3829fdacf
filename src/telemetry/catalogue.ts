/** One metric: what a scrape shows and what `docs/metrics.md` says. */
export interface MetricRow {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

/**
 * Every metric of Switchyard, by name. Names follow the Prometheus conventions: base units, and
 * `_total` on counters. The label `pool` is a configured pool's name, or `''` for what belongs to none.
 */
export const catalogue = {
  switchyard_build_info: {
    type: 'gauge',
    labels: ['version', 'node_version'],
    help: 'Always 1; the labels tell the version of Switchyard and of Node.js.',
  },
  switchyard_stanzas_received_total: {
    type: 'counter',
    labels: ['kind'],
    help: 'Stanzas received from the server.',
  },
  switchyard_stanza_outcomes_total: {
    type: 'counter',
    labels: ['outcome', 'reason', 'pool'],
    help: 'Ends of received stanzas; each has exactly one. The reason is set for bounced and dropped.',
  },
  switchyard_stanza_balance: {
    type: 'gauge',
    labels: [],
    help: 'Stanzas received less stanzas ended: 0, but while an answer waits for its commit.',
  },
  switchyard_events_total: {
    type: 'counter',
    labels: ['event', 'pool'],
    help: 'What happened beside the outcomes of stanzas.',
  },
  switchyard_routing_duration_seconds: {
    type: 'histogram',
    labels: [],
    help: 'Time to route a message, from its envelope to what is written in answer. One message in 61 is timed.',
  },
  switchyard_event_loop_delay_seconds: {
    type: 'histogram',
    labels: [],
    help: 'How late the event loop comes to what is due, measured ten times a second: nothing is routed meanwhile.',
  },
  switchyard_ready: {
    type: 'gauge',
    labels: [],
    help: 'Whether the service is ready to route, as /readyz tells it: 1 or 0.',
  },
  switchyard_unready: {
    type: 'gauge',
    labels: ['reason'],
    help: 'Why the service is not ready to route: 1 for each present reason. None shows while it is.',
  },
  switchyard_instance_active: {
    type: 'gauge',
    labels: [],
    help: 'Whether this instance is the active one of those that share its database: 1 or 0. None shows with another store.',
  },
  switchyard_lease_epoch: {
    type: 'gauge',
    labels: [],
    help: 'Number of the lease of the active instance, as this one saw it last; it grows with each change.',
  },
  switchyard_lease_left_seconds: {
    type: 'gauge',
    labels: [],
    help: 'For how long this instance has the lease for sure; 0 for one that stands by, or is not sure.',
  },
  switchyard_view_age_seconds: {
    type: 'gauge',
    labels: [],
    help: 'How old what this instance knows of the others is: since the database was asked that answered last.',
  },
  switchyard_takeovers_total: {
    type: 'counter',
    labels: [],
    help: 'How often this instance became the active one since its process began.',
  },
  switchyard_configurations_unlike: {
    type: 'gauge',
    labels: [],
    help: 'How many of the other instances that are alive are configured otherwise than this one; in what, /readyz and the log say.',
  },
  switchyard_http_refusals_total: {
    type: 'counter',
    labels: ['code'],
    help: 'Requests that the HTTP server itself has refused, by code: wrong tokens (unauthorized), foreign pages and names, too many streams.',
  },
  switchyard_http_streams: {
    type: 'gauge',
    labels: [],
    help: 'Streams of /v1/watch that are open, as consoles hold them.',
  },
  switchyard_reloads_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Reloads of the configuration (SIGHUP): done, or failed and nothing changed.',
  },
  switchyard_pool_members: {
    type: 'gauge',
    labels: ['pool', 'state'],
    help: 'Members of a pool by state.',
  },
  switchyard_pool_eligible_workers: {
    type: 'gauge',
    labels: ['pool'],
    help: 'Workers that can take a message now.',
  },
  switchyard_pool_waiting_messages: {
    type: 'gauge',
    labels: ['pool'],
    help: 'Messages that wait for a worker.',
  },
  switchyard_pool_queue_messages: {
    type: 'gauge',
    labels: ['pool', 'state'],
    help: 'Messages that a pool has accepted to deliver at least once, by state: ready to go to a worker, leased to one, or dead letters.',
  },
  switchyard_pool_queue_bytes: {
    type: 'gauge',
    labels: ['pool'],
    help: 'What the messages that are ready or leased count for in the queue.',
  },
  switchyard_pool_queue_oldest_seconds: {
    type: 'gauge',
    labels: ['pool'],
    help: 'How long the oldest message that waits for a worker has waited; 0 when none does.',
  },
  switchyard_pool_queue_workers_wanted: {
    type: 'gauge',
    labels: ['pool'],
    help: 'How many workers the messages that are ready or leased would fill, by how many one holds at a time: to scale workers by.',
  },
  switchyard_pool_queue_wait_seconds: {
    type: 'histogram',
    labels: ['pool'],
    help: 'How long accepted messages waited for their first worker, from acceptance until one was chosen.',
  },
  switchyard_pool_work_seconds: {
    type: 'histogram',
    labels: ['pool'],
    help: 'How long workers took from being given an accepted message to acknowledging it.',
  },
  switchyard_pool_stalled: {
    type: 'gauge',
    labels: ['pool', 'reason'],
    help: 'Why nothing of what waits can go out: 1 for the present reason. None shows while messages go out, or none waits.',
  },
  switchyard_pool_open_requests: {
    type: 'gauge',
    labels: ['pool'],
    help: 'Requests that were given to workers and are not answered yet.',
  },
  switchyard_transfer_workers: {
    type: 'gauge',
    labels: ['stage'],
    help: 'Workers on their way to another server (XEP-0051) by stage.',
  },
  switchyard_pool_pubsub_subscriptions: {
    type: 'gauge',
    labels: ['pool', 'state'],
    help: 'Subscriptions of a pool to PubSub nodes by state: events come by those that are subscribed.',
  },
  switchyard_link_state: {
    type: 'gauge',
    labels: ['state'],
    help: 'State of the link to the server: 1 for the present state, 0 for the others.',
  },
  switchyard_link_suspect: {
    type: 'gauge',
    labels: [],
    help: 'Whether the self-test of the link failed: 1 when another or dead connection holds the domain, else 0.',
  },
  switchyard_link_reconnects_total: {
    type: 'counter',
    labels: ['problem'],
    help: 'Reconnects of the link by the problem that ended it.',
  },
  switchyard_link_received_bytes_total: {
    type: 'counter',
    labels: [],
    help: 'Bytes read from the server.',
  },
  switchyard_link_sent_bytes_total: {
    type: 'counter',
    labels: [],
    help: 'Bytes written to the server.',
  },
  switchyard_link_out_buffer_bytes: {
    type: 'gauge',
    labels: [],
    help: 'Bytes written that the server has not taken yet.',
  },
  switchyard_store_commit_duration_seconds: {
    type: 'histogram',
    labels: [],
    help: 'Time from handing a change to the store to the report that it is on disk. Of those that are under way together one is timed.',
  },
  switchyard_store_read_duration_seconds: {
    type: 'histogram',
    labels: [],
    help: 'Time from asking the store for accepted messages to having them.',
  },
  switchyard_store_pending_rows: {
    type: 'gauge',
    labels: [],
    help: 'Changes that wait for their commit.',
  },
  switchyard_store_file_bytes: {
    type: 'gauge',
    labels: ['part'],
    help: 'Size of the database and of its write-ahead log on disk.',
  },
  switchyard_store_failures_total: {
    type: 'counter',
    labels: [],
    help: 'Commits that failed for good.',
  },
} as const satisfies Record<string, MetricRow>;

/** Name of a metric of Switchyard. */
export type MetricName = keyof typeof catalogue;

/** Name of a histogram of Switchyard. */
export type HistogramName = {
  [Name in MetricName]: (typeof catalogue)[Name]['type'] extends 'histogram' ? Name : never;
}[MetricName];
