'use strict'

// The inbox: webhooks that are not lost. Checks the arguments and calls the handlers; the native part stores and gives out.

const { InvalidRequestError } = require('../generated/errors.cjs')
const { errorOf, naming } = require('./error-mapping.cjs')
const { CLIENT, Journal, coreOf, replyOf } = require('./journal.cjs')
const native = require('./native.cjs')
const { NO_SECRET, RAW_BODY, bytes, object, pairs, settingsToJson } = require('./webhooks.cjs')

/** Milliseconds for which one look for events waits; it is made again at once, and in between a worker sees that it must stop. */
const PATIENCE = 1000

const isText = (value) => typeof value === 'string'
const isCount = (value) => Number.isInteger(value) && value >= 1 && value <= 0xffffffff
const isTime = (value) => typeof value === 'number' && value >= 0 && Number.isFinite(value)

/** What an inbox may be told: what it is where it is not given, and what it may be. */
const OPTIONS = {
  account: { default: '', is: isText, wanted: 'a string' },
  keep: { default: [], is: (value) => Array.isArray(value) && value.every(isText), wanted: 'an array of strings' },
  maxAttempts: { default: 10, is: isCount, wanted: 'a whole number above 0' },
  backoff: { default: 1000, is: isTime, wanted: 'milliseconds, 0 or more' },
  lease: { default: 60_000, is: isTime, wanted: 'milliseconds, 1000 or more' },
}

