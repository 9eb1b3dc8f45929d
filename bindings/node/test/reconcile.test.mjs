// Journal, vendor and ledger compared (issue 16): each kind of break is planted in a sandbox, and found.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { InvalidRequestError, Journal, PaywintDeveloper, reconcile } from 'payglot'
import { developer, startSandbox, startScripted } from './support.mjs'

// How long the vendor needs until its lists count, and a little more.
const SETTLED = 6000
const ADDRESS = {
  first_name: 'Sam',
  last_name: 'Ortiz',
  address_line_1: '300 Pine Street',
  city: 'Boise',
  state: 'ID',
  zipcode: '83702',
  country: 'US',
}

async function journalOf(t) {
  const folder = await mkdtemp(join(tmpdir(), 'payglot-reconcile-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const journal = new Journal(join(folder, 'payments.db'))
  t.after(() => journal.close())
  return journal
}

/** Makes payees and cards, with and without an intent, and gives their identifiers. */
async function plant(sandbox, journal) {
  const ours = sandbox.client(PaywintDeveloper, { journal })
  const others = sandbox.client(PaywintDeveloper)
  const wallet = await ours.wallets.get()
  await sandbox.fund(wallet.user_id, '100')
  const payee = async (name, client, intent) => {
    const created = await client.payees.create({ name, email: `${name.toLowerCase()}@example.com` }, { intent })
    return created.payee_id
  }
  const made = {}
  made.agrees = await payee('Ada', ours, 'ada')
  made.gone = await payee('Gone', ours, 'gone')
  await ours.payees.delete(made.gone)
  made.other = await payee('Kim', others)
  made.second = await payee('Ada', others)
  await ours.payeeAddresses.create({ payee_id: made.agrees, is_default: true, ...ADDRESS }, { intent: 'address' })
  for (const [name, amount] of [
    ['a', '10.10'],
    ['b', '20'],
  ]) {
    const card = { payee_id: made.agrees, amount, card_nick_name: name }
    const issued = await ours.paywintCards.issue(card, { intent: `card-${name}` })
    made[`card-${name}`] = issued.request_id
  }
  await sleep(SETTLED)
  return made
}

test('every kind of break is found', async (t) => {
  const sandbox = await startSandbox(t)
  const journal = await journalOf(t)
  const made = await plant(sandbox, journal)
  const ledger = [
    { intent: 'ada', note: 'another column' },
    { id: made.agrees },
    { id: 'nobody' },
    { intent: 'card-a', amount: '10.10', status: null },
    { id: made['card-b'], amount: '20.01', status: 'posted' },
  ]
  const client = sandbox.client(PaywintDeveloper)
  const shown = await reconcile(client, journal, new Date(Date.now() - 3_600_000), { ledger })
  const names = Object.fromEntries(Object.entries({ ...made, nobody: 'nobody' }).map(([name, id]) => [id, name]))
  const [planted, strangers] = [true, false].map((is) => shown.breaks.filter(({ id }) => id in names === is))
  assert.deepEqual(planted.map(({ kind, id }) => `${kind} ${names[id]}`).sort(), [
    'amount card-b',
    'duplicate agrees',
    'duplicate second',
    'not_sent_by_us other',
    'sent_not_found gone',
    'sent_not_found nobody',
    'status card-b',
  ])
  // The sandbox has payees of its own.
  assert.deepEqual(
    [...new Set(strangers.map(({ kind }) => kind))].filter((kind) => kind !== 'not_sent_by_us'),
    [],
  )
  assert.equal(shown.compared, 5)
  const amount = planted.find(({ kind }) => kind === 'amount')
  assert.deepEqual([amount.expected, Number(amount.found), amount.intent], ['20.01', 20, 'card-b'])
  const later = await reconcile(client, journal, new Date().toISOString())
  assert.equal(later.compared, 0)
})

test('what was not settled, and what no operation lists, is said for each operation', async (t) => {
  const sandbox = await startSandbox(t)
  const journal = await journalOf(t)
  const client = sandbox.client(PaywintDeveloper, { journal })
  await client.payees.create({ name: 'Ada', email: 'ada@example.com' }, { intent: 'ada' })
  const { notCompared, compared } = await reconcile(client, journal, '2020-01-01T00:00:00Z')
  assert.deepEqual([compared, notCompared[0].operation, notCompared[0].count], [0, 'payees.create', 1])
  assert.match(notCompared[0].why, /may not list them yet/)
})

test('wrong input is refused before anything is read', async (t) => {
  const server = await startScripted(t, () => ({ body: '{}' }))
  const client = developer(server.baseUrl)
  const journal = await journalOf(t)
  const since = '2026-11-01T00:00:00Z'
  const wrong = [
    [client, journal, 'yesterday', {}, /`since` must be a time with its zone/],
    [client, journal, undefined, {}, /`since` must be a Date or a string/],
    [client, journal, new Date('no'), {}, /`since` must be a Date/],
    [client, journal, since, { ledger: [{ id: '1', amount: 1.5 }] }, /a number is not exact/],
    [client, journal, since, { ledger: [{ id: '1', amount: 'canary' }] }, /no decimal/],
    [client, journal, since, { ledger: [{ amount: '1' }] }, /neither `id` nor `intent`/],
    [client, journal, since, { ledger: 5 }, /`ledger` must be an array/],
    [client, journal, since, { given: { user_id: 1 } }, /`user_id` must be a string/],
    [{}, journal, since, {}, /`client` must be a client/],
    [client, {}, since, {}, /`journal` must be a Journal/],
  ]
  for (const [given, of, from, options, words] of wrong) {
    await assert.rejects(reconcile(given, of, from, options), (error) => {
      assert.ok(error instanceof InvalidRequestError)
      assert.match(error.message, words)
      assert.doesNotMatch(error.message, /canary/)
      return true
    })
  }
  assert.equal(server.requests.length, 0)
})
