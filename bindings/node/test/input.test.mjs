// Arguments: what is sent for them, byte by byte, and what is refused before anything is sent.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { InvalidRequestError, RawResponse, sign, version } from 'payglot'
import { OTHER, USER, developer, envelope, linora, page, payment, platform, startScripted } from './support.mjs'

test('a request as it arrives', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => envelope('{}'))
  await platform(baseUrl).cards.createUpdateLink(USER, { card_purpose: 'PAYMENT', card_id: OTHER })
  const [{ method, url, headers, body }] = requests
  assert.equal(method, 'POST')
  assert.equal(url, `/api/platform/card/update/secure-link/${USER}`)
  assert.equal(body, `{"card_id":"${OTHER}","card_purpose":"PAYMENT"}`)
  assert.equal(headers['x-platform-id'], 'platform')
  assert.equal(headers['x-signature'], sign({ secret: 'top secret', method, path: url, body }))
  assert.equal(headers['user-agent'], `payglot/${version} node/${process.versions.node}`)
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(headers.accept, 'application/json')
  assert.equal(headers['api-version'], undefined)
})

test('a query as it arrives', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => ({ body: '{}' }))
  await linora(baseUrl).exchange.estimate({ fromAmount: 150.5, fromCurrency: 'btc', toCurrency: 'a b&c' })
  const url = new URL(requests[0].url, baseUrl)
  assert.equal(url.pathname, '/api/exchange/estimate')
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    fromAmount: '150.5',
    fromCurrency: 'btc',
    toCurrency: 'a b&c',
  })
  assert.equal(requests[0].headers.authorization, 'Bearer top secret')
  assert.equal(requests[0].body, '')
})

test('both headers of the developer API', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => envelope('{}'))
  await developer(baseUrl).wallets.get()
  assert.equal(requests[0].headers['x-api-key'], 'key')
  assert.equal(requests[0].headers['x-api-secret'], 'top secret')
})

test('amounts are sent with the digits given', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => envelope('{"user_id":"u","payment_id":"p"}'))
  const client = platform(baseUrl)
  const cases = [
    ['10.10', '10.10'],
    ['0.10', '0.10'],
    [150.75, '150.75'],
    [0.1, '0.1'],
    [5, '5'],
    [12n, '12'],
    ['99999999999.99', '99999999999.99'],
    [99999999999.99, '99999999999.99'],
    [{ toJSON: () => '7.50' }, '7.50'],
  ]
  for (const [amount, digits] of cases) {
    await client.payments.create({ ...payment, amount })
    assert.match(requests.at(-1).body, new RegExp(`"amount":${digits.replace('.', '\\.')},`))
  }
})

test('amounts that are not exact are refused', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => envelope('{}'))
  const client = platform(baseUrl)
  for (const amount of [0.1 + 0.2, 1.005, 1e21, 2 ** 53, NaN, Infinity, 'ten', '1e3', '10,50', '', true, null, {}]) {
    await assert.rejects(client.payments.create({ ...payment, amount }), (error) => {
      assert.ok(error instanceof InvalidRequestError, String(amount))
      assert.equal(error.argument, 'amount')
      return true
    })
  }
  assert.equal(requests.length, 0)
})

test('fields that are undefined are left out, and null is sent where it is allowed', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => envelope('{"user_id":"u","payment_id":"p"}'))
  const client = platform(baseUrl)
  await client.users.create({ name: 'Ada', email: undefined, phone: null })
  assert.equal(requests[0].body, '{"name":"Ada","phone":null}')
  await client.payments.create({ ...payment, description: undefined })
  assert.ok(!requests[1].body.includes('description'))
})

test('dates are sent as text with a zone', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => ({ body: '{"userId":"u"}' }))
  await linora(baseUrl).users.create({ born: new Date(0), big: 12345678901234567890n, list: [1, 'a', null] })
  assert.equal(requests[0].body, '{"born":"1970-01-01T00:00:00.000Z","big":12345678901234567890,"list":[1,"a",null]}')
})

