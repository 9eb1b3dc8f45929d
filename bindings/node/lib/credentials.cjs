'use strict'

// Credentials that a file or a function gives. The native part knows a function by its number, and asks for its value when it is
// read again.

const { addReceiver, keepReceivers } = require('./logger.cjs')

const isFile = (value) => value !== null && typeof value === 'object' && typeof value.file === 'string'

const CREDENTIAL = {
  is: (value) => typeof value === 'string' || typeof value === 'function' || isFile(value),
  wanted: 'a string, a function, or an object such as { file: path }',
}

/** What a function threw, without its text, which may hold what it was about. */
const nameOf = (error) => error?.constructor?.name ?? typeof error

/** @param {unknown} value */
function textOf(value) {
  if (typeof value !== 'string') {
    throw new NoTextError()
  }
  return value
}

class NoTextError extends Error {}

/**
 * Credentials as the native part takes them, and the numbers of their functions.
 *
 * @param {Record<string, string | { file: string } | (() => string | Promise<string>)>} credentials by the provider's names
 * @param {(name: string, problem: string) => Error} wrong
 * @param {boolean} isFirst whether functions are called at once
 */
function writeCredentials(credentials, wrong, isFirst) {
  const numbers = []
  const entries = Object.entries(credentials).map(([name, value]) => {
    if (typeof value !== 'function') {
      return [name, isFile(value) ? { file: value.file } : value]
    }
    let first
    if (isFirst) {
      try {
        first = value()
        if (typeof first?.then !== 'function') {
          textOf(first)
        }
      } catch (error) {
        throw wrong(name, `could not be read from its function: ${nameOf(error)}`)
      }
    }
    const number = addReceiver(reader(value, typeof first === 'string' ? undefined : first))
    numbers.push(number)
    return [name, { function: number, ...(typeof first === 'string' && { known: first }) }]
  })
  return { credentials: Object.fromEntries(entries), numbers }
}

/** What the native part calls with the number of a reading; `first` is what the function gave already. */
function reader(read, first) {
  // It is awaited later, if at all.
  first?.then(undefined, () => {})
  return async (reading) => {
    const { calls } = require('./calls.cjs')
    try {
      const value = first ?? read()
      first = undefined
      calls.credential(reading, textOf(await value), undefined)
    } catch (error) {
      calls.credential(reading, undefined, nameOf(error))
    }
  }
}

/**
 * Credentials with the values that functions give at once, for what never reads them again.
 *
 * @param {Record<string, unknown>} credentials
 * @param {(name: string, problem: string) => Error} wrong
 */
function readCredentials(credentials, wrong) {
  const read = ([name, value]) => {
    if (typeof value !== 'function') {
      return [name, value]
    }
    let text
    try {
      text = textOf(value())
    } catch (error) {
      throw wrong(name, `could not be read from its function: ${nameOf(error)}`)
    }
    return [name, text]
  }
  return Object.fromEntries(Object.entries(credentials).map(read))
}

module.exports = { CREDENTIAL, keepReceivers, readCredentials, writeCredentials }
