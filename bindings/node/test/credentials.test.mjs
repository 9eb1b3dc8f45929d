// Credentials that a file or a function gives, read again after a 401 and by `rotate` (issue 16).

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'

import {
  AuthenticationError,
  ConfigurationError,
  InvalidRequestError,
  PaywintPlatform,
  Linora,
  sign,
  signedFetch,
} from 'payglot'
import { linora, startScripted } from './support.mjs'

const OK = { body: '{"success":true,"data":[]}' }
const REFUSED = { status: 401, body: '{"detail":"no"}' }

/** Gives `key-1`, then `key-2`, and so on. */
function counting() {
  let calls = 0
  return () => `key-${(calls += 1)}`
}

const playing = (t, ...steps) => startScripted(t, (_, number) => steps[Math.min(number, steps.length) - 1])
const keys = ({ requests }) => requests.map(({ headers }) => headers.authorization.replace('Bearer ', ''))
const clientOf = ({ baseUrl }, apiKey) => linora(baseUrl, { apiKey, maxRetries: 0 })
const read = (client) => client.request('GET', '/cards', { replay: 'read' })
const pay = (client) => client.request('POST', '/cards', { json: {} })

async function fileOf(t, text) {
  const folder = await mkdtemp(join(tmpdir(), 'payglot-credentials-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'key')
  await writeFile(file, text)
  return file
}

test('a read whose key was refused goes out once more, and money does not', async (t) => {
  const server = await playing(t, OK, REFUSED, OK, REFUSED, OK, REFUSED)
  const client = clientOf(server, counting())
  await read(client)
  await read(client)
  await assert.rejects(pay(client), (error) => error instanceof AuthenticationError && !error.mayHaveHappened)
  await pay(client)
  await assert.rejects(read(client), AuthenticationError)
  assert.deepEqual(keys(server), ['key-1', 'key-1', 'key-2', 'key-2', 'key-3', 'key-3', 'key-4'])
})

test('a promise is awaited by the first call, and read again', async (t) => {
  const server = await playing(t, OK, REFUSED, OK)
  const next = counting()
  let calls = 0
  const client = clientOf(server, async () => {
    calls += 1
    return next()
  })
  await read(client)
  assert.equal(calls, 1)
  await Promise.all([read(client), read(client.withOptions({ timeout: 5000 }))])
  assert.equal(calls, 2)
  assert.deepEqual(keys(server).slice(0, 1), ['key-1'])
  assert.equal(keys(server).at(-1), 'key-2')
  const options = { platformId: async () => 'id', secretKey: 'k' }
  assert.throws(() => new PaywintPlatform(options), /`platformId` is public/)
  assert.throws(() => signedFetch(Linora, { apiKey: async () => 'key' }), ConfigurationError)
  signedFetch(Linora, { apiKey: () => 'key' })
})

test('a file is read again', async (t) => {
  const server = await playing(t, REFUSED, OK)
  const file = await fileOf(t, 'one\n')
  const client = clientOf(server, { file })
  await writeFile(file, 'two\n')
  await read(client)
  assert.deepEqual(keys(server), ['one', 'two'])
  assert.throws(
    () => clientOf(server, { file: 'canary' }),
    (error) => {
      assert.match(error.message, /`apiKey` could not be read from its file: there is no such file/)
      assert.doesNotMatch(inspect(error), /canary/)
      return true
    },
  )
})

test('rotate is for all clients that share the key', async (t) => {
  const server = await playing(t, OK)
  const client = clientOf(server, 'old')
  const derived = client.withOptions({ timeout: 5000 })
  const other = client.withCredentials({ apiKey: counting() })
  await client.rotate({ apiKey: 'new' })
  for (const one of [client, derived, other]) await read(one)
  await other.rotate()
  await read(other)
  await other.rotate({ apiKey: async () => 'awaited' })
  await read(other)
  assert.deepEqual(keys(server), ['new', 'new', 'key-1', 'key-2', 'awaited'])
  await assert.rejects(client.rotate(), /nothing to read again/)
  await assert.rejects(client.rotate({ apiKey: 'canary ' }), (error) => {
    assert.ok(error instanceof ConfigurationError)
    assert.match(error.message, /`apiKey` has white space around it/)
    return true
  })
  await assert.rejects(client.rotate({ secretKey: 'x' }), /`secretKey` is no credential/)
  await assert.rejects(client.rotate({ apiKey: 5 }), InvalidRequestError)
})

test('a function that throws is an error that names the credential, and nothing of its text', async (t) => {
  class VaultError extends Error {}
  const failing = () => {
    throw new VaultError('canary')
  }
  const server = await playing(t, REFUSED)
  assert.throws(() => clientOf(server, failing), /`apiKey` could not be read from its function: VaultError/)
  assert.throws(() => clientOf(server, () => 5), /NoTextError/)
  await assert.rejects(read(clientOf(server, async () => failing())), (error) => {
    assert.ok(error instanceof ConfigurationError)
    assert.match(error.message, /`api_?[kK]ey` could not be read from its function: VaultError/)
    assert.doesNotMatch(inspect(error), /canary/)
    return true
  })
  assert.equal(server.requests.length, 0)
  const functions = [() => 'one', failing]
  await assert.rejects(read(clientOf(server, () => functions.shift()())), (error) => {
    assert.equal(error.status, 401)
    assert.match(error.message, /could not be read from its function: VaultError/)
    return true
  })
})

test('each variable may name a file', async (t) => {
  const server = await playing(t, OK)
  const given = { PAYWINT_PLATFORM_ID: 'id', PAYWINT_SECRET_KEY: 'key', PAYWINT_BASE_URL: server.baseUrl }
  const before = { ...process.env }
  t.after(() => {
    process.env = before
  })
  for (const name of Object.keys(given)) {
    const file = await fileOf(t, `${given[name]}\r\n`)
    process.env = { ...before, ...given, [name]: undefined, [`${name}_FILE`]: file }
    delete process.env[name]
    await new PaywintPlatform().request('GET', '/api/x', { replay: 'read' })
    process.env[name] = 'canary'
    assert.throws(() => new PaywintPlatform(), new RegExp(`is in both ${name} and ${name}_FILE`))
    delete process.env[name]
    process.env[`${name}_FILE`] = 'canary'
    assert.throws(
      () => new PaywintPlatform(),
      (error) => {
        assert.match(error.message, new RegExp(`${name}_FILE names: there is no such file`))
        assert.doesNotMatch(error.message, /canary/)
        return true
      },
    )
  }
  const signature = sign({ secret: 'key', method: 'GET', path: '/api/x' })
  assert.deepEqual(
    server.requests.map(({ headers }) => [headers['x-platform-id'], headers['x-signature']]),
    [1, 2, 3].map(() => ['id', signature]),
  )
})
