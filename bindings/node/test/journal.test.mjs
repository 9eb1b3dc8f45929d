// The journal (issue 13): nothing is done twice, by whatever process, after whatever crash.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'

import {
  ConfigurationError,
  IntentInProgressError,
  IntentMismatchError,
  InvalidRequestError,
  Journal,
  JournalError,
  OutcomeUnknownError,
  PaywintDeveloper,
  PaywintPlatform,
  UnprocessableEntityError,
} from 'payglot'
import { startSandbox, startScripted, USER } from './support.mjs'

const PAYMENT = {
  user_id: USER,
  payee_id: USER,
  amount: '10.10',
  payment_method: 'WALLET',
  receiving_method: 'WALLET',
  invoice_no: 'INV-1',
}
const RECORD = '{"success":true,"data":{"payment_id":"p-1","amount":10.10,"status":"success","canary-unmodelled":1}}'

async function folderOf(t) {
  const folder = await mkdtemp(join(tmpdir(), 'payglot-journal-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function start(t, script, options = {}) {
  const folder = await folderOf(t)
  const server = await startScripted(t, script)
  const location = join(folder, 'payments.db')
  const open = () => {
    const journal = new Journal(location)
    t.after(() => journal.close())
    const credentials = { platformId: 'id', secretKey: 'canary-key', baseUrl: server.baseUrl, maxRetries: 0 }
    const client = new PaywintPlatform({ ...credentials, journal, ...options })
    return { journal, client, pay: (intent, given = PAYMENT) => client.payments.create(given, { intent }) }
  }
  return { ...open(), folder, location, open, server }
}

/** Waits for the first request; not for ever. */
async function arrived({ requests }) {
  for (let waited = 0; requests.length === 0; waited += 10) {
    assert.ok(waited < 10_000, 'no request came')
    await sleep(10)
  }
}

test('issue 13: an intent is done once', async (t) => {
  const { client, open, pay, server } = await start(t, () => ({ body: RECORD }))
  const payments = await Promise.all(Array.from({ length: 20 }, () => pay('invoice 1')))
  assert.ok(payments.every((payment) => payment.payment_id === 'p-1'))
  // Another journal, as another process has one.
  const again = open()
  assert.equal((await again.pay('invoice 1')).amount, '10.10')
  const raw = await again.client.withRawResponse.payments.create(PAYMENT, { intent: 'invoice 1' })
  assert.deepEqual([raw.isReplay, raw.status], [true, 200])
  assert.equal(server.requests.length, 1)
  const first = await client.request('POST', '/x', { json: {}, intent: 'raw' })
  const second = await client.request('POST', '/x', { json: {}, intent: 'raw' })
  assert.deepEqual([first.isReplay, second.isReplay], [false, true])
  assert.equal(server.requests.length, 2)
})

test('issue 13: what a call under an intent refuses', async (t) => {
  const { client, pay, server, journal } = await start(t, () => ({ body: RECORD }))
  await assert.rejects(pay(undefined), /payments.create: `intent` is missing/)
  for (const name of ['', 'x'.repeat(256), 'a\nb']) {
    await assert.rejects(pay(name), (error) => error instanceof InvalidRequestError && /1 to 255/.test(error.message))
  }
  await assert.rejects(pay(7), /`options.intent` must be a string/)
  await assert.rejects(
    async () => client.users.list({}, { intent: 'a' }),
    /`intent` is for a call that does something once/,
  )
  const without = new PaywintPlatform({ platformId: 'id', secretKey: 'key', baseUrl: server.baseUrl })
  await assert.rejects(without.payments.create(PAYMENT, { intent: 'a' }), /needs a client that was built with/)
  assert.throws(
    () => new PaywintPlatform({ platformId: 'id', secretKey: 'key', journal: 'payments.db' }),
    (error) => error instanceof ConfigurationError && /`journal` must be a Journal/.test(error.message),
  )
  assert.equal(server.requests.length, 0)
  const options = { platformId: 'id', secretKey: 'key', baseUrl: server.baseUrl, journal, requireIntent: false }
  await new PaywintPlatform(options).payments.create(PAYMENT)
  assert.equal(server.requests.length, 1)
})

test('issue 13: other arguments are another intent', async (t) => {
  const { pay, server } = await start(t, () => ({ body: RECORD }))
  await pay('invoice 1')
  await assert.rejects(
    pay('invoice 1', { ...PAYMENT, amount: '10.11' }),
    (error) => error instanceof IntentMismatchError && !error.mayHaveHappened,
  )
  assert.equal(server.requests.length, 1)
})

test('issue 13: what is unknown is not sent again until a person says so', async (t) => {
  const { journal, pay, server } = await start(t, (_, count) => (count <= 2 ? 'drop' : { body: RECORD }))
  for (const name of ['a', 'a', 'b', 'b']) {
    await assert.rejects(pay(name), (error) => error instanceof OutcomeUnknownError && error.mayHaveHappened)
  }
  assert.equal(server.requests.length, 2)
  const [done, notDone] = await journal.unknown()
  assert.deepEqual([done.name, notDone.name], ['a', 'b'])
  const decided = await done.succeeded({ by: 'Ada', because: "the vendor's page shows it" })
  assert.equal(decided.state, 'succeeded')
  await notDone.release({ by: 'Ada', because: "the vendor's page does not show it" })
  assert.equal(await pay('a'), null)
  assert.equal((await pay('b')).payment_id, 'p-1')
  assert.deepEqual(await journal.unknown(), [])
  await assert.rejects(done.release({ by: 'Ada', because: 'why' }), /only what is unknown/)
  await assert.rejects(done.release({ by: '', because: 'why' }), /`by` must be/)
  await assert.rejects(done.release(), /`by` must be a string/)
})

test('issue 13: what a journal tells', async (t) => {
  const rejection = { status: 422, headers: { 'x-request-id': 'r-1' }, body: '{"detail":"no"}' }
  const { journal, pay } = await start(t, (_, count) => (count === 1 ? rejection : { body: RECORD }))
  await assert.rejects(pay('a'), UnprocessableEntityError)
  const refused = await journal.get('a')
  assert.deepEqual([refused.state, refused.status, refused.requestId], ['refused', 422, 'r-1'])
  assert.deepEqual(
    [refused.provider, refused.account, refused.operation],
    ['paywint-platform', 'id', 'payments.create'],
  )
  await pay('a')
  const intent = await journal.get('a')
  assert.equal(intent.responseText, '{"payment_id":"p-1","amount":10.10,"status":"success"}')
  assert.ok(intent.createdAt instanceof Date && intent.createdAt <= intent.updatedAt)
  assert.ok(!inspect(intent).includes('p-1'))
  const changes = await intent.log()
  assert.deepEqual(
    changes.map((change) => change.state),
    ['sending', 'refused', 'sending', 'succeeded'],
  )
  assert.ok(changes.every((change) => change.at instanceof Date && change.by.includes(`process ${process.pid}`)))
  assert.equal(await journal.get('b'), null)
  assert.deepEqual(
    (await journal.list({ state: 'succeeded', name: 'a' })).map((found) => found.name),
    ['a'],
  )
  await assert.rejects(journal.list({ state: 'gone' }), /`state` must be one of/)
  await assert.rejects(journal.list({ nmae: 'a' }), /`nmae` is no filter/)
})

test('issue 13: a location that cannot be used', async (t) => {
  const folder = await folderOf(t)
  assert.throws(
    () => new Journal('mysql://user:canary@host/db'),
    (error) => error instanceof ConfigurationError && !inspect(error).includes('canary'),
  )
  const missing = new Journal(join(folder, 'missing', 'payments.db'))
  await assert.rejects(
    missing.opened(),
    (error) => error instanceof JournalError && /make the folder/.test(error.message),
  )
  const nobody = new Journal('postgresql://user:canary@127.0.0.1:1/db')
  await assert.rejects(nobody.unknown(), (error) => error instanceof JournalError && !inspect(error).includes('canary'))
  assert.ok(!inspect(nobody, { showHidden: true }).includes('canary'))
})

test('issue 13: nothing is sent when the journal cannot be written', async (t) => {
  const { journal, location, pay, server } = await start(t, () => ({ body: RECORD }))
  await pay('a')
  journal.close()
  await writeFile(location, 'no journal any more'.repeat(100))
  await Promise.all(['-wal', '-shm'].map((suffix) => rm(location + suffix, { force: true })))
  await assert.rejects(
    pay('b'),
    (error) => error instanceof JournalError && !error.mayHaveHappened && /nothing was sent/.test(error.message),
  )
  assert.equal(server.requests.length, 1)
})

test('issue 13: a call that is given up is unknown', async (t) => {
  const { client, pay, server } = await start(t, () => 'hang')
  const abort = new AbortController()
  const given = assert.rejects(
    client.payments.create(PAYMENT, { intent: 'a', signal: abort.signal }),
    OutcomeUnknownError,
  )
  await arrived(server)
  abort.abort()
  await given
  await assert.rejects(pay('a'), OutcomeUnknownError)
  assert.equal(server.requests.length, 1)
})

test('issue 13: another process waits, or learns of a death', async (t) => {
  const { client, location, pay, server } = await start(t, () => 'hang')
  const program = `
    import { Journal, PaywintPlatform } from 'payglot'
    const journal = new Journal(${JSON.stringify(location)})
    const client = new PaywintPlatform({ platformId: 'id', secretKey: 'key', baseUrl: '${server.baseUrl}', journal })
    await client.payments.create(${JSON.stringify(PAYMENT)}, { intent: 'a' })
  `
  const worker = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'inherit' })
  t.after(() => worker.kill('SIGKILL'))
  await arrived(server)
  const options = { intent: 'a', timeout: 300 }
  await assert.rejects(client.payments.create(PAYMENT, options), IntentInProgressError)
  worker.kill('SIGKILL')
  await once(worker, 'exit')
  await assert.rejects(pay('a'), OutcomeUnknownError)
  assert.equal(server.requests.length, 1)
})