const circle = {}
circle.self = circle

// Each call with the argument that is wrong in it; null where no argument can be named.
const REFUSED = [
  ['a path argument is missing', (c) => c.cards.get(), 'cardId'],
  ['a path argument is null', (c) => c.cards.get(null), 'cardId'],
  ['a path argument is an object', (c) => c.cards.get({}), 'cardId'],
  ['a path argument is no UUID', (c) => c.cards.get('12'), 'cardId'],
  ['a path argument is empty', (c) => c.cards.get(''), 'cardId'],
  ['a path argument is ill-formed text', (c) => c.cards.get('\ud800'), 'cardId'],
  ['the parameters are missing', (c) => c.payments.create(), null],
  ['the parameters are text', (c) => c.payments.create('payment'), 'params'],
  ['the parameters are a list', (c) => c.payments.create([]), 'params'],
  ['the parameters are null', (c) => c.payments.create(null), 'params'],
  ['a field is missing', (c) => c.payments.create({ ...payment, amount: undefined }), 'amount'],
  ['a field is unknown', (c) => c.payments.create({ ...payment, extra: 1 }), 'extra'],
  ['a field has the wrong type', (c) => c.payments.create({ ...payment, invoice_no: 5 }), 'invoice_no'],
  ['a field is no UUID', (c) => c.payments.create({ ...payment, payee_id: 'me' }), 'payee_id'],
  ['a field is too long', (c) => c.payments.create({ ...payment, invoice_no: 'x'.repeat(5000) }), 'invoice_no'],
  ['an enum value is unknown', (c) => c.payments.create({ ...payment, payment_method: 'CASH' }), 'payment_method'],
  ['a field is a function', (c) => c.payments.create({ ...payment, description: () => 1 }), 'description'],
  ['a field is a symbol', (c) => c.payments.create({ ...payment, description: Symbol('x') }), 'description'],
  ['a field is a bad date', (c) => c.payments.create({ ...payment, description: new Date(NaN) }), 'description'],
  ['a field is a map', (c) => c.payments.create({ ...payment, description: new Map() }), 'description'],
  ['a field is bytes', (c) => c.payments.create({ ...payment, description: new Uint8Array(2) }), 'description'],
  ['a field is ill-formed text', (c) => c.payments.create({ ...payment, description: '\udc00' }), 'description'],
  ['the parameters go in circles', (c) => c.payments.create(circle), null],
  ['a page size is not one of four', (c) => c.users.list({ rows_per_page: 25 }), 'rows_per_page'],
  ['a page size is text', (c) => c.users.list({ rows_per_page: '50' }), 'rows_per_page'],
  ['a page number is 0', (c) => c.users.list({ page_no: 0 }), 'page_no'],
  ['an option is unknown', (c) => c.cards.get(OTHER, { retries: 1 }), 'options.retries'],
  ['an option has the wrong type', (c) => c.cards.get(OTHER, { timeout: '1s' }), 'options.timeout'],
  ['the options are no object', (c) => c.cards.get(OTHER, 5), 'options'],
  ['the signal is none', (c) => c.cards.get(OTHER, { signal: {} }), 'options.signal'],
  ['a header is no plain text', (c) => c.cards.get(OTHER, { headers: { a: 'b\n' } }), 'options.headers'],
  ['an idempotency key is empty', (c) => c.cards.get(OTHER, { idempotencyKey: '' }), 'options.idempotencyKey'],
  ['a header is no text', (c) => c.cards.get(OTHER, { headers: { a: 1 } }), 'options.headers'],
  ['a header authenticates', (c) => c.cards.get(OTHER, { headers: { Authorization: 'x' } }), 'headers'],
  ['a header holds a line break', (c) => c.cards.get(OTHER, { headers: { a: 'b\nc' } }), 'options.headers'],
  ['a path is none', (c) => c.request('GET', 'users'), 'path'],
  ['a path is missing', (c) => c.request('GET'), 'path'],
  ['a replay class is unknown', (c) => c.request('GET', '/users', { replay: 'often' }), 'replay'],
  ['the options of a path are text', (c) => c.request('GET', '/users', 'read'), 'options'],
  ['the options of a path are null', (c) => c.request('GET', '/users', null), 'options'],
  ['a query is text', (c) => c.request('GET', '/users', { query: 'a=b' }), 'query'],
]

