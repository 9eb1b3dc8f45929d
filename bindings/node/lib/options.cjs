'use strict'

// Reads the options of a client and of a call: known names and right types only, so that a misspelled option is an
// error and not a silent default.

const { ConfigurationError } = require('../generated/errors.cjs')
const { CREDENTIAL, readCredentials, writeCredentials } = require('./credentials.cjs')
const { errorOf, invalid } = require('./error-mapping.cjs')
const { Journal } = require('./journal.cjs')
const { queryPairs } = require('./query.cjs')
const { camelCase, isLogger } = require('./logger.cjs')
const native = require('./native.cjs')
const { version } = require('../package.json')

/** What a header can hold. */
const PLAIN = /^[\t\x20-\x7e\u0080-\uffff]*$/

const isText = (value) => typeof value === 'string'
const isPlain = (value) => isText(value) && PLAIN.test(value) && value.isWellFormed()
const isFunction = (value) => typeof value === 'function'
const isTime = (value) => typeof value === 'number' && value > 0
const isCount = (value) => Number.isInteger(value) && value >= 0 && value <= 0xffffffff

const TEXT = { is: isText, wanted: 'a string' }
const TIME = { is: isTime, wanted: 'a number of milliseconds above 0' }
const FLAG = { is: (value) => typeof value === 'boolean', wanted: 'true or false' }
const COUNT = { is: isCount, wanted: 'a whole number, 0 or more' }

const OBJECT = { is: (value) => typeof value === 'object' && value !== null, wanted: 'an object' }
const HEADERS = { ...OBJECT, write: headerPairs }
const isAppInfo = (value) => isText(value) || (Array.isArray(value) && value.length === 2 && value.every(isText))

const LINK = { is: (value) => isText(value) || value instanceof URL, wanted: 'a string', write: String }

const CLIENT = {
  environment: TEXT,
  baseUrl: LINK,
  allowInsecureHttp: FLAG,
  timeout: TIME,
  connectTimeout: TIME,
  maxRetries: COUNT,
  maxResponseBytes: COUNT,
  maxConnections: { is: (value) => isCount(value) && value > 0, wanted: 'a whole number above 0' },
  raiseOnFailed: FLAG,
  defaultHeaders: HEADERS,
  appInfo: {
    is: isAppInfo,
    wanted: "a name and a version, such as ['shop', '2.1']",
    write: (value) => (isText(value) ? [value, ''] : value),
  },
  journal: { is: (value) => value instanceof Journal, wanted: 'a Journal' },
  guard: { ...OBJECT, write: guardOf },
  requireIntent: FLAG,
  tag: FLAG,
  emptyBody: { is: (value) => value === 'hash' || value === 'omit', wanted: "'hash' or 'omit'" },
  proxy: { ...LINK, is: (value) => value === false || LINK.is(value), wanted: 'a string, or false for none' },
  caCertificates: {
    is: (value) => isText(value) || value instanceof Uint8Array,
    wanted: 'PEM as a string or bytes',
    write: (value) => (isText(value) ? value : Buffer.from(value).toString('latin1')),
  },
  logger: { is: isLogger, wanted: 'an object with a method `debug`, such as console' },
}

const AUTH = {
  emptyBody: CLIENT.emptyBody,
  allowInsecureHttp: CLIENT.allowInsecureHttp,
  fetch: { is: isFunction, wanted: 'a function such as fetch' },
}

const CALL = {
  timeout: TIME,
  maxRetries: COUNT,
  idempotencyKey: { is: (value) => isPlain(value) && value !== '', wanted: 'plain text that is not empty' },
  headers: HEADERS,
  extraQuery: { ...OBJECT, write: (query) => queryPairs(query, 'extraQuery') },
  raiseOnFailed: FLAG,
  intent: TEXT,
  signal: { is: isSignal, wanted: 'an AbortSignal' },
}

/** What `withOptions` takes. */
const DEFAULTS = { timeout: TIME, maxRetries: COUNT, headers: HEADERS, raiseOnFailed: FLAG }

