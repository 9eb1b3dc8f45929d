'use strict'

// Calls in flight: the native part runs them and settles each with one text.

const { setInterval } = require('node:timers')
const { failureOf } = require('./failure.cjs')
const native = require('./native.cjs')

/** @type {Map<number, (settled: { ok: boolean, text: string }) => void>} */
const inFlight = new Map()
/** Keeps the process alive while calls are in flight, and only then. */
const keepAlive = setInterval(() => {}, 0x7fffffff).unref()
let lastId = 0

const calls = new native.Calls((ids, oks, texts) => {
  for (const [position, id] of ids.entries()) {
    forget(id)?.({ ok: oks[position], text: texts[position] })
  }
})

function remember(settle) {
  lastId = (lastId + 1) >>> 0
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

/**
 * Starts a call and gives what its text holds.
 *
 * This is an async function so that an error has the caller's lines in its stack.
 *
 * @template T
 * @param {(id: number) => void} start
 * @param {(value: any) => T} read
 * @param {AbortSignal | undefined} signal
 * @param {{ cancel?: () => void }} [handle] gets a way to give the call up
 * @returns {Promise<T>}
 */
async function run(start, read, signal, handle) {
  const { ok, text } = await (signal === undefined && handle === undefined
    ? new Promise((resolve) => start(remember(resolve)))
    : cancellable(start, signal, handle))
  if (ok) {
    return read(JSON.parse(text))
  }
  throw failureOf(text)
}

function cancellable(start, signal, handle) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const id = remember((settled) => {
      signal?.removeEventListener('abort', cancel)
      resolve(settled)
    })
    const cancel = () => {
      signal?.removeEventListener('abort', cancel)
      forget(id)
      calls.cancel(id)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', cancel)
    if (handle !== undefined) {
      handle.cancel = cancel
    }
    start(id)
  })
}

/**
 * Calls an operation.
 *
 * @param {{ client: object, operation: number, whole: boolean, page: number, request: string }} call
 * @param {(value: any) => any} read
 * @param {AbortSignal | undefined} signal
 * @param {{ cancel?: () => void }} [handle]
 */
function callOperation({ client, operation, whole, page, request }, read, signal, handle) {
  return run((id) => calls.start(client, id, operation, whole, page, request), read, signal, handle)
}

/**
 * Calls a path outside the document.
 *
 * @param {{ client: object, whole: boolean, request: string }} call
 * @param {(value: any) => any} read
 * @param {AbortSignal | undefined} signal
 */
function callPath({ client, whole, request }, read, signal) {
  return run((id) => calls.request(client, id, whole, request), read, signal)
}

module.exports = { callOperation, callPath }
