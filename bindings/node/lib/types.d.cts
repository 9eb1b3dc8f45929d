/**
 * An amount of money in a request: text with the digits to send (`'10.10'` is sent as `10.10`), a BigInt,
 * or a number whose shortest form has at most two fraction digits (`150.75`, but not `0.1 + 0.2`).
 */
export type Money = string | number | bigint

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
  /** The `Idempotency-Key` of this call, instead of a fresh one where the operation needs one. */
  idempotencyKey?: string | undefined
  /** Whether a record of this call that has failed is a `PaymentFailedError`; otherwise as the client says. */
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
  [Symbol.asyncIterator](): AsyncIterableIterator<T>
  readonly [Symbol.toStringTag]: string
}

/** Base of groups of operations. */
export declare class Resource {
  protected constructor()
}

/** Base of all clients. */
export declare class BaseClient {
  protected constructor()
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
  readonly [Name in Exclude<keyof Client, 'request' | 'withRawResponse'>]: RawResource<Client[Name]>
}

/** The operations of a resource, resolving to raw responses. */
export type RawResource<Operations> = {
  readonly [Name in keyof Operations]: Operations[Name] extends (...args: infer Arguments) => Promise<infer Result>
    ? (...args: Arguments) => Promise<RawResponse<Result>>
    : never
}

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

/** Version of this package. */
export declare const version: string
