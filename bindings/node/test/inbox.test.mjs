// The inbox (issue 16): what is acknowledged is handled, at least once, one at a time for each object.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { InvalidRequestError, Journal, PaywintDeveloper, PaywintPlatform, webhooks } from 'payglot'
import { OTHER, USER, envelope, page, startScripted } from './support.mjs'

const SECRET = 'whsec_canary'
const { Inbox, sampleDelivery } = webhooks.paywintPlatform

async function store(t) {
  const folder = await mkdtemp(join(tmpdir(), 'payglot-inbox-'))
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return join(folder, 'payments.db')
}

function deliver(inbox, payment_id = 'p-1', event = 'payment.success') {
  const { body, headers } = sampleDelivery(event, SECRET, { data: { payment_id } })
  return inbox.receive(body, headers)
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

test('what is acknowledged is handled once', async (t) => {
  const path = await store(t)
  const inbox = new Inbox(path, SECRET)
  const { body, headers } = sampleDelivery('payment.success', SECRET, { data: { payment_id: 'p-1' } })
  assert.equal(await inbox.receive(body, headers), 200)
  assert.equal(await inbox.receive(body, headers), 200)
  assert.equal(await inbox.receive(Buffer.concat([body, Buffer.from(' ')]), headers), 401)
  assert.equal(await inbox.receive(body, {}), 401)
  const seen = []
  // Another process, later.
  const worker = new Inbox(new Journal(path), SECRET).on('payment.success', (event) => seen.push(event))
  assert.equal(await worker.workOff(), 1)
  assert.equal(await worker.workOff(), 0)
  assert.deepEqual([seen.length, seen[0].kind, seen[0].data.payment_id], [1, 'payment.success', 'p-1'])
  const stored = await inbox.get(seen[0].id)
  assert.deepEqual([stored.state, stored.attempts, stored.object], ['handled', 1, 'payment p-1'])
  assert.ok(stored.receivedAt instanceof Date)
  assert.equal(await inbox.get('none'), null)
})

test('a store that cannot be used acknowledges nothing', async () => {
  const inbox = new Inbox(join(tmpdir(), 'no-such-folder', 'payments.db'), SECRET)
  assert.equal(await deliver(inbox), 503)
})

test('a handler that fails is tried again until the event is dead', async (t) => {
  const inbox = new Inbox(await store(t), SECRET, { maxAttempts: 2, backoff: 1000 })
  inbox.on('payment.success', () => {
    throw new RangeError('canary of a payload')
  })
  await deliver(inbox)
  assert.equal(await inbox.workOff(), 1)
  await pause(1100)
  assert.equal(await inbox.workOff(), 1)
  const [dead] = await inbox.dead()
  assert.deepEqual([dead.state, dead.attempts, dead.lastError], ['dead', 2, 'RangeError'])
  const again = await inbox.retry(dead.id)
  assert.deepEqual([again.state, again.attempts], ['waiting', 0])
  inbox.on('payment.success', () => {})
  assert.equal(await inbox.workOff(), 1)
  await assert.rejects(inbox.retry(dead.id), /`id` is of an event that is handled/)
})

test('events are handled at once, one of a payment at a time, until the signal', async (t) => {
  const inbox = new Inbox(await store(t), SECRET, { backoff: 10 })
  const running = new Map()
  const controller = new AbortController()
  let [most, count] = [0, 0]
  inbox.on('payment.success', async ({ data: { payment_id: id } }) => {
    assert.ok(!running.has(id), 'two events of one payment at once')
    running.set(id, true)
    most = Math.max(most, running.size)
    await pause(20)
    running.delete(id)
    if (++count === 12) controller.abort()
  })
  for (let number = 0; number < 12; number += 1) {
    assert.equal(await deliver(inbox, `p-${number % 3}`), 200)
  }
  await inbox.work({ concurrency: 4, signal: controller.signal })
  assert.equal(count, 12)
  assert.ok(most > 1)
  assert.deepEqual([...new Set((await inbox.list()).map(({ state }) => state))], ['handled'])
})

test('a process that is killed in a handler loses nothing', async (t) => {
  const path = await store(t)
  const inbox = new Inbox(path, SECRET)
  await deliver(inbox)
  const program = `
    import { webhooks } from 'payglot'
    const inbox = new webhooks.paywintPlatform.Inbox(${JSON.stringify(path)}, ${JSON.stringify(SECRET)})
    inbox.on('payment.success', () => {
      console.log('handling')
      return new Promise((resolve) => setTimeout(resolve, 60_000))
    })
    await inbox.work()`
  const worker = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: process.cwd() })
  await new Promise((resolve) => worker.stdout.once('data', resolve))
  let count = 0
  inbox.on('payment.success', () => (count += 1))
  assert.equal(await inbox.workOff(), 0, 'while another process handles it')
  worker.kill('SIGKILL')
  await new Promise((resolve) => worker.once('exit', resolve))
  assert.equal(await inbox.workOff(), 1)
  assert.equal(count, 1)
})

