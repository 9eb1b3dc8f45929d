// Hooks of clients, and the request id of results (issues 15.2 and 15.6).

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { InvalidRequestError, requestIdOf } from 'payglot'

import { OTHER, envelope, errorResponse, linora, page, payment, platform, startScripted } from './support.mjs'

const CARD = envelope('{"card_id":"1"}')
const named = (response, id) => ({ ...response, headers: { 'x-request-id': id } })

/** The events of a client. */
const eventsOf = (client) => {
  const events = []
  client.on('request', (event) => events.push(['request', event]))
  client.on('response', (event) => events.push(['response', event]))
  return events
}

test('a hook hears each attempt of a call, and nothing that was sent or received', async (t) => {
  const { baseUrl } = await startScripted(t, (_, count) =>
    count === 1 ? errorResponse(503, {}, { 'retry-after': '0', 'x-request-id': 'first' }) : named(CARD, 'second'),
  )
  const client = platform(baseUrl)
  const events = eventsOf(client)
  await client.cards.get(OTHER, { headers: { 'x-token': 'canary' }, extraQuery: { q: 'canary' } })
  const of = { operation: 'cards.get', method: 'GET' }
  const plain = events.map(([name, { duration, ...event }]) => {
    assert.equal(name === 'response', duration > 0 && duration < 30)
    return [name, event]
  })
  assert.deepEqual(plain, [
    ['request', { ...of, attempt: 1 }],
    ['response', { ...of, attempt: 1, status: 503, requestId: 'first' }],
    ['request', { ...of, attempt: 2 }],
    ['response', { ...of, attempt: 2, status: 200, requestId: 'second' }],
  ])
})

test('where no response came, there is no status', async (t) => {
  const { baseUrl } = await startScripted(t, () => 'drop')
  const client = platform(baseUrl, { maxRetries: 0 })
  const events = eventsOf(client)
  await assert.rejects(client.cards.get(OTHER))
  assert.deepEqual(
    events.map(([name, { status, requestId }]) => [name, status, requestId]),
    [
      ['request', undefined, undefined],
      ['response', null, null],
    ],
  )
})

test('a hook that throws or rejects neither breaks nor repeats a payment', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => envelope('{"payment_id":"1"}'))
  const client = platform(baseUrl)
  const warnings = []
  const keep = (warning) => warnings.push(warning.message)
  process.on('warning', keep)
  t.after(() => process.off('warning', keep))
  let heard = 0
  client.on('request', () => {
    throw new Error('of a hook')
  })
  client.on('response', async () => {
    throw new Error('of a hook')
  })
  client.on('response', () => (heard += 1))
  assert.equal((await client.payments.create(payment)).payment_id, '1')
  assert.deepEqual([requests.length, heard], [1, 1])
  await new Promise(setImmediate)
  assert.equal(warnings.filter((text) => text.includes('a hook given to payglot threw')).length, 1)
})

test('a hook ends, and is of its client and of those that are made of it later', async (t) => {
  const { baseUrl } = await startScripted(t, () => CARD)
  const client = platform(baseUrl)
  const before = client.withOptions({ maxRetries: 0 })
  const heard = []
  const end = client.on('request', ({ operation }) => heard.push(operation))
  const after = client.withOptions({ maxRetries: 0 })
  await before.cards.get(OTHER)
  assert.deepEqual(heard, [])
  await after.cards.get(OTHER)
  await client.request('GET', '/own', { replay: 'read' })
  assert.deepEqual(heard, ['cards.get', 'request'])
  end()
  await client.cards.get(OTHER)
  assert.equal(heard.length, 2)
})

test('what is no event and no function is refused', () => {
  const client = platform('http://127.0.0.1:1')
  for (const wrong of [['other', () => {}], ['request', 'log'], ['request']]) {
    assert.throws(() => client.on(...wrong), InvalidRequestError)
  }
})

test('a result has its request id, which no comparison, JSON or spread sees', async (t) => {
  const { baseUrl } = await startScripted(t, () => named(CARD, 'req-1'))
  const client = platform(baseUrl)
  const card = await client.cards.get(OTHER)
  assert.deepEqual([card.requestId, requestIdOf(card)], ['req-1', 'req-1'])
  assert.deepStrictEqual({ ...card }, { card_id: '1' })
  assert.deepEqual([Object.keys(card), JSON.stringify(card)], [['card_id'], '{"card_id":"1"}'])
  assert.equal(requestIdOf({ ...card }), null)
  const raw = await client.withRawResponse.cards.get(OTHER)
  assert.equal(requestIdOf(raw), 'req-1')
})

test('lists and pages have it too, each page its own', async (t) => {
  const { baseUrl } = await startScripted(t, ({ url }, count) =>
    named(
      url.includes('/api/platform') ? page([{ user_id: `${count}` }], 2) : { body: '[{"id":"1"}]' },
      `req-${count}`,
    ),
  )
  const users = await platform(baseUrl).users.list({ rows_per_page: 10 })
  assert.equal(requestIdOf(users), 'req-1')
  assert.equal(requestIdOf(await users.nextPage()), 'req-2')
  assert.equal((await linora(baseUrl).cards.list('user-1')).requestId, 'req-3')
})

test('without one from the API there is none', async (t) => {
  const { baseUrl } = await startScripted(t, () => CARD)
  const card = await platform(baseUrl).cards.get(OTHER)
  assert.deepEqual(
    [card.requestId, requestIdOf(card), requestIdOf(null), requestIdOf('text')],
    [undefined, null, null, null],
  )
})