for (const [what, call, argument] of REFUSED) {
  test(`refused: ${what}`, async (t) => {
    const { baseUrl, requests } = await startScripted(t, () => page([], 0))
    await assert.rejects(
      async () => call(platform(baseUrl)),
      (error) => {
        assert.ok(error instanceof InvalidRequestError, error.stack)
        assert.match(error.message, new RegExp(`^${error.operation}: `))
        if (argument !== null) {
          assert.equal(error.argument, argument)
        }
        return true
      },
    )
    assert.equal(requests.length, 0)
  })
}

test('options of a call', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => envelope('{}'))
  const client = platform(baseUrl)
  await client.cards.get(OTHER, { headers: { 'X-Trace': 'one' }, timeout: Infinity })
  assert.equal(requests[0].headers['x-trace'], 'one')
  await client.cards.get(OTHER, { headers: new Headers({ 'X-Trace': 'two' }), maxRetries: undefined })
  assert.equal(requests[1].headers['x-trace'], 'two')
  assert.equal(requests[1].headers['idempotency-key'], undefined)
  const account = { user_id: USER, account_holder_name: 'a', bank_name: 'b', nick_name: 'c', account_number: '1234567' }
  await client.bankAccounts.add(account, { idempotencyKey: 'my-key' })
  assert.equal(requests[2].headers['idempotency-key'], 'my-key')
  await assert.rejects(client.payments.create(payment, { idempotencyKey: 'my-key' }), InvalidRequestError)
  assert.equal(requests.length, 3)
})

test('any path of the host', async (t) => {
  const { baseUrl, requests } = await startScripted(t, (_, count) =>
    count === 1
      ? { headers: { 'x-request-id': 'r' }, body: '{"id":12345678901234567890,"n":1}' }
      : { body: 'plain text' },
  )
  const client = platform(baseUrl)
  const response = await client.request('post', '/api/new', {
    query: { a: 'b c', list: [1, true], skipped: undefined },
    json: { amount: 10n, at: new Date(0) },
    headers: { 'x-trace': 'one' },
  })
  assert.ok(response instanceof RawResponse)
  assert.equal(response.status, 200)
  assert.equal(response.requestId, 'r')
  assert.deepEqual(response.data, { id: '12345678901234567890', n: 1 })
  const [{ method, url, headers, body }] = requests
  assert.equal(method, 'POST')
  assert.equal(url, '/api/new?a=b+c&list=1&list=true')
  assert.equal(body, '{"amount":10,"at":"1970-01-01T00:00:00.000Z"}')
  assert.equal(headers['x-trace'], 'one')
  const [path, query] = url.split('?')
  assert.equal(headers['x-signature'], sign({ secret: 'top secret', method, path, query: `?${query}`, body }))

  const text = await client.request('GET', '/api/text')
  assert.equal(text.data, null)
  assert.equal(text.text, 'plain text')
})

test('issue 12.32: arguments have the names that the user wrote', async (t) => {
  const { baseUrl } = await startScripted(t, () => ({ body: '{}' }))
  const client = platform(baseUrl)
  const argument = (promise) => promise.then(assert.fail, (error) => [error.argument, error.message])
  const [path, words] = await argument(client.wallets.get('x'.repeat(1_000_000)))
  assert.equal(path, 'userId')
  assert.match(words, /`userId`/)
  const [missing] = await argument(client.wallets.get())
  assert.equal(missing, 'userId')
  const [unknown, hint] = await argument(client.users.create({ name: 'Ada', phone_contry_code: '1' }))
  assert.equal(unknown, 'phone_contry_code')
  assert.match(hint, /did you mean `phone_country_code`\?/)
})
