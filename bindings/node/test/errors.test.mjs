// What goes wrong, and the error that says so.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { inspect } from 'node:util'

import * as payglot from 'payglot'
import { NotFoundError, PayglotError } from 'payglot'
import { OTHER, USER, envelope, errorResponse, payment, platform, startScripted } from './support.mjs'

const CLASSES = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  403: 'PermissionDeniedError',
  404: 'NotFoundError',
  409: 'ConflictError',
  418: 'APIError',
  422: 'UnprocessableEntityError',
  429: 'RateLimitError',
  500: 'InternalServerError',
  503: 'InternalServerError',
}

for (const [status, name] of Object.entries(CLASSES)) {
  test(`${status} is ${name}`, async (t) => {
    const body = { code: 'E1', detail: 'no such thing', secret: '4111111111111111' }
    const { baseUrl } = await startScripted(t, () =>
      errorResponse(Number(status), body, { 'x-request-id': 'request-1', 'retry-after': '7' }),
    )
    const error = await platform(baseUrl, { maxRetries: 0 })
      .cards.get(OTHER)
      .then(
        () => assert.fail('it did not fail'),
        (reason) => reason,
      )
    assert.equal(error.constructor, payglot[name])
    assert.equal(error.name, name)
    assert.ok(error instanceof payglot.APIError)
    assert.equal(error.status, Number(status))
    assert.equal(error.code, 'E1')
    assert.equal(error.detail, 'no such thing')
    assert.equal(error.requestId, 'request-1')
    assert.equal(error.operation, 'cards.get')
    // The page on errors says so: in Node there is no message without the operation.
    assert.ok(error.message.startsWith('cards.get: '), error.message)
    assert.equal(String(error), `${name}: ${error.message}`)
    assert.equal(error.headers['x-request-id'], 'request-1')
    assert.deepEqual(JSON.parse(error.body), body)
    if (status === '429') {
      assert.equal(error.retryAfter, 7)
    }
    for (const shown of [inspect(error), JSON.stringify(error), String(error)]) {
      assert.ok(!shown.includes('4111111111111111'), shown)
      assert.ok(shown.includes('no such thing'), shown)
    }
    assert.match(error.stack, /errors\.test\.mjs/)
  })
}

const transfer = { from_bank_id: OTHER, destination: 'ACH', to_bank_id: USER, amount: '10.00' }

