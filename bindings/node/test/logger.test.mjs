// What a logger hears: calls, attempts and retries, and nothing that was sent or received.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { OTHER, envelope, errorResponse, linora, payment, platform, startScripted } from './support.mjs'

const CARD = envelope('{"card_id":"1","user_id":"2"}')

/** A logger that keeps what it hears. */
const listener = () => {
  const lines = []
  return { lines, logger: { debug: (message, fields) => lines.push({ message, ...fields }) } }
}

test('a call is logged with its attempts and its retries, before it settles', async (t) => {
  const { baseUrl } = await startScripted(t, (_, count) =>
    count === 1
      ? errorResponse(503, {}, { 'retry-after': '0', 'x-request-id': 'first' })
      : { ...CARD, headers: { 'x-request-id': 'second' } },
  )
  const { lines, logger } = listener()
  await platform(baseUrl, { logger }).cards.get(OTHER)
  const call = { operation: 'cards.get', method: 'GET', urlTemplate: '/api/platform/card/get-card/{card_id}' }
  const plain = lines.map(({ durationMs, waitMs, ...rest }) => {
    assert.ok(durationMs === undefined || durationMs >= 0)
    assert.ok(waitMs === undefined || waitMs === 0)
    return rest
  })
  assert.deepEqual(plain, [
    { message: 'payglot: attempt ended', ...call, attempt: 1, status: 503, requestId: 'first' },
    { message: 'payglot: trying again', ...call, attempt: 1 },
    { message: 'payglot: attempt ended', ...call, attempt: 2, status: 200, requestId: 'second' },
    { message: 'payglot: call ended', ...call, attempts: 2, status: 200 },
  ])
})

test('each client has its own logger, and those without one log nothing', async (t) => {
  const { baseUrl } = await startScripted(t, () => CARD)
  const [one, two] = [listener(), listener()]
  const clients = [
    platform(baseUrl, { logger: one.logger }),
    platform(baseUrl, { logger: two.logger }),
    platform(baseUrl),
    linora(baseUrl),
  ]
  await Promise.all([
    ...Array.from({ length: 20 }, () => clients[0].cards.get(OTHER)),
    ...Array.from({ length: 10 }, () => clients[1].cards.get(OTHER)),
    ...Array.from({ length: 10 }, () => clients[2].cards.get(OTHER)),
    clients[3].users.get('user-1'),
  ])
  assert.equal(one.lines.length, 40)
  assert.equal(two.lines.length, 20)
})

test('failures and calls outside the document are logged too', async (t) => {
  const { baseUrl } = await startScripted(t, ({ url }) => (url.startsWith('/own') ? CARD : 'drop'))
  const { lines, logger } = listener()
  const client = platform(baseUrl, { logger })
  await client.request('GET', '/own/path', { query: { a: 'hidden' } })
  await assert.rejects(client.payments.create(payment))
  const shown = lines.map(({ message, operation, status }) => [message.slice('payglot: '.length), operation, status])
  assert.deepEqual(shown, [
    ['attempt ended', 'request', 200],
    ['call ended', 'request', 200],
    ['attempt ended', 'payments.create', undefined],
    ['call ended', 'payments.create', undefined],
  ])
})

test('a cancelled call is logged as ended', async (t) => {
  const { baseUrl } = await startScripted(t, () => 'hang')
  const { lines, logger } = listener()
  const client = platform(baseUrl, { logger })
  await assert.rejects(client.cards.get(OTHER, { signal: AbortSignal.timeout(50) }))
  for (let i = 0; i < 100 && lines.length === 0; i += 1) {
    await sleep(10)
  }
  assert.deepEqual(
    lines.map(({ message }) => message),
    ['payglot: call ended'],
  )
})

test('a logger that throws does not lose the response', async (t) => {
  const { baseUrl } = await startScripted(t, () => CARD)
  const warnings = []
  const listen = (warning) => warnings.push(warning.message)
  process.on('warning', listen)
  t.after(() => process.off('warning', listen))
  const logger = {
    debug() {
      throw new Error('full disk')
    },
  }
  assert.equal((await platform(baseUrl, { logger }).cards.get(OTHER)).card_id, '1')
  await sleep(0)
  assert.deepEqual(warnings, ['a logger given to payglot threw: Error: full disk'])
})

test('console is a logger', async (t) => {
  const { baseUrl } = await startScripted(t, () => CARD)
  const debug = t.mock.method(console, 'debug', () => {})
  await platform(baseUrl, { logger: console }).cards.get(OTHER)
  assert.equal(debug.mock.callCount(), 2)
})

test('issue 15.2: PAYGLOT_LOG=debug shows calls on standard error', async (t) => {
  const { baseUrl } = await startScripted(t, () => CARD)
  const before = process.env.PAYGLOT_LOG
  t.after(() => (before === undefined ? delete process.env.PAYGLOT_LOG : (process.env.PAYGLOT_LOG = before)))
  const shown = t.mock.method(console, 'error', () => {})
  await platform(baseUrl).cards.get(OTHER)
  assert.equal(shown.mock.callCount(), 0)
  process.env.PAYGLOT_LOG = 'debug'
  await platform(baseUrl).cards.get(OTHER)
  const lines = shown.mock.calls.map(({ arguments: given }) => given)
  assert.ok(lines.some(([text, fields]) => text === 'payglot: call ended' && fields.operation === 'cards.get'))
  assert.ok(!JSON.stringify(lines).includes('top secret'))
})
