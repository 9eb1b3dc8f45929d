// Known values are planted wherever something sensitive can be, in what is sent and in what comes back. None of
// them may be in anything that is printed or logged.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { inspect, promisify } from 'node:util'

import { Linora, OutcomeUnknownError, PaywintPlatform } from 'payglot'
import { OTHER, USER, errorResponse, startScripted } from './support.mjs'

const run = promisify(execFile)

// Words, so that no rule about digits can be what keeps them out; a number for what must be one.
const CANARIES = {
  secret: 'canary-secret-key',
  proxy: 'canary-proxy-password',
  cardNumber: '4929000000006123',
  cvv: 'canary-cvv',
  name: 'CanaryFirstName',
  ssn: 'canary-ssn',
  account: 'canary-account',
  routing: 'canary-rt',
  link: 'canary-secure-link',
  token: 'canary-checkout-token',
  header: 'canary-response-header',
  sentHeader: 'canary-sent-header',
  query: 'canary-query',
  idempotency: 'canary-idempotency-key',
  body: 'canary-error-body',
  detail: 'canary-detail-input',
  unknown: 'canary-unknown-field',
}

/** A response with a canary in every sensitive field, and in an unknown one. */
const DATA = {
  secure_link: `https://pay.example.com/${CANARIES.link}`,
  checkout_token: CANARIES.token,
  account_number: CANARIES.account,
  routing_number: CANARIES.routing,
  first_name: CANARIES.name,
  ssn: CANARIES.ssn,
  inquiry_url: `https://kyc.example.com/${CANARIES.link}`,
  later_field: CANARIES.unknown,
}

/** What the server does with each call, by turns. */
const RESPONSES = [
  { body: JSON.stringify({ success: true, message: 'ok', data: DATA }) },
  errorResponse(400, { detail: 'no', echo: CANARIES.body, card: CANARIES.cardNumber }),
  errorResponse(401, { message: `the card ${CANARIES.cardNumber} is not known`, echo: CANARIES.body }),
  errorResponse(422, {
    detail: [{ loc: ['body', 'cvv'], msg: 'is wrong', input: CANARIES.detail }],
    echo: CANARIES.body,
  }),
  errorResponse(503, { echo: CANARIES.body }),
  { body: `<html>${CANARIES.body}` },
  { body: JSON.stringify({ success: false, message: 'no', data: { echo: CANARIES.body } }) },
  { body: JSON.stringify({ success: true, data: [CANARIES.body] }) },
  { status: 302, headers: { location: `https://example.com/${CANARIES.header}` }, body: '' },
  'drop',
  'hang',
]

/** Every way to print a value. */
function printed(value) {
  const deep = { depth: 12, showHidden: true, getters: false }
  const shown = [
    String(value),
    inspect(value),
    inspect(value, { depth: 12 }),
    inspect({ nested: [value] }, { depth: 12 }),
  ]
  if (value instanceof Error) {
    // Hidden fields of an error are there for debuggers that ask; JSON and stack are what logs hold.
    shown.push(JSON.stringify(value), JSON.stringify({ error: value }), String(value.stack), `${value}`)
    for (let { cause } = value; cause !== undefined; cause = cause.cause) {
      shown.push(inspect(cause, deep), String(cause.stack), JSON.stringify(cause))
    }
  }
  return shown
}

function assertNone(texts, what) {
  for (const text of texts) {
    for (const [kind, canary] of Object.entries(CANARIES)) {
      assert.ok(!text.includes(canary), `${what}: it shows the ${kind}:\n${text}`)
    }
  }
}

/** Calls with a canary wherever the caller puts something in. */
const calls = (client) => ({
  'a call with sensitive fields': () =>
    client.bankAccounts.add(
      {
        user_id: USER,
        account_number: CANARIES.account,
        routing_number: CANARIES.routing,
        account_holder_name: CANARIES.name,
        account_type: 'PERSONAL_CHECKING',
        bank_name: CANARIES.name,
      },
      { idempotencyKey: CANARIES.idempotency },
    ),
  'a link': () => client.cards.createAddLink(USER, { card_purpose: 'PAYMENT' }),
  'a token': () => client.checkout.createToken({ user_id: USER, amount: '1.00' }),
  'a read with headers': () => client.kyc.get(USER, { headers: { 'x-own': CANARIES.sentHeader } }),
  'a call outside the document': () =>
    client.request('POST', '/own', {
      query: { q: CANARIES.query },
      json: { cvv: CANARIES.cvv, n: CANARIES.cardNumber },
    }),
  'a raw response': () => client.withRawResponse.kyc.getInquiry(USER),
  'a wrong argument': () => client.cards.get(CANARIES.cardNumber),
  'a wrong field': () => client.bankAccounts.add({ user_id: USER, account_number: [CANARIES.account] }),
  'a wrong header': () => client.cards.get(OTHER, { headers: { 'x-own': `${CANARIES.sentHeader}\n` } }),
  'a wrong key': () => client.cards.get(OTHER, { idempotencyKey: `${CANARIES.idempotency}\n` }),
})

