'use strict'

// Loggers and hooks of clients. The native part knows their receivers by number and sends log records and events in batches.

const native = require('./native.cjs')

const LEVELS = ['error', 'warn', 'info', 'debug', 'trace']

/** @type {Map<number, (...record: any[]) => void>} */
const receivers = new Map()
let lastNumber = 0
let hasWarned = false

/** A receiver is kept as long as the native client that writes to it. */
const clients = new FinalizationRegistry((number) => receivers.delete(number))

/** Native clients that write to a logger. */
const logged = new WeakSet()

/**
 * Shows a warning of a client's call; a client with a logger has logged it.
 *
 * @param {object} client
 * @param {string | null} warning
 */
function warn(client, warning) {
  if (warning !== null && !logged.has(client)) {
    process.emitWarning(warning, 'PayglotWarning')
  }
}

/** Whether a value can be a logger: `console`, or anything else that has `debug`. */
function isLogger(value) {
  return typeof value === 'object' && value !== null && typeof value.debug === 'function'
}

/**
 * A logger for whoever looks for a problem without a change of the program: `PAYGLOT_LOG=debug` writes to standard error.
 *
 * @returns {object | undefined}
 */
function loggerOfEnvironment() {
  if (process.env.PAYGLOT_LOG?.toLowerCase() !== 'debug') {
    return undefined
  }
  const write = (text, fields) => console.error(text, fields)
  return Object.fromEntries(LEVELS.map((level) => [level, write]))
}

/**
 * Opens a client that writes to a logger, if there is one.
 *
 * @param {(number: number) => object | string} open gets the logger's number, or 0
 * @param {object | undefined} logger
 */
function openWith(open, logger) {
  if (logger === undefined) {
    return open(0)
  }
  lastNumber += 1
  const number = lastNumber
  const opened = open(number)
  if (opened instanceof native.Client) {
    receivers.set(number, (level, message, fields) => write(logger, level, message, fields))
    clients.register(opened, number)
    logged.add(opened)
  }
  return opened
}

/** The client that another one comes from, which keeps its logger. */
const origins = new WeakMap()

/**
 * Makes a client write to the logger of the one that it comes from.
 *
 * @param {object} client
 * @param {object} origin
 */
function logLike(client, origin) {
  origins.set(client, origin)
  if (logged.has(origin)) {
    logged.add(client)
  }
}

/**
 * Hands the events of a client's attempts to `receive`.
 *
 * @param {object} client
 * @param {(event: string, fields: object) => void} receive
 */
function watchWith(client, receive) {
  // Loaded later: it loads this file.
  const { calls } = require('./calls.cjs')
  const number = addReceiver(receive)
  clients.register(client, number)
  client.watch(calls, number)
}

/**
 * A number for what is called with records of the native part.
 *
 * @param {(...record: any[]) => void} receive
 */
function addReceiver(receive) {
  lastNumber += 1
  receivers.set(lastNumber, receive)
  return lastNumber
}

/**
 * Keeps receivers as long as a native client; forgets them where there is none.
 *
 * @param {unknown} client
 * @param {number[]} numbers
 */
function keepReceivers(client, numbers) {
  for (const number of numbers) {
    if (client instanceof native.Client) {
      clients.register(client, number)
    } else {
      receivers.delete(number)
    }
  }
}

/**
 * Gives log records and events to their receivers.
 *
 * @param {number[]} numbers
 * @param {string[]} records JSON arrays: level, message and fields, or name and fields of an event
 */
function deliver(numbers, records) {
  for (const [position, number] of numbers.entries()) {
    const receiver = receivers.get(number)
    if (receiver !== undefined) {
      receiver(...JSON.parse(records[position]))
    }
  }
}

/** A logger that throws must not keep a call from its response. */
function write(logger, level, message, fields) {
  const method = LEVELS.includes(level) && typeof logger[level] === 'function' ? level : 'debug'
  try {
    logger[method](`payglot: ${message}`, named(fields))
  } catch (error) {
    if (!hasWarned) {
      hasWarned = true
      process.emitWarning(`a logger given to payglot threw: ${error}`)
    }
  }
}

/** `url.template` and `duration_ms` as `urlTemplate` and `durationMs`. */
function named(fields) {
  const entries = Object.entries(fields)
  return Object.fromEntries(entries.map(([name, value]) => [camelCase(name), value]))
}

/** @param {string} name */
function camelCase(name) {
  return name.replace(/[._]([a-z])/g, (_, letter) => letter.toUpperCase())
}

module.exports = {
  addReceiver,
  camelCase,
  deliver,
  isLogger,
  keepReceivers,
  logLike,
  loggerOfEnvironment,
  openWith,
  warn,
  watchWith,
}
