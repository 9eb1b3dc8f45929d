// Webhooks: the vectors that all languages share, and what Node users give and get.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { inspect } from 'node:util'

import * as payglot from 'payglot'
import { webhooks } from 'payglot'

const contract = (name) => JSON.parse(readFileSync(join(process.env.PAYGLOT_CONTRACT, name), 'utf8'))
const { cases, events, default_scheme: defaults } = contract('webhooks.json')
const { providers } = contract('generated_surface.json')
const SECRET = 'whsec_1'

const camel = (name) => name.replace(/[-_](.)/g, (_, letter) => letter.toUpperCase())

/** A scheme of the vectors, which count seconds, as Node has it. */
function schemeOf(settings) {
  const entries = Object.entries(settings).map(([name, value]) => [camel(name), value])
  const scheme = Object.fromEntries(entries)
  return scheme.tolerance === undefined ? scheme : { ...scheme, tolerance: scheme.tolerance * 1000 }
}

function isWanted(wanted) {
  return (error) => {
    assert.equal(error.constructor.name, wanted.class, error.stack)
    assert.ok(error.message.includes(wanted.message_has), error.message)
    assert.ok(!error.message.includes('100.00'), error.message)
    return true
  }
}

test('deliveries of the vectors', async (t) => {
  assert.ok(cases.length > 50)
  for (const { name, body_base64, headers, secrets_base64, scheme, now, error } of cases) {
    await t.test(name, () => {
      const secrets = secrets_base64.map((secret) => Buffer.from(secret, 'base64'))
      const body = Buffer.from(body_base64, 'base64')
      // What is not set is as the contract says.
      for (const settings of [scheme, { ...defaults, ...scheme }]) {
        const check = () => webhooks.verify(body, headers, secrets, { ...schemeOf(settings), now: now * 1000 })
        if (error === null) {
          check()
        } else {
          assert.throws(check, isWanted(error))
        }
      }
    })
  }
})

test('events of the vectors', async (t) => {
  assert.ok(events.length > 10)
  for (const { name, provider, body_base64, error, event: wanted } of events) {
    await t.test(name, () => {
      const { parse } = webhooks[camel(provider)]
      const body = Buffer.from(body_base64, 'base64')
      if (error !== null) {
        assert.throws(() => parse(body), isWanted(error))
        return
      }
      const event = parse(body)
      assert.equal(event.event, wanted.event)
      assert.equal(event.id, wanted.id)
      assert.equal(event.kind, wanted.known ? wanted.event : 'unknown')
      // As plain objects: those of a model have helpers.
      assert.deepEqual(JSON.parse(JSON.stringify(event.data ?? null)), wanted.data)
      const at = wanted.generated_at === null ? null : new Date(wanted.generated_at)
      assert.deepEqual(event.generatedAt, at)
    })
  }
})

const folder = dirname(createRequire(import.meta.url).resolve('payglot/package.json'))
for (const provider of providers) {
  test(`${provider.name}: every event has a type and a sample`, () => {
    const there = webhooks[camel(provider.module)]
    assert.equal(there !== undefined, provider.events.length > 0)
    const types = readFileSync(join(folder, 'generated', `${provider.name}.d.cts`), 'utf8')
    for (const { name, class: type } of provider.events) {
      assert.ok(types.includes(`interface ${type} extends webhooks.EventBase<'${name}'>`), type)
      const { body, headers } = there.sampleDelivery(name, SECRET)
      const event = there.constructEvent(body, headers, SECRET)
      assert.equal(event.kind, name)
      assert.ok(Date.now() - event.generatedAt < 60_000)
      const tampered = Buffer.concat([body, Buffer.from(' ')])
      assert.throws(() => there.constructEvent(tampered, headers, SECRET), payglot.WebhookVerificationError)
    }
  })
}

test('cents and dollars have different names', () => {
  const { sampleDelivery, parse } = webhooks.paywintDeveloper
  const cents = parse(sampleDelivery('payment.success', SECRET, { data: { amount: 1234 } }).body)
  assert.equal(cents.data.amount_cents, '1234')
  assert.equal(cents.data.amount, undefined)
  const data = { amount: '10.10', brand_new: ['ü'] }
  const { body } = webhooks.paywintPlatform.sampleDelivery('payment.success', SECRET, { data })
  const dollars = webhooks.paywintPlatform.parse(body)
  assert.equal(dollars.data.amount, '10.10')
  assert.deepEqual(dollars.data.brand_new, ['ü'])
})

