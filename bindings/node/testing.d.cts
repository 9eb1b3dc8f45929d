/// <reference lib="esnext.disposable" />

import { type BaseClient, type ClientOptions } from './lib/types.cjs'

/** How a sandbox is started. */
export interface SandboxOptions {
  /** The `payglot` command; else what `PAYGLOT_BIN` names, or the one that comes with this package. */
  binary?: string | undefined
  /** Makes credentials and identifiers the same in every run. */
  seed?: number | undefined
  /** File that keeps everything; else it is kept in memory. */
  state?: string | undefined
  /** Refuses what the documents do not declare. */
  strict?: boolean | undefined
  /** Where to tell of what happens: a URL, or several. */
  webhook?: string | readonly string[] | undefined
  /** Key of the webhooks' signatures; else one is made up, see `webhooks`. */
  webhookSecret?: string | undefined
}

/** An object of the sandbox's interface for tests. docs/sandbox.md says what is in it. */
export type SandboxRecord = Record<string, any>

/** What comes of a check of a person. */
export type SandboxDecision = 'pending' | 'approved' | 'rejected' | 'failed'

/** What goes wrong. */
export type SandboxFaultKind = 'status' | 'refuse' | 'reset_before' | 'reset_after_commit' | 'truncate' | 'delay'

/** How a fault goes. */
export interface SandboxFaultOptions {
  /** How many calls it happens to, 1 by default; null for all until it is taken away. */
  times?: number | null | undefined
  /** The status of the kind `status`, 200 to 599. */
  status?: number | undefined
  /** Seconds for its `Retry-After`. */
  retryAfter?: number | undefined
  /** Milliseconds of the kind `delay`. */
  delayMs?: number | undefined
}

/** The sandbox did not start, or refused what a test asked of it. */
export declare class SandboxError extends Error {}

/**
 * A sandbox that stands in for all providers, as a process of its own on a free port of this machine. It ends with
 * this process at the latest, however that ends.
 *
 * Everything that takes time goes by the sandbox's own clock: see `advance`.
 *
 * @example
 * ```ts
 * await using sandbox = await new Sandbox().start()
 * const client = sandbox.client(PaywintPlatform)
 * ```
 */
export declare class Sandbox {
  constructor(options?: SandboxOptions)
  /** Starts it and waits until it listens; a second call does nothing. Rejects with `SandboxError`. */
  start(): Promise<this>
  /** Stops it and waits until it is gone. */
  stop(): Promise<void>
  /** Stops it at the end of `await using`. */
  [Symbol.asyncDispose](): Promise<void>
  /** Where it listens, for all providers alike. */
  readonly baseUrl: string
  /** A user who is there from the start. */
  readonly userId: string
  /** The credentials that it takes, by name. They are good for this sandbox alone. */
  readonly credentials: Readonly<Record<string, string>>
  /** The environment variables by which clients find it and authenticate. */
  readonly environment: Readonly<Record<string, string>>
  /** Address and secret of each endpoint that `webhook` named. */
  readonly webhooks: readonly { url: string; secret: string }[]
  /**
   * A client of this sandbox.
   *
   * @param Client - A client class of payglot, such as `PaywintPlatform`.
   * @param options - What the client is told beside host and credentials.
   */
  client<Client extends BaseClient, Options extends ClientOptions>(
    Client: new (options?: Options) => Client,
    options?: NoInfer<Options>,
  ): Client

  /** Addresses, ids that exist from the start, operations. */
  info(): Promise<SandboxRecord>
  /** The last 500 requests and why they were refused; no bodies, no queries. */
  requests(): Promise<SandboxRecord[]>
  /** Moves the clock forward; what is due happens. */
  advance(seconds: number): Promise<SandboxRecord>
  /** Fills a wallet at once: the id is a user of any API, or one of Paywint's bank accounts. */
  fund(id: string, amount: string | number): Promise<SandboxRecord>
  /** Pays a payment link as its page does. */
  pay(paymentId: string, options?: { payerName?: string | undefined }): Promise<SandboxRecord>
  /** Refuses a payment that is open or under way; its money goes back. */
  reject(paymentId: string, options?: { reason?: string | undefined }): Promise<SandboxRecord>
  /** Gives amount and fees of a payment back that went well. */
  refund(paymentId: string): Promise<SandboxRecord>
  /** Decides the check of a person. */
  kyc(userId: string, status: SandboxDecision): Promise<SandboxRecord>
  /** Forgets who a user is. */
  forgetKyc(userId: string): Promise<SandboxRecord>
  /** Decides the check of a business. */
  kyb(userId: string, status: Exclude<SandboxDecision, 'failed'>): Promise<SandboxRecord>
  /** Forgets what a user's business is. */
  forgetKyb(userId: string): Promise<SandboxRecord>
  /** Adds a card of a payee; the expiry is `MM/YYYY`. */
  addPayeeCard(
    payeeId: string,
    card?: { lastFour?: string | undefined; expiry?: string | undefined; nickName?: string | undefined },
  ): Promise<SandboxRecord>
  /** Pays a shop with a Linora card, or is declined. */
  spend(cardId: string, amount: string | number): Promise<SandboxRecord>
  /** Whether the books balance. */
  ledger(): Promise<SandboxRecord>
  /** The whole state, credentials not included; `restore` takes it. */
  snapshot(): Promise<SandboxRecord>
  /** Goes back to a snapshot. */
  restore(snapshot: SandboxRecord): Promise<SandboxRecord>
  /** Goes back to the start; credentials and webhook endpoints stay. */
  reset(): Promise<SandboxRecord>
  /** The faults that are still to happen. */
  faults(): Promise<SandboxRecord[]>
  /**
   * Lets the next calls of an operation go wrong. Resolves to the faults that are still to happen.
   *
   * @param operation - `provider/resource.method`, such as `paywint-platform/payments.create`, `provider/*` or `*`.
   * @param kind - What goes wrong.
   * @param options - How.
   */
  addFault(operation: string, kind: SandboxFaultKind, options?: SandboxFaultOptions): Promise<SandboxRecord[]>
  /** Takes a fault away. */
  removeFault(id: number): Promise<SandboxRecord[]>
  /** Takes all faults away. */
  clearFaults(): Promise<void>
  /** Who is told of what happens; no secrets. */
  webhookEndpoints(): Promise<SandboxRecord[]>
  /**
   * Tells this URL of what happens from now on. The answer holds `id` and `secret`.
   *
   * @param url - Where to.
   * @param settings - `secret`, `provider`, `copies` and how deliveries are signed; docs/sandbox.md has them all.
   */
  addWebhook(url: string, settings?: SandboxRecord): Promise<SandboxRecord>
  /** Tells an endpoint no more. */
  removeWebhook(id: string): Promise<void>
  /** Lets what an endpoint should be told wait. */
  holdWebhooks(id: string): Promise<SandboxRecord>
  /** Sends what waits, as it was made or in reversed order. */
  releaseWebhooks(id: string, options?: { order?: 'as_made' | 'reversed' | undefined }): Promise<SandboxRecord>
  /** What happened, newest first, with every delivery and attempt. */
  webhookEvents(): Promise<SandboxRecord[]>
  /** Sends an event once more. */
  resendWebhook(eventId: string): Promise<SandboxRecord>
}
