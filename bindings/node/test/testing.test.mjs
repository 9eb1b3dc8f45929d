// The sandbox of `payglot/testing` and the command, as they were installed.

import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { promisify } from 'node:util'

import * as payglot from 'payglot'
import { Sandbox, SandboxError } from 'payglot/testing'

const run = promisify(execFile)
const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname
const require = createRequire(import.meta.url)
const packaged = (() => {
  try {
    return require('@payglot/cli').path()
  } catch {
    return undefined
  }
})()

const started = async (t, options) => {
  const sandbox = await new Sandbox(options).start()
  t.after(() => sandbox.stop())
  return sandbox
}

/** Resolves once it holds, within the time that a busy machine may need. */
const eventually = async (holds) => {
  const deadline = Date.now() + 10_000
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, 'it did not happen')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const isGone = (baseUrl) =>
  eventually(() =>
    fetch(baseUrl).then(
      () => false,
      () => true,
    ),
  )

test('issue 15.2: each response names its request', async (t) => {
  const sandbox = await started(t)
  const { cards } = sandbox.client(payglot.PaywintPlatform)
  const link = await cards.createAddLink(sandbox.userId, { card_purpose: 'PAYMENT' })
  assert.equal(link.requestId, 'req-1')
  const nobody = cards.list('00000000-0000-0000-0000-000000000000')
  await assert.rejects(nobody, { name: 'NotFoundError', requestId: 'req-2' })
  assert.deepEqual(
    (await sandbox.requests()).map(({ id }) => id),
    [1, 2],
  )
})

test('a sandbox starts, takes the clients it makes, and stops', async () => {
  const sandbox = new Sandbox()
  assert.throws(() => sandbox.baseUrl, /start/)
  assert.equal(await sandbox.start(), sandbox)
  const { baseUrl } = sandbox
  assert.equal((await sandbox.start()).baseUrl, baseUrl)

  const client = sandbox.client(payglot.PaywintPlatform, { timeout: 5000 })
  const link = await client.cards.createAddLink(sandbox.userId, { card_purpose: 'PAYMENT' })
  assert.ok(link.secure_link.startsWith(baseUrl))
  for (const Class of [payglot.PaywintDeveloper, payglot.Linora]) {
    // Its own credentials: the sandbox knows the path, or it does not.
    const call = sandbox.client(Class).request('GET', '/no-such-path', { replay: 'read' })
    await assert.rejects(call, payglot.NotFoundError)
  }
  assert.ok(Object.values(sandbox.credentials).every((value) => typeof value === 'string'))
  assert.equal(sandbox.credentials.baseUrl, undefined)
  assert.equal(sandbox.environment.PAYWINT_SECRET_KEY, sandbox.credentials.secretKey)
  assert.equal(sandbox.environment.LINORA_BASE_URL, baseUrl)
  assert.throws(() => sandbox.client(Object), TypeError)

  await sandbox[Symbol.asyncDispose]()
  await sandbox.stop()
  assert.throws(() => sandbox.baseUrl, /start/)
  await assert.rejects(fetch(baseUrl))
})

