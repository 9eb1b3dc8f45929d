// Plays `tokens.json` with the npm package that was generated for the document beside it.
//
// Usage: node tokens.mjs PACKAGE. What arrives must be what each case says, and no secret is shown.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'

const payglot = createRequire(import.meta.url)(resolve(process.argv[2], 'index.cjs'))
const GIVEN = { body: { access_token: 'canary-1' } }

/** Sends the responses in their order, the last one again and again, and keeps what arrives. */
async function serve(responses, { wait = 0 } = {}) {
  const arrived = []
  const server = createServer(async (request, response) => {
    const { status = 200, body = { name: 'a' } } = responses[Math.min(arrived.length, responses.length - 1)]
    const came = { ...request.headers, target: `${request.method} ${request.url}`, body: '' }
    arrived.push(came)
    for await (const chunk of request) {
      came.body += chunk
    }
    if (request.url.includes('token')) {
      await sleep(wait)
    }
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1').unref()
  await once(server, 'listening')
  const url = `http://127.0.0.1:${server.address().port}/v1`
  const credentials = { clientId: 'id/1', clientSecret: 's:canary', appKey: 'app-canary' }
  const client = (options) => new payglot.Tokens({ baseUrl: url, ...credentials, ...options })
  return { arrived, client, server, url }
}

async function play(test) {
  const { arrived, client } = await serve(test.responses)
  const made = client()
  for (const step of test.calls) {
    const [resource, method] = step.call.split('.')
    let raised
    try {
      await made[resource][method]()
    } catch (error) {
      raised = error
    }
    assert.equal(raised?.name, step.raised, inspect(raised))
    if (raised) {
      assert.equal(raised.status, step.status)
      assert.ok(raised.message.includes(step.message), raised.message)
      assert.equal(raised.mayHaveHappened, false)
      const shown = `${raised} ${inspect(raised)} ${JSON.stringify(raised)} ${raised.body}`
      assert.ok(!shown.includes('canary'), shown)
    }
  }
  assert.ok(!inspect(made).includes('canary'))
  assert.equal(arrived.length, test.arrived.length, inspect(arrived))
  for (const [position, expected] of test.arrived.entries()) {
    for (const [name, value] of Object.entries(expected)) {
      assert.equal(arrived[position][name] ?? null, value, name)
    }
  }
}

const cases = JSON.parse(readFileSync(new URL('tokens.json', import.meta.url)))
const tests = {
  ...Object.fromEntries(cases.map((test) => [test.name, () => play(test)])),
  async 'calls at once share one fetch'() {
    const { arrived, client } = await serve([GIVEN, {}], { wait: 200 })
    const made = client()
    await Promise.all(Array.from({ length: 8 }, () => made.things.read()))
    const fetches = arrived.filter(({ target }) => target === 'POST /oauth/token?api=1')
    assert.equal(fetches.length, 1)
    assert.equal(arrived.length, 9)
  },
  async 'id and secret come from the environment'() {
    const { arrived, url } = await serve([GIVEN, {}])
    const variables = { TOKENS_CLIENT_ID: 'id/1', TOKENS_CLIENT_SECRET: 's:canary', TOKENS_BASE_URL: url }
    Object.assign(process.env, variables)
    try {
      await new payglot.Tokens().things.read()
    } finally {
      for (const name of Object.keys(variables)) {
        delete process.env[name]
      }
    }
    assert.equal(arrived[0].authorization, 'Basic aWQlMkYxOnMlM0FjYW5hcnk=')
  },
  async 'where no host gives tokens nothing is sent'() {
    const { client, server } = await serve([{}])
    const made = client({ maxRetries: 0 })
    server.close()
    await once(server, 'close')
    await assert.rejects(made.things.pay(), (error) => {
      assert.ok(error instanceof payglot.APIConnectionError, inspect(error))
      assert.match(error.message, /the call was not sent/)
      assert.equal(error.mayHaveHappened, false)
      return true
    })
  },
  async 'after a rotation no call has the token of the secret before'() {
    const given = (number) => ({ body: { access_token: `canary-${number}` } })
    const { arrived, client } = await serve([GIVEN, {}, given(2), {}, {}, given(3), {}])
    let secret = 's:canary'
    const made = client({ clientSecret: () => secret })
    await made.things.pay()
    secret = 't:canary'
    await made.rotate()
    await made.things.pay()
    await made.things.read()
    await made.rotate({ clientSecret: 'u:canary' })
    await made.things.pay()
    assert.deepEqual(
      arrived.map(({ authorization }) => authorization),
      [
        'Basic aWQlMkYxOnMlM0FjYW5hcnk=',
        'Bearer canary-1',
        'Basic aWQlMkYxOnQlM0FjYW5hcnk=',
        'Bearer canary-2',
        'Bearer canary-2',
        'Basic aWQlMkYxOnUlM0FjYW5hcnk=',
        'Bearer canary-3',
      ],
    )
  },
  async 'another HTTP client is refused'() {
    const { arrived, url } = await serve([{}])
    const fetch = payglot.signedFetch(payglot.Tokens, { clientId: 'id/1', clientSecret: 's:canary' })
    await assert.rejects(fetch(url), (error) => {
      assert.ok(error instanceof payglot.InvalidRequestError, inspect(error))
      assert.equal(error.argument, 'authentication')
      assert.match(error.message, /needs a token/)
      assert.ok(!inspect(error).includes('canary'))
      return true
    })
    assert.equal(arrived.length, 0)
  },
  async 'no log has a token'() {
    const logged = []
    const log = (...words) => logged.push(inspect(words, { depth: 9 }))
    const { client } = await serve([GIVEN, {}])
    await client({ logger: { debug: log, info: log, warn: log, error: log } }).things.read()
    await sleep(50)
    assert.ok(logged.length > 0)
    assert.deepEqual(
      logged.filter((text) => text.includes('canary')),
      [],
    )
  },
}

let failed = 0
for (const [name, test] of Object.entries(tests)) {
  try {
    await test()
  } catch (error) {
    console.log(`tokens: ${name}: ${error.message}`)
    failed += 1
  }
}
console.log(`tokens: ${Object.keys(tests).length} tests in Node, ${failed} failed`)
process.exit(Math.min(failed, 1))
