// Defaults of clients: withOptions, defaultHeaders, appInfo, extraQuery (issue 15.2).

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ConfigurationError, InvalidRequestError, PaywintPlatform } from 'payglot'
import { USER, envelope, linora, platform, startScripted } from './support.mjs'

const start = (t) => startScripted(t, () => envelope('{}'))

test('issue 15.2: a derived client has other defaults', async (t) => {
  const { baseUrl, requests } = await start(t)
  const first = platform(baseUrl, { defaultHeaders: { 'x-shop': '1' } })
  const second = first.withOptions({ headers: { 'X-Tenant': 'blue' } })
  const third = second.withOptions({ timeout: 5000, headers: [['x-tenant', 'red']] })
  for (const client of [first, second, third]) {
    await client.payments.get(USER)
  }
  await third.request('GET', '/x', { replay: 'read' })
  const seen = requests.map(({ headers }) => [headers['x-shop'], headers['x-tenant']])
  assert.deepEqual(seen, [
    ['1', undefined],
    ['1', 'blue'],
    ['1', 'red'],
    ['1', 'red'],
  ])
  assert.ok(second instanceof PaywintPlatform)
})

test('issue 15.2: a derived client of a class that extends one, with its logger', async (t) => {
  const { baseUrl } = await start(t)
  const lines = []
  class Shop extends PaywintPlatform {
    constructor() {
      super({ platformId: 'p', secretKey: 's', baseUrl, logger: { debug: (text) => lines.push(text) } })
    }
  }
  const derived = new Shop().withOptions({ maxRetries: 0 })
  assert.ok(derived instanceof Shop)
  await derived.payments.get(USER)
  assert.ok(lines.length > 0)
})

const WRONG = [
  [{ headers: { authorization: 'mine' } }, /must not set authorization/],
  [{ headers: { 'Idempotency-Key': 'k' } }, /a key is of one call/],
  [{ headers: { x: 'a\nb' } }, /must hold plain text/],
  [{ headers: 'x' }, /must be an object/],
  [{ timeout: 0 }, /above 0/],
  [{ maxRetries: -1 }, /whole number/],
  [{ raiseOnFailed: 1 }, /true or false/],
  [{ platformId: 'other' }, /is not an option of withOptions/],
]

for (const [options, says] of WRONG) {
  test(`issue 15.2: wrong defaults are refused: ${Object.keys(options)} ${says}`, () => {
    const client = platform('http://127.0.0.1:1')
    const refused = (error) => {
      assert.ok(error instanceof ConfigurationError || error instanceof InvalidRequestError, error)
      assert.match(error.message, says)
      return true
    }
    assert.throws(() => client.withOptions(options), refused)
    if ('headers' in options) {
      assert.throws(() => platform('http://127.0.0.1:1', { defaultHeaders: options.headers }), refused)
    }
  })
}

test('issue 15.2: a name for the User-Agent', async (t) => {
  const { baseUrl, requests } = await start(t)
  await platform(baseUrl, { appInfo: ['shop', '2.1'] }).payments.get(USER)
  await platform(baseUrl, { appInfo: 'shop' }).payments.get(USER)
  assert.match(requests[0].headers['user-agent'], /^payglot\/\S+ node\/\S+ shop\/2\.1$/)
  assert.match(requests[1].headers['user-agent'], / shop$/)
  for (const appInfo of ['a b', ['shop', '2 1'], ['', '1'], 5, ['a', 'b', 'c']]) {
    assert.throws(() => platform(baseUrl, { appInfo }), { name: 'ConfigurationError', message: /appInfo/ })
  }
})

test('issue 15.2: further query parameters must not be those of the call', async (t) => {
  const { baseUrl, requests } = await start(t)
  const { exchange } = linora(baseUrl)
  const params = { fromAmount: 1, fromCurrency: 'a', toCurrency: 'b' }
  await exchange.estimate(params, { extraQuery: { x: ['1', 2], y: true } })
  assert.match(requests[0].url, /&x=1&x=2&y=true$/)
  await assert.rejects(exchange.estimate(params, { extraQuery: { fromCurrency: 'c' } }), {
    name: 'InvalidRequestError',
    message: /fromCurrency, which the call has already/,
  })
  await assert.rejects(exchange.estimate(params, { extraQuery: { x: {} } }), { message: /extraQuery\.x/ })
  assert.equal(requests.length, 1)
})
