/// <reference lib="esnext.disposable" />

import { SandboxAPI } from './generated/sandbox-api.cjs'
import { type BaseClient, type ClientOptions } from './lib/types.cjs'

export type * from './generated/sandbox-api.cjs'

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
  /** Where to deliver webhooks: a URL, or several. */
  webhook?: string | readonly string[] | undefined
  /** Key of the webhooks' signatures; else one is made up, see `webhooks`. */
  webhookSecret?: string | undefined
}

/** The sandbox did not start, or a call of its interface for tests failed. */
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
export declare class Sandbox extends SandboxAPI {
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
}
