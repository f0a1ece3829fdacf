import { AdHoc } from './adhoc/adhoc.ts';
import { Announcements } from './commands/announcements.ts';
import type { CommandHouse, ServiceDesk } from './commands/command.ts';
import { type Steering, steeringOf } from './commands/steering.ts';
import { Bounces } from './delivery/bounces.ts';
import { Deliveries } from './durable/deliveries.ts';
import type { Snapshot } from './durable-state.ts';
import { Instances } from './instances/instances.ts';
import { Intake } from './intake/intake.ts';
import { Messages } from './intake/messages.ts';
import { Presences } from './intake/presence.ts';
import { Relay } from './intake/relay.ts';
import { consumed } from './outcome/outcome.ts';
import { Introductions } from './pool/conversation/introductions.ts';
import { Dispatcher } from './pool/dispatch/dispatch.ts';
import type { Member } from './pool/member.ts';
import { Membership } from './pool/membership/membership.ts';
import type { Pool } from './pool/pool.ts';
import { Preferences } from './pool/rules/preferences.ts';
import { Availability } from './pool/subscription/availability.ts';
import { Subscribing } from './pool/subscription/subscribing.ts';
import type { ElementReader, EventReader, Out } from './ports.ts';
import { Events } from './pubsub/events.ts';
import { PubSub } from './pubsub/pubsub.ts';
import { Reload } from './reload.ts';
import type { CapsVersion } from './requests/answer.ts';
import { Passing } from './requests/passing.ts';
import { Proxying } from './requests/proxying.ts';
import { Requests } from './requests/requests.ts';
import { restore } from './restore.ts';
import { createService, type Service } from './service.ts';
import type { ServiceSettings } from './settings.ts';
import { Transfers } from './transfer/transfers.ts';

/** Told of every member whose server says that it is gone. */
type Suspect = (pool: Pool, member: Member, condition: string, now: number) => void;

/** What the core needs and cannot do: chance, digests, and the reading of what stands inside of messages. */
export interface Means {
  /** Makes ids for our own requests; nobody may be able to guess one. */
  readonly newId: () => string;
  /** Makes keys of aliases: 128 random bits in lower-case base32. */
  readonly newKey: () => string;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
  /** SHA-256 of a text, as the first 32 of its hexadecimal digits. */
  readonly digest: (text: string) => string;
  /** What the children of a message say, however the servers on its way have written it. */
  readonly payloadText: (children: string) => string;
  /** Finds what a pool may be sticky by. */
  readonly readElement: ElementReader;
  /** Reads what PubSub services send. */
  readonly readEvent: EventReader;
  readonly capsVersion: CapsVersion;
  /** Does for commands what is not of the core. */
  readonly desk: ServiceDesk;
}

/** The parts of the router, each made once and wired to the others. */
export class Parts {
  readonly service: Service;
  readonly dispatcher: Dispatcher;
  readonly instances: Instances;
  readonly introductions: Introductions;
  readonly membership: Membership;
  readonly intake: Intake;
  readonly availability: Availability;
  readonly subscribing: Subscribing;
  readonly proxying: Proxying;
  readonly reload: Reload;
  readonly transfers: Transfers;
  readonly announcements: Announcements;
  readonly pubsub: PubSub;
  readonly events: Events;
  readonly adhoc: AdHoc;
  readonly deliveries: Deliveries;
  readonly #steering: Steering;
  readonly #desk: ServiceDesk;