test('an event is the delivery as JSON', () => {
  const { body } = webhooks.paywintPlatform.sampleDelivery('payment.success', SECRET)
  const event = webhooks.paywintPlatform.parse(body)
  assert.deepEqual(JSON.parse(JSON.stringify(event)), JSON.parse(Buffer.from(body).toString()))
  assert.ok(!inspect(webhooks.paywintPlatform.sampleDelivery('payment.success', SECRET)).includes('Signature'))
})

test('bodies, headers and secrets of every kind', () => {
  const { body, headers } = webhooks.paywintPlatform.sampleDelivery('kyc.approved', SECRET)
  const exact = new Uint8Array(body)
  for (const kind of [body, exact, exact.buffer, Buffer.from(body).toString()]) {
    webhooks.verify(kind, headers, SECRET)
  }
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const lists = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]))
  const incoming = { ...lower, 'set-cookie': ['a', 'b'], expect: undefined }
  for (const kind of [
    lower,
    incoming,
    lists,
    new Headers(headers),
    new Map(Object.entries(headers)),
    Object.entries(headers),
  ]) {
    webhooks.verify(body, kind, SECRET)
  }
  webhooks.verify(body, headers, Buffer.from(SECRET))
  webhooks.verify(body, headers, ['old', SECRET])
})

test('what is wrong is refused by name', () => {
  const { body, headers } = webhooks.paywintPlatform.sampleDelivery('kyc.approved', SECRET)
  const refused = [
    ['body', () => webhooks.verify(JSON.parse(Buffer.from(body).toString()), headers, SECRET)],
    ['body', () => webhooks.paywintPlatform.parse({ event: 'x' })],
    ['body', () => webhooks.paywintPlatform.constructEvent(undefined, headers, SECRET)],
    ['headers', () => webhooks.verify(body, null, SECRET)],
    ['headers', () => webhooks.verify(body, ['x'], SECRET)],
    ['headers', () => webhooks.verify(body, { 'x-webhook-signature': 1 }, SECRET)],
    ['secret', () => webhooks.verify(body, headers, undefined)],
    ['secret', () => webhooks.verify(body, headers, [1])],
    ['scheme', () => webhooks.verify(body, headers, SECRET, null)],
    ['scheme.encoding', () => webhooks.verify(body, headers, SECRET, { encoding: 'hexa' })],
    ['scheme.tolerance', () => webhooks.verify(body, headers, SECRET, { tolerance: -1 })],
    ['scheme.signature_header', () => webhooks.verify(body, headers, SECRET, { signature_header: 'X' })],
    ['scheme.now', () => webhooks.verify(body, headers, SECRET, { now: 'today' })],
    ['event', () => webhooks.paywintPlatform.sampleDelivery('no.such', SECRET)],
    ['event', () => webhooks.paywintPlatform.sampleDelivery(undefined, SECRET)],
    ['data', () => webhooks.paywintPlatform.sampleDelivery('kyc.approved', SECRET, { data: [] })],
    ['timestamp', () => webhooks.sign({ body: '{}', secret: SECRET })],
    ['capacity', () => new webhooks.ReplayGuard({ capacity: 0 })],
    ['window', () => new webhooks.ReplayGuard({ window: -1 })],
  ]
  for (const [argument, call] of refused) {
    assert.throws(call, (error) => {
      assert.ok(error instanceof payglot.InvalidRequestError, error.stack)
      assert.equal(error.argument, argument)
      return true
    })
  }
  assert.throws(refused[0][1], /raw body/)
})

test('a signature made is a signature that holds', () => {
  const scheme = { encoding: 'base64', prefix: 'v1=' }
  const signature = webhooks.sign({ body: '{}', timestamp: 1718006400, secret: SECRET, ...scheme })
  const headers = { 'x-webhook-signature': signature, 'x-webhook-timestamp': '1718006400' }
  webhooks.verify('{}', headers, SECRET, { ...scheme, now: new Date(1718006400_000) })
})

