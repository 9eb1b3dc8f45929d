'use strict'

// Turns what the native part says about a failure into an error of the right class.

const errors = require('../generated/errors.cjs')

/**
 * The error for a failure, which is JSON text from the native part.
 *
 * @param {string} text
 * @param {(message: string) => string} [reword]
 */
function failureOf(text, reword = (message) => message) {
  const { name, message, causes, ...fields } = JSON.parse(text)
  const Class = Object.hasOwn(errors, name) ? errors[name] : errors.PayglotError
  return new Class(reword(message), fields, chain(causes))
}

/** Nests the messages of a chain of causes, outermost first, as `ErrorOptions`. */
function chain(causes) {
  return causes.reduceRight(
    (inner, message) => ({ cause: new Error(message, inner) }),
    /** @type {{ cause?: Error } | undefined} */ (undefined),
  )
}

/** An argument that is wrong, on its way to {@link naming}. */
class Refusal {
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
function refusal(argument, problem) {
  return new Refusal(argument, problem)
}

/**
 * Runs `build`; a refusal in it becomes an error that names the operation, worded like those of the core.
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
    if (thrown instanceof Refusal) {
      const { argument, problem } = thrown
      throw new errors.InvalidRequestError(`${operation}: \`${argument}\` ${problem}`, { operation, argument })
    }
    throw thrown
  }
}

module.exports = { failureOf, naming, refusal }
