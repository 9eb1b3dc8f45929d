// What a client may spend (issue 16): refused before anything is sent, by all processes together.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import {
  ApprovalNeededError,
  ConfigurationError,
  GuardRefusedError,
  InvalidRequestError,
  Journal,
  OutcomeUnknownError,
  PaywintPlatform,
} from 'payglot'
import { startScripted, USER } from './support.mjs'

const PAYMENT = {
  user_id: USER,
  payee_id: USER,
  amount: '10.10',
  payment_method: 'WALLET',
  receiving_method: 'WALLET',
  invoice_no: 'INV-1',
}
const RECORD = { body: '{"success":true,"data":{"payment_id":"p-1","amount":10.10,"status":"success"}}' }

async function start(t, script) {
  const folder = await mkdtemp(join(tmpdir(), 'payglot-guard-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const server = await startScripted(t, script)
  const journal = new Journal(join(folder, 'payments.db'))
  t.after(() => journal.close())
  const credentials = { platformId: 'id', secretKey: 'key', baseUrl: server.baseUrl, maxRetries: 0 }
  const paying = (guard, options = {}) => {
    const client = new PaywintPlatform({
      ...credentials,
      journal,
      guard: { requestedBy: 'ada', ...guard },
      ...options,
    })
    return (intent) => client.payments.create(PAYMENT, { intent })
  }
  return { journal, paying, server }
}

test('issue 16: what the guard refuses is never sent', async (t) => {
  const { paying, server } = await start(t, () => RECORD)
  for (const [guard, rule] of [
    [{ perPayment: '10.09' }, 'per_payment'],
    [{ perDay: '10.09' }, 'per_day'],
    [{ payees: ['somebody else'] }, 'payees'],
  ]) {
    await assert.rejects(paying(guard)('a'), (error) => {
      assert.ok(error instanceof GuardRefusedError && !error.mayHaveHappened)
      return error.rule === rule && !error.message.includes(USER)
    })
  }
  await assert.rejects(paying({}, { requireIntent: false })(undefined), /the guard of this client counts nothing/)
  assert.equal(server.requests.length, 0)
  await paying({ perPayment: '10.1', perDay: '11', payees: [USER] })('a')
  assert.equal(server.requests.length, 1)
})

test('issue 16: what is unknown counts as spent', async (t) => {
  const { paying, server } = await start(t, () => 'drop')
  const pay = paying({ perDay: '20.19' })
  await assert.rejects(pay('unknown'), OutcomeUnknownError)
  await assert.rejects(pay('next'), GuardRefusedError)
  assert.equal(server.requests.length, 1)
})

test('issue 16: another person approves', async (t) => {
  const { journal, paying, server } = await start(t, () => RECORD)
  const pay = paying({ approveAbove: '10' })
  await assert.rejects(pay('a'), (error) => error instanceof ApprovalNeededError && !error.mayHaveHappened)
  const intent = await journal.get('a')
  await assert.rejects(intent.approve({ by: 'ada' }), InvalidRequestError)
  await assert.rejects(intent.approve(), /`by` must be a string/)
  await intent.approve({ by: 'grace' })
  assert.equal(server.requests.length, 0)
  assert.equal((await pay('a')).payment_id, 'p-1')
})

test('issue 16: limits are exact', async (t) => {
  const { paying } = await start(t, () => RECORD)
  for (const guard of [{ perDay: 1.5 }, { perDay: '-1' }, { perDay: '1e9' }, { payees: 'ada' }, { perWeek: '1' }]) {
    assert.throws(() => paying(guard), ConfigurationError)
  }
  const options = { platformId: 'id', secretKey: 'key', guard: { perDay: '1' } }
  assert.throws(() => new PaywintPlatform(options), /`guard` needs a `journal`/)
})