function isSignal(value) {
  const isListenedTo = (signal) => [signal.addEventListener, signal.removeEventListener].every(isFunction)
  return typeof value === 'object' && value !== null && typeof value.aborted === 'boolean' && isListenedTo(value)
}

/**
 * The options of a client: JSON for the native part, the logger and the journal.
 *
 * @param {{ name: string, credentials: Record<string, string> }} provider the provider's names of credentials by those
 *   of the options
 * @param {unknown} options
 * @returns {{ json: string, functions: number[], logger: object | undefined, journal: Journal | undefined }} with the numbers
 *   of functions that give credentials
 */
function clientOptions(provider, options) {
  const given = checked(provider.credentials, CLIENT, 'this client', options)
  const { logger, journal, ...others } = given.others
  const read = {
    userAgent: `payglot/${version} node/${process.versions.node}`,
    variables: variablesOf(provider),
  }
  if (others.guard !== undefined && journal === undefined) {
    throw wrongOption('guard')('needs a `journal`, which counts what is spent')
  }
  if (others.proxy === false) {
    delete others.proxy
    read.noProxy = true
  }
  for (const [name, value] of Object.entries(others)) {
    const { write = finite } = CLIENT[name]
    read[name] = write(value, wrongOption(name))
  }
  const { credentials, numbers } = writeCredentials(given.credentials, wrongCredential(provider), true)
  read.credentials = credentials
  return { json: JSON.stringify(read), functions: numbers, logger, journal }
}

/**
 * The options of `signedFetch`: JSON for the native part, and what sends.
 *
 * @param {{ name: string, credentials: Record<string, string> }} provider the provider's names of credentials by those
 *   of the options
 * @param {unknown} options
 * @returns {{ json: string, fetch: Function | undefined }}
 */
function authOptions(provider, options) {
  const given = checked(provider.credentials, AUTH, 'signedFetch', options)
  const { fetch, emptyBody, allowInsecureHttp } = given.others
  const credentials = readCredentials(given.credentials, wrongCredential(provider))
  const read = { credentials, emptyBody, allowInsecureHttp, variables: variablesOf(provider) }
  return { json: JSON.stringify(read), fetch }
}

/**
 * The environment as this realm sees it: a worker has a `process.env` of its own, and Jest gives one to each test file.
 * The native part sees the process's alone, so it is handed down.
 */
function variablesOf({ name }) {
  const { env } = process
  const known = native.variableNames(name).filter((variable) => env[variable] !== undefined)
  return Object.fromEntries(known.map((variable) => [variable, String(env[variable])]))
}

const AMOUNT = {
  is: (value) => isText(value) && /^\d+(\.\d+)?$/.test(value),
  wanted: "an amount as a string, such as '150.75'; a number is not exact",
}
const isName = (value) => isText(value) && value !== ''

/** What a guard takes. */
const GUARD = {
  perPayment: AMOUNT,
  perDay: AMOUNT,
  payees: {
    is: (value) => Array.isArray(value) && value.every(isName),
    wanted: 'an array of strings that are not empty',
  },
  approveAbove: AMOUNT,
  requestedBy: { is: isName, wanted: 'a string that is not empty' },
}

/** The limits of a guard, of their right types; `wrong` makes the error. */
function guardOf(guard, wrong) {
  for (const [name, value] of entries(guard, wrong)) {
    if (!Object.hasOwn(GUARD, name)) {
      throw wrong(`has no limit \`${name}\``)
    }
    if (!GUARD[name].is(value)) {
      throw wrong(`has a limit \`${name}\` that must be ${GUARD[name].wanted}`)
    }
  }
  return guard
}

/** What makes the error for a credential, by the provider's name. */
function wrongCredential({ credentials }) {
  const option = (name) => Object.keys(credentials).find((known) => credentials[known] === name) ?? name
  return (name, problem) => wrongOption(option(name))(problem)
}