  /** @param snapshot What an earlier process stored; it is taken over. */
  constructor(settings: ServiceSettings, snapshot: Snapshot, out: Out, means: Means) {
    const { newId } = means;
    const service = createService(settings, out, means.readElement, means.capsVersion);
    const suspect: Suspect = (pool, member, condition, now) =>
      this.membership.watch.suspect(pool, member, condition, now);
    const wake = (pool: Pool, now: number): void => {
      this.dispatcher.wake(pool, now);
      this.deliveries.wake(pool, now);
    };
    this.service = service;
    this.announcements = new Announcements(service);
    this.#desk = means.desk;
    this.transfers = new Transfers(service, newId, { wake, suspect });
    this.membership = new Membership(service, newId, this.#memberWatcher(), wake);
    this.introductions = new Introductions(service, means.newKey, (message, now) => this.intake.resume(message, now));
    this.instances = new Instances(service);
    this.deliveries = this.#makeDeliveries(means, suspect);
    const { verification } = this.membership.watch;
    const holds = (pool: Pool, now: number): boolean => verification.holds(pool, now);
    this.dispatcher = new Dispatcher(service, holds, this.introductions, this.instances, newId, this.deliveries);
    const { subscriptions: book } = service;
    this.availability = new Availability(service, book);
    this.subscribing = new Subscribing(service, book, this.availability, newId, this.membership);
    this.pubsub = new PubSub(service, newId, (subscription, now) => this.events.resume(subscription, now));
    this.events = new Events(service, this.pubsub, this.dispatcher, means.readEvent);
    const preferences = new Preferences(out);
    const alive = (pool: Pool, member: Member, now: number): void => this.membership.watch.alive(pool, member, now);
    this.proxying = new Proxying(service, newId, { alive, suspect });
    this.adhoc = new AdHoc(service, newId, () => this.house);
    this.intake = this.#makeIntake(preferences, alive, suspect);
    const admits = (pool: Pool, jid: string): boolean => this.subscribing.admits(pool, jid);
    this.reload = new Reload(service, this.membership, this.dispatcher, preferences, admits);
    this.#steering = steeringOf(preferences, this.membership);
    restore(snapshot, service, { membership: this.membership, preferences, book, admits });
    this.deliveries.restore(snapshot.queues);
  }

  /** What commands act on. */
  get house(): Omit<CommandHouse, 'caller'> {
    const { service, transfers, deliveries } = this;
    const { pools, out, settings } = service;
    return {
      pools,
      transfers,
      steering: this.#steering,
      queues: deliveries.view,
      notice: (notice) => out.notice(notice),
      about: settings,
      announcements: this.announcements,
      desk: this.#desk,
    };
  }

  /** Who hears that members come and go. */
  #memberWatcher(): ConstructorParameters<typeof Membership>[2] {
    return {
      heard: (pool, member, joined, now) => this.transfers.heard(pool, member, joined, now),
      left: (member) => {
        this.transfers.left(member);
        this.deliveries.left(member);
      },
    };
  }

  #makeDeliveries({ newId, digest, payloadText, random }: Means, suspect: Suspect): Deliveries {
    // One verified worker is enough, but for `sticky`: a key would go to whoever answers first.
    const holds = (pool: Pool, now: number): boolean =>
      (pool.takers?.verified === 0 || pool.algorithm === 'sticky') &&
      this.membership.watch.verification.holds(pool, now);
    return new Deliveries(this.service, {
      newId,
      digest,
      payloadText,
      random,
      holds,
      suspect,
      late: (pool, member, now) => this.membership.watch.late(pool, member, now),
      choose: (pool, message, now, attempted) => this.dispatcher.choose(pool, message, now, attempted),
      serve: (conversation, worker, now) => this.dispatcher.serve(conversation, worker, now),
    });
  }

  #makeIntake(
    preferences: Preferences,
    alive: (pool: Pool, member: Member, now: number) => void,
    suspect: Suspect,
  ): Intake {
    const { service, dispatcher, deliveries, membership, transfers, pubsub, proxying, instances } = this;
    const bounces = new Bounces(service, dispatcher, suspect);
    const relay = new Relay(service, bounces, instances, deliveries, alive);
    return new Intake(service, {
      messages: new Messages(service, dispatcher, relay, this.events),
      presences: new Presences(service, membership, this.subscribing, instances),
      requests: new Requests(service, preferences, new Passing(service, proxying), this.adhoc),
      responses: {
        answer: (response, now) =>
          membership.answer(response, now) || transfers.answer(response, now) || pubsub.answer(response, now)
            ? consumed
            : (deliveries.answer(response, now) ?? proxying.answer(response, now)),
      },
    });
  }
}