test('events wait for a handler, and accounts are apart', async (t) => {
  const path = await store(t)
  const [inbox, other] = [new Inbox(path, SECRET), new Inbox(path, SECRET, { account: 'platform 2' })]
  await deliver(inbox, 'p-1', 'payment.processing')
  inbox.on('payment.success', () => {})
  other.on('*', () => {})
  assert.equal(await inbox.workOff(), 0)
  assert.equal(await other.workOff(), 0)
  inbox.on('*', () => {})
  assert.equal(await inbox.workOff(), 1)
})

test('what cannot be is refused', async (t) => {
  const path = await store(t)
  const inbox = new Inbox(path, SECRET)
  const refused = (build, argument) =>
    assert.throws(build, (error) => error instanceof InvalidRequestError && error.argument === argument)
  refused(() => inbox.on('payment.sucess', () => {}), 'event')
  refused(() => inbox.on('payment.success', 'write'), 'handler')
  refused(() => inbox.on('payment.success', () => {}, { refresh: {} }), 'refresh')
  const client = new PaywintPlatform({ platformId: 'a', secretKey: 'b' })
  refused(() => inbox.on('*', () => {}, { refresh: client }), 'refresh')
  refused(() => new Inbox(path, SECRET, { attempts: 3 }), 'attempts')
  refused(() => new Inbox(path, SECRET, { maxAttempts: 0 }), 'maxAttempts')
  refused(() => new Inbox(path, undefined), 'secret')
  assert.throws(() => new Inbox(path, ''), /secret is empty/)
  await assert.rejects(inbox.receive({}, {}), InvalidRequestError)
  assert.ok(!JSON.stringify(inbox).includes('canary'))
})

test('the object is read as it is now, and what was never delivered is found by what the vendor shows', async (t) => {
  const { Inbox, sampleDelivery } = webhooks.paywintDeveloper
  const inbox = new Inbox(await store(t), SECRET)
  const { baseUrl } = await startScripted(t, ({ url }) =>
    url.includes('/list/')
      ? page([{ payment_id: USER, status: 'success' }], 1)
      : envelope(`{"payment_id":"${USER}","status":"success","amount":1.50}`),
  )
  const client = new PaywintDeveloper({ apiKey: 'k', apiSecret: 's', baseUrl })
  const seen = []
  inbox.on('payment.success', (event, object) => seen.push([event.data.payment_id, object]), { refresh: client })
  const { stored, notShown } = await inbox.catchUp(client)
  assert.deepEqual([stored, notShown], [[`catch-up payment.success ${USER}`], []])
  assert.equal(await inbox.workOff(), 1)
  assert.deepEqual(seen, [[USER, { payment_id: USER, status: 'success', amount: '1.50' }]])
  assert.deepEqual((await inbox.catchUp(client)).stored, [])
  const { body, headers } = sampleDelivery('payment.failed', SECRET, { data: { payment_id: OTHER } })
  assert.equal(await inbox.receive(body, headers), 200)
  await assert.rejects(inbox.catchUp({}), (error) => error.argument === 'client')
  await assert.rejects(inbox.catchUp(client, { since: -1 }), (error) => error.argument === 'since')
})