test('issue 12.32: errors name operations as they are called here', async (t) => {
  const { baseUrl } = await startScripted(t, () => ({ status: 500, body: '{}' }))
  const client = platform(baseUrl, { maxRetries: 0 })
  await assert.rejects(client.withdrawals.transferFromPwBank(USER, { ...transfer }), (error) => {
    assert.ok(error instanceof payglot.OutcomeUnknownError, String(error))
    assert.equal(error.operation, 'withdrawals.transferFromPwBank')
    assert.match(error.message, /^withdrawals\.transferFromPwBank: .*pwBankAccounts\.listTransactions/s)
    assert.match(error.reconcile, /\(pwBankAccounts\.listTransactions;/)
    assert.doesNotMatch(`${error.message}${error.reconcile}`, /pw_bank_accounts|transfer_from/)
    return true
  })
  await assert.rejects(client.pwBankAccounts.listTransactions(5), (error) => {
    assert.ok(error instanceof payglot.InvalidRequestError, String(error))
    assert.equal(error.operation, 'pwBankAccounts.listTransactions')
    assert.match(error.message, /^pwBankAccounts\.listTransactions: /)
    return true
  })
})

test('a 422 names the fields and keeps what was rejected to itself', async (t) => {
  const detail = [{ loc: ['body', 'amount'], msg: 'too small', type: 'value_error', input: '4111111111111111' }]
  const { baseUrl } = await startScripted(t, () => errorResponse(422, { detail }))
  await assert.rejects(platform(baseUrl).payments.create(payment), (error) => {
    assert.ok(error instanceof payglot.UnprocessableEntityError)
    assert.deepEqual(error.detail, detail)
    assert.match(error.message, /body\.amount: too small/)
    assert.ok(!inspect(error).includes('4111111111111111'))
    return true
  })
})

test('the detail of a 422 is a plain value, whatever its shape', async (t) => {
  for (const detail of ['no', { amount: ['too small'] }, 5, true, [], [{ loc: ['body', 0], msg: 'no' }], null]) {
    const { baseUrl } = await startScripted(t, () => errorResponse(422, { detail }))
    await assert.rejects(platform(baseUrl).payments.create(payment), (error) => {
      assert.deepEqual(error.detail, detail)
      return error instanceof payglot.UnprocessableEntityError
    })
  }
})

test('a 200 that says success: false is an APIError', async (t) => {
  const { baseUrl } = await startScripted(t, () => ({
    body: JSON.stringify({ success: false, message: 'limit reached', data: null }),
  }))
  await assert.rejects(platform(baseUrl).cards.get(OTHER), (error) => {
    assert.equal(error.constructor, payglot.APIError)
    assert.equal(error.status, 200)
    assert.match(error.message, /limit reached/)
    return true
  })
})

test('a response that is not understood is a ResponseFormatError with its text', async (t) => {
  for (const body of ['<html>', '[]', '{"success":true,"data":[1]}', '{"success":true,"data":"text"}']) {
    const { baseUrl } = await startScripted(t, () => ({ body }))
    await assert.rejects(platform(baseUrl).cards.get(OTHER), (error) => {
      assert.ok(error instanceof payglot.ResponseFormatError, body)
      assert.equal(error.status, 200)
      assert.equal(error.body, body)
      return true
    })
  }
})

test('a payment whose response is lost is sent once and ends in OutcomeUnknownError', async (t) => {
  for (const response of ['drop', errorResponse(500), errorResponse(503), errorResponse(408)]) {
    const { baseUrl, requests } = await startScripted(t, () => response)
    await assert.rejects(platform(baseUrl).payments.create(payment), (error) => {
      assert.ok(error instanceof payglot.OutcomeUnknownError)
      assert.equal(error.attempts, 1)
      assert.equal(error.operation, 'payments.create')
      assert.ok(error.reconcile.length > 10)
      assert.equal(error.status, response.status ?? null)
      return true
    })
    assert.equal(requests.length, 1)
  }
})

test('a payment that times out is sent once', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => 'hang')
  await assert.rejects(platform(baseUrl).payments.create(payment, { timeout: 100 }), payglot.OutcomeUnknownError)
  assert.equal(requests.length, 1)
})

test('a read is tried again', async (t) => {
  const { baseUrl, requests } = await startScripted(t, (_, count) => {
    if (count === 1) {
      return errorResponse(503, {}, { 'retry-after': '0' })
    }
    return count === 2 ? errorResponse(429, {}, { 'retry-after': '0' }) : envelope('{"card_id":"1"}')
  })
  const card = await platform(baseUrl).cards.get(OTHER)
  assert.equal(card.card_id, '1')
  assert.equal(requests.length, 3)
})

test('retries are as many as asked for', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => errorResponse(503, {}, { 'retry-after': '0' }))
  const client = platform(baseUrl, { maxRetries: 1 })
  await assert.rejects(client.cards.get(OTHER), payglot.InternalServerError)
  assert.equal(requests.length, 2)
  await assert.rejects(client.cards.get(OTHER, { maxRetries: 0 }), payglot.InternalServerError)
  assert.equal(requests.length, 3)
})

test('a host that is not there is an APIConnectionError with its causes', async () => {
  const client = platform('http://127.0.0.1:1', { maxRetries: 0 })
  await assert.rejects(client.payments.create(payment), (error) => {
    assert.equal(error.constructor, payglot.APIConnectionError)
    assert.ok(error.cause instanceof Error)
    return true
  })
})

test('a read that gets no response in time is an APITimeoutError', async (t) => {
  const { baseUrl } = await startScripted(t, () => 'hang')
  const client = platform(baseUrl, { timeout: 100, maxRetries: 0 })
  await assert.rejects(client.cards.get(OTHER), (error) => {
    assert.ok(error instanceof payglot.APITimeoutError && error instanceof payglot.APIConnectionError)
    return true
  })
})