/** The functions of a provider's webhooks, and its `Inbox`. */
function inboxOf({ name: provider }, { functions, kept, names }) {
  /** Stores what is delivered, and has it handled. */
  class Inbox {
    #core
    #scheme
    #handlers = new Map()
    #others

    constructor(store, secret, options = {}) {
      const { scheme = {}, ...given } = naming('webhooks.Inbox', object, 'options', options)
      this.#scheme = naming('webhooks.Inbox', object, 'scheme', scheme)
      const settings = naming('webhooks.Inbox', settingsToJson, this.#scheme)
      const secrets = naming('webhooks.Inbox', secretsOf, secret)
      const journal = coreOf(store) === undefined ? new Journal(store) : store
      const core = native.inboxOf(coreOf(journal), provider, secrets, settings, optionsToJson(given))
      if (isText(core)) throw errorOf(core)
      this.#core = core
    }

    on(event, handler, { refresh } = {}) {
      if (typeof handler !== 'function') throw wrong('handler', 'must be a function')
      if (event === '*') {
        if (refresh !== undefined) throw wrong('refresh', 'is for events of one name')
        this.#others = { handler }
        return this
      }
      const names = this.#core.names()
      if (!names.includes(event)) throw wrong('event', `must be '*' or one of ${names.join(', ')}`)
      const client = refresh?.[CLIENT]
      if (refresh !== undefined && client === undefined) throw wrong('refresh', 'must be a client')
      if (client !== undefined && !this.#core.reads(event)) {
        throw wrong('refresh', 'is for events whose object an operation reads; this one has none')
      }
      this.#handlers.set(event, { handler, client })
      return this
    }

    async receive(body, headers) {
      const [raw, given] = naming('webhooks.Inbox.receive', () => [
        bytes('body', body, RAW_BODY),
        JSON.stringify(pairs(headers, this.#scheme, names)),
      ])
      return replyOf(await this.#core.receive(raw, given))
    }

    async work({ concurrency = 4, signal } = {}) {
      if (!isCount(concurrency)) throw wrong('concurrency', 'must be a whole number above 0')
      const running = new Set()
      while (!signal?.aborted) {
        if (running.size >= concurrency) {
          await Promise.race(running)
          continue
        }
        for (const claimed of await this.#take(concurrency - running.size, PATIENCE)) {
          const handling = signal?.aborted ? claimed.release() : this.#handle(claimed)
          running.add(handling)
          const forget = () => running.delete(handling)
          handling.then(forget, forget)
        }
      }
      await Promise.allSettled(running)
    }

    async workOff() {
      let count = 0
      for (;;) {
        const claimed = await this.#claim(1, 0)
        if (claimed.length === 0) return count
        for (const one of claimed) {
          await this.#handle(one)
          count += 1
        }
      }
    }

    async list({ state, event, object: of } = {}) {
      for (const [name, value] of Object.entries({ state, event, object: of })) {
        if (value !== undefined && !isText(value)) throw wrong(name, 'must be a string')
      }
      return (await this.#ask({ ask: 'list', state, event, object: of })).map(stored)
    }

    dead() {
      return this.list({ state: 'dead' })
    }

    async get(id) {
      const found = await this.#ask({ ask: 'get', id: text('id', id) })
      return found === null ? null : stored(found)
    }

    async retry(id) {
      return stored(await this.#ask({ ask: 'retry', id: text('id', id) }))
    }

    async catchUp(client, { since = 604_800_000 } = {}) {
      const native = client?.[CLIENT]
      if (native === undefined) throw wrong('client', "must be a client of the inbox's account")
      if (!isTime(since)) throw wrong('since', 'must be milliseconds, 0 or more')
      const { stored: found, not_shown: notShown } = replyOf(await this.#core.catchUp(native, since))
      return Object.freeze({ stored: found, notShown })
    }

    async #ask(question) {
      return replyOf(await this.#core.ask(JSON.stringify(question)))
    }

    async #claim(atMost, patience) {
      const names = this.#others === undefined ? [...this.#handlers.keys()] : undefined
      const claimed = await this.#core.claim(names, atMost, patience)
      if (isText(claimed)) throw errorOf(claimed)
      return claimed
    }

    /** A store that cannot be used is tried again. */
    async #take(atMost, patience) {
      try {
        return await this.#claim(atMost, patience)
      } catch (error) {
        process.emitWarning(`events cannot be taken; they are tried again: ${error.message}`, 'PayglotWarning')
        await new Promise((resolve) => setTimeout(resolve, PATIENCE))
        return []
      }
    }

    async #handle(claimed) {
      const { handler, client } = this.#handlers.get(claimed.event) ?? this.#others
      try {
        const event = kept(claimed.body)
        if (client === undefined) {
          await handler(event)
        } else {
          await handler(event, replyOf(await this.#core.refresh(claimed, client)))
        }
      } catch (error) {
        // Never its text: it may hold what nobody may see.
        await claimed.failed(String(error?.constructor?.name ?? typeof error))
        return
      }
      await claimed.done()
    }
  }

  return Object.freeze({ ...functions, Inbox })
}

function secretsOf(secret) {
  return (Array.isArray(secret) ? secret : [secret]).map((one) => bytes('secret', one, NO_SECRET))
}

function wrong(argument, problem) {
  return new InvalidRequestError(`webhooks.Inbox: \`${argument}\` ${problem}`, {
    operation: 'webhooks.Inbox',
    argument,
  })
}

function optionsToJson(given) {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(OPTIONS, name)) {
      throw wrong(name, `is not an option; there are scheme, ${Object.keys(OPTIONS).join(', ')}`)
    }
  }
  const options = {}
  for (const [name, option] of Object.entries(OPTIONS)) {
    options[name] = given[name] === undefined ? option.default : given[name]
    if (!option.is(options[name])) throw wrong(name, `must be ${option.wanted}`)
  }
  return JSON.stringify({ ...options, backoff: options.backoff / 1000, lease: options.lease / 1000 })
}

function stored({
  last_error: lastError,
  occurred_at: occurred,
  received_at: received,
  next_at: next,
  updated_at: updated,
  ...event
}) {
  const times = { occurredAt: new Date(occurred), receivedAt: new Date(received) }
  return Object.freeze({ ...event, lastError, ...times, nextAt: new Date(next), updatedAt: new Date(updated) })
}

function text(name, value) {
  if (!isText(value)) throw wrong(name, 'must be a string')
  return value
}

module.exports = { inboxOf }
