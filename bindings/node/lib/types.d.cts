/**
 * An amount of money in a request: text with the digits to send (`'10.10'` is sent as `10.10`), a BigInt,
 * or a number whose shortest form has at most two fraction digits (`150.75`, but not `0.1 + 0.2`).
 */
export type Money = string | number | bigint

/** What a `Blob` or a `File` is, without asking for its global type. */
export interface BlobLike {
  readonly size: number
  readonly type: string
  arrayBuffer(): Promise<ArrayBuffer>
}

/** The file at a path; it is read when a call is made. */
export declare class FilePath {
  /**
   * @param path - Where it is.
   * @param options - Its name, otherwise the path's; and its content type, otherwise the one that the API's document gives or
   * that the ending of the name stands for.
   */
  constructor(path: string | URLLike, options?: { name?: string | undefined; contentType?: string | undefined })
  readonly name: string
  readonly contentType: string | undefined
}

/** The contents of a file: bytes, a `Blob` or `File`, a path, or a stream such as a `Readable`. */
export type FileContent = Uint8Array | ArrayBuffer | BlobLike | FilePath | AsyncIterable<Uint8Array | string>

/**
 * A file as an argument, with a name and a content type where they are given. It is read whole before the call begins, at
 * most 256 MiB, so that it can be signed, and sent again where that is safe.
 */
export type FileInput = FileContent | { data: FileContent; name?: string | undefined; contentType?: string | undefined }

