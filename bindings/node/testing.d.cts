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

/** What `await using` asks for, where the program's TypeScript and its `lib` know it. */
export type AsyncDispose = typeof Symbol extends { readonly asyncDispose: infer Key }
  ? { [Name in Key & symbol]: () => Promise<void> }
  : unknown
/** Not inferred from: TypeScript has a name for it from 5.4 on. */
type NoInference<Options> = [Options][Options extends unknown ? 0 : never]
declare const SandboxBase: abstract new () => SandboxAPI & AsyncDispose

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
export declare class Sandbox extends SandboxBase {
  constructor(options?: SandboxOptions)
  /** Starts it and waits until it listens; a second call does nothing. Rejects with `SandboxError`. */
  start(): Promise<this>
  /** Stops it and waits until it is gone; `await using` does so at the end of its block. */
  stop(): Promise<void>
  /** Where it listens, for all providers alike. */
  readonly baseUrl: string
  /** What changes by its JSON interface must bring, as `Authorization: Bearer`; the methods bring it by themselves. */
  readonly token: string
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
    options?: NoInference<Options>,
  ): Client
}

/** How a crash lab makes its experiment. */
export interface CrashLabOptions {
  /** How many copies of the program run at once; 1 unless given. All of them are killed, as when a machine dies. */
  workers?: number | undefined
  /** Longest time for one run in milliseconds, 30,000 unless given; a program that takes longer hangs. */
  timeout?: number | undefined
  /** The program serves webhooks at this URL, and is stopped when nothing happens any more. */
  webhook?: string | undefined
  /** A shell command that runs once in each run: before the program or, with `webhook`, when it listens. */
  trigger?: string | undefined
  /** Also this many runs with two kills each. */
  random?: number | undefined
  /** Draws the same runs at random again. */
  seed?: number | undefined
  /** Only the run of this name. */
  only?: string | undefined
  /** Further environment variables of the program. */
  environment?: Readonly<Record<string, string>> | undefined
  /** The `payglot` command; else what `PAYGLOT_BIN` names, or the one that comes with this package. */
  binary?: string | undefined
}

/** One run in which the program was killed. */
export interface CrashRun {
  /** Where it was killed, `paywint-platform/payments.create #1, committed`. The same in every experiment. */
  readonly name: string
  /** What was wrong: done too often, lost without a word, hung. Empty where all was well. */
  readonly problems: readonly string[]
  /** What else there is to say. */
  readonly note: string | null
}

/** What the runs of a crash lab showed. */
export interface CrashReport {
  /** How often the program does what it does undisturbed, by operations that create something or move money. */
  readonly usual: Readonly<Record<string, number>>
  /** One for each run in which it was killed. */
  readonly runs: readonly CrashRun[]
  /** Those in which something was wrong. */
  readonly wrong: readonly CrashRun[]
  /** The name of the run that goes wrong with the fewest kills. */
  readonly shortestWrong: string | null
}

/**
 * Kills a program at every step that a sandbox can see, starts it again, and reads what was done.
 *
 * The program runs once undisturbed: what it does then is what it ought to do. Then it runs again for every step of its
 * calls, against a fresh sandbox each time. It finds the sandbox by its environment, as every client does, with a funded
 * wallet for the user `SANDBOX_USER_ID`; what it wants to remember over a crash belongs into the folder `CRASH_LAB_DIR`.
 *
 * Rejects with `SandboxError` where there is nothing to learn: the program does not get through undisturbed, or never calls.
 *
 * @param command - The program and its arguments.
 */
export declare function crashLab(command: readonly string[], options?: CrashLabOptions): Promise<CrashReport>
