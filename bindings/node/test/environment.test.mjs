// What a client takes from its environment, and where it may lead: variables, plain HTTP, proxies, certificates, signals.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'

import * as payglot from 'payglot'

import { OTHER, envelope, linora, payment, platform, startSandbox, startScripted } from './support.mjs'

const CARD = envelope('{"card_id":"1"}')
const INDEX = createRequire(import.meta.url).resolve('payglot')

/** Changes `process.env` until the test ends; undefined takes a variable away. */
function environment(t, variables) {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name]
    const set = (text) => (text === undefined ? delete process.env[name] : (process.env[name] = text))
    set(value)
    t.after(() => set(before))
  }
}

/** What a worker says that makes a client and calls it. */
async function inWorker(code, options) {
  const program = `
    const { parentPort } = require('node:worker_threads')
    const { PaywintPlatform, signedFetch } = require(${JSON.stringify(INDEX)})
    const call = async () => {
      ${code}
    }
    call().then(
      (said) => parentPort.postMessage(said),
      (error) => parentPort.postMessage(error.name + ': ' + error.message),
    )`
  const worker = new Worker(program, { eval: true, ...options })
  const [said] = await once(worker, 'message')
  await worker.terminate()
  return said
}

const CALL = `return (await new PaywintPlatform().cards.get('${OTHER}')).card_id`

test("issue 12.11 a worker's own variables count, and not the process's", async (t) => {
  const [inner, outer] = [await startScripted(t, () => CARD), await startScripted(t, () => CARD)]
  const all = (id, server) => ({
    PAYWINT_PLATFORM_ID: id,
    PAYWINT_SECRET_KEY: 'key',
    PAYWINT_BASE_URL: server.baseUrl,
  })
  environment(t, all('outer', outer))
  const env = all('inner', inner)
  assert.equal(await inWorker(CALL, { env }), '1')
  assert.equal(await inWorker(`Object.assign(process.env, ${JSON.stringify(env)}); ${CALL}`), '1')
  // What the worker has not, nobody has.
  assert.match(await inWorker(CALL, { env: {} }), /^ConfigurationError: .*`platformId` is missing/)
  assert.match(await inWorker('signedFetch(PaywintPlatform)', { env: {} }), /^ConfigurationError: .*`platformId`/)
  assert.match(
    await inWorker(`delete process.env.PAYWINT_SECRET_KEY; ${CALL}`),
    /^ConfigurationError: .*`secretKey` is missing/,
  )
  assert.equal(outer.requests.length, 0)
  assert.deepEqual(
    inner.requests.map(({ headers }) => headers['x-platform-id']),
    ['inner', 'inner'],
  )
  // A worker without an `env` of its own has a copy of the process's.
  assert.equal(await inWorker(CALL), '1')
  assert.equal(outer.requests.length, 1)
})

test("issue 12.11 a worker's proxies and permissions count, and not the process's", async (t) => {
  const proxy = await startScripted(t, () => CARD)
  environment(t, { http_proxy: 'nonsense at all', PAYGLOT_ALLOW_INSECURE_HTTP: '1' })
  const env = { PAYWINT_PLATFORM_ID: 'i', PAYWINT_SECRET_KEY: 'k', PAYWINT_BASE_URL: 'http://api.example.invalid' }
  const allowed = { ...env, PAYGLOT_ALLOW_INSECURE_HTTP: '1', http_proxy: proxy.baseUrl }
  assert.equal(await inWorker(CALL, { env: allowed }), '1')
  assert.equal(proxy.requests.length, 1)
  assert.match(await inWorker(CALL, { env }), /^ConfigurationError: .*another machine/)
  assert.match(
    await inWorker(CALL, { env: { ...allowed, http_proxy: 'not a url' } }),
    /variable http_proxy is not a URL/,
  )
})

test('issue 12.11 certificates of the environment are those of the worker', async () => {
  const env = { PAYWINT_PLATFORM_ID: 'i', PAYWINT_SECRET_KEY: 'k', PAYWINT_BASE_URL: 'https://localhost:1' }
  const said = await inWorker(CALL, { env: { ...env, SSL_CERT_FILE: '/no/such/file' } })
  assert.match(said, /^ConfigurationError: no trusted certificates were found where SSL_CERT_FILE/)
})

test('issue 12.14 http:// leads to this machine alone, unless that is allowed', (t) => {
  environment(t, { PAYGLOT_ALLOW_INSECURE_HTTP: undefined })
  const refused = { name: 'ConfigurationError', message: /`allowInsecureHttp` or PAYGLOT_ALLOW_INSECURE_HTTP=1/ }
  for (const host of ['api.example.com', '10.0.0.1:8080', 'localhost.example.com', '[::2]']) {
    const baseUrl = `http://${host}/v1`
    assert.throws(() => platform(baseUrl), refused, host)
    platform(baseUrl, { allowInsecureHttp: true })
    process.env.PAYGLOT_ALLOW_INSECURE_HTTP = '1'
    platform(baseUrl)
    process.env.PAYGLOT_ALLOW_INSECURE_HTTP = '0'
    assert.throws(() => platform(baseUrl), refused, host)
    delete process.env.PAYGLOT_ALLOW_INSECURE_HTTP
  }
  for (const host of ['localhost:1', 'sandbox.localhost', '127.9.9.9', '[::1]:1']) {
    platform(`http://${host}`)
  }
  assert.throws(
    () => platform('http://localhost', { allowInsecureHttp: 1 }),
    /`allowInsecureHttp` must be true or false/,
  )
})

