// The scenarios that all languages play, against the judge: every operation, and every behaviour.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'

import * as payglot from 'payglot'

const FOLDER = process.env.PAYGLOT_CONTRACT
const BINARY = process.env.PAYGLOT_JUDGE

const pascal = (name) => camel(`-${name}`)
const camel = (name) => name.replace(/[-_]([a-z])/g, (_, letter) => letter.toUpperCase())

const load = (name) => JSON.parse(readFileSync(`${FOLDER}/${name}.json`, 'utf8'))
const operations = load('generated_operations')
const behaviour = load('scenarios')
const faults = load('faults')

/** Starts the judge of a file; it ends with the tests. */
async function startJudge(name) {
  if (!BINARY) {
    throw new Error('PAYGLOT_JUDGE must name the payglot-contract binary')
  }
  const child = spawn(BINARY, [`${FOLDER}/${name}.json`], { stdio: ['pipe', 'pipe', 'inherit'] })
  after(() => child.stdin.end())
  const [url] = await once(createInterface({ input: child.stdout }), 'line')
  return url
}

/** The names that options have here, and milliseconds for seconds. */
function optionsOf(named = {}) {
  const entries = Object.entries(named).map(([name, value]) => [camel(name), value])
  const options = Object.fromEntries(entries)
  return 'timeout' in options ? { ...options, timeout: options.timeout * 1000 } : options
}

function call(scenario, baseUrl) {
  const { provider, operation, path, params, page_size: size } = scenario
  const made = new payglot[pascal(provider)]({ baseUrl, ...optionsOf(scenario.client) })
  const derived = scenario.with_options && made.withOptions(optionsOf(scenario.with_options))
  const client = derived ?? made
  const [resource, method] = operation.split('.').map(camel)
  const given = optionsOf(scenario.options)
  const all = size === undefined ? params : { ...params, rows_per_page: size }
  // Methods without query and body have no object for them.
  const takesParams = client[resource][method].length > path.length + 1
  return client[resource][method](...path, ...(takesParams ? [all] : []), given)
}

/** Replaces what a scenario only describes by what is there, after looking at it. */
function settle(wanted, there) {
  if (wanted === '$free') {
    assert.deepEqual(there, { free: [1.1, 'form'] })
    return there
  }
  if (Array.isArray(wanted)) {
    return wanted.map((item, position) => settle(item, there?.[position]))
  }
  if (wanted !== null && typeof wanted === 'object') {
    const name = (field) => operations.renamed[field] ?? field
    return Object.fromEntries(
      Object.entries(wanted).map(([field, value]) => [name(field), settle(value, there?.[name(field)])]),
    )
  }
  return wanted
}

function check(result, wanted) {
  const records = result instanceof payglot.Page ? result.records : result
  const plain = JSON.parse(JSON.stringify(records))
  assert.deepEqual(plain, settle(wanted, plain))
}

function checkError(error, { in_path: isInPath, ...wanted }) {
  if (isInPath || wanted.argument === 'idempotency_key') {
    // As the signature and the options have it.
    wanted.argument = wanted.argument.replace(/_(.)/g, (_, letter) => letter.toUpperCase())
  }
  if (wanted.operation !== undefined) {
    wanted.operation = wanted.operation.split('.').map(camel).join('.')
  }
  assert.equal(error.constructor.name, wanted.class, error.stack)
  const fields = { code: 'code', request_id: 'requestId', body: 'body', argument: 'argument', operation: 'operation' }
  Object.assign(fields, { status: 'status', retry_after: 'retryAfter', may_have_happened: 'mayHaveHappened' })
  if (error instanceof payglot.OutcomeUnknownError || error instanceof payglot.InvalidRequestError) {
    assert.equal(error.mayHaveHappened, error instanceof payglot.OutcomeUnknownError)
  }
  for (const [field, name] of Object.entries(fields)) {
    if (wanted[field] !== undefined) {
      assert.equal(error[name], wanted[field], name)
    }
  }
  if (wanted.attempts !== undefined && 'attempts' in error) {
    assert.equal(error.attempts, wanted.attempts)
  }
  if (wanted.message_has !== undefined) {
    assert.ok(error.message.includes(wanted.message_has), error.message)
  }
  if (wanted.headers !== undefined && 'headers' in error) {
    for (const [name, value] of Object.entries(wanted.headers)) {
      assert.equal(error.headers[name], value, name)
    }
  }
  for (const [name, value] of Object.entries(wanted.record ?? {})) {
    assert.equal(error.record[name], value, name)
  }
  if (wanted.reconcile) {
    assert.ok(error.message.includes(error.reconcile))
  }
}

async function play(scenario, baseUrl) {
  if (scenario.iterate !== undefined) {
    const ids = new Set()
    for await (const record of call(scenario, baseUrl)) {
      ids.add(record.user_id)
    }
    assert.equal(ids.size, scenario.iterate)
  } else if (scenario.error !== undefined) {
    await assert.rejects(
      async () => call(scenario, baseUrl),
      (error) => {
        checkError(error, scenario.error)
        return true
      },
    )
  } else {
    check(await call(scenario, baseUrl), scenario.result)
  }
}

for (const [name, { scenarios }] of Object.entries({
  generated_operations: operations,
  scenarios: behaviour,
  faults,
})) {
  test(name, { concurrency: 16 }, async (t) => {
    Object.assign(process.env, operations.credentials)
    const judge = await startJudge(name)
    const played = scenarios.map((scenario, number) => {
      const isOurs = scenario.languages === undefined || scenario.languages.includes('node')
      return t.test(scenario.name, { skip: !isOurs }, async () => {
        await play(scenario, `${judge.replace('http', scenario.scheme ?? 'http')}/${number}`)
        const { problems } = await (await fetch(`${judge}/verdict/${number}`)).json()
        assert.deepEqual(problems, [])
      })
    })
    await Promise.all(played)
  })
}
