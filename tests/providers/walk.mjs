// Walks over the lists of `walks.json` beside each document with the npm package that was generated for it.
//
// Usage: node walk.mjs PACKAGE PROVIDER... What arrives, what is read and what is warned of must be what the walk says.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

const [folder, ...providers] = process.argv.slice(2)
const payglot = createRequire(import.meta.url)(resolve(folder, 'index.cjs'))

/** A server with these responses, in their order, that notes what arrives. */
async function serve(responses) {
  const arrived = []
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) {
      chunks.push(chunk)
    }
    const body = Buffer.concat(chunks).toString()
    const { status = 200, headers = {}, body: text } = responses[arrived.length] ?? { status: 500, body: '{}' }
    const key = request.headers['x-api-key'] === 'key-1' ? '' : ' without the key'
    arrived.push(`${request.method} ${request.url}${body === '' ? '' : ` ${body}`}${key}`)
    const host = `http://127.0.0.1:${server.address().port}`
    const replaced = Object.entries(headers).map(([name, value]) => [name, value.replaceAll('$HOST', host)])
    response.writeHead(status, { 'content-type': 'application/json', ...Object.fromEntries(replaced) })
    response.end(text.replaceAll('$HOST', host))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${server.address().port}/v1`, arrived, close }
}

const pascal = (name) => name.replace(/(^|[-_])(\w)/g, (_, __, letter) => letter.toUpperCase())
const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase())

/** What is wrong; undefined where all is right. */
async function play(provider, test) {
  const { url, arrived, close } = await serve(test.responses)
  const warnings = []
  const silent = () => {}
  const warn = (message) => warnings.push(String(message?.message ?? message))
  const logger = { debug: silent, info: silent, warn, error: silent }
  const client = new payglot[pascal(provider)]({ baseUrl: url, apiKey: 'key-1', maxRetries: 0, logger })
  const [resource, method] = test.call.split('.').map(camel)
  const path = test.path ?? []
  // Methods without query and body have no object for them.
  const takesParams = client[resource][method].length > path.length + 1
  const params = takesParams ? [test.params ?? {}] : []
  const options = { extraQuery: test.extra_query }
  const read = []
  let error = ''
  try {
    for await (const record of client[resource][method](...path, ...params, options)) {
      read.push(record.id)
    }
  } catch (raised) {
    error = raised.message
  } finally {
    close()
  }
  if (!isDeepStrictEqual(arrived, test.sent)) {
    return `${JSON.stringify(arrived)} arrived; ${error}`
  }
  if (!isDeepStrictEqual(read, test.result)) {
    return `${JSON.stringify(read)} was read; ${error}`
  }
  if (!error.includes(test.error ?? '') || (error !== '') !== (test.error !== undefined)) {
    return `the error is ${error}`
  }
  const text = warnings.join(' ')
  if (!text.includes(test.warning ?? '') || (text !== '') !== (test.warning !== undefined)) {
    return `the warning is ${text}`
  }
  return undefined
}

let failed = 0
for (const provider of providers) {
  const cases = JSON.parse(readFileSync(new URL(`${provider}/walks.json`, import.meta.url), 'utf8'))
  for (const test of cases) {
    const problem = await play(provider, test)
    if (problem !== undefined) {
      console.log(`${provider}: ${test.name}: ${problem}`)
      failed += 1
    }
  }
  console.log(`${provider}: ${cases.length} walks in Node, ${failed} failed`)
  failed += cases.length === 0 ? 1 : 0
}
process.exitCode = Math.min(failed, 1)