/** What makes the error for an option of a client. */
function wrongOption(name) {
  return (problem) => new ConfigurationError(`\`${name}\` ${problem}`)
}

/** The credentials by the provider's names, and the other options, all of their right types. */
function checked(credentials, known, owner, options) {
  const wrong = (name, problem) => wrongOption(name)(problem)
  const given = { credentials: {}, others: {} }
  for (const [name, value] of entries(options, (problem) => wrong('options', problem))) {
    const isCredential = Object.hasOwn(credentials, name)
    if (!isCredential && !Object.hasOwn(known, name)) {
      throw wrong(name, `is not an option of ${owner}`)
    }
    const { is, wanted } = isCredential ? CREDENTIAL : known[name]
    if (!is(value)) {
      throw wrong(name, `must be ${wanted}`)
    }
    if (isCredential) {
      given.credentials[credentials[name]] = value
    } else {
      given.others[name] = value
    }
  }
  return given
}

/**
 * The error for a client that the native part could not open, with the names that options have here: the
 * runtime says `secret_key` where this package takes `secretKey`.
 *
 * @param {Record<string, string>} credentials
 * @param {string} json error fields
 */
function configurationError(credentials, json) {
  return errorOf(json, (message) => optionNames(message, credentials))
}

/**
 * A message with the names that options have here.
 *
 * @param {string} message
 * @param {Record<string, string>} [credentials]
 */
function optionNames(message, credentials = {}) {
  const isOption = (name) => Object.hasOwn(credentials, name) || Object.hasOwn(CLIENT, name)
  const rename = (quoted, name) => (isOption(camelCase(name)) ? `\`${camelCase(name)}\`` : quoted)
  return message.replace(/`(\w+)`/g, rename)
}

/**
 * The options of a call: JSON for the native part, and the signal.
 *
 * @param {unknown} options
 * @returns {{ json: string, signal: AbortSignal | undefined }}
 */
function callOptions(options) {
  if (options === undefined) {
    return { json: 'null', signal: undefined }
  }
  const read = {}
  let signal
  for (const [name, value] of entries(options, (problem) => invalid('options', problem))) {
    if (!Object.hasOwn(CALL, name)) {
      throw invalid(`options.${name}`, 'is not an option of a call')
    }
    if (!CALL[name].is(value)) {
      throw invalid(`options.${name}`, `must be ${CALL[name].wanted}`)
    }
    if (name === 'signal') {
      signal = value
    } else {
      const { write = finite } = CALL[name]
      read[name] = write(value, (problem) => invalid(`options.${name}`, problem))
    }
  }
  return { json: JSON.stringify(read), signal }
}

/** The given entries; undefined is as good as left out. */
function entries(options, wrong) {
  if (options === undefined) {
    return []
  }
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    throw wrong('must be an object')
  }
  return Object.entries(options).filter(([, value]) => value !== undefined)
}

/** JSON has no infinity, and a clock neither. */
function finite(value) {
  return value === Infinity ? Number.MAX_VALUE : value
}

/**
 * What `withOptions` changes, as JSON for the native part.
 *
 * @param {unknown} options
 */
function defaultsOf(options) {
  const { others } = checked({}, DEFAULTS, 'withOptions', options)
  const read = Object.entries(others).map(([name, value]) => {
    const { write = finite } = DEFAULTS[name]
    return [name, write(value, wrongOption(name))]
  })
  return JSON.stringify(Object.fromEntries(read))
}

/** Headers as pairs, from an object, a `Headers` or a `Map`; `wrong` makes the error. */
function headerPairs(headers, wrong) {
  const pairs = typeof headers[Symbol.iterator] === 'function' ? [...headers] : Object.entries(headers)
  return pairs
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      if (!isText(name) || !isPlain(value)) {
        throw wrong('must hold plain text')
      }
      return [name, value]
    })
}

module.exports = {
  authOptions,
  callOptions,
  clientOptions,
  configurationError,
  defaultsOf,
  optionNames,
  wrongCredential,
}