test('issue 12.15 NO_PROXY is honoured as by curl', async (t) => {
  const { baseUrl } = await startScripted(t, () => CARD)
  const { port } = new URL(baseUrl)
  environment(t, { http_proxy: 'http://127.0.0.1:1', no_proxy: undefined, NO_PROXY: undefined })
  const get = (options) => platform(baseUrl, { maxRetries: 0, ...options }).cards.get(OTHER)
  for (const list of ['*', '127.0.0.1', `127.0.0.1:${port}`, '127.0.0.0/8', 'a.test, 127.0.0.1 ']) {
    process.env.NO_PROXY = list
    assert.equal((await get()).card_id, '1', list)
  }
  for (const list of ['', '127.0.0.1:1', '0.0.1', '[::1]']) {
    process.env.NO_PROXY = list
    await assert.rejects(get(), payglot.APIConnectionError, list)
  }
  assert.equal((await get({ proxy: false })).card_id, '1')
})

test('issue 12.15 a proxy is used or refused, never left aside', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => CARD)
  environment(t, { http_proxy: `${baseUrl} `, https_proxy: undefined, HTTPS_PROXY: undefined })
  const client = platform('http://api.example.invalid', { allowInsecureHttp: true })
  assert.equal((await client.cards.get(OTHER)).card_id, '1')
  assert.match(requests[0].url, /^http:\/\/api\.example\.invalid\//)
  for (const proxy of ['not a url', 'http://', 'socks5://localhost:1080', 'http://p:port', 'http//p:1']) {
    assert.throws(() => platform('https://localhost', { proxy }), /`proxy` is not a URL such as/, proxy)
    process.env.HTTPS_PROXY = proxy
    assert.throws(() => platform('https://localhost'), { name: 'ConfigurationError', message: /variable HTTPS_PROXY/ })
    platform('https://localhost', { proxy: false })
  }
  assert.throws(() => platform('https://localhost', { proxy: true }), /`proxy` must be a string, or false for none/)
})

test('issue 12.15 a client of the sandbox goes through no proxy', async (t) => {
  const sandbox = await startSandbox(t)
  const proxy = 'http://127.0.0.1:1'
  environment(t, { http_proxy: proxy, HTTP_PROXY: proxy, all_proxy: proxy, ALL_PROXY: proxy })
  const client = sandbox.client(payglot.PaywintPlatform)
  assert.equal((await client.wallets.get(sandbox.userId)).user_id, sandbox.userId)
  assert.equal((await sandbox.info()).user_id, sandbox.userId)
})

test('issue 12.25 a signal that cannot be listened to is refused, and leaves no process hanging', async (t) => {
  const { baseUrl, requests } = await startScripted(t, () => CARD)
  for (const signal of [{ aborted: false }, { aborted: true }, { aborted: false, addEventListener() {} }, {}]) {
    await assert.rejects(platform(baseUrl).payments.create(payment, { signal }), {
      name: 'InvalidRequestError',
      message: /signal` must be an AbortSignal/,
    })
  }
  assert.equal(requests.length, 0)
  const program = `
    const { PaywintPlatform } = require(${JSON.stringify(INDEX)})
    const client = new PaywintPlatform({ platformId: 'i', secretKey: 'k', baseUrl: 'http://127.0.0.1:1' })
    const broken = { aborted: false, removeEventListener() {}, addEventListener() { throw new Error('broken') } }
    const signals = [{ aborted: false }, broken]
    for (const signal of signals) {
      client.cards.get('${OTHER}', { signal }).catch((error) => console.log(error.name))
    }`
  const ended = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', timeout: 10_000 })
  assert.deepEqual([ended.status, ended.stdout, ended.stderr], [0, 'InvalidRequestError\nError\n', ''])
})

test('issue 12.31 a bundle with one bad certificate says which', () => {
  const good = readFileSync(`${process.env.PAYGLOT_CONTRACT}/tls/test-only-ca.pem`, 'utf8')
  const bad = good.replace('MII', 'AII')
  for (const [caCertificates, number] of [
    [good + bad, 2],
    [bad + good, 1],
  ]) {
    assert.throws(() => linora('https://localhost', { caCertificates }), {
      name: 'ConfigurationError',
      message: new RegExp(`certificate ${number} of \`caCertificates\``),
    })
  }
  linora('https://localhost', { caCertificates: good + good })
})