test('options', async (t) => {
  const [first, second] = [await started(t, { seed: 7 }), await started(t, { seed: 7 })]
  assert.deepEqual([first.userId, first.credentials], [second.userId, second.credentials])

  const folder = mkdtempSync(join(tmpdir(), 'payglot-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const state = join(folder, 'state')
  const webhook = 'http://127.0.0.1:1/'
  const strict = await started(t, { state, strict: true, webhook, webhookSecret: 'top' })
  const { userId } = strict
  assert.deepEqual(strict.webhooks, [{ url: webhook, secret: 'top' }])
  assert.equal(strict.credentials.webhooks, undefined)
  await strict.fund(userId, '10.10')
  const path = `/api/platform/card/add/secure-link/${userId}`
  const json = { card_purpose: 'PAYMENT', no_such_field: 1 }
  const call = strict.client(payglot.PaywintPlatform).request('POST', path, { json })
  await assert.rejects(call, payglot.UnprocessableEntityError)
  await strict.stop()
  const again = await started(t, { state })
  assert.equal(again.userId, userId)
  assert.equal((await again.fund(userId, 1)).balance, '11.10')
})

test('what does not start says why', async () => {
  await assert.rejects(new Sandbox({ binary: '/no/such/binary' }).start(), /ENOENT.*PAYGLOT_BIN/)
  await assert.rejects(new Sandbox({ binary: process.execPath }).start(), SandboxError)
  await assert.rejects(new Sandbox({ state: '/no/such/folder/state' }).start(), /state/i)
})

test('issue 12.28: changes need the token, and no other site or name is served', async (t) => {
  const sandbox = await started(t)
  assert.ok(sandbox.token.length > 16 && !Object.values(sandbox.credentials).includes(sandbox.token))
  assert.equal(sandbox.environment.PAYGLOT_SANDBOX_TOKEN, sandbox.token)
  const asked = async (path, headers, method = 'POST') => {
    const sent = request(`${sandbox.baseUrl}/_sandbox/api/${path}`, { method, headers, agent: false }).end()
    const [response] = await once(sent, 'response')
    response.resume()
    return response.statusCode
  }
  const right = { authorization: `Bearer ${sandbox.token}` }
  assert.equal(await asked('reset', {}), 401)
  assert.equal(await asked('reset', { authorization: 'Bearer another-one-of-the-test' }), 401)
  assert.equal(await asked('reset', right), 200)
  assert.equal(await asked('snapshot', {}, 'GET'), 200)
  for (const foreign of [{ host: 'evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
    assert.equal(await asked('reset', { ...right, ...foreign }), 403)
    assert.equal(await asked('snapshot', foreign, 'GET'), 403)
  }
})

test(
  "issue 12.29: the state file is a file, and its owner's alone",
  { skip: process.platform === 'win32' },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'payglot-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const state = join(folder, 'state.db')
    await started(t, { state })
    assert.equal(statSync(state).mode & 0o777, 0o600)
    await assert.rejects(new Sandbox({ state: ':memory:' }).start(), /not that of a file/)
  },
)

test('issue 12.34: no secret stands among the arguments', { skip: process.platform === 'win32' }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'payglot-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [binary, seen] = [join(folder, 'payglot-that-notes'), join(folder, 'arguments')]
  const real = process.env.PAYGLOT_BIN || packaged
  writeFileSync(binary, `#!/bin/sh\necho "$@" > '${seen}'\nexec '${real}' "$@"\n`, { mode: 0o755 })
  const webhook = ['http://ada:pa55@127.0.0.1:1/?token=t0ken', 'http://127.0.0.1:1/']
  const sandbox = await started(t, { binary, webhook, webhookSecret: 's3cret' })
  assert.deepEqual(
    sandbox.webhooks,
    webhook.map((url) => ({ url, secret: 's3cret' })),
  )
  const given = readFileSync(seen, 'utf8')
  assert.match(given, /^sandbox /)
  assert.ok(!['pa55', 't0ken', 's3cret', sandbox.token].some((secret) => given.includes(secret)))
})

test('issue 12.27: a full disk changes nothing', { skip: process.platform === 'win32' }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'payglot-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [binary, state] = [join(folder, 'payglot-on-a-full-disk'), join(folder, 'state.db')]
  const real = process.env.PAYGLOT_BIN || packaged
  writeFileSync(binary, `#!/bin/sh\ntrap '' XFSZ\nulimit -f 2048\nexec '${real}' "$@"\n`, { mode: 0o755 })
  const full = await started(t, { binary, state })
  const { userId } = full
  let funded = 0
  const refused = { name: 'SandboxError', message: /nothing was changed/ }
  await assert.rejects(async () => {
    for (; funded < 10_000; funded += 1) {
      await full.fund(userId, 1)
    }
  }, refused)
  await assert.rejects(async () => {
    // The smallest change takes what room is left.
    for (;;) {
      await full.advance(1)
    }
  }, refused)
  const before = await full.snapshot()
  for (const change of [() => full.reset(), () => full.advance(60), () => full.kyc(userId, 'approved')]) {
    await assert.rejects(change, refused)
  }
  const after = await full.snapshot()
  assert.deepEqual([after.rows, after.clock_offset_seconds], [before.rows, before.clock_offset_seconds])
  await full.stop()
  const again = await started(t, { state })
  assert.equal((await again.fund(userId, 1)).balance, `${funded + 1}.00`)
  assert.equal((await again.ledger()).balanced, true)
})

test('the interface for tests', async (t) => {
  const sandbox = await started(t)
  const user = sandbox.userId
  assert.equal((await sandbox.info()).user_id, user)
  const start = await sandbox.snapshot()
  assert.deepEqual(await sandbox.fund(user, '100.50'), { id: user, balance: '100.50' })
  assert.equal((await sandbox.advance(60)).offset_seconds, 60)
  assert.equal((await sandbox.kyc(user, 'approved')).kyc_status, 'approved')
  assert.deepEqual(await sandbox.forgetKyc(user), { user_id: user })
  assert.equal((await sandbox.kyb(user, 'rejected')).status, 'rejected')
  assert.deepEqual(await sandbox.forgetKyb(user), { user_id: user })
  assert.equal((await sandbox.ledger()).balanced, true)
  await sandbox.restore(start)
  assert.equal((await sandbox.fund(user, 1)).balance, '1.00')
  assert.equal((await sandbox.reset()).user_id, user)
  for (const refused of [
    () => sandbox.pay(user),
    () => sandbox.reject(user),
    () => sandbox.refund(user),
    () => sandbox.addPayeeCard(user),
    () => sandbox.spend(user, '1.00'),
  ]) {
    await assert.rejects(refused, { name: 'SandboxError', message: /404/ })
  }
})

test('faults', async (t) => {
  const sandbox = await started(t)
  const { wallets } = sandbox.client(payglot.PaywintPlatform)
  await sandbox.addFault('paywint-platform/wallets.get', 'status', { status: 429, retryAfter: 2 })
  await assert.rejects(wallets.get(sandbox.userId, { maxRetries: 0 }), payglot.RateLimitError)
  await wallets.get(sandbox.userId)
  assert.deepEqual(await sandbox.faults(), [])
  // issue 12.29: the one fault, not all
  const fault = await sandbox.addFault('*', 'refuse', { times: null })
  assert.equal(fault.times, null)
  assert.deepEqual(await sandbox.removeFault(fault.id), [])
  await sandbox.addFault('linora/*', 'delay', { delayMs: 5 })
  await sandbox.clearFaults()
  assert.deepEqual(await sandbox.faults(), [])
  assert.equal((await sandbox.requests()).filter(({ status }) => status === 429).length, 1)
})

test('issue 12.10: the classic double payment can be rehearsed', async (t) => {
  const sandbox = await started(t)
  const { users } = sandbox.client(payglot.PaywintPlatform)
  const named = async () => {
    const all = []
    for await (const { name } of users.list()) {
      all.push(name)
    }
    return all.filter((name) => name === 'Ada').length
  }
  await sandbox.addFault('paywint-platform/users.create', 'delay_after_commit', { delayMs: 60_000 })
  const ada = { name: 'Ada', email: 'ada@example.com' }
  await assert.rejects(users.create(ada, { timeout: 300 }), payglot.OutcomeUnknownError)
  assert.equal(await named(), 1)
  const [waiting] = (await sandbox.requests()).filter(({ status }) => status === null)
  assert.deepEqual([waiting.operation, waiting.fault], ['users.create', 'delay_after_commit'])
  await users.create({ ...ada, email: 'ada2@example.com' })
  assert.equal(await named(), 2)
})

test('issue 12.10: a delayed request stands in the log before it has its response', async (t) => {
  const sandbox = await started(t)
  const { wallets } = sandbox.client(payglot.PaywintPlatform)
  await sandbox.addFault('paywint-platform/wallets.get', 'delay', { delayMs: 700 })
  const call = wallets.get(sandbox.userId)
  const statuses = async () => (await sandbox.requests()).map(({ status }) => status)
  while ((await statuses()).length === 0) {}
  assert.deepEqual(await statuses(), [null])
  await call
  assert.deepEqual(await statuses(), [200])
})

test('webhooks', async (t) => {
  const seen = []
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) {
      chunks.push(chunk)
    }
    seen.push(JSON.parse(Buffer.concat(chunks)))
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close().closeAllConnections())
  const sandbox = await started(t)
  const endpoint = await sandbox.addWebhook(`http://127.0.0.1:${server.address().port}/`, { copies: 2 })
  assert.ok(endpoint.secret)
  assert.equal((await sandbox.webhookEndpoints())[0].id, endpoint.id)
  await sandbox.holdWebhooks(endpoint.id)
  await sandbox.kyc(sandbox.userId, 'approved')
  await sandbox.kyc(sandbox.userId, 'rejected')
  const [{ id: newest }] = await sandbox.webhookEvents()
  assert.equal(seen.length, 0)
  await sandbox.releaseWebhooks(endpoint.id, { order: 'reversed' })
  await eventually(() => seen.length >= 4)
  assert.equal(seen[0].id, newest)
  const before = seen.length
  await sandbox.resendWebhook(newest)
  await eventually(() => seen.length > before)
  await sandbox.removeWebhook(endpoint.id)
  assert.deepEqual(await sandbox.webhookEndpoints(), [])
})