test('issue 13: what became of an intent is looked up', async (t) => {
  const sandbox = await startSandbox(t)
  const folder = await folderOf(t)
  const journal = new Journal(join(folder, 'payments.db'))
  t.after(() => journal.close())
  const { apiKey, apiSecret } = sandbox.credentials
  const client = new PaywintDeveloper({ apiKey, apiSecret, baseUrl: sandbox.baseUrl, journal, maxRetries: 0 })
  for (const kind of ['reset_after_commit', 'reset_before']) {
    await sandbox.addFault('paywint-developer/payees.create', kind)
    const payee = { name: 'Ada', email: `${kind}@example.com` }
    await assert.rejects(client.payees.create(payee, { intent: kind }), OutcomeUnknownError)
  }
  const [done, notDone] = await journal.unknown()
  const early = await done.resolve(client)
  assert.deepEqual([early.found, early.intent.state], ['too_early', 'unknown'])
  assert.ok(early.wait > 0 && early.wait <= 5, String(early.wait))
  await sleep(5100)

  const found = await done.resolve(client)
  assert.deepEqual([found.found, found.intent.state], ['found', 'succeeded'])
  const record = JSON.parse(found.intent.responseText)
  assert.equal(record.email, 'reset_after_commit@example.com')
  assert.ok(!inspect(found).includes('example.com'))
  const again = await client.payees.create({ name: 'Ada', email: record.email }, { intent: 'reset_after_commit' })
  assert.equal(again.payee_id, record.payee_id)

  // Not to be found in a list that nobody documents proves nothing.
  const absent = await notDone.resolve(client)
  assert.deepEqual([absent.found, absent.provesAbsence, absent.intent.state], ['not_found', false, 'unknown'])
  assert.ok(absent.advice.includes('payees.list'))
  assert.deepEqual(absent.candidateTexts, [])

  await assert.rejects(done.resolve(client), (error) => {
    return error instanceof InvalidRequestError && error.message.includes('only what is unknown can be looked up')
  })
  for (const other of [{}, null, undefined, 'client']) {
    await assert.rejects(notDone.resolve(other), InvalidRequestError)
  }
  await assert.rejects(notDone.resolve(client, { user_id: USER }), /`user_id` is not what the look-up/)
  await assert.rejects(notDone.resolve(client, { user_id: 7 }), /`user_id` must be a string/)
})

