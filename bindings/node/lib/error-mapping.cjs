'use strict'

// Turns the error fields that the native part writes into an error of the right class.

const errors = require('../generated/errors.cjs')
const { camelCase } = require('./logger.cjs')

/** Options of calls and batches by their names in the native part. */
const OPTIONS = {
  at_most: 'atMost',
  idempotency_key: 'idempotencyKey',
  in_flight: 'inFlight',
  max_retries: 'maxRetries',
  per_second: 'perSecond',
  raise_on_failed: 'raiseOnFailed',
}

/** Names of operations that differ here: `payments.createLink` by `payments.create_link`. */
const OPERATIONS = new Map()

/**
 * Lets errors name operations as they are called here.
 *
 * @param {string[]} names as in the native part
 */
function nameOperations(names) {
  for (const name of names.filter((known) => known.includes('_'))) {
    OPERATIONS.set(name, name.split('.').map(camelCase).join('.'))
  }
}

/** The name of an operation in the native part. */
function nativeOperation(name) {
  for (const [native, own] of OPERATIONS) {
    if (own === name) {
      return native
    }
  }
  return name
}

/** A text with the operations in it as they are called here. */
function withOperations(text) {
  return text.replace(/\b[a-z0-9_]+\.[a-z0-9_]+\b/g, (name) => OPERATIONS.get(name) ?? name)
}

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
  for (const field of ['operation', 'reconcile']) {
    fields[field] &&= withOperations(fields[field])
  }
  message = withOperations(message)
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
      const named = withOperations(operation)
      const message = `${named}: \`${argument}\` ${problem}`
      throw new errors.InvalidRequestError(message, { operation: named, argument })
    }
    throw thrown
  }
}

module.exports = { InvalidArgument, errorOf, invalid, nameOperations, naming, nativeOperation, withOperations }
