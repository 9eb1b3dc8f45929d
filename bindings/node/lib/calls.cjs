'use strict'

// Calls in flight: the native part runs them and completes each with one text.

const { setInterval } = require('node:timers')
const { errorOf } = require('./error-mapping.cjs')
const { deliver } = require('./logger.cjs')
const native = require('./native.cjs')
const { withRequestId } = require('./request-id.cjs')
const { onAbort } = require('./signal.cjs')

/** The native part has room for 31 bits beside the one that tells success. */
const LAST_ID = 0x7fffffff

/** Error fields as JSON text. */
class ErrorText {
  constructor(text) {
    this.text = text
  }
}

/** A result as JSON text, and the request's identifier. */
class Success {
  constructor(text, requestId) {
    this.text = text
    this.requestId = requestId
  }
}

/** @type {Map<number, (result: Success | ErrorText) => void>} */
const inFlight = new Map()
/** Keeps the process alive while calls are in flight, and only then. */
const keepAlive = setInterval(() => {}, 0x7fffffff).unref()
let lastId = 0

const calls = new native.Calls((completed, texts, requestIds, receivers, records) => {
  // Log records and events first: what is told of a call comes before its end.
  if (records.length > 0) {
    deliver(receivers, records)
  }
  for (let position = 0; position < completed.length; position += 1) {
    const complete = forget(completed[position] >>> 1)
    if (complete !== undefined) {
      const requestId = requestIds[position] ?? null
      complete(completed[position] & 1 ? new Success(texts[position], requestId) : new ErrorText(texts[position]))
    }
  }
})

function remember(complete) {
  lastId = lastId === LAST_ID ? 1 : lastId + 1
  if (inFlight.size === 0) {
    keepAlive.ref()
  }
  inFlight.set(lastId, complete)
  return lastId
}

function forget(id) {
  const complete = inFlight.get(id)
  inFlight.delete(id)
  if (inFlight.size === 0) {
    keepAlive.unref()
  }
  return complete
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

/** @param {{ client: object, operation?: number, isRaw?: boolean, walk?: string, request?: string, contents?: Buffer[], begin?: (id: number) => void }} call */
function start({ client, operation, isRaw, walk, request, contents, begin }, id) {
  if (begin !== undefined) {
    begin(id)
  } else if (operation === undefined) {
    calls.request(client, id, request)
  } else if (contents !== undefined) {
    calls.startWithFiles(client, id, operation, isRaw, request, contents)
  } else {
    calls.start(client, id, operation, isRaw, walk, request)
  }
  flushSoon()
}

/**
 * Makes a call of an operation, or of a path where there is no operation, and reads its response.
 *
 * This is an async function so that an error has the caller's lines in its stack.
 *
 * @template T
 * @param {{ client: object, operation?: number, isRaw?: boolean, walk?: string, request?: string, contents?: Buffer[], begin?: (id: number) => void, readRecord?: (record: any) => any }} call
 * @param {(value: any) => T} read
 * @param {AbortSignal | undefined} signal
 * @param {{ cancel?: () => void }} [handle] gets a way to cancel the call
 * @returns {Promise<T>}
 */
async function run(call, read, signal, handle) {
  const result = await (signal === undefined && handle === undefined
    ? new Promise((resolve) => start(call, remember(resolve)))
    : cancellable(call, signal, handle))
  if (result instanceof ErrorText) {
    throw errorOf(result.text, undefined, call.readRecord)
  }
  // Before it gets its class: V8 takes far longer to add a property to an object that has one.
  const parsed = withRequestId(JSON.parse(result.text), result.requestId)
  const value = read(parsed)
  return value === parsed ? value : withRequestId(value, result.requestId)
}

function cancellable(call, signal, handle) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(reasonOf(signal))
      return
    }
    let id
    const cancel = () => {
      const stopped = calls.cancel(id)
      if (stopped === false) {
        // It has completed: its result is on its way.
        return
      }
      unsubscribe?.()
      forget(id)
      const cause = reasonOf(signal)
      reject(stopped === true ? cause : errorOf(stopped, undefined, undefined, cause))
    }
    // A signal that throws has left nothing behind that keeps the process alive.
    const unsubscribe = signal && onAbort(signal, cancel)
    id = remember((result) => {
      unsubscribe?.()
      resolve(result)
    })
    if (handle !== undefined) {
      handle.cancel = cancel
    }
    start(call, id)
  })
}

/** Why a signal aborted; not every signal tells. */
function reasonOf(signal) {
  return signal?.reason ?? new DOMException('This operation was aborted', 'AbortError')
}

module.exports = { calls, run }