test('issue 16: a guard knows what was handled, and what failed comes again', async () => {
  const guard = new webhooks.ReplayGuard({ capacity: 2 })
  const handled = []
  for (const id of 'abacac') {
    handled.push(await guard.handling(id, () => {}))
  }
  assert.deepEqual(handled, [true, true, false, true, true, false])
  const cause = new Error('no disk')
  const failing = guard.handling('d', async () => {
    // It is neither new nor done.
    await assert.rejects(
      guard.handling('d', () => {}),
      (error) => error instanceof payglot.EventInProgressError && error.mayHaveHappened === false,
    )
    throw cause
  })
  await assert.rejects(failing, cause)
  assert.equal(await guard.handling('d', () => {}), true)
  assert.equal(await guard.handling('d', () => {}), false)
  // Issue 12.26: `undefined` once was an id like any other, and every delivery after it was dropped.
  for (const wrong of [undefined, null, '', 5]) {
    await assert.rejects(
      guard.handling(wrong, () => {}),
      (error) => error instanceof payglot.InvalidRequestError && error.argument === 'id',
    )
  }
  await assert.rejects(guard.handling('e'), payglot.InvalidRequestError)
})

test('issue 12.9: half of a surrogate pair loses no header and no id', async () => {
  const { body, headers } = webhooks.paywintPlatform.sampleDelivery('payment.success', SECRET)
  webhooks.verify(body, { 'x-odd': 'a\ud83d', ...headers, 'x-more': '\ude00' }, SECRET)
  const delivery = JSON.parse(body.toString())
  const id = Object.keys(delivery).find((field) => /id$/i.test(field))
  delivery[id] = 'x\ud83d'
  assert.equal(webhooks.paywintPlatform.parse(JSON.stringify(delivery))[id], 'x\ud83d')
  const guard = new webhooks.ReplayGuard()
  const handled = []
  for (const id of ['x\ud83d', 'x\ud83e', 'x\ud83d']) {
    handled.push(await guard.handling(id, () => {}))
  }
  assert.deepEqual(handled, [true, true, false])
})

test('issue 12.26: only what the scheme names is read of the headers', async () => {
  const { body, headers } = webhooks.paywintDeveloper.sampleDelivery('payment.success', SECRET)
  const odd = { 'x-null': null, 'x-list': [1, {}], 'x-number': 5, 'x-object': {}, 'x-text': '\u{1F4B0}\ud83d' }
  webhooks.verify(body, { ...odd, ...headers }, SECRET)
  webhooks.verify(body, [['x-odd', null], [5, 5], ...Object.entries(headers)], SECRET)
  webhooks.verify(body, new Map([['x-odd', Symbol('odd')], ...Object.entries(headers)]), SECRET)
  const [name, value] = Object.entries(headers).find(([header]) => header.toLowerCase() === 'x-webhook-signature')
  webhooks.verify(body, { ...headers, [name]: ['old', value] }, SECRET)
  for (const wrong of [null, 5, {}]) {
    assert.throws(
      () => webhooks.verify(body, { ...headers, [name]: wrong }, SECRET),
      (error) => error instanceof payglot.InvalidRequestError && error.argument === 'headers',
    )
  }
  assert.throws(() => webhooks.verify(body, Promise.resolve(headers), SECRET), /await headers\(\)/)
})

test('issue 12.26: secrets, times and bytes that are none', async () => {
  const { body, headers } = webhooks.paywintDeveloper.sampleDelivery('payment.success', SECRET)
  for (const secret of [undefined, null, 5, [null]]) {
    assert.throws(() => webhooks.verify(body, headers, secret), /whether the variable is set/)
  }
  for (const now of [new Date(NaN), NaN, -1, 'now', null]) {
    assert.throws(
      () => webhooks.verify(body, headers, SECRET, { now }),
      (error) => error instanceof payglot.InvalidRequestError && error.argument === 'scheme.now',
    )
  }
  for (const end of ['\n', '\r\n']) {
    assert.throws(() => webhooks.verify(body, headers, SECRET + end), /the secret ends with a line break/)
  }
  // Values of another realm, as Jest gives its tests.
  const realm = runInNewContext('({ Uint8Array, ArrayBuffer, Date })')
  const bytes = new realm.Uint8Array(body.length)
  bytes.set(body)
  for (const other of [bytes, bytes.buffer]) {
    webhooks.verify(other, headers, SECRET, { now: new realm.Date() })
  }
})
