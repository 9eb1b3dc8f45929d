// Plays the cases beside each document with the npm package that was generated for it.
//
// Usage: node play.mjs PACKAGE PROVIDER... What arrives must be what the case says, byte for byte.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:http'
import { resolve } from 'node:path'
import { inspect } from 'node:util'
import { expectedOf, withFiles } from './files.mjs'

const [folder, ...providers] = process.argv.slice(2)
const payglot = createRequire(import.meta.url)(resolve(folder, 'index.cjs'))
const { isDeepStrictEqual } = await import('node:util')

/** A server that keeps each request as it came, and responds as it is told. */
async function record({ status = 200, headers = {}, body = '{}', hex }) {
  const sent = hex === undefined ? body : Buffer.from(hex, 'hex')
  const arrived = []
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) {
      chunks.push(chunk)
    }
    arrived.push({ ...request, raw: request.rawHeaders, request, body: Buffer.concat(chunks) })
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(sent)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${server.address().port}`, arrived, close }
}

const pascal = (name) => name.replace(/(^|[-_])(\w)/g, (_, __, letter) => letter.toUpperCase())
const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase())

async function call(provider, test, url) {
  const credentials = Object.entries(test.credentials ?? {}).map(([name, value]) => [camel(name), value])
  const Client = payglot[pascal(provider)]
  const client = new Client({ baseUrl: url + (test.base_path ?? ''), ...Object.fromEntries(credentials) })
  const [resource, method] = test.call.split('.').map(camel)
  const params = test.params === undefined ? [] : [withFiles(test.params, payglot.FilePath)]
  if (test.read !== undefined) {
    const read = await client[resource][method](...(test.path ?? []), ...params)
    const shown = (test.hidden ?? []).filter((text) => inspect(read, { depth: null }).includes(text))
    return shown.length === 0 ? read : { shown }
  }
  if (test.returned !== undefined) {
    const plain = shown(await client[resource][method](...(test.path ?? []), ...params), test.returned)
    const raw = await client.withRawResponse[resource][method](...(test.path ?? []), ...params)
    const ofRaw = shown(raw.data, test.returned)
    return isDeepStrictEqual(plain, ofRaw) ? plain : { plain, raw: ofRaw }
  }
  const response = await client.withRawResponse[resource][method](...(test.path ?? []), ...params)
  return response.text === '' ? null : JSON.parse(response.text)
}

/** What a call returned, with what kind of thing it is; the names of models are those that are expected. */
function shown(value, expected) {
  if (Buffer.isBuffer(value)) {
    return { hex: value.toString('hex') }
  }
  if (typeof value === 'string') {
    return { text: value }
  }
  if (Array.isArray(value)) {
    return value.map((item, at) => shown(item, expected[at]))
  }
  return expected?.model === undefined ? { json: value } : { model: expected.model, fields: value }
}

/** What is wrong; undefined where all is right. */
async function play(provider, test) {
  const recorder = await record(test.response ?? {})
  let result
  try {
    result = await call(provider, test, recorder.url)
  } catch (error) {
    if (test.raised === error.name && error.message.includes(test.message)) {
      return undefined
    }
    const isExpected = test.error !== undefined && error.message.includes(test.error)
    return isExpected && recorder.arrived.length === 0 ? undefined : `${error.name}: ${error.message}`
  } finally {
    recorder.close()
  }
  if (test.error !== undefined || test.raised !== undefined) {
    return 'was not refused'
  }
  const [got] = recorder.arrived
  if (got === undefined) {
    return 'nothing arrived'
  }
  const line = `${got.request.method} ${got.request.url}`
  if (line !== test.sent.target) {
    return line
  }
  const wanted = expectedOf(test.sent, line, got.request.headers)
  for (const [name, expected] of Object.entries(wanted.headers)) {
    const values = got.raw.filter((_, at) => at % 2 === 1 && got.raw[at - 1].toLowerCase() === name)
    // A key for repetitions is another each time.
    const isKey = expected === '$uuid' && values.length === 1 && values[0].length === 36
    if (!isKey && !isDeepStrictEqual(values, expected === null ? [] : [expected])) {
      return `${name}: ${values}`
    }
  }
  if (!got.body.equals(wanted.body)) {
    return `the body ${got.body}`
  }
  const expected = test.returned ?? test.read ?? test.result
  if (expected !== undefined && JSON.stringify(result) !== JSON.stringify(expected)) {
    return `${JSON.stringify(result)} came back`
  }
  return undefined
}

let failed = 0
for (const provider of providers) {
  const cases = JSON.parse(readFileSync(new URL(`${provider}/cases.json`, import.meta.url), 'utf8'))
  for (const test of cases) {
    const problem = await play(provider, test)
    if (problem !== undefined) {
      console.log(`${provider}: ${test.name}: ${problem}`)
      failed += 1
    }
  }
  console.log(`${provider}: ${cases.length} cases in Node, ${failed} failed`)
  failed += cases.length === 0 ? 1 : 0
}
process.exitCode = Math.min(failed, 1)
