import { type InboxConstructor } from './inbox.cjs'

/** How deliveries are signed: HMAC-SHA256 over the body, or over timestamp, separator and body. */
export interface Scheme {
  /**
   * Header with the signature.
   *
   * @defaultValue `'X-Webhook-Signature'`
   */
  signatureHeader?: string | undefined
  /**
   * Header with the time of sending in Unix seconds; null where only the body is signed.
   *
   * @defaultValue `'X-Webhook-Timestamp'`
   */
  timestampHeader?: string | null | undefined
  /**
   * Text between timestamp and body in what is signed.
   *
   * @defaultValue `'.'`
   */
  separator?: string | undefined
  /**
   * Text before the signature in its header, such as `sha256=`.
   *
   * @defaultValue `''`
   */
  prefix?: string | undefined
  /**
   * How the signature is written.
   *
   * @defaultValue `'hex'`
   */
  encoding?: 'hex' | 'base64' | undefined
  /**
   * How many milliseconds the timestamp may be from now.
   *
   * @defaultValue `300_000`
   */
  tolerance?: number | undefined
}

/** A scheme, and the time to compare with. */
export interface VerifyOptions extends Scheme {
  /** A time instead of now (a `Date`, or milliseconds): for deliveries that were kept. */
  now?: Date | number | undefined
}

/** The raw body of a request: JSON that was read and written again has another signature. */
export type Body = string | Uint8Array | ArrayBuffer

/** The headers of a request, names in any case: Node's, fetch's `Headers`, a `Map`, an object or pairs. */
export type RequestHeaders =
  Iterable<readonly [string, string]> | { readonly [name: string]: string | readonly string[] | undefined }

/** One secret, or several while one is exchanged for another. */
export type Secret = string | Uint8Array | readonly (string | Uint8Array)[]

/**
 * Checks a delivery: its signature over the exact bytes of the body, in constant time, and its age.
 *
 * @param body - The raw body of the request.
 * @param headers - Its headers.
 * @param secret - The webhook secret, or several.
 * @param scheme - How deliveries are signed; no vendor covered here publishes it.
 *
 * @throws {@link WebhookVerificationError} when the delivery is not genuine, or too old.
 */
export declare function verify(body: Body, headers: RequestHeaders, secret: Secret, scheme?: VerifyOptions): void

/** What is signed. */
export interface SignDeliveryInput extends Scheme {
  /** The exact body. */
  body: Body
  /** Time of sending in Unix seconds. */
  timestamp: number
  /** The webhook secret. */
  secret: string | Uint8Array
}

/**
 * Signs a delivery, for tests and for what stands in for a vendor.
 *
 * @returns The value of the signature header.
 */
export declare function sign(input: SignDeliveryInput): string

/**
 * Remembers which events were handled, so that a delivery that comes again is known. Vendors deliver at least once.
 *
 * It remembers within this process alone. For several processes, keep the ids where all see them, in a table with a
 * unique key.
 */
export declare class ReplayGuard {
  /**
   * @param options - `capacity`: how many ids are remembered, 100,000 unless given. `window`: for how many
   * milliseconds, a day unless given.
   */
  constructor(options?: { capacity?: number | undefined; window?: number | undefined })
  /**
   * Handles an event, unless it was handled before.
   *
   * The event counts as handled when the handler has succeeded; when it throws or rejects, the next delivery is handled.
   *
   * @param id - The event's `id`.
   * @param handler - What to do, once.
   * @returns Whether the handler ran; false where the event was handled before, and can be acknowledged.
   * @throws EventInProgressError while another delivery of the event is being handled; respond with 503 then. Otherwise what
   * the handler throws.
   */
  handling(id: string, handler: () => unknown): Promise<boolean>
}

/** A delivery as an HTTP request has it. */
export interface Delivery {
  /** The exact bytes. */
  readonly body: Uint8Array
  /** Names and values. */
  readonly headers: Readonly<Record<string, string>>
}

/** A scheme, and what a sample is about. */
export interface SampleOptions extends Scheme {
  /** Fields that replace the example's, by the wire's names. */
  data?: Readonly<Record<string, unknown>> | undefined
}

/** What all events have beside the wire's fields. Neither is in their JSON. */
export interface EventBase<Kind extends string> {
  /** The name of the event, or `'unknown'` where this version does not know it: what a `switch` goes by. */
  readonly kind: Kind
  /** When the event arose; null where that was not said. */
  readonly generatedAt: Date | null
  /** Any other field, kept as it came. */
  [field: string]: unknown
}

/** Webhooks of one API. */
export interface ProviderWebhooks<Event extends { readonly kind: string }, Name extends string> {
  /**
   * Checks a delivery and reads it.
   *
   * @param body - The raw body of the request.
   * @param headers - Its headers.
   * @param secret - The webhook secret, or several.
   * @param scheme - How deliveries are signed; no vendor covered here publishes it.
   *
   * @throws {@link WebhookVerificationError} when the delivery is not genuine, or too old.
   * @throws {@link ResponseFormatError} when it is genuine but not an event.
   */
  constructEvent(this: void, body: Body, headers: RequestHeaders, secret: Secret, scheme?: VerifyOptions): Event
  /**
   * Reads a delivery without checking it.
   *
   * @param body - The raw body of the request.
   * @param headers - Its headers; needed where one has the event's name or identifier.
   */
  parse(this: void, body: Body, headers?: RequestHeaders): Event
  /** Webhooks that are not lost: `new webhooks.….Inbox(journal, secret)`. */
  Inbox: InboxConstructor<Event>
  /** Makes a signed delivery as the vendor could send it now, from the document's examples, for your own tests. */
  sampleDelivery(this: void, event: Name, secret: string | Uint8Array, options?: SampleOptions): Delivery
}
