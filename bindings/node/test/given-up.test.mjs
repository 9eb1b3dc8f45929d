// Issue 12.5: a payment that is aborted says whether it may have taken effect.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'

import { OutcomeUnknownError } from 'payglot'

import { OTHER, USER, payment, platform, startScripted } from './support.mjs'

const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Aborts a call when its request has arrived, with a signal of any kind. */
async function aborted(t, start, makeSignal = () => new AbortController()) {
  const { baseUrl, requests } = await startScripted(t, () => 'hang')
  const controller = makeSignal()
  const call = start(platform(baseUrl), { signal: controller.signal })
  // Nobody is there to be told yet.
  call.catch(() => {})
  while (requests.length === 0) {
    await later(5)
  }
  const reason = new Error('enough')
  controller.abort(reason)
  return { call, reason, requests }
}

const isUnknown = (operation, cause) => (error) => {
  assert.ok(error instanceof OutcomeUnknownError, error.stack)
  assert.equal(error.operation, operation)
  assert.equal(error.mayHaveHappened, true)
  assert.ok(error.reconcile && error.message.includes(error.reconcile))
  assert.match(error.message, /given up by its caller, and may have taken effect/)
  assert.equal(error.cause, cause)
  return true
}

test('a payment that is aborted when it may have left has an unknown outcome', async (t) => {
  const { call, reason } = await aborted(t, (client, options) => client.payments.create(payment, options))
  await assert.rejects(call, isUnknown('payments.create', reason))
  const raw = await aborted(t, (client, options) => client.withRawResponse.payments.create(payment, options))
  await assert.rejects(raw.call, isUnknown('payments.create', raw.reason))
  const other = await aborted(t, (client, options) => client.request('POST', '/api/x', { json: {}, ...options }))
  await assert.rejects(other.call, (error) => error instanceof OutcomeUnknownError && error.cause === other.reason)
})

test('by a timeout of a signal, and by a signal that has no reason', async (t) => {
  const { baseUrl } = await startScripted(t, () => 'hang')
  await assert.rejects(
    platform(baseUrl).payments.create(payment, { signal: AbortSignal.timeout(100) }),
    (error) => isUnknown('payments.create', error.cause)(error) && error.cause.name === 'TimeoutError',
  )
  const polyfill = () => {
    const target = new EventTarget()
    const signal = {
      aborted: false,
      addEventListener: target.addEventListener.bind(target),
      removeEventListener: target.removeEventListener.bind(target),
    }
    return { signal, abort: () => target.dispatchEvent(new Event('abort')) }
  }
  const unknown = await aborted(t, (client, options) => client.payments.create(payment, options), polyfill)
  await assert.rejects(
    unknown.call,
    (error) => isUnknown('payments.create', error.cause)(error) && error.cause.name === 'AbortError',
  )
  const read = await aborted(t, (client, options) => client.cards.get(OTHER, options), polyfill)
  await assert.rejects(read.call, { name: 'AbortError' })
})

test('what cannot have happened rejects with the reason', async (t) => {
  const read = await aborted(t, (client, options) => client.cards.get(OTHER, options))
  await assert.rejects(read.call, read.reason)
  // Accepts connections, and never says a word of TLS.
  const mute = createServer().listen(0, '127.0.0.1')
  await once(mute, 'listening')
  t.after(() => mute.close())
  const client = platform(`https://127.0.0.1:${mute.address().port}`)
  for (const milliseconds of [0, 100]) {
    const controller = new AbortController()
    const call = client.wallets.fund(USER, { amount: '1.00', bank_id: OTHER }, { signal: controller.signal })
    call.catch(() => {})
    if (milliseconds > 0) {
      await later(milliseconds)
    }
    const reason = new Error('enough')
    controller.abort(reason)
    await assert.rejects(call, reason)
  }
})
