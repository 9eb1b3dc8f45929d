'use strict'

// The journal: payments that survive a crash.

const { InvalidRequestError, PayglotError } = require('../generated/errors.cjs')
const { errorOf } = require('./error-mapping.cjs')
const native = require('./native.cjs')

/** How a client reaches the native half; a symbol, so that it is no public name. */
const CORE = Symbol('payglot.journal')

/** How a journal reaches the native half of a client. */
const CLIENT = Symbol('payglot.client')

const FILTER = ['state', 'provider', 'operation', 'name']

/** Remembers what clients mean to do, in a file or in PostgreSQL. */
class Journal {
  /** @param {string | URL} location */
  constructor(location) {
    const opened = native.journalAt(typeof location === 'string' ? location : pathOf(location))
    if (typeof opened === 'string') {
      throw errorOf(opened)
    }
    // Neither the location nor what it holds is shown.
    Object.defineProperty(this, CORE, { value: opened, enumerable: false })
  }

  async opened() {
    await ask(this, { ask: 'opened' })
  }

  async list(filter = {}) {
    if (filter === null || typeof filter !== 'object') {
      throw wrong('filter', 'must be an object')
    }
    const unknown = Object.keys(filter).find((name) => !FILTER.includes(name))
    if (unknown !== undefined) {
      throw wrong(unknown, `is no filter; those are ${FILTER.join(', ')}`)
    }
    for (const [name, value] of Object.entries(filter)) {
      if (value !== undefined && typeof value !== 'string') {
        throw wrong(name, 'must be a string')
      }
    }
    const found = await ask(this, { ask: 'list', ...filter })
    return found.map((fields) => new Intent(this, fields))
  }

  unknown() {
    return this.list({ state: 'unknown' })
  }

  async get(name) {
    if (typeof name !== 'string') {
      throw wrong('name', 'must be a string')
    }
    const found = await ask(this, { ask: 'get', name })
    return found === null ? null : new Intent(this, found)
  }

  async log(intent) {
    if (!(intent instanceof Intent)) {
      throw wrong('intent', 'must be an Intent that this journal gave')
    }
    const changes = await ask(this, { ask: 'log', key: keyOf(intent) })
    return changes.map(({ at, request_id: requestId, ...change }) => ({ ...change, at: new Date(at), requestId }))
  }

  async claimRecorded({ operation, atMost = 100, lease = 60_000 } = {}) {
    if (operation !== undefined && typeof operation !== 'string') {
      throw wrong('operation', 'must be a string')
    }
    if (!Number.isInteger(atMost) || atMost < 1 || atMost > 0xffffffff) {
      throw wrong('atMost', 'must be a whole number above 0')
    }
    if (typeof lease !== 'number' || !(lease >= 0 && Number.isFinite(lease))) {
      throw wrong('lease', 'must be a number of milliseconds')
    }
    const found = await ask(this, { ask: 'claim', operation, at_most: atMost, lease: lease / 1000 })
    return found.map((fields) => new Intent(this, fields))
  }

  async sendRecorded(send, options) {
    if (typeof send !== 'function') {
      throw wrong('send', 'must be a function')
    }
    const sent = []
    for (const intent of await this.claimRecorded(options)) {
      try {
        await send(intent)
        sent.push({ intent, error: null })
      } catch (error) {
        if (!(error instanceof PayglotError)) {
          throw error
        }
        sent.push({ intent, error })
      }
    }
    return sent
  }

  close() {
    this[CORE].close()
  }

  [Symbol.dispose ?? Symbol.for('payglot.dispose')]() {
    this.close()
  }
}

/** What a journal remembers of an intent. */
class Intent {
  #journal

  constructor(
    journal,
    { request_id: requestId, response_text: text, created_at: created, updated_at: updated, ...fields },
  ) {
    this.#journal = journal
    Object.assign(this, fields, {
      requestId,
      createdAt: new Date(created),
      updatedAt: new Date(updated),
    })
    // What a vendor said is not for logs, though nothing in it is sensitive.
    Object.defineProperty(this, 'responseText', { value: text, enumerable: false })
    Object.freeze(this)
  }

  async succeeded(who) {
    return this.#decide('succeeded', who)
  }

  async approve({ by } = {}) {
    if (typeof by !== 'string') {
      throw wrong('by', 'must be a string')
    }
    return new Intent(this.#journal, await ask(this.#journal, { ask: 'approve', key: keyOf(this), by }))
  }

  async release(who) {
    return this.#decide('release', who)
  }

  async resolve(client, given = {}) {
    const native = client?.[CLIENT]
    if (native === undefined) {
      throw wrong('client', "must be a client of the intent's account")
    }
    for (const [name, value] of Object.entries(given)) {
      if (typeof value !== 'string') throw wrong(name, 'must be a string')
    }
    const {
      intent,
      proves_absence: provesAbsence,
      wait,
      candidates,
      ...told
    } = replyOf(await this.#journal[CORE].resolve(native, keyOf(this), { ...given }))
    const resolution = { ...told, intent: new Intent(this.#journal, intent), provesAbsence, wait }
    // What a vendor said is not for logs, though nothing in it is sensitive.
    Object.defineProperty(resolution, 'candidateTexts', { value: candidates, enumerable: false })
    return Object.freeze(resolution)
  }

  log() {
    return this.#journal.log(this)
  }

  async #decide(what, { by, because } = {}) {
    for (const [name, value] of Object.entries({ by, because })) {
      if (typeof value !== 'string') {
        throw wrong(name, 'must be a string')
      }
    }
    return new Intent(this.#journal, await ask(this.#journal, { ask: what, key: keyOf(this), by, because }))
  }
}

function keyOf({ provider, account, operation, name }) {
  return [provider, account, operation, name]
}

async function ask(journal, question) {
  return replyOf(await journal[CORE].ask(JSON.stringify(question)))
}

function replyOf(json) {
  const { reply, error } = JSON.parse(json)
  if (error !== undefined) {
    throw errorOf(error)
  }
  return reply
}

/** A `file:` URL, as `new URL('payments.db', import.meta.url)` gives it, or one of a database. */
function pathOf(location) {
  if (!(location instanceof URL)) {
    throw wrong('location', 'must be a string or a URL')
  }
  const { fileURLToPath } = require('node:url')
  return location.protocol === 'file:' ? fileURLToPath(location) : location.href
}

function wrong(argument, problem) {
  return new InvalidRequestError(`\`${argument}\` ${problem}`, { argument })
}

/** The native half of a journal. */
function coreOf(journal) {
  return journal?.[CORE]
}

module.exports = { CLIENT, Intent, Journal, coreOf, replyOf, wrong }