/** How many of these are sent at least once; the others are refused before. */
const SENT = 6

const options = (baseUrl, more) => ({
  platformId: 'platform',
  secretKey: CANARIES.secret,
  baseUrl,
  timeout: 150,
  maxRetries: 1,
  ...more,
})

test('nothing sensitive is printed or logged', async (t) => {
  const logged = []
  const listen =
    (level) =>
    (...words) =>
      logged.push(`${level} ${words.map((word) => inspect(word, { depth: 12, showHidden: true })).join(' ')}`)
  const levels = ['trace', 'debug', 'info', 'warn', 'error', 'log']
  const logger = Object.fromEntries(levels.map((level) => [level, listen(level)]))
  levels.forEach((level) => t.mock.method(console, level, listen(`console.${level}`)))
  process.on('warning', listen('warning'))
  t.after(() => process.removeAllListeners('warning'))

  for (const response of RESPONSES) {
    const { baseUrl, requests } = await startScripted(t, () =>
      typeof response === 'string'
        ? response
        : { ...response, headers: { 'retry-after': '0', 'set-cookie': CANARIES.header, ...response.headers } },
    )
    const client = new PaywintPlatform(options(baseUrl, { logger }))
    assertNone(printed(client), 'the client')
    for (const [what, call] of Object.entries(calls(client))) {
      const result = await call().catch((error) => error)
      // Data of a call outside the document is plain JSON, of which nobody knows what is sensitive.
      if (what !== 'a call outside the document' || result instanceof Error) {
        assertNone(printed(result), `${what} with the response ${inspect(response)}`)
      }
    }
    assert.ok(requests.length >= SENT, 'what is right was sent')
  }
  assert.ok(logged.length > 100, 'the logger heard of it')
  assertNone(logged, 'the logger')
})

test('values are there for those who read them', async (t) => {
  const { baseUrl } = await startScripted(t, (_, count) => RESPONSES[count - 1])
  const client = new PaywintPlatform(options(baseUrl))
  const link = await client.cards.createAddLink(USER, { card_purpose: 'PAYMENT' })
  assert.ok(link.secure_link.includes(CANARIES.link))
  const error = await client.kyc.get(USER).catch((reason) => reason)
  assert.ok(error.body.includes(CANARIES.body))
})

test('what cannot be configured is not repeated', () => {
  const wrong = [
    { proxy: `http://user:${CANARIES.proxy}@[` },
    { baseUrl: `https://user:${CANARIES.secret}@example.com` },
    { baseUrl: `not a url ${CANARIES.secret}` },
    { secretKey: `${CANARIES.secret}\n` },
    { caCertificates: `-----BEGIN CERTIFICATE-----\n${CANARIES.secret}` },
  ]
  for (const more of wrong) {
    assert.throws(
      () => new PaywintPlatform(options('https://example.com', more)),
      (error) => {
        assertNone(printed(error), inspect(Object.keys(more)))
        return true
      },
    )
  }
  const client = new Linora({
    apiKey: CANARIES.secret,
    baseUrl: 'https://example.com',
    proxy: `http://a:${CANARIES.proxy}@b`,
  })
  assertNone(printed(client), 'a client')
})

test('a process that dies of an error prints nothing sensitive', async (t) => {
  for (const response of RESPONSES.slice(1)) {
    const { baseUrl } = await startScripted(t, () => response)
    const script = `
      import { PaywintPlatform } from 'payglot'
      const client = new PaywintPlatform(${JSON.stringify(options(baseUrl))})
      await client.payments.create(${JSON.stringify({
        user_id: USER,
        payee_id: OTHER,
        amount: '10.10',
        payment_method: 'WALLET',
        invoice_no: CANARIES.body,
        receiving_method: 'WALLET',
      })}, { headers: { 'x-own': '${CANARIES.sentHeader}' } })`
    const child = await run(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: import.meta.dirname ?? new URL('.', import.meta.url),
      env: { ...process.env, NODE_DEBUG: '', RUST_LOG: 'trace', RUST_BACKTRACE: '1' },
    }).then(
      () => assert.fail('it did not fail'),
      (error) => error,
    )
    assert.equal(child.code, 1)
    assert.ok(child.stderr.includes('payments.create'))
    assertNone([child.stderr, child.stdout], `with the response ${inspect(response)}`)
  }
})

test('an unknown outcome does not print the response', async (t) => {
  const { baseUrl } = await startScripted(t, () => errorResponse(500, { echo: CANARIES.body }))
  const client = new PaywintPlatform(options(baseUrl))
  const error = await client.request('POST', '/own', { json: { cvv: CANARIES.cvv } }).catch((reason) => reason)
  assert.ok(error instanceof OutcomeUnknownError)
  assert.ok(error.body.includes(CANARIES.body))
  assertNone(printed(error), 'the error')
})
