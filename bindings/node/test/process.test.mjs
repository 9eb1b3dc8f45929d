// Calls and what surrounds them: signals, worker threads, the end of the process.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'

import { runExits } from './exits.mjs'
import { OTHER, envelope, platform, startScripted } from './support.mjs'

const run = promisify(execFile)

/** Runs code as a module of its own; `call` makes one call in it. */
const script = (baseUrl, code) => `
  import { PaywintPlatform } from 'payglot'
  const client = new PaywintPlatform({ platformId: 'a', secretKey: 'b', baseUrl: '${baseUrl}' })
  const call = () => client.cards.get('${OTHER}')
  ${code}
`
const runScript = (baseUrl, code) =>
  run(process.execPath, ['--input-type=module', '--eval', script(baseUrl, code)], {
    cwd: import.meta.dirname ?? new URL('.', import.meta.url),
    timeout: 20_000,
  })

test('a signal stops a call', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => 'hang')
  const client = platform(baseUrl)
  const controller = new AbortController()
  const call = client.cards.get(OTHER, { signal: controller.signal })
  while (requests.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  controller.abort()
  await assert.rejects(call, { name: 'AbortError' })

  const reason = new Error('enough')
  await assert.rejects(client.cards.get(OTHER, { signal: AbortSignal.abort(reason) }), reason)
  assert.equal(requests.length, 1, 'nothing is sent where the signal had come before')
  await assert.rejects(client.cards.get(OTHER, { signal: AbortSignal.timeout(30) }), { name: 'TimeoutError' })
})

test('a signal outlives its calls without keeping them', async (t) => {
  const { baseUrl } = await startScripted(t, () => envelope('{}'))
  const { signal } = new AbortController()
  let listeners = 0
  const counted = {
    aborted: false,
    addEventListener: (...args) => {
      listeners += 1
      signal.addEventListener(...args)
    },
    removeEventListener: (...args) => {
      listeners -= 1
      signal.removeEventListener(...args)
    },
  }
  await platform(baseUrl).cards.get(OTHER, { signal: counted })
  assert.equal(listeners, 0)
})

test('many calls can share a signal', async (t) => {
  const { baseUrl } = await startScripted(t, (_, count) => (count % 2 ? envelope('{}') : 'hang'))
  const warnings = []
  const listen = (warning) => warnings.push(warning.message)
  process.on('warning', listen)
  t.after(() => process.off('warning', listen))
  const controller = new AbortController()
  const { signal } = controller
  const client = platform(baseUrl)
  const calls = Array.from({ length: 40 }, () => client.cards.get(OTHER, { signal }))
  const settled = Promise.allSettled(calls)
  await Promise.race(calls)
  controller.abort()
  const results = await settled
  assert.ok(results.some(({ status }) => status === 'fulfilled'))
  assert.ok(results.some(({ reason }) => reason?.name === 'AbortError'))
  await assert.rejects(client.cards.get(OTHER, { signal }), { name: 'AbortError' })
  assert.deepEqual(warnings, [])
})

test('the process ends by itself once its calls have ended', async (t) => {
  const { baseUrl } = await startScripted(t, async () => {
    await new Promise((resolve) => setTimeout(resolve, 100))
    return envelope('{"card_id":"1"}')
  })
  const { stdout } = await runScript(baseUrl, 'call().then((card) => console.log(card.card_id))')
  assert.equal(stdout.trim(), '1')
})

test('the process can end with calls in flight', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => 'hang')
  for (let round = 1; round <= 5; round += 1) {
    const started = Date.now()
    const { stderr } = await runScript(
      baseUrl,
      'for (let i = 0; i < 20; i += 1) call().catch(() => {}); setTimeout(() => process.exit(0), 100)',
    )
    assert.equal(stderr, '')
    assert.ok(Date.now() - started < 10_000)
    assert.ok(requests.length > 0)
  }
})

test('an error that nobody catches ends the process and shows no secret', async (t) => {
  const { baseUrl } = await startScripted(t, () => ({ status: 401, body: '{"detail":"no"}' }))
  await assert.rejects(runScript(baseUrl, 'await call()'), (error) => {
    assert.equal(error.code, 1)
    assert.match(error.stderr, /AuthenticationError: cards\.get/)
    return true
  })
})

test('processes and workers end with calls in flight, whatever the way', async () => {
  const { runs, failures } = await runExits(36)
  assert.deepEqual(failures, [])
  assert.equal(runs, 36)
})

const worker = (baseUrl, code) =>
  new Worker(
    `
    const { PaywintPlatform } = require('payglot')
    const { parentPort } = require('node:worker_threads')
    const client = new PaywintPlatform({ platformId: 'a', secretKey: 'b', baseUrl: '${baseUrl}' })
    const call = () => client.cards.get('${OTHER}')
    ${code}`,
    { eval: true },
  )
const exit = (thread) => new Promise((resolve, reject) => thread.once('exit', resolve).once('error', reject))

test('worker threads make calls, and come and go', async (t) => {
  const { baseUrl } = await startScripted(t, () => envelope('{"card_id":"1"}'))
  for (let round = 0; round < 3; round += 1) {
    const threads = Array.from({ length: 4 }, () =>
      worker(
        baseUrl,
        'Promise.all(Array.from({ length: 20 }, call)).then((all) => parentPort.postMessage(all.length))',
      ),
    )
    const counts = await Promise.all(threads.map((thread) => new Promise((resolve) => thread.once('message', resolve))))
    assert.deepEqual(counts, [20, 20, 20, 20])
    assert.equal((await platform(baseUrl).cards.get(OTHER)).card_id, '1')
  }
})

test('a worker thread can be ended with calls in flight', async (t) => {
  const { baseUrl, requests } = await startScripted(t, (_, count) =>
    count > 40 ? envelope('{"card_id":"1"}') : 'hang',
  )
  for (let round = 0; round < 4; round += 1) {
    const thread = worker(baseUrl, 'for (let i = 0; i < 10; i += 1) call()')
    const ended = exit(thread)
    while (requests.length < (round + 1) * 10) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await thread.terminate()
    await ended
  }
  assert.equal((await platform(baseUrl).cards.get(OTHER)).card_id, '1')
})