test('everything that is documented has a method', () => {
  const contract = process.env.PAYGLOT_CONTRACT ?? join(here, '../../../tests/contract')
  const text = readFileSync(join(contract, '../../docs/sandbox.md'), 'utf8')
  const documented = [...text.matchAll(/\/_sandbox\/api\/([a-z/{}_-]+)/g)].map(([, path]) => path)
  const root = require.resolve('payglot/package.json')
  const source = readFileSync(join(root, '../generated/sandbox-api.cjs'), 'utf8')
  const there = new Set(
    [...source.matchAll(/['`]([a-z/${}()A-Z-]+)['`]/g)].map(([, path]) => path.replaceAll(/\$\{[^}]*\}/g, '{}')),
  )
  assert.ok(documented.length > 10)
  assert.deepEqual(
    documented.filter((path) => !there.has(path.replaceAll(/\{[^}]*\}/g, '{}'))),
    [],
  )
})

test('many at once', async (t) => {
  const sandboxes = await Promise.all(Array.from({ length: 16 }, () => started(t)))
  assert.equal(new Set(sandboxes.map(({ baseUrl }) => baseUrl)).size, 16)
  await Promise.all(sandboxes.map((sandbox) => sandbox.info()))
})

test('a sandbox that nobody stops ends with its process', async () => {
  const script = `
    const { Sandbox } = require('payglot/testing')
    new Sandbox().start().then(async (sandbox) => {
      await sandbox.info()
      console.log(sandbox.baseUrl)
    })`
  const { stdout } = await run(process.execPath, ['--eval', script], { cwd: here, timeout: 20_000 })
  await isGone(stdout.trim())
})

test('a sandbox ends with a process that is killed', async () => {
  const script = `
    const { Sandbox } = require('payglot/testing')
    new Sandbox().start().then((sandbox) => console.log(sandbox.baseUrl))
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--eval', script], { cwd: here, stdio: ['ignore', 'pipe', 'inherit'] })
  const [baseUrl] = await once(createInterface({ input: child.stdout }), 'line')
  assert.equal((await fetch(`${baseUrl}/_sandbox/api/info`)).status, 200)
  child.kill('SIGKILL')
  await isGone(baseUrl)
})

test('both kinds of modules get the same class', () => {
  assert.equal(require('payglot/testing').Sandbox, Sandbox)
  assert.equal(require('payglot/testing').SandboxError, SandboxError)
})

const isInstalled = { skip: packaged === undefined && '@payglot/cli is not installed' }

test('the command comes with its package', isInstalled, async () => {
  const { version } = require('payglot/package.json')
  const npx = await run('npx', ['--no-install', 'payglot', '--version'], { cwd: join(here, '..'), timeout: 20_000 })
  assert.equal(npx.stdout, `payglot ${version}\n`)
  const command = ['--no-install', 'payglot', 'sandbox', '--listen', '127.0.0.1:0', '--json', '--exit-with-stdin']
  const child = spawn('npx', command, { cwd: join(here, '..'), stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  assert.match(JSON.parse(line).base_url, /^http:/)
  child.stdin.end()
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
})