test('a client that cannot be built is a ConfigurationError', () => {
  const good = { platformId: 'a', secretKey: 'b' }
  const wrong = [
    { ...good, environment: 'moon' },
    { ...good, baseUrl: 'ftp://example.com' },
    { ...good, baseUrl: 'no url' },
    { ...good, baseUrl: 'https://api.example.com', environment: 'sandbox' },
    { ...good, timeout: 0 },
    { ...good, timeout: '30' },
    { ...good, maxRetries: -1 },
    { ...good, maxRetries: 1.5 },
    { ...good, emptyBody: 'maybe' },
    { ...good, secret_key: 'b' },
    { ...good, platformId: 1 },
    { platformId: 'a', secretKey: 'with\nbreak' },
    {},
    null,
    'options',
    [],
  ]
  for (const options of wrong) {
    assert.throws(() => new payglot.PaywintPlatform(options), payglot.ConfigurationError, JSON.stringify(options))
  }
  assert.throws(() => new payglot.Linora({ apiKey: 'a' }), payglot.ConfigurationError)
})

test('an API whose requests are not signed has no option for it', () => {
  const baseUrl = 'https://api.example.com'
  for (const open of [
    () => new payglot.Linora({ apiKey: 'a', baseUrl, emptyBody: 'omit' }),
    () => new payglot.PaywintDeveloper({ apiKey: 'a', apiSecret: 'b', baseUrl, emptyBody: 'hash' }),
  ]) {
    assert.throws(open, (error) => {
      assert.ok(error instanceof payglot.ConfigurationError)
      assert.match(error.message, /^`emptyBody` is not an option of this client/)
      return true
    })
  }
})

test('repeated headers are joined, in errors and in raw responses', async (t) => {
  const headers = { warning: ['one', 'two'], 'x-request-id': 'r' }
  const { baseUrl } = await startScripted(t, (_, count) =>
    count === 1 ? errorResponse(404, {}, headers) : { ...envelope('{}'), headers },
  )
  const client = platform(baseUrl)
  const error = await client.cards.get(OTHER).catch((reason) => reason)
  assert.ok(error instanceof payglot.NotFoundError)
  assert.equal(error.headers.warning, 'one, two')
  const response = await client.withRawResponse.cards.get(OTHER)
  assert.equal(response.headers.warning, 'one, two')
})

test('what was configured is not printed', () => {
  const client = platform('https://api.example.com', { secretKey: 'a very secret key' })
  assert.ok(!inspect(client, { showHidden: true, depth: 9 }).includes('a very secret key'))
  assert.ok(!JSON.stringify(client).includes('a very secret key'))
})

test('credentials and host come from the environment where they are not given', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => envelope('[]'))
  const names = { PAYWINT_PLATFORM_ID: 'from env', PAYWINT_SECRET_KEY: 'secret', PAYWINT_BASE_URL: baseUrl }
  Object.assign(process.env, names)
  t.after(() => Object.keys(names).forEach((name) => delete process.env[name]))
  await new payglot.PaywintPlatform().request('GET', `/users/${USER}`)
  assert.equal(requests[0].headers['x-platform-id'], 'from env')
})

test('an error crosses threads in its plain form and is what it was', async () => {
  const fields = { operation: 'cards.get', status: 404, requestId: 'req-1', mayHaveHappened: false, body: 'canary' }
  const error = new NotFoundError('cards.get: no', fields)
  const { port1, port2 } = new MessageChannel()
  port1.postMessage(structuredClone(error.toJSON()))
  const [received] = await once(port2, 'message')
  port1.close()
  const copy = PayglotError.from(received.data ?? received)
  assert.ok(copy instanceof NotFoundError)
  assert.deepEqual(copy.toJSON(), error.toJSON())
  assert.deepEqual([copy.name, copy.message, copy.body], ['NotFoundError', 'cards.get: no', null])
  assert.equal(PayglotError.from(error), error)
  for (const other of [null, undefined, 'text', {}, new TypeError('no'), { name: 'constructor' }]) {
    assert.equal(PayglotError.from(other), null)
  }
})
