// Calls every operation of a plan with the npm package that was generated for its document.
//
// Usage: node play.mjs PACKAGE PLAN RESULTS FORMS. FORMS says of bodies that are one value how the Python client takes them:
// a method of JavaScript has no signature that could be looked at.

import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'

const [folder, planFile, resultsFile, formsFile] = process.argv.slice(2)
const payglot = createRequire(import.meta.url)(resolve(folder, 'index.cjs'))
const plan = JSON.parse(readFileSync(planFile, 'utf8'))
const forms = JSON.parse(readFileSync(formsFile, 'utf8'))

const camel = (name) => name.replace(/_+(\w)/g, (_, letter) => letter.toUpperCase())
const snake = (name) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase()

/** A value of the plan as a JavaScript value. */
function given(value) {
  if (Array.isArray(value)) {
    return value.map(given)
  }
  if (value !== null && typeof value === 'object') {
    const names = Object.keys(value)
    if (names.length === 1 && names[0] === '$bytes') {
      return Buffer.from(value.$bytes)
    }
    return Object.fromEntries(names.map((name) => [name, given(value[name])]))
  }
  return value
}

function parameters(call) {
  const bodies = new Set(call.given.filter((one) => one.in === 'body').map((one) => one.wire))
  const params = {}
  for (const one of call.given) {
    const value = given(one.value)
    if (one.is_whole) {
      Object.assign(params, forms[call.id]?.form === 'spread' ? value : { body: value })
    } else {
      params[one.in !== 'body' && bodies.has(one.wire) ? `query_${snake(one.wire)}` : one.wire] = value
    }
  }
  return params
}

/** What a call returned, as JSON with numbers as text. */
async function read(value) {
  if (value === null || value === undefined) {
    return null
  }
  if (typeof value === 'number' || typeof value === 'bigint') {
    return { $number: String(value) }
  }
  if (typeof value !== 'object') {
    return value
  }
  if (value instanceof Uint8Array) {
    return { $base64: Buffer.from(value).toString('base64') }
  }
  if (Array.isArray(value)) {
    return Promise.all(value.map(read))
  }
  if (Array.isArray(value.records) && typeof value.hasNext === 'function') {
    return Promise.all(value.records.map(read))
  }
  if (typeof value[Symbol.asyncIterator] === 'function') {
    const events = []
    for await (const event of value) {
      events.push(await read(event?.data ?? event))
    }
    return { $events: events }
  }
  if (typeof value.arrayBuffer === 'function') {
    return read(new Uint8Array(await value.arrayBuffer()))
  }
  const entries = Object.entries(value).map(async ([name, one]) => [name, await read(one)])
  return Object.fromEntries(await Promise.all(entries))
}

const credentials = Object.entries(plan.credentials).map(([name, value]) => [camel(name), value])
const client = new payglot[plan.class]({
  baseUrl: plan.base_url,
  maxRetries: 0,
  timeout: 20_000,
  ...Object.fromEntries(credentials),
})
const results = {}
for (const call of plan.calls) {
  const result = {}
  try {
    const [resource, name] = call.method.split('.').map(camel)
    const params = parameters(call)
    const all = Object.keys(params).length === 0 && call.given.length === 0 ? [] : [params]
    const method = client[resource][name].bind(client[resource])
    result.read = await read(await method(...call.path, ...all, { headers: { 'x-call': String(call.id) } }))
  } catch (error) {
    // Whatever it is, it is the result of this call alone.
    result.error = `${error.name}: ${error.message}`
  }
  results[call.id] = result
}
writeFileSync(resultsFile, JSON.stringify(results))