/** What an `AbortSignal` is, without asking for its global type. */
export interface Signal {
  readonly aborted: boolean
  readonly reason?: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** What every client can be told. */
export interface ClientOptions {
  /** Host and leading path, such as `https://api.example.com`; instead of an environment. */
  baseUrl?: string | URLLike | undefined
  /**
   * Milliseconds for a call with all its attempts.
   *
   * @defaultValue `30_000`
   */
  timeout?: number | undefined
  /**
   * Milliseconds to connect.
   *
   * @defaultValue `5_000`
   */
  connectTimeout?: number | undefined
  /** Headers of every call. Those that authenticate or frame a request are not taken. */
  defaultHeaders?: CallOptions['headers']
  /** Name and version of your program for the `User-Agent`, such as `['shop', '2.1']`. */
  appInfo?: string | readonly [name: string, version: string] | undefined
  /**
   * How many times a call may be tried again where that is safe.
   *
   * @defaultValue `2`
   */
  maxRetries?: number | undefined
  /**
   * Largest response that is read, in bytes.
   *
   * @defaultValue `33_554_432`
   */
  maxResponseBytes?: number | undefined
  /**
   * How many connections may be open at once; further calls wait their turn within their time. Calls share one connection
   * of HTTP/2, as many at once as the host allows.
   *
   * @defaultValue `100`
   */
  maxConnections?: number | undefined
  /**
   * Whether a payment whose record says that it failed is a `PaymentFailedError` instead of a result.
   *
   * @defaultValue `false`
   */
  raiseOnFailed?: boolean | undefined
  /** Remembers calls under their intents, so that each is made at most once whatever crashes. */
  journal?: Journal | undefined
  /** What payments may spend, counted in the journal: checked before anything is sent. */
  guard?: Guard | undefined
  /**
   * Whether, with a journal, a call that moves money must have an intent.
   *
   * @defaultValue `true`
   */
  requireIntent?: boolean | undefined
  /**
   * Whether calls under an intent carry its short reference, where their operation has a field for one, such as an
   * invoice number, that is left out or empty. A look-up then finds exactly that record.
   *
   * @defaultValue `false`
   */
  tag?: boolean | undefined
  /**
   * What an empty body adds to a signature: the SHA-256 of nothing (`hash`), or nothing (`omit`). Only for an API whose
   * requests are signed.
   */
  emptyBody?: 'hash' | 'omit' | undefined
  /**
   * Allows `http://` to another machine than this one, as within a network of containers. Otherwise
   * `PAYGLOT_ALLOW_INSECURE_HTTP=1` does.
   */
  allowInsecureHttp?: boolean | undefined
  /**
   * Sends everything through this proxy, `http://user:password@host:3128`, instead of the environment's; `false` is for
   * none.
   */
  proxy?: string | URLLike | false | undefined
  /** Trusts these certificates (PEM) beside the system's. */
  caCertificates?: string | Uint8Array | undefined
  /**
   * Gets a log record of every call, attempt and retry: operation, method, URL template, status, attempt, duration and
   * request id. Never bodies, queries or signatures. `console` is one.
   */
  logger?: Logger | undefined
}

/** A logger. The client logs everything at `debug`; the other levels are for later versions. */
export interface Logger {
  debug(message: string, fields: Readonly<LogFields>): void
  error?(message: string, fields: Readonly<LogFields>): void
  warn?(message: string, fields: Readonly<LogFields>): void
  info?(message: string, fields: Readonly<LogFields>): void
  trace?(message: string, fields: Readonly<LogFields>): void
}

/** What a logger hears; each line has some of these. */
export interface LogFields {
  /** The operation, such as `cards.get`; `request` for a call outside the document. */
  operation?: string
  /** HTTP method. */
  method?: string
  /** Path of the operation with its parameters' names. */
  urlTemplate?: string
  /** Number of the attempt, from 1. */
  attempt?: number
  /** How many attempts the call took. */
  attempts?: number
  /** HTTP status, where there was a response. */
  status?: number
  /** Milliseconds of the attempt, or of the call with all its attempts. */
  durationMs?: number
  /** Milliseconds to the next attempt. */
  waitMs?: number
  /** Identifier of the request, where the API sends one. */
  requestId?: string
  [field: string]: unknown
}

/** One thing that a 422 of FastAPI says about the input. */
export interface ValidationDetail {
  /** Where it is, such as `['body', 'amount']`. */
  readonly loc?: readonly (string | number)[]
  /** What is wrong. */
  readonly msg?: string
  /** Kind of the problem. */
  readonly type?: string
  readonly [field: string]: unknown
}

/** The detail of a 422: a list in nearly all cases, though no API promises it. */
export type ValidationDetails =
  readonly ValidationDetail[] | string | number | boolean | null | { readonly [field: string]: unknown }

/** A `URL`, without asking for its global type. */
export interface URLLike {
  readonly href: string
  toString(): string
}

/** What a call can be told; the last argument of every method. */
export interface CallOptions {
  /** Milliseconds for this call with all its attempts. */
  timeout?: number | undefined
  /** How many times this call may be tried again where that is safe. */
  maxRetries?: number | undefined
  /**
   * Stops the call; it rejects with the signal's reason. Where it creates something or moves money and may have left, it
   * rejects with `OutcomeUnknownError`, whose `cause` is the reason.
   */
  signal?: Signal | undefined
  /** Further headers. Those that authenticate or frame the request are not taken. */
  headers?: Readonly<Record<string, string | undefined>> | Iterable<readonly [string, string]> | undefined
  /** Further query parameters, for what the document does not know; a list repeats its name. */
  extraQuery?: Readonly<Record<string, QueryValue | readonly QueryValue[] | undefined>> | undefined
  /** The `Idempotency-Key` of this call, instead of a fresh one where the operation needs one. */
  idempotencyKey?: string | undefined
  /** Whether a record of this call that has failed is a `PaymentFailedError`; otherwise as the client says. */
  raiseOnFailed?: boolean | undefined
  /**
   * Name of what the call means to do, for a client with a journal: 1 to 255 printable characters. The same intent is done
   * at most once, whatever crashes. Lists, which are read page by page, have none.
   */
  intent?: string | undefined
}

/** What {@link BaseClient.withOptions} changes; what is left out stays as it is. */
export interface ClientDefaults {
  /** Milliseconds for a call with all its attempts. */
  timeout?: number | undefined
  /** How many times a call may be tried again where that is safe. */
  maxRetries?: number | undefined
  /** Headers of every call, beside those that the client has; of two with one name this one counts. */
  headers?: CallOptions['headers']
  /** Whether a record that has failed is a `PaymentFailedError`. */
  raiseOnFailed?: boolean | undefined
}

/** What a call outside the document can be told. */
export interface RequestOptions extends CallOptions {
  /** Query parameters; a list repeats its name. */
  query?: Readonly<Record<string, QueryValue | readonly QueryValue[] | undefined>> | undefined
  /** The body, sent as JSON. */
  json?: unknown
  /**
   * Whether the call may be sent again once it may have arrived: `read`, `idempotent` and `keyed` may.
   *
   * @defaultValue `'money'`
   */
  replay?: 'read' | 'idempotent' | 'keyed' | 'create' | 'money' | undefined
}

/** A query parameter. */
export type QueryValue = string | number | bigint | boolean | Date

/** A response: its status, headers and text, and its data. */
export declare class RawResponse<T> {
  private constructor()
  /** HTTP status. */
  readonly status: number
  /** Headers by lower-case name; equal ones are joined by commas. */
  readonly headers: Readonly<Record<string, string>>
  /** The API's message, where its responses carry one. */
  readonly message: string | null
  /** Identifier of the request, where the API sends one. */
  readonly requestId: string | null
  /**
   * Whether a journal had the response of an earlier call under the same intent, and nothing was sent. It has no field that
   * is sensitive then, and no header but the request id.
   */
  readonly isReplay: boolean
  /** The whole body as text. It may hold sensitive values: do not log it. */
  readonly text: string
  /** What the plain call resolves to. */
  readonly data: T
}

/** One page of records. Iterated with `for await`, it goes on over the records of all pages that follow. */
export declare class Page<T> implements AsyncIterable<T> {
  private constructor()
  /** The records of this page. */
  readonly records: T[]
  /** Number of records over all pages, where the API tells it. */
  readonly total: number | null
  /** Number of this page, from 1. */
  readonly number: number
  /** Records asked for per page. */
  readonly size: number
  /** Whether another page follows. */
  hasNext(): boolean
  /** The page that follows, or null after the last. */
  nextPage(): Promise<Page<T> | null>
  /** This page and those that follow, one by one; the next is on its way while one is read. */
  pages(): AsyncGenerator<Page<T>, void, void>
  /**
   * The records of this page and those that follow as one array.
   *
   * @param options - `limit` is how many records at most; there must be one.
   */
  autoPagingToArray(options: { limit: number }): Promise<T[]>
  [Symbol.asyncIterator](): AsyncIterableIterator<T>
}

/**
 * A call whose records come page by page. Nothing is sent before it is awaited or iterated: awaited it gives
 * its first page, iterated with `for await` the records of all pages.
 */
export declare class PagePromise<T> implements Promise<Page<T>>, AsyncIterable<T> {
  private constructor()
  then<A = Page<T>, B = never>(
    onFulfilled?: ((page: Page<T>) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B>
  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Page<T> | B>
  finally(onSettled?: (() => void) | null): Promise<Page<T>>
  /** Page by page; the next is on its way while one is read. */
  pages(): AsyncGenerator<Page<T>, void, void>
  /**
   * The records of all pages as one array.
   *
   * @param options - `limit` is how many records at most; there must be one.
   */
  autoPagingToArray(options: { limit: number }): Promise<T[]>
  [Symbol.asyncIterator](): AsyncIterableIterator<T>
  readonly [Symbol.toStringTag]: string
}

/** One event of a stream. */
export declare class Event<T> {
  private constructor()
  /** Its type; `message` where the stream does not say. */
  readonly event: string
  /** The identifier that the stream gave last; empty where it gave none. */
  readonly id: string
  /** Milliseconds to wait before one connects anew, where the stream says so. */
  readonly retry: number | null
  /** The data as it came. It may hold sensitive values: do not log it. */
  readonly text: string
  /** The data as the API's document has it; the text where it is something else, such as `[DONE]`. */
  readonly data: T | string
}

/**
 * The events of a call, in the order in which they come. Nothing is sent until the first is asked for. It ends with the
 * response, and is never resumed by itself. Leaving `for await` early closes the response.
 */
export declare class EventStream<T> implements AsyncIterableIterator<Event<T>> {
  private constructor()
  /** HTTP status; undefined before the response has begun. */
  readonly status: number | undefined
  /** Headers by lower-case name; undefined before the response has begun. */
  readonly headers: Readonly<Record<string, string>> | undefined
  /** Identifier of the request, where the API sends one. */
  readonly requestId: string | null | undefined
  next(): Promise<IteratorResult<Event<T>, undefined>>
  return(value?: undefined): Promise<IteratorResult<Event<T>, undefined>>
  throw(error?: unknown): Promise<IteratorResult<Event<T>, undefined>>
  /** Closes the response: no event follows. */
  close(): void
  [Symbol.asyncIterator](): this
}

/** Base of groups of operations. */
export declare class Resource {
  protected constructor()
}

/** An attempt that begins. */
export interface RequestEvent {
  /** Name of the operation, such as `payments.create`; `request` for a call outside the document. */
  readonly operation: string
  /** HTTP method. */
  readonly method: string
  /** Number of the attempt, from 1. */
  readonly attempt: number
}

/** An attempt that has ended. */
export interface ResponseEvent extends RequestEvent {
  /** HTTP status; null where no whole response came. */
  readonly status: number | null
  /** Seconds from the begin of the attempt. */
  readonly duration: number
  /** Identifier of the request, where the API sends one. */
  readonly requestId: string | null
}

/**
 * A credential: its value, a file that it is in, or a function that gives it. Files and functions are read when the client is made,
 * when the vendor responds with 401, and by {@link BaseClient.rotate}. A promise that the function returns to the constructor is
 * awaited by the first call, so it can be no credential that is public, such as a platform's id.
 */
export type Credential = string | { readonly file: string } | (() => string | Promise<string>)

/** Base of all clients. */
export declare class BaseClient {
  protected constructor()
  /**
   * The same client with other defaults for its calls. It shares connections, credentials, journal and logger with this one.
   *
   * @throws {@link ConfigurationError} One of the options is not what it must be.
   */
  withOptions(options: ClientDefaults): this
  /**
   * A client of another account, with every setting of this one and over its connections: for programs that act for many
   * accounts. Each request is authenticated for itself.
   *
   * @param credentials - All credentials, by the names of the constructor's options. None comes from the environment.
   * @throws {@link ConfigurationError} One is missing, or is no key.
   */
  withCredentials(credentials: Readonly<Record<string, Credential>>): this
  /**
   * Reads the credentials again that come from a file or a function. Calls that begin from now on have the new ones, also
   * those of clients that {@link withOptions} gave; a call in flight ends with those that it began with. A 401 has them read
   * again by itself.
   *
   * @param credentials - Others for these, by the names of the constructor's options.
   * @throws {@link ConfigurationError} One cannot be read or is no key, one that is public is another than before, or there is
   * nothing to read. The client keeps the keys that it had.
   */
  rotate(credentials?: Readonly<Record<string, Credential>>): Promise<void>
  /**
   * A batch of rows for a client with a journal: each is paid at most once. The batch's name and the key of a row make the row's
   * intent, so that a batch that is run again, after any crash and by any number of workers, pays no row twice. Sends nothing.
   *
   * @param name - Such as `payroll-2026-11`; with another name, all rows would be paid again.
   * @param rows - Each with its key and the arguments of the operation by name, those of the path too.
   * @throws {@link InvalidRequestError} The client has no journal, or one of the options is not what it must be. Rows that are
   * wrong are for {@link Batch.check} to name.
   */
  batch(name: string, rows: Iterable<Readonly<Record<string, unknown>>>, options?: BatchOptions): Batch
  /**
   * Tells `listener` of each attempt of this client's calls: `request` when it begins, `response` when it has ended. Events come on
   * the event loop, those of a call before the call settles. What a listener throws changes nothing for the call. Clients that
   * are made of this one later have its listeners too.
   *
   * @returns Removes the listener.
   * @throws {@link InvalidRequestError} There is no such event, or the listener is no function.
   */
  on(event: 'request', listener: (event: RequestEvent) => unknown): () => void
  on(event: 'response', listener: (event: ResponseEvent) => unknown): () => void
  /**
   * Calls any path of the host, authenticated and retried like the rest; for what this version does not know.
   *
   * @param method - HTTP method.
   * @param path - Path that begins with `/`, without a query.
   * @param options - Query, body, and what every call can be told.
   * @returns The raw response; its `data` is the body as JSON, or null where it is none. Numbers are plain: for exact
   * amounts read `text`.
   */
  request(method: string, path: string, options?: RequestOptions): Promise<RawResponse<unknown>>
}

/** The operations of a client, resolving to raw responses. */
export type WithRawResponse<Client> = {
  readonly [
    Name in Exclude<
      keyof Client,
      'batch' | 'on' | 'request' | 'rotate' | 'withCredentials' | 'withOptions' | 'withRawResponse'
    >
  ]: RawResource<Client[Name]>
}

/** The operations of a resource, resolving to raw responses. */
export type RawResource<Operations> = {
  readonly [Name in keyof Operations]: Operations[Name] extends (...args: infer Arguments) => Promise<infer Result>
    ? (...args: Arguments) => Promise<RawResponse<Result>>
    : never
}

/** How a batch is run. What is left out has no limit. */
export interface BatchOptions {
  /** The operation that pays a row, such as `payments.create`. Otherwise the one that the class of the client names. */
  operation?: string | undefined
  /**
   * The field of a row that tells it from all others, today and when the batch is run again.
   *
   * @defaultValue `'key'`
   */
  key?: string | undefined
  /** Most payments a second, of all batches of the account on one journal together. */
  perSecond?: number | undefined
  /** Most US dollars for all rows, of all runs and processes together. An unknown outcome counts as spent. */
  atMost?: string | bigint | undefined
  /**
   * Whether it goes on when an outcome is unknown, instead of stopping until somebody has looked it up.
   *
   * @defaultValue `false`
   */
  goOn?: boolean | undefined
  /**
   * Most calls of this process at once.
   *
   * @defaultValue `8`
   */
  inFlight?: number | undefined
}

/** What became of a row: each ends in one of these. */
export type RowState = 'paid' | 'already_paid' | 'refused' | 'unknown' | 'not_tried'

/** One row, and what became of it. */
export interface RowResult {
  /** The key that the row was given. */
  readonly key: string
  /** What became of it. */
  readonly state: RowState
  /** US dollars; null where the operation does not say. */
  readonly amount: string | null
  /** Identifier of what was made, where it was paid and the response names it. */
  readonly id: string | null
  /** HTTP status of the last response. */
  readonly status: number | null
  /** Identifier of the last request, where the API sends one. */
  readonly requestId: string | null
  /** The intent's name in the journal. */
  readonly intent: string
  /** Why it was not paid, or what to look up. */
  readonly error: string | null
  /** When it last changed, where anything has happened to it. */
  readonly updatedAt: Date | null
}

/** Every row of a batch once, in the order that they were given in. */
export interface BatchReport {
  /** The rows. */
  readonly rows: readonly RowResult[]
  /** Why the run ended; null where nothing was run. */
  readonly end: 'complete' | 'unknown' | 'limit' | 'stopped' | 'failed' | null
  /** The same in words, where it did not end by itself. */
  readonly problem: string | null
  /** US dollars that are paid, by this run and before; null where the operation does not say. */
  readonly paid: string | null
}

/** How far a run is. */
export interface BatchProgress {
  /** All rows. */
  readonly rows: number
  /** Rows whose state is known. */
  readonly done: number
  /** Rows that are paid, by this run or before. */
  readonly paid: number
  /** Rows that were refused. */
  readonly refused: number
  /** Rows whose outcome is unknown. */
  readonly unknown: number
  /** Calls that are being made. */
  readonly inFlight: number
  /** Times that the API said that it was too fast. */
  readonly slowed: number
}

/** Rows, and what they amount to. */
export interface RowSum {
  /** How many. */
  readonly rows: number
  /** US dollars; null where the operation does not say. */
  readonly amount: string | null
}

/** What a run would do. */
export interface BatchCheck {
  /** Rows that are wrong, counted from 1. While there is one, none is paid. */
  readonly bad: readonly { readonly row: number; readonly key: string | null; readonly problem: string }[]
  /** All rows that are right. */
  readonly all: RowSum
  /** Those that were paid before. */
  readonly paid: RowSum
  /** Those whose outcome is unknown. A run stops at them, unless it is told to go on. */
  readonly unknown: RowSum
  /** Those that a run would pay. */
  readonly toPay: RowSum
  /** US dollars that the batch has spent of what it may, with what is unknown. */
  readonly spent: string | null
  /** Whether to pay them would exceed `atMost`. */
  readonly isOverLimit: boolean
  /** What is there to pay them from, for each wallet, and what the rows need of it; empty where that cannot be said. */
  readonly balances: readonly {
    readonly of: string
    readonly available: string | null
    readonly needed: string | null
  }[]
  /** Why the balance cannot be said, where it cannot. */
  readonly balanceProblem: string | null
}

/** Rows that are to be paid, each at most once; {@link BaseClient.batch} makes it. */
export declare class Batch {
  private constructor()
  /** Says what a run would do. Sends nothing, beside a read of the balance where the API has one. */
  check(): Promise<BatchCheck>
  /**
   * Pays the rows that are not paid, and says what became of each. Any number of processes may run one batch at once: together
   * they keep the limits. A signal that aborts, and {@link Batch.stop}, end it when the calls that are being made have ended; what
   * is left can be paid by another run.
   *
   * @param options - `onProgress` is called about ten times a second with how far it is.
   * @throws {@link InvalidRequestError} Rows are wrong, so none was paid; {@link Batch.check} names all of them.
   */
  run(options?: {
    onProgress?: ((progress: BatchProgress) => unknown) | undefined
    signal?: Signal | undefined
  }): Promise<BatchReport>
  /** Says what has become of each row so far, by the journal alone. */
  status(): Promise<BatchReport>
  /** Ends a run when the calls that are being made have ended. */
  stop(): void
}

/** How far an intent has come. */
export type IntentState = 'recorded' | 'sending' | 'succeeded' | 'refused' | 'unknown' | 'released'

/** Which intents to list; what is left out is not asked for. */
export interface IntentFilter {
  /** In this state. */
  state?: IntentState | undefined
  /** Of this provider, such as `paywint-platform`. */
  provider?: string | undefined
  /** Of this operation, such as `payments.create`. */
  operation?: string | undefined
  /** Of this name. */
  name?: string | undefined
}

/** Which recorded intents to take. */
export interface ClaimOptions {
  /** Only those of this operation. */
  operation?: string | undefined
  /**
   * How many.
   *
   * @defaultValue `100`
   */
  atMost?: number | undefined
  /**
   * Milliseconds for which no other worker is given them.
   *
   * @defaultValue `60_000`
   */
  lease?: number | undefined
}

/** Who decides about an intent, and why. Both stand in the log for ever, so neither may hold what is secret. */
export interface Decision {
  /** Who says so. */
  by: string
  /** Why. */
  because: string
}

/**
 * Remembers what clients mean to do, in a file or in PostgreSQL, so that nothing is done twice: give it to any number of
 * clients as `journal`, and each call that matters an `intent`.
 *
 * The same intent again, in any process and after any crash, gives the response of the first time without sending, or rejects
 * with `OutcomeUnknownError` where nobody knows what became of it.
 */
export declare class Journal {
  /**
   * Opens with the first call that needs it; {@link Journal.opened} waits for that.
   *
   * @param location - Path of a file on a disk of this machine, or `postgresql://user:password@host/database` for several
   *   machines and for containers.
   * @throws {@link ConfigurationError} The location is none.
   */
  constructor(location: string | URLLike)
  /** Resolves when it is open; rejects with `JournalError` where the file or the database cannot be used. */
  opened(): Promise<void>
  /** The intents of a filter, oldest first. */
  list(filter?: IntentFilter): Promise<Intent[]>
  /** The intents of which nobody knows whether they were done, oldest first. */
  unknown(): Promise<Intent[]>
  /** The intent of a name, or null; rejects where several operations, accounts or providers have one of that name. */
  get(name: string): Promise<Intent | null>
  /** All that happened to an intent, oldest first. */
  log(intent: Intent): Promise<IntentChange[]>
  /**
   * Takes recorded intents, oldest first: those that `payglot_record` has put into the outbox. No other worker is given them
   * for a while; who dies with them loses nothing. Send each by a call with its name as `intent`.
   */
  claimRecorded(options?: ClaimOptions): Promise<Intent[]>
  /**
   * Takes recorded intents, and calls `send` with each, which makes a call with its name as `intent`. An error of payglot does
   * not keep the next from being sent; with any other this rejects.
   */
  sendRecorded(
    send: (intent: Intent) => unknown,
    options?: ClaimOptions,
  ): Promise<{ readonly intent: Intent; readonly error: Error | null }[]>
  /** Writes what is left and closes the file or the connection. It is open again with the next call. */
  close(): void
}

/**
 * Limits for payments, checked before anything is sent and counted in the transaction that writes the intent: however many
 * processes share the journal, together they stay within them. Amounts are US dollars, as strings. What has an unknown outcome
 * counts as spent; what provably was not sent, and what the vendor refused, does not. A payment that is not allowed rejects with
 * `GuardRefusedError`, one that waits for approval with `ApprovalNeededError`.
 */
export interface Guard {
  /** Most for one payment. */
  perPayment?: string | undefined
  /** Most within any 24 hours, for all payments of the account together. */
  perDay?: string | undefined
  /** To whom, as the operation's field for it says, such as `payee_id`. */
  payees?: readonly string[] | undefined
  /** Above this, another person has to approve: {@link Intent.approve}, `payglot journal approve`. */
  approveAbove?: string | undefined
  /** Who asks for payments, and so cannot approve them. Otherwise the user of this process. */
  requestedBy?: string | undefined
}

/** What a journal tells of an intent: no argument, and of a response nothing that is sensitive. */
export declare class Intent {
  private constructor()
  /** Such as `paywint-platform`. */
  readonly provider: string
  /** The credentials that are no secrets, such as a platform's id. */
  readonly account: string
  /** Such as `payments.create`. */
  readonly operation: string
  /** The caller's name for what it means to do. */
  readonly name: string
  /** How far it has come. */
  readonly state: IntentState
  /** How many times it was sent or tried. */
  readonly attempts: number
  /** HTTP status of the last response. */
  readonly status: number | null
  /** Identifier of the last request, where the vendor sends one. */
  readonly requestId: string | null
  /** Its short reference: what the call carried to the vendor, where its client was told to `tag`. */
  readonly reference: string
  /** The payload of the response as JSON. */
  readonly responseText: string | null
  /** When it was first recorded. */
  readonly createdAt: Date
  /** When it last changed. */
  readonly updatedAt: Date
  /** Says that an unknown intent was done: it is never sent again. Rejects where it is not unknown. */
  succeeded(decision: Decision): Promise<Intent>
  /**
   * Approves an intent that a guard holds, for the arguments with which it was asked for; `by` is another person than the one who
   * asked for it. The call itself has to be made again. Rejects where it waits for nobody's approval.
   */
  approve(decision: { by: string }): Promise<Intent>
  /** Says that an unknown intent was not done: it may be sent again. Rejects where it is not unknown. */
  release(decision: Decision): Promise<Intent>
  /**
   * Looks up what became of an unknown intent, where the vendor shows what the call would have made. Found: the intent is
   * `succeeded`, with the record. Proven not to have happened: it is `released`, unless it moves money, which a person
   * releases. Else it stays `unknown`. Nothing but reads is sent. Rejects where the intent is not unknown, the client is not of
   * its account, or the vendor cannot be asked.
   *
   * @param client - A client of the intent's account.
   * @param given - What the look-up asks for beside what the call had, such as `user_id` for a payment: the docs of the
   * operation name it.
   */
  resolve(client: object, given?: Readonly<Record<string, string>>): Promise<Resolution>
  /** All that happened to it, oldest first. */
  log(): Promise<IntentChange[]>
}

/** What a look-up told of an unknown intent. */
export interface Resolution {
  /** The intent as it is now. */
  readonly intent: Intent
  /** What the look-up told; `not_published` where the vendor shows nothing of it. */
  readonly found: 'found' | 'not_found' | 'too_early' | 'ambiguous' | 'not_published'
  /** Whether not to be found proves that it did not happen. */
  readonly provesAbsence: boolean
  /** Seconds until a look-up counts, where it is too early. */
  readonly wait: number | null
  /** The records that may be it as JSON, where more than one may be, or where one may be there for another reason. */
  readonly candidateTexts: readonly string[]
  /** What a person looks at where the look-up does not tell. */
  readonly advice: string
}

/** One change of an intent. */
export interface IntentChange {
  /** When. */
  readonly at: Date
  /** The state after it. */
  readonly state: IntentState
  /** Who: a process, or the person who said so. */
  readonly by: string
  /** Why. */
  readonly because: string
  /** Which attempt, counted from one; zero before the first. */
  readonly attempt: number
  /** HTTP status of the response, where there was one. */
  readonly status: number | null
  /** Identifier of the request, where the vendor sends one. */
  readonly requestId: string | null
}

/** A row of the user's own ledger: `id` or `intent` says what it is about. Other columns are not looked at. */
export interface LedgerRow {
  /** The vendor's identifier. */
  readonly id?: string | null | undefined
  /** The intent's name. */
  readonly intent?: string | null | undefined
  /** In the unit of the vendor, such as `'150.75'`; not compared where it is left out. */
  readonly amount?: string | null | undefined
  /** As the vendor names it; not compared where it is left out. */
  readonly status?: string | null | undefined
}

/** What {@link reconcile} can be told. */
export interface ReconcileOptions {
  /** The rows of the user's ledger. */
  ledger?: Iterable<LedgerRow> | undefined
  /** What lists are asked for beside what the calls had, such as `user_id` for a payment: the docs of the operation name it. */
  given?: Readonly<Record<string, string>> | undefined
}

/** One thing that does not agree. */
export interface Break {
  /** What does not agree. */
  readonly kind: 'sent_not_found' | 'not_sent_by_us' | 'amount' | 'status' | 'duplicate'
  /** The operation that makes such records, such as `payments.create`. */
  readonly operation: string
  /** The vendor's identifier, where one is known. */
  readonly id: string | null
  /** The intent's name, where one is known. */
  readonly intent: string | null
  /** What the call or the ledger says: an amount, a status. */
  readonly expected: string | null
  /** What the vendor has instead. */
  readonly found: string | null
}

/** Calls of an operation that could not be compared. */
export interface NotCompared {
  /** The operation; empty for rows of the ledger that are of none. */
  readonly operation: string
  /** How many calls, or rows of the ledger. */
  readonly count: number
  /** Why, and where a person can look. */
  readonly why: string
}

/** What a comparison has shown. */
export interface Reconciliation {
  /** What does not agree. */
  readonly breaks: readonly Break[]
  /** What could not be compared, per operation. */
  readonly notCompared: readonly NotCompared[]
  /** How many calls were compared. */
  readonly compared: number
}

/**
 * Compares what was sent, what the vendor lists and what your ledger says. Nothing but reads is sent, and nothing is changed.
 *
 * @param client - A client of the account that is compared.
 * @param journal - What was sent.
 * @param since - From when on: a date, or a time with its zone as text.
 * @throws {@link InvalidRequestError} The time or a row is not what it must be.
 */
export declare function reconcile(
  client: BaseClient,
  journal: Journal,
  since: Date | string,
  options?: ReconcileOptions,
): Promise<Reconciliation>

/** What is signed. */
export interface SignInput {
  /** The secret key. */
  secret: string | Uint8Array
  /** HTTP method. */
  method: string
  /** Path as on the wire. */
  path: string
  /** Query as on the wire, with its `?`; empty where there is none. */
  query?: string | undefined
  /** The exact bytes of the body. */
  body?: string | Uint8Array | undefined
  /**
   * What an empty body adds: the SHA-256 of nothing (`hash`), or nothing (`omit`).
   *
   * @defaultValue `'hash'`
   */
  emptyBody?: 'hash' | 'omit' | undefined
}

/**
 * Signs a request of the Paywint Platform API, for use with any HTTP client.
 *
 * @returns The `X-Signature`: lower-case hex HMAC-SHA256 of method, path, query and the body's SHA-256.
 *
 * @example
 * ```ts
 * const signature = sign({ secret, method: 'GET', path: '/api/platform/card/get-card/1' })
 * ```
 */
export declare function sign(input: SignInput): string

/** A `fetch`; Node's own, where its types are there. */
export type Fetch = typeof globalThis extends { fetch: infer Native } ? Native : (...args: any[]) => Promise<any>

/** What {@link signedFetch} can be told beside credentials. */
export interface SignedFetchOptions<F = Fetch> {
  /** What an empty body adds to a signature: the SHA-256 of nothing (`hash`), or nothing (`omit`). */
  emptyBody?: 'hash' | 'omit' | undefined
  /** Whether requests over `http://` to another machine are authenticated; otherwise that is an `InvalidRequestError`. */
  allowInsecureHttp?: boolean | undefined
  /** What sends, instead of the global `fetch`; that of undici with a dispatcher of your own, for example. */
  fetch?: F | undefined
}

/**
 * Makes a `fetch` that authenticates its requests as a client of payglot does, over the bytes that leave.
 *
 * A signature covers the whole body: it must be a string, bytes or `URLSearchParams`. Anything else, a `Request`
 * with a body included, is an `InvalidRequestError`, and nothing is sent. No redirect is followed, so that credentials
 * stay with their host.
 *
 * @param Client - The class of the API's client.
 * @param options - Credentials as for the client; what is not given comes from the environment.
 * @throws {@link ConfigurationError} when a credential is missing or wrong.
 *
 * @example
 * ```ts
 * const fetch = signedFetch(PaywintPlatform)
 * const response = await fetch('https://api.sandbox.paywint.com/api/platform/card/get-card/1')
 * ```
 */
export declare function signedFetch<Client extends new (options: any) => BaseClient, F = Fetch>(
  Client: Client,
  options?: Omit<NonNullable<ConstructorParameters<Client>[0]>, keyof ClientOptions | 'environment'> &
    SignedFetchOptions<F>,
): F

/**
 * A value as JSON types without what must not be shown, for loggers that write JSON: sensitive values of responses read
 * `[redacted]`, bodies and headers of errors are left out. It is a serializer as pino and bunyan take them. An object that was
 * copied by `structuredClone` or spread is no response any more, and is not redacted.
 *
 * @example
 * ```ts
 * const logger = pino({ serializers: { err: redact, user: redact } })
 * ```
 */
export declare function redact(value: unknown): unknown

/**
 * The identifier of the request that a result came from, for the API's support; null where the API sent none. Results have it as
 * `requestId`, which is not enumerable: JSON, comparisons, copies and spreads do not see it.
 *
 * @param result - What a call resolved to: an object, a list or a page. A result that is text, a number or null has none.
 */
export declare function requestIdOf(result: unknown): string | null

/** Version of this package. */
export declare const version: string
