'use strict'

// Hooks of clients: `client.on` and the events that its attempts send.

const { invalid, naming, withOperations } = require('./error-mapping.cjs')
const { watchWith } = require('./logger.cjs')

const EVENTS = ['request', 'response']

/** The hooks of one client. It does not know the client, which may be gone before them. */
class Hooks {
  #listeners = new Map(EVENTS.map((event) => [event, new Set()]))
  #isWatching = false

  /** Adds a listener of the client with this native part; gives what removes it. */
  add(client, event, listener) {
    naming('on', check, event, listener)
    this.#watch(client)
    // Of its own, so that the same function can be added twice and removed once.
    const entry = { listener }
    this.#listeners.get(event).add(entry)
    return () => {
      this.#listeners.get(event).delete(entry)
    }
  }

  /** The same listeners for a client that comes from this one's. */
  copiedTo(client) {
    const copy = new Hooks()
    for (const event of EVENTS) {
      for (const entry of this.#listeners.get(event)) {
        copy.#listeners.get(event).add(entry)
        copy.#watch(client)
      }
    }
    return copy
  }

  #watch(client) {
    if (!this.#isWatching) {
      this.#isWatching = true
      watchWith(client, (event, fields) => this.#send(event, fields))
    }
  }

  #send(event, fields) {
    const told = { ...fields, operation: withOperations(fields.operation) }
    for (const { listener } of this.#listeners.get(event)) {
      call(listener, Object.freeze({ ...told }))
    }
  }
}

let hasWarned = false

/** A hook that throws or rejects must not keep a call from its response. */
async function call(listener, event) {
  try {
    await listener(event)
  } catch (error) {
    if (!hasWarned) {
      hasWarned = true
      process.emitWarning(`a hook given to payglot threw: ${error}`, 'PayglotWarning')
    }
  }
}

function check(event, listener) {
  if (!EVENTS.includes(event)) {
    throw invalid('event', `must be one of ${EVENTS.join(', ')}`)
  }
  if (typeof listener !== 'function') {
    throw invalid('listener', 'must be a function')
  }
}

module.exports = { Hooks }
