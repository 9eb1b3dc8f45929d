'use strict'

// Calls in flight: the native part runs them and settles each with one text.

const { setInterval } = require('node:timers')
const { failureOf } = require('./failure.cjs')
const { writeLines } = require('./logger.cjs')
const native = require('./native.cjs')
const { onAbort } = require('./signal.cjs')

/** The native part has room for 31 bits beside the one that tells success. */
const LAST_ID = 0x7fffffff

/** The text of an error. */
class Failed {
  constructor(text) {
    this.text = text
  }
}

/** @type {Map<number, (settled: string | Failed) => void>} */
const inFlight = new Map()
/** Keeps the process alive while calls are in flight, and only then. */
const keepAlive = setInterval(() => {}, 0x7fffffff).unref()
let lastId = 0

const calls = new native.Calls((ended, texts, loggers, lines) => {
  // Lines first: what is said about a call comes before its end.
  if (lines.length > 0) {
    writeLines(loggers, lines)
  }
  for (let position = 0; position < ended.length; position += 1) {
    const settle = forget(ended[position] >>> 1)
    if (settle !== undefined) {
      settle(ended[position] & 1 ? texts[position] : new Failed(texts[position]))
    }
  }
})

function remember(settle) {
  lastId = lastId === LAST_ID ? 1 : lastId + 1
  if (inFlight.size === 0) {
    keepAlive.ref()
  }
  inFlight.set(lastId, settle)
  return lastId
}

function forget(id) {
  const settle = inFlight.get(id)
  inFlight.delete(id)
  if (inFlight.size === 0) {
    keepAlive.unref()
  }
  return settle
}

const soon = Promise.resolve()
let isFlushing = false

/** Calls that start together are handed over together. */
function flushSoon() {
  if (!isFlushing) {
    isFlushing = true
    soon.then(flush)
  }
}

function flush() {
  isFlushing = false
  calls.flush()
}

/** @param {{ client: object, operation?: number, whole: boolean, page: number, request: string }} call */
function start({ client, operation, whole, page, request }, id) {
  if (operation === undefined) {
    calls.request(client, id, whole, request)
  } else {
    calls.start(client, id, operation, whole, page, request)
  }
  flushSoon()
}

/**
 * Makes a call of an operation, or of a path where there is no operation, and reads its answer.
 *
 * This is an async function so that an error has the caller's lines in its stack.
 *
 * @template T
 * @param {{ client: object, operation?: number, whole: boolean, page?: number, request: string }} call
 * @param {(value: any) => T} read
 * @param {AbortSignal | undefined} signal
 * @param {{ cancel?: () => void }} [handle] gets a way to give the call up
 * @returns {Promise<T>}
 */
async function run(call, read, signal, handle) {
  const settled = await (signal === undefined && handle === undefined
    ? new Promise((resolve) => start(call, remember(resolve)))
    : cancellable(call, signal, handle))
  if (settled instanceof Failed) {
    throw failureOf(settled.text)
  }
  return read(JSON.parse(settled))
}

function cancellable(call, signal, handle) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const id = remember((settled) => {
      unheard?.()
      resolve(settled)
    })
    const cancel = () => {
      unheard?.()
      forget(id)
      calls.cancel(id)
      reject(signal?.reason)
    }
    const unheard = signal && onAbort(signal, cancel)
    if (handle !== undefined) {
      handle.cancel = cancel
    }
    start(call, id)
  })
}

module.exports = { calls, run }
