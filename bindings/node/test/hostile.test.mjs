// Vendors that misbehave (`tests/hostile`): no exchange gives a caller another's response, takes longer than its time,
// fills the memory, or harms what comes after it.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import { platform } from './support.mjs'

const CA = readFileSync(`${process.env.PAYGLOT_CONTRACT}/tls/test-only-ca.pem`)
/** Milliseconds that a call may take beyond its time. */
const GRACE = 200
/** Exchanges at once. */
const TOGETHER = 8
/** Milliseconds for a call that is not expected to need them. */
const AMPLE = 10_000
/** Bytes that all of it may take. */
const MOST_MEMORY = 256 << 20

/** The most memory that this process had, in bytes. */
const peak = () => process.resourceUsage().maxRSS * 1024

async function startVendors(t) {
  const binary = process.env.PAYGLOT_HOSTILE
  if (!binary) {
    throw new Error('PAYGLOT_HOSTILE must name the payglot-hostile binary')
  }
  const child = spawn(binary, { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.stdin.end())
  const [url] = await once(createInterface({ input: child.stdout }), 'line')
  return url
}

const get = async (url) => (await fetch(url)).json()

/** Makes a call with an identifier of its own: whose response it is, or the class of its error. */
async function call(client, kind, timeout) {
  const token = randomUUID()
  try {
    const record =
      kind === 'read'
        ? await client.wallets.get(token, { timeout })
        : await client.wallets.fund(token, { amount: '1.00', bank_id: randomUUID() }, { timeout })
    return (kind === 'read' ? record.user_id : record.payment?.payment_id) === token ? 'own' : 'foreign'
  } catch (error) {
    return error.constructor.name
  }
}

/** Plays an exchange; what was not as it should be. A call that is late once may have waited for this machine. */
async function play(suite, number, exchange, kind) {
  const name = `${exchange.name}, ${kind}`
  let problem
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await get(`${suite}/again/${number}`)
    const client = platform(exchange.url, { maxRetries: 0, maxResponseBytes: 1 << 20, caCertificates: CA })
    const started = performance.now()
    const outcome = await call(client, kind, exchange.timeout_ms)
    const taken = performance.now() - started
    if (!exchange[kind].includes(outcome)) {
      return `${name}: ${outcome} instead of ${exchange[kind]}`
    }
    await sleep(exchange.pause_ms)
    for (let next = 0; next < 2; next += 1) {
      const following = await call(client, 'read', AMPLE)
      if (following !== 'own') {
        return `${name}: ${following} in the next call`
      }
    }
    if (taken <= exchange.timeout_ms + GRACE) {
      return undefined
    }
    problem = `${name}: took ${taken} ms`
  }
  return problem
}

test('issue 12: no vendor harms a caller', async (t) => {
  const before = peak()
  const suite = await startVendors(t)
  const exchanges = await get(`${suite}/exchanges`)
  const problems = []
  const numbers = exchanges.keys()
  const player = async () => {
    for (const number of numbers) {
      for (const kind of ['read', 'money']) {
        problems.push(await play(suite, number, exchanges[number], kind))
      }
    }
  }
  await Promise.all(Array.from({ length: TOGETHER }, player))
  assert.deepEqual(
    problems.filter((problem) => problem !== undefined),
    [],
  )
  const count = (wanted) => exchanges.filter(({ protocol }) => protocol === wanted).length
  assert.ok(count('HTTP/1.1') >= 100 && count('HTTP/2') >= 50)
  assert.ok(peak() - before < MOST_MEMORY, `${(peak() - before) >> 20} MB`)
})