test('issue 13: a look-up is given what the call does not have', async (t) => {
  const sent = '{"success":true,"records":[{"payment_id":"p-1","amount":10.1,"invoice_no":"INV-1"}],"totalRecords":1}'
  const { client, journal, pay } = await start(t, ({ url }) => (url.includes('list') ? { body: sent } : 'drop'))
  await assert.rejects(pay('a'), OutcomeUnknownError)
  const [payment] = await journal.unknown()
  const asked = await payment.resolve(client)
  assert.equal(asked.found, 'not_published')
  assert.match(asked.advice, /is given `user_id`/)
  const early = await payment.resolve(client, { user_id: USER })
  assert.equal(early.found, 'too_early')
})

test('issue 13: a payment carries its reference where that is asked for', async (t) => {
  const { client, journal, pay, server } = await start(t, () => ({ body: RECORD }), { tag: true })
  const free = { ...PAYMENT, invoice_no: '' }
  await pay('a', free)
  const { reference } = await journal.get('a')
  assert.match(reference, /^PG-[0-9A-HJKMNP-TV-Z]{12}$/)
  const sent = () => server.requests.map(({ body }) => JSON.parse(body).invoice_no)
  assert.deepEqual(sent(), [reference])
  // What the caller gave is sent as it is, and without being asked nothing is put there.
  await pay('b')
  const credentials = { platformId: 'id', secretKey: 'key', baseUrl: server.baseUrl }
  const untagged = new PaywintPlatform({ ...credentials, journal, maxRetries: 0 })
  await untagged.payments.create(free, { intent: 'c' })
  assert.deepEqual(sent(), [reference, PAYMENT.invoice_no, ''])
  // It is the same intent, with a tag or without.
  const raw = await untagged.withRawResponse.payments.create(free, { intent: 'a' })
  assert.ok(raw.isReplay)
  // A field that is optional, and left out.
  const transfer = { amount: '10.10', from_bank_id: USER, destination: 'WALLET' }
  await client.withdrawals.transferFromPwBank(USER, transfer, { intent: 'w' })
  assert.equal(JSON.parse(server.requests.at(-1).body).memo, (await journal.get('w')).reference)
  assert.throws(() => new PaywintPlatform({ ...credentials, tag: 'yes' }), /`tag` must be/)
})

test('issue 13: nothing secret is in the file', async (t) => {
  const link = '{"success":true,"data":{"secure_link":"https://canary-link"}}'
  const { client, folder, journal, pay } = await start(t, ({ url }) => ({
    body: url.includes('payment') ? RECORD : link,
  }))
  await pay('a', { ...PAYMENT, description: 'canary-argument' })
  const update = () => client.cards.createUpdateLink(USER, { card_id: USER, card_purpose: 'PAYMENT' }, { intent: 'b' })
  assert.equal((await update()).secure_link, 'https://canary-link')
  journal.close()
  for (const file of await readdir(folder)) {
    assert.ok(!(await readFile(join(folder, file), 'latin1')).includes('canary'), file)
  }
  assert.equal((await update()).secure_link, undefined)
})
