// The sandbox of `payglot/testing`.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { promisify } from 'node:util'

import * as payglot from 'payglot'
import { Sandbox } from 'payglot/testing'

const run = promisify(execFile)

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
    // Other providers' credentials are not taken for theirs: the sandbox knows the path, or it does not.
    const error = await sandbox
      .client(Class)
      .request('GET', '/no-such-path')
      .catch((reason) => reason)
    assert.ok(!(error instanceof payglot.AuthenticationError), String(error))
  }
  assert.ok(Object.values(sandbox.credentials).every((value) => typeof value === 'string'))
  assert.equal(sandbox.credentials.baseUrl, undefined)
  assert.throws(() => sandbox.client(Object), TypeError)

  await sandbox[Symbol.asyncDispose]()
  await sandbox.stop()
  assert.throws(() => sandbox.baseUrl, /start/)
  await assert.rejects(fetch(baseUrl))
})

test('sandboxes with a seed are alike', async () => {
  const told = []
  for (let i = 0; i < 2; i += 1) {
    const sandbox = await new Sandbox({ seed: 7 }).start()
    told.push([sandbox.userId, sandbox.credentials])
    await sandbox.stop()
  }
  assert.deepEqual(told[0], told[1])
})

test('a binary that is not there, or is another, is told with the way out', async () => {
  for (const binary of ['/no/such/binary', process.execPath]) {
    await assert.rejects(new Sandbox({ binary }).start(), /cargo install payglot-cli/)
  }
})

test('a sandbox that nobody stops ends with its process', async () => {
  const script = `
    const { Sandbox } = require('payglot/testing')
    new Sandbox().start().then((sandbox) => console.log(sandbox.baseUrl))`
  const { stdout } = await run(process.execPath, ['--eval', script], {
    cwd: import.meta.dirname ?? new URL('.', import.meta.url),
    timeout: 20_000,
  })
  await new Promise((resolve) => setTimeout(resolve, 200))
  await assert.rejects(fetch(stdout.trim()))
})

test('both kinds of modules get the same class', () => {
  assert.equal(createRequire(import.meta.url)('payglot/testing').Sandbox, Sandbox)
})
