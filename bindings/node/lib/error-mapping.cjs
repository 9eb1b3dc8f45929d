'use strict'

// Turns the error fields that the native part writes into an error of the right class.

const errors = require('../generated/errors.cjs')

/** Options of calls by their names in the native part. */
const OPTIONS = { idempotency_key: 'idempotencyKey', max_retries: 'maxRetries', raise_on_failed: 'raiseOnFailed' }

/**
 * The error for error fields, which are JSON text from the native part.
 *
 * @param {string} json
 * @param {(message: string) => string} [reword]
 * @param {(record: any) => any} [readRecord] reads the record of a payment that failed
 * @param {unknown} [cause] instead of the causes in the fields
 */
function errorOf(json, reword = (message) => message, readRecord = (record) => record, cause = undefined) {
  const { name, causes, record, ...fields } = JSON.parse(json)
  let { message } = fields
  delete fields.message
  if (Object.hasOwn(OPTIONS, fields.argument ?? '')) {
    message = message.replaceAll(fields.argument, OPTIONS[fields.argument])
    fields.argument = OPTIONS[fields.argument]
  }
  if (record !== null) {
    fields.record = readRecord(record)
  }
  const Class = Object.hasOwn(errors, name) ? errors[name] : errors.PayglotError
  const text = fields.operation === null ? message : `${fields.operation}: ${message}`
  return new Class(reword(text), fields, cause === undefined ? chain(causes) : { cause })
}

/** Nests the messages of a chain of causes, outermost first, as `ErrorOptions`. */
function chain(causes) {
  return causes.reduceRight(
    (inner, message) => ({ cause: new Error(message, inner) }),
    /** @type {{ cause?: Error } | undefined} */ (undefined),
  )
}

/** An argument that is wrong, on its way to {@link naming}. */
class InvalidArgument {
  constructor(argument, problem) {
    this.argument = argument
    this.problem = problem
  }
}

/**
 * What to throw for an argument that is wrong.
 *
 * @param {string} argument
 * @param {string} problem
 */
function invalid(argument, problem) {
  return new InvalidArgument(argument, problem)
}

/**
 * Runs `build`; an invalid argument in it becomes an error that names the operation, worded like those of the runtime.
 *
 * @template T
 * @template {unknown[]} Args
 * @param {string} operation
 * @param {(...args: Args) => T} build
 * @param {Args} args
 * @returns {T}
 */
function naming(operation, build, ...args) {
  try {
    return build(...args)
  } catch (thrown) {
    if (thrown instanceof InvalidArgument) {
      const { argument, problem } = thrown
      throw new errors.InvalidRequestError(`${operation}: \`${argument}\` ${problem}`, { operation, argument })
    }
    throw thrown
  }
}

module.exports = { errorOf, invalid, naming }
