'use strict'

// Webhooks: checks the arguments, and leaves the rest to the native part.

const { inspect, types } = require('node:util')
const { errorOf, invalid, naming } = require('./error-mapping.cjs')
const { toJson } = require('./input.cjs')
const native = require('./native.cjs')

const RAW_BODY =
  'must be the raw body of the request, as bytes or text: what was parsed has lost what was signed ' +
  "(`express.raw({ type: '*/*' })` in Express, `await request.text()` in fetch handlers)"

const NO_SECRET =
  'must be a string or bytes, or several of them; where it comes from the environment, look whether the variable is set'

const isText = (value) => typeof value === 'string'
const isTime = (value) => typeof value === 'number' && value >= 0

/** Settings of a scheme: what they are where they are not given, and what they may be. */
const SCHEME = {
  signatureHeader: { default: 'X-Webhook-Signature', is: isText, wanted: 'a string' },
  timestampHeader: {
    default: 'X-Webhook-Timestamp',
    is: (value) => isText(value) || value === null,
    wanted: 'a string, or null where only the body is signed',
  },
  separator: { default: '.', is: isText, wanted: 'a string' },
  prefix: { default: '', is: isText, wanted: 'a string' },
  encoding: { default: 'hex', is: (value) => value === 'hex' || value === 'base64', wanted: "'hex' or 'base64'" },
  tolerance: { default: 300_000, is: isTime, wanted: 'milliseconds, 0 or more' },
}

/** Checks a delivery; see the types for what each argument is. */
function verify(body, headers, secret, scheme = {}) {
  naming('webhooks.verify', verified, body, headers, secret, scheme)
}

function verified(body, headers, secret, scheme) {
  const { now, ...settings } = object('scheme', scheme)
  // A Date that is no time is NaN, and a Date of another realm no instance of this one's.
  if (now !== undefined && !isTime(types.isDate(now) ? now.getTime() : now)) {
    throw invalid('scheme.now', 'must be a Date or milliseconds')
  }
  const secrets = (Array.isArray(secret) ? secret : [secret]).map((one) => bytes('secret', one, NO_SECRET))
  const schemeJson = settingsToJson(settings)
  const error = native.webhookVerify(
    bytes('body', body, RAW_BODY),
    JSON.stringify(pairs(headers, settings)),
    secrets,
    schemeJson,
    now === undefined ? undefined : Number(now) / 1000,
  )
  if (error !== null) {
    throw errorOf(error)
  }
}

/** Signs a delivery. */
function sign(input) {
  return naming('webhooks.sign', signed, input)
}

function signed(input) {
  const { body, timestamp, secret, ...settings } = object('input', input)
  if (!isTime(timestamp)) {
    throw invalid('timestamp', 'must be Unix seconds')
  }
  return native.webhookSign(
    bytes('body', body, RAW_BODY),
    timestamp,
    bytes('secret', secret, NO_SECRET),
    settingsToJson(settings),
  )
}

/** Remembers which events were handled. */
class ReplayGuard {
  #native

  constructor(options = {}) {
    this.#native = naming('webhooks.ReplayGuard', guard, options)
  }

  async handling(id, handler) {
    const isFirst = naming('webhooks.ReplayGuard', begin, this.#native, id, handler)
    if (!isFirst) {
      return false
    }
    let isDone = false
    try {
      await handler()
      isDone = true
    } finally {
      this.#native.end(wellFormed(id), isDone)
    }
    return true
  }
}

function begin(native, id, handler) {
  if (typeof id !== 'string') {
    throw invalid('id', 'must be the id of an event, a string')
  }
  if (typeof handler !== 'function') {
    throw invalid('handler', 'must be a function')
  }
  const begun = native.begin(wellFormed(id))
  if (typeof begun === 'string') {
    throw errorOf(begun)
  }
  return begun
}

/** Half of a surrogate pair as its escape: the native part's text holds characters alone, and ids must stay apart. */
function wellFormed(text) {
  const escape = (half) => `\\u${half.charCodeAt(0).toString(16)}`
  return text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, escape)
}

function guard(options) {
  const { capacity = 100_000, window = 86_400_000 } = object('options', options)
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > 0xffffffff) {
    throw invalid('capacity', 'must be a whole number above 0')
  }
  if (!isTime(window)) {
    throw invalid('window', 'must be milliseconds, 0 or more')
  }
  return new native.ReplayGuard(capacity, window / 1000)
}

/**
 * The functions of a provider.
 *
 * @param {{ name: string, event: string, data: string, headers: string[], readers: Record<string, (value: any) => any> }} provider
 */
