'use strict'

// Batches: many rows, each paid at most once.

const { InvalidArgument, errorOf, invalid, naming, nativeOperation } = require('./error-mapping.cjs')
const { paramsToJson } = require('./input.cjs')
const { replyOf } = require('./journal.cjs')
const native = require('./native.cjs')
const { onAbort } = require('./signal.cjs')

/** What a batch is told, and whether a value is one. */
const OPTIONS = {
  operation: [(value) => typeof value === 'string', 'a string'],
  key: [(value) => typeof value === 'string', 'a string'],
  perSecond: [(value) => typeof value === 'number' && value > 0 && Number.isFinite(value), 'a number above 0'],
  atMost: [(value) => ['string', 'bigint'].includes(typeof value), "an amount as a string, such as '50000'"],
  goOn: [(value) => typeof value === 'boolean', 'a boolean'],
  inFlight: [(value) => Number.isSafeInteger(value) && value > 0, 'a whole number above 0'],
}

/** Rows that are to be paid, each at most once; `client.batch(…)` makes it. */
class Batch {
  #core

  constructor(client, name, rows, options) {
    const core = native.batchOf(client, rowsToJson(rows), settingsToJson(name, options))
    if (typeof core === 'string') {
      throw errorOf(core)
    }
    this.#core = core
  }

  async check() {
    const {
      to_pay: toPay,
      is_over_limit: isOverLimit,
      balance_problem: balanceProblem,
      ...told
    } = replyOf(await this.#core.check())
    return { ...told, toPay, isOverLimit, balanceProblem }
  }

  async run({ onProgress, signal } = {}) {
    naming('batch', () => {
      if (onProgress !== undefined && typeof onProgress !== 'function') {
        throw invalid('onProgress', 'must be a function')
      }
    })
    this.#core.start()
    const stop = () => this.#core.stop()
    if (signal?.aborted) {
      stop()
    }
    const forget = signal === undefined ? () => {} : onAbort(signal, stop)
    try {
      for (;;) {
        const { progress, report } = replyOf(await this.#core.look())
        if (report !== undefined) {
          return reportOf(report)
        }
        if (progress !== null) {
          const { in_flight: inFlight, ...counts } = progress
          onProgress?.({ ...counts, inFlight })
        }
      }
    } catch (error) {
      stop()
      throw error
    } finally {
      forget()
    }
  }

  async status() {
    return reportOf(replyOf(await this.#core.status()))
  }

  stop() {
    this.#core.stop()
  }
}

/** Each row as JSON; what cannot be written is a text that says why, for the check to name with all others. */
function rowsToJson(rows) {
  if (typeof rows?.[Symbol.iterator] !== 'function') {
    throw invalid('rows', 'must be objects, in an array or another iterable')
  }
  return Array.from(rows, (row) => {
    try {
      return paramsToJson(row)
    } catch (error) {
      if (!(error instanceof InvalidArgument)) {
        throw error
      }
      return JSON.stringify(`\`${error.argument}\` ${error.problem}`)
    }
  })
}

function settingsToJson(name, options = {}) {
  if (typeof name !== 'string') {
    throw invalid('name', 'must be a string')
  }
  if (options === null || typeof options !== 'object') {
    throw invalid('options', 'must be an object')
  }
  const settings = { name, key: 'key' }
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, option)) {
      throw invalid(option, `is no option of a batch; there are ${Object.keys(OPTIONS).join(', ')}`)
    }
    const [is, wanted] = OPTIONS[option]
    if (value === undefined) {
      continue
    }
    if (!is(value)) {
      throw invalid(option, `must be ${wanted}`)
    }
    settings[option] = typeof value === 'bigint' ? value.toString() : value
  }
  // As it is called here, or as the native part and the other languages name it.
  settings.operation &&= nativeOperation(settings.operation)
  return JSON.stringify(settings)
}

function reportOf({ rows, ...told }) {
  const result = ({ request_id: requestId, updated_at: updated, ...row }) => ({
    ...row,
    requestId,
    updatedAt: updated === null ? null : new Date(updated),
  })
  return { ...told, rows: rows.map(result) }
}

module.exports = { Batch }
