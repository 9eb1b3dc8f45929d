// Batches (issue 16): each row is paid at most once, however often the batch is run.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { Batch, InvalidRequestError, Journal, Linora, PaywintPlatform } from 'payglot'
import { startScripted, USER } from './support.mjs'

const COMMON = { user_id: USER, payee_id: USER, payment_method: 'WALLET', receiving_method: 'WALLET' }
const RECORD = { body: '{"success":true,"data":{"payment_id":"p-1","amount":10.10,"status":"success"}}' }

const row = (number, given = {}) => ({
  key: `e-${number}`,
  amount: '10.10',
  invoice_no: `INV-${number}`,
  ...COMMON,
  ...given,
})
const rows = (count) => Array.from({ length: count }, (_, position) => row(position + 1))
const states = (report) => report.rows.map(({ state }) => state)
const count = (report, wanted) => states(report).filter((state) => state === wanted).length

async function start(t, script) {
  const folder = await mkdtemp(join(tmpdir(), 'payglot-batch-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const server = await startScripted(t, script)
  const journal = new Journal(join(folder, 'payments.db'))
  t.after(() => journal.close())
  const credentials = { platformId: 'id', secretKey: 'key', baseUrl: server.baseUrl }
  const client = new PaywintPlatform({ ...credentials, journal })
  return { client, credentials, server }
}

test('issue 16: each row of a batch is paid once', async (t) => {
  const { client, server } = await start(t, () => RECORD)
  const seen = []
  const batch = client.batch('payroll', rows(3), { atMost: '50000' })
  assert.ok(batch instanceof Batch)
  const report = await batch.run({ onProgress: (progress) => seen.push(progress.rows) })
  assert.deepEqual(states(report), ['paid', 'paid', 'paid'])
  const { key, amount, id, intent, status, updatedAt, requestId } = report.rows[0]
  assert.deepEqual(
    { key, amount, id, intent, status, requestId },
    {
      key: 'e-1',
      amount: '10.10',
      id: 'p-1',
      intent: 'payroll/e-1',
      status: 200,
      requestId: null,
    },
  )
  assert.ok(updatedAt instanceof Date)
  assert.equal(report.paid, '30.30')
  assert.equal(report.end, 'complete')
  assert.ok(seen.every((all) => all === 3))
  const again = client.batch('payroll', new Set(rows(3)))
  assert.deepEqual(states(await again.run()), ['already_paid', 'already_paid', 'already_paid'])
  const now = await again.status()
  assert.deepEqual([now.end, ...states(now)], [null, 'paid', 'paid', 'paid'])
  assert.equal(server.requests.length, 3)
})

test('issue 16: wrong rows are all named, and none is paid', async (t) => {
  const { client, server } = await start(t, () => RECORD)
  const wrong = [
    row(1),
    row(1),
    row(2, { key: undefined }),
    row(3, { amount: 0.1 + 0.2 }),
    row(4, { amount: Number.NaN }),
    row(5, { memo: 'x' }),
  ]
  const batch = client.batch('payroll', wrong)
  const { bad, all } = await batch.check()
  assert.deepEqual(
    bad.map((one) => one.row),
    [2, 3, 4, 5, 6],
  )
  assert.match(bad[0].problem, /row 1 has the same key/)
  assert.match(bad[3].problem, /finite/)
  assert.equal(all.rows, 1)
  await assert.rejects(batch.run(), (error) => error instanceof InvalidRequestError && error.argument === 'rows')
  assert.ok(server.requests.every(({ method }) => method === 'GET'))
})

test('issue 16: what a batch is told is checked', async (t) => {
  const { client, credentials } = await start(t, () => RECORD)
  for (const [options, argument] of [
    [{ operation: 'wallets.get' }, 'operation'],
    [{ perSecond: 0 }, 'perSecond'],
    [{ atMost: 5 }, 'atMost'],
    [{ atMost: 'much' }, 'atMost'],
    [{ inFlight: 0 }, 'inFlight'],
    [{ limit: 1 }, 'limit'],
    [null, 'options'],
  ]) {
    assert.throws(
      () => client.batch('payroll', rows(1), options),
      (error) => error.argument === argument,
    )
  }
  await assert.rejects(client.batch('payroll', rows(1)).run({ onProgress: 1 }), /`onProgress` must be a function/)
  assert.throws(() => client.batch('payroll', 7), /`rows` must be objects/)
  assert.throws(() => client.batch('pay/roll', rows(1)), InvalidRequestError)
  assert.throws(() => new PaywintPlatform(credentials).batch('payroll', rows(1)), /journal/)
})

test('issue 16: the API says what pays the rows where no operation is named', async (t) => {
  const { client, credentials, server } = await start(t, () => RECORD)
  const links = [{ key: 'l-1', user_id: USER, amount: '10.10', description: 'x' }]
  for (const [batch, operation] of [
    ['one', 'payments.createLink'],
    ['two', 'payments.create_link'],
  ]) {
    const report = await client.batch(batch, links, { operation }).run()
    assert.deepEqual(states(report), ['paid'])
  }
  await client.batch('three', rows(1)).run()
  const [link, , payment] = server.requests.map(({ url }) => url)
  assert.notEqual(link, payment)
  const folder = await mkdtemp(join(tmpdir(), 'payglot-batch-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const journal = new Journal(join(folder, 'payments.db'))
  t.after(() => journal.close())
  const linora = new Linora({ apiKey: 'key', baseUrl: credentials.baseUrl, journal })
  assert.throws(
    () => linora.batch('payroll', rows(1)),
    (error) => error.argument === 'operation' && error.message.includes('cards.topUp'),
  )
})

test('issue 16: a batch keeps its limits and stops at the first unknown outcome', async (t) => {
  const { client, server } = await start(t, (_, number) => (number === 2 ? 'drop' : RECORD))
  const options = { inFlight: 1 }
  const stopped = await client.batch('payroll', rows(4), options).run()
  assert.deepEqual([stopped.end, ...states(stopped)], ['unknown', 'paid', 'unknown', 'not_tried', 'not_tried'])
  assert.equal((await client.batch('payroll', rows(4), options).run()).end, 'unknown')
  assert.equal(server.requests.length, 2)
  // What is unknown counts as spent.
  const limited = await client.batch('payroll', rows(4), { ...options, goOn: true, atMost: '30.30' }).run()
  assert.deepEqual([limited.end, ...states(limited)], ['limit', 'already_paid', 'unknown', 'paid', 'not_tried'])
  const { isOverLimit, spent, unknown, toPay } = await client.batch('payroll', rows(4), { atMost: '30.30' }).check()
  assert.deepEqual([isOverLimit, spent, unknown.rows, toPay.amount], [true, '30.3', 1, '10.10'])
})

test('issue 16: a batch that is stopped goes on with the next run', async (t) => {
  const { client, server } = await start(t, () => RECORD)
  const controller = new AbortController()
  const onProgress = ({ paid }) => paid >= 2 && controller.abort()
  const batch = client.batch('payroll', rows(50), { perSecond: 20 })
  const report = await batch.run({ onProgress, signal: controller.signal })
  assert.equal(report.end, 'stopped')
  assert.equal(count(report, 'unknown'), 0)
  const paid = count(report, 'paid')
  assert.ok(paid >= 2 && paid < 50 && paid === server.requests.length)
  assert.equal((await batch.run({ signal: controller.signal })).end, 'stopped')
  const rest = await client.batch('payroll', rows(50)).run()
  assert.equal(count(rest, 'paid') + count(rest, 'already_paid'), 50)
  assert.equal(server.requests.length, 50)
})

test('issue 16: the balance is read', async (t) => {
  const wallet = { body: '{"success":true,"data":{"available_balance":20.00}}' }
  const { client, server } = await start(t, () => wallet)
  const { balances, balanceProblem } = await client.batch('payroll', rows(3)).check()
  assert.deepEqual(balances, [{ of: `user_id=${USER}`, available: '20.00', needed: '30.30' }])
  assert.equal(balanceProblem, null)
  assert.deepEqual(
    server.requests.map(({ method }) => method),
    ['GET'],
  )
})