function webhooksOf({ name: provider, event: eventField, data: dataField, headers: names, readers }) {
  const parse = (body, headers = []) => naming('webhooks.parse', parsed, body, headers)

  function parsed(body, headers) {
    const found = names.length === 0 ? [] : named(headers, names)
    return read(native.webhookParse(provider, bytes('body', body, RAW_BODY), JSON.stringify(found)))
  }

  /** What an inbox has stored. */
  const kept = (body) => read(native.webhookParse(provider, Buffer.from(body), undefined))

  function read(read) {
    if (typeof read === 'string') {
      throw errorOf(read)
    }
    const event = JSON.parse(read.json)
    const kind = read.known ? event[eventField] : 'unknown'
    if (Object.hasOwn(readers, kind)) {
      readers[kind](event[dataField])
    }
    const generatedAt = typeof read.milliseconds === 'number' ? new Date(read.milliseconds) : null
    // Beside the wire's fields, and so not in the JSON.
    Object.defineProperties(event, { kind: { value: kind }, generatedAt: { value: generatedAt } })
    return isText(read.body) ? Object.defineProperty(event, 'body', { value: JSON.parse(read.body) }) : event
  }

  function constructEvent(body, headers, secret, scheme) {
    // They are read twice.
    const given = names.length > 0 && typeof headers?.next === 'function' ? [...headers] : headers
    verify(body, given, secret, scheme)
    return parse(body, given)
  }

  const sampleDelivery = (event, secret, options) =>
    naming('webhooks.sampleDelivery', sampled, provider, event, secret, options)
  return { functions: { parse, constructEvent, sampleDelivery }, kept, names }
}

function sampled(provider, event, secret, options = {}) {
  const { data, ...settings } = object('options', options)
  if (!isText(event)) {
    throw invalid('event', 'must be a string')
  }
  const json = data === undefined ? undefined : toJson(data, 'data')
  const [key, scheme] = [bytes('secret', secret, NO_SECRET), settingsToJson(settings)]
  const sample = native.webhookSample(provider, event, json)
  if (isText(sample)) {
    throw errorOf(sample)
  }
  const { body } = sample
  const headers = Object.fromEntries([...native.webhookHeaders(body, key, scheme), ...sample.headers])
  return { body, headers, [inspect.custom]: () => 'Delivery {}' }
}

function settingsToJson(given) {
  const settings = {}
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(SCHEME, name)) {
      throw invalid(`scheme.${name}`, `is not a setting; there are ${Object.keys(SCHEME).join(', ')}`)
    }
  }
  for (const [name, setting] of Object.entries(SCHEME)) {
    settings[name] = given[name] === undefined ? setting.default : given[name]
    if (!setting.is(settings[name])) {
      throw invalid(`scheme.${name}`, `must be ${setting.wanted}`)
    }
  }
  return JSON.stringify({ ...settings, tolerance: settings.tolerance / 1000 })
}

/** The headers that the scheme reads, and those of these names. */
function pairs(headers, settings, names = []) {
  const ofScheme = ['signatureHeader', 'timestampHeader'].map((name) => settings[name] ?? SCHEME[name].default)
  return named(headers, [...ofScheme, ...names])
}

/**
 * Node's `IncomingHttpHeaders`, fetch's `Headers`, a `Map`, an object or pairs, as pairs. Only the headers of these names are
 * read: what else there is does not matter.
 */
function named(headers, names) {
  const wrong = () => invalid('headers', 'must be an object, a Headers, or pairs of names and values')
  if (headers === null || typeof headers !== 'object') {
    throw wrong()
  }
  if (typeof headers.then === 'function') {
    throw invalid('headers', 'is a promise: await it first, as `await headers()` in Next.js')
  }
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  const entries = typeof headers[Symbol.iterator] === 'function' ? [...headers] : Object.entries(headers)
  return entries
    .filter((entry) => {
      if (!Array.isArray(entry)) {
        throw wrong()
      }
      return isText(entry[0]) && wanted.has(entry[0].toLowerCase()) && entry[1] !== undefined
    })
    .map(([name, given]) => {
      const value = Array.isArray(given) ? given.at(-1) : given
      if (!isText(value)) {
        throw wrong()
      }
      return [name, value]
    })
}

function object(name, value) {
  if (value === null || typeof value !== 'object') {
    throw invalid(name, 'must be an object')
  }
  return value
}

function bytes(name, value, problem = 'must be a string or bytes') {
  if (isText(value)) {
    return Buffer.from(value)
  }
  // Not `instanceof`: Jest gives tests a realm of their own.
  if (types.isAnyArrayBuffer(value)) {
    return Buffer.from(value)
  }
  if (types.isUint8Array(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  }
  throw invalid(name, problem)
}

module.exports = { NO_SECRET, RAW_BODY, ReplayGuard, bytes, object, pairs, settingsToJson, sign, verify, webhooksOf }
