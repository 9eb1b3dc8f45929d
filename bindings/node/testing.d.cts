/// <reference lib="esnext.disposable" />

import { type BaseClient, type ClientOptions } from './lib/types.cjs'

/** How a sandbox is started. */
export interface SandboxOptions {
  /** The `payglot` binary; else `PAYGLOT_BIN` names it, or it is found on the path. */
  binary?: string | undefined
  /** Makes credentials and identifiers the same in every run. */
  seed?: number | undefined
}

/**
 * A sandbox that stands in for all providers, as a process of its own on a free port of this machine. Its state
 * is in memory, and it ends with this process at the latest.
 *
 * The binary is not part of this package: `cargo install payglot-cli`.
 *
 * @example
 * ```ts
 * await using sandbox = await new Sandbox().start()
 * const client = sandbox.client(PaywintPlatform)
 * ```
 */
export declare class Sandbox {
  constructor(options?: SandboxOptions)
  /** Starts it and waits until it listens; a second call does nothing. */
  start(): Promise<this>
  /** Stops it and waits until it is gone. */
  stop(): Promise<void>
  /** Where it listens, for all providers alike. */
  readonly baseUrl: string
  /** The credentials that it takes, by name. They are random, and good for this sandbox alone. */
  readonly credentials: Readonly<Record<string, string>>
  /** A user who is there from the start. */
  readonly userId: string
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
  /** Stops it at the end of `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}
