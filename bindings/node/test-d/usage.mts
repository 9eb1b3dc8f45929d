// What the types promise beyond the single operations; `@ts-expect-error` marks what must not compile.

import {
  APIError,
  Linora,
  type LogFields,
  type Logger,
  type Money,
  OutcomeUnknownError,
  Page,
  PaywintPlatform,
  RateLimitError,
  type RawResponse,
  sign,
  signedFetch,
  UnprocessableEntityError,
  version,
} from 'payglot'
import { Sandbox } from 'payglot/testing'

declare const signal: {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: string, listener: (event: object) => void, options?: boolean): void
  removeEventListener(type: string, listener: (event: object) => void): void
}

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const isTrue = <T extends true>(): T | undefined => undefined

export async function clients(): Promise<void> {
  const client = new PaywintPlatform({ platformId: 'a', secretKey: 'b', environment: 'sandbox', timeout: 1000 })
  new PaywintPlatform()
  new Linora({ apiKey: 'a', baseUrl: 'https://api.example.com' })
  const logger: Logger = { debug: (message, fields) => void (message + String(fields.durationMs)) }
  new Linora({ proxy: 'http://localhost:3128', caCertificates: new Uint8Array(), logger })
  new Linora({ logger: { debug: (...words: unknown[]) => void words, info: (text?: string) => void text } })
  // @ts-expect-error: no logger
  new Linora({ logger: { info: () => {} } })
  // @ts-expect-error: an environment that is not there
  new PaywintPlatform({ environment: 'moon' })
  // @ts-expect-error: an option that is not there
  new PaywintPlatform({ secret_key: 'b' })
  // @ts-expect-error: nobody makes pages
  new Page()

  const card = await client.cards.get('id', { signal, headers: { a: 'b' } })
  isTrue<Equal<typeof card, PaywintPlatform.PlatformCardRead>>()
  void (card.card_id satisfies string)
  // @ts-expect-error: a name that is not there
  void card.cardid
  void (card.needsUpdate satisfies boolean)
  const address = await client.payeeAddresses.update('id', { payee_id: 'id', address_id: 'id' })
  // @ts-expect-error: it may be null
  void address.address_id

  const link = await client.cards.createUpdateLink('id', { card_id: 'id', card_purpose: 'PAYMENT' })
  void (link?.expiresAt satisfies Date | null | undefined)
  // @ts-expect-error: a value that is not known
  await client.cards.createUpdateLink('id', { card_id: 'id', card_purpose: 'LEISURE' })
  // @ts-expect-error: a field that is missing
  await client.cards.createUpdateLink('id', { card_id: 'id' })
  // @ts-expect-error: an argument that is not there
  await client.cards.createUpdateLink('id', { card_id: 'id', card_purpose: 'PAYMENT', extra: 1 })
  // @ts-expect-error: an option that is not there
  await client.cards.get('id', { retries: 1 })

  const amounts: Money[] = ['10.10', 150.75, 12n]
  // @ts-expect-error: no amount
  amounts.push(true)
  const params: PaywintPlatform.WalletsFundParams = { amount: '10.10', bank_id: null }
  await client.wallets.fund('id', params)

  // Responses may hold values that are not known yet.
  const transfer = await client.withdrawals.create('id', { amount: 1, transfer_method: 'card_withdrawal' })
  void (transfer?.amount satisfies string | null | undefined)
}

export async function paging(client: PaywintPlatform): Promise<void> {
  await client.users.list()
  for await (const user of client.users.list({ rows_per_page: 50 })) {
    isTrue<Equal<typeof user, PaywintPlatform.PlatformUserRead>>()
  }
  const page = await client.users.list({}, { timeout: 1000 })
  isTrue<Equal<typeof page, Page<PaywintPlatform.PlatformUserRead>>>()
  isTrue<Equal<typeof page.total, number | null>>()
  for await (const next of client.users.list().pages()) {
    isTrue<Equal<typeof next, typeof page>>()
  }
  for await (const user of page) {
    void user.user_id
  }
  const next = await page.nextPage()
  void next?.records[0]?.email
}

export async function raw(client: PaywintPlatform): Promise<void> {
  const one = await client.withRawResponse.cards.get('id')
  isTrue<Equal<typeof one, RawResponse<PaywintPlatform.PlatformCardRead>>>()
  const page = await client.withRawResponse.users.list()
  isTrue<Equal<typeof page.data, Page<PaywintPlatform.PlatformUserRead>>>()
  void (one.headers['x-request-id'] satisfies string | undefined)
  const response = await client.request('GET', '/path', { query: { a: [1, 2n] }, json: {}, replay: 'read' })
  isTrue<Equal<typeof response, RawResponse<unknown>>>()
  // @ts-expect-error: a class that is not there
  await client.request('GET', '/path', { replay: 'often' })
}

export function errors(error: unknown): string | number | null {
  if (error instanceof RateLimitError) {
    return error.retryAfter
  }
  if (error instanceof OutcomeUnknownError) {
    return error.reconcile
  }
  if (error instanceof UnprocessableEntityError) {
    if (Array.isArray(error.detail)) {
      return error.detail[0]?.msg ?? null
    }
    return typeof error.detail === 'string' ? error.detail : null
  }
  if (error instanceof APIError) {
    void (error.headers['retry-after'] satisfies string | undefined)
    return error.status
  }
  return new APIError('no', { status: 400 }, { cause: error }).message
}

export async function sandbox(): Promise<void> {
  const sandbox = await new Sandbox({ binary: 'payglot', seed: 1 }).start()
  const client = sandbox.client(PaywintPlatform, { timeout: 1000 })
  isTrue<Equal<typeof client, PaywintPlatform>>()
  void (sandbox.credentials['platformId'] satisfies string | undefined)
  void (sandbox.baseUrl + sandbox.userId)
  // @ts-expect-error: an option that is not there
  sandbox.client(PaywintPlatform, { retries: 1 })
  // @ts-expect-error: no client
  sandbox.client(Date)
  await using another = new Sandbox()
  await another.stop()
}

export function listen(fields: LogFields): string | undefined {
  return fields.operation
}

export const signature: string = sign({
  secret: new Uint8Array(),
  method: 'GET',
  path: '/',
  body: '',
  emptyBody: 'omit',
})
export const words: string = version

export async function ownHttpClient(): Promise<void> {
  const fetch = signedFetch(PaywintPlatform, { platformId: 'id', secretKey: 'key', emptyBody: 'omit' })
  await fetch('https://example.com/p', { method: 'POST', body: '{}' })
  const send = signedFetch(Linora, { apiKey: 'key', fetch: (url: string): number => url.length })
  isTrue<Equal<typeof send, (url: string) => number>>()
  // @ts-expect-error: a credential of another API
  signedFetch(Linora, { platformId: 'id' })
  // @ts-expect-error: the host is in the URL
  signedFetch(Linora, { baseUrl: 'https://example.com' })
  // @ts-expect-error: no client
  signedFetch(Date)
}
