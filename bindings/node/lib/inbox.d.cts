import { type Signal, type Journal, type URLLike } from './types.cjs'
import { type Body, type RequestHeaders, type Scheme, type Secret } from './webhooks.cjs'

/** How an inbox is set. */
export interface InboxOptions {
  /** How deliveries are signed. */
  scheme?: Scheme | undefined
  /**
   * Which of several accounts at the provider deliveries are for, such as a platform's id. Inboxes of different accounts share a
   * store and see nothing of each other.
   */
  account?: string | undefined
  /** Fields of an event's data that are stored although the document does not know them. */
  keep?: readonly string[] | undefined
  /**
   * Attempts until an event is dead.
   *
   * @defaultValue `10`
   */
  maxAttempts?: number | undefined
  /**
   * Milliseconds between the first two attempts; they double with each, to at most ten minutes.
   *
   * @defaultValue `1000`
   */
  backoff?: number | undefined
  /**
   * Milliseconds for which an event stays with a worker of which nothing is heard.
   *
   * @defaultValue `60_000`
   */
  lease?: number | undefined
}

/** How far an event has come. */
export type EventState = 'waiting' | 'handling' | 'handled' | 'stale' | 'dead'

/** What an inbox tells of an event: none of its data. */
export interface StoredEvent {
  /** Such as `paywint-platform`. */
  readonly provider: string
  /** Which of several accounts at the provider it was delivered for. */
  readonly account: string
  /** The vendor's identifier of the event. */
  readonly id: string
  /** Its name, such as `payment.success`. */
  readonly event: string
  /** What it tells something of, such as `payment 7b1d9c34`. */
  readonly object: string
  /** How far it has come. */
  readonly state: EventState
  /** How many times its handling was begun. */
  readonly attempts: number
  /** The class of the error with which its handling ended last. */
  readonly lastError: string | null
  /** When it arose, by the vendor's clock. */
  readonly occurredAt: Date
  /** When it was stored. */
  readonly receivedAt: Date
  /** It is not handled before. */
  readonly nextAt: Date
  /** When it last changed. */
  readonly updatedAt: Date
}

/** Which events to list. */
export interface EventFilter {
  /** In this state. */
  state?: EventState | undefined
  /** Of this name. */
  event?: string | undefined
  /** Of this object, as {@link StoredEvent.object} has it. */
  object?: string | undefined
}

/** How a worker works. */
export interface WorkOptions {
  /**
   * How many events are handled at a time.
   *
   * @defaultValue `4`
   */
  concurrency?: number | undefined
  /** Ends the work: what is being handled then is handled to its end. */
  signal?: Signal | undefined
}

/** An inbox of one API: webhooks are stored before they are acknowledged, and handled at least once. */
export interface Inbox<Event extends { readonly kind: string }> {
  /**
   * Registers a handler. It may see an event again, where a process died before it was written that it was handled; one that
   * throws or rejects is called again after a pause.
   *
   * @param event - The name of the events; `'*'` for all that have no handler of their own. Without such a one they wait in the
   *   store until some worker has a handler for them.
   * @param handler - What to do.
   */
  on<Name extends Exclude<Event['kind'], 'unknown'>>(
    event: Name,
    handler: (event: Extract<Event, { readonly kind: Name }>) => unknown,
  ): this
  /**
   * Registers a handler that is given the event's object as it is now, too.
   *
   * @param options - `refresh`: the client that reads it. The journal is told of unknown intents whose reference it carries.
   */
  on<Name extends Exclude<Event['kind'], 'unknown'>>(
    event: Name,
    handler: (event: Extract<Event, { readonly kind: Name }>, object: Record<string, unknown> | null) => unknown,
    options: { refresh: object },
  ): this
  on(event: '*', handler: (event: Event) => unknown): this
  /**
   * Checks a delivery and stores it: respond with the status that this gives.
   *
   * 200: it is stored durably, now or before. 401: the signature does not hold. 400: it is no event. 503: the store cannot be
   * used; the vendor delivers again.
   *
   * @param body - The raw body of the request.
   * @param headers - Its headers.
   */
  receive(body: Body, headers: RequestHeaders): Promise<number>
  /** Handles events until the signal is aborted. */
  work(options?: WorkOptions): Promise<void>
  /** Handles all events that are due now, one after the other, and gives how many that were. */
  workOff(): Promise<number>
  /**
   * Finds events that were never delivered, and stores them to be handled: by the vendor's lists, and by reading those objects
   * that are known, from events that came and from intents of the journal that succeeded. The data of an event that is found so is
   * the identifier of its object alone. When its delivery comes after all, it is a duplicate.
   *
   * @param client - A client of the inbox's account. Nothing but reads is sent.
   * @param options - `since`: how many milliseconds back known objects are read; a week unless given.
   */
  catchUp(client: object, options?: { since?: number | undefined }): Promise<CaughtUp>
  /** The events of a filter, in the order of their times. */
  list(filter?: EventFilter): Promise<StoredEvent[]>
  /** The events that were given up after too many attempts. */
  dead(): Promise<StoredEvent[]>
  /** The event of an identifier, or null. */
  get(id: string): Promise<StoredEvent | null>
  /**
   * Has a dead event handled again, with as many attempts as a new one. It is stale, and not handled, where a later event of its
   * object was handled meanwhile.
   */
  retry(id: string): Promise<StoredEvent>
}

/** What catching up has found. */
export interface CaughtUp {
  /** Identifiers of the events that were stored: they wait to be handled. */
  readonly stored: readonly string[]
  /** Names of the events that cannot be found, because no operation shows that they have happened. */
  readonly notShown: readonly string[]
}

/** Makes an inbox. */
export interface InboxConstructor<Event extends { readonly kind: string }> {
  /**
   * @param store - A journal, or its location.
   * @param secret - The webhook secret, or several while one is exchanged for another.
   * @param options - How it is set.
   */
  new (store: Journal | string | URLLike, secret: Secret, options?: InboxOptions): Inbox<Event>
}
