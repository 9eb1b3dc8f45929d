'use strict'

// What all error classes share; the classes themselves are generated.

/** Fields that can be read but are never printed: they may hold personal data. */
const UNPRINTED = new Set(['body', 'detail', 'headers'])

/** Base of the generated error classes. */
class BaseError extends Error {
  /** Fields of the class with its parents; the generated classes set it. */
  static fields = []

  /**
   * @param {string} [message]
   * @param {Record<string, unknown>} [fields]
   * @param {{ cause?: unknown }} [options]
   */
  constructor(message, fields = {}, options = undefined) {
    super(message, options)
    for (const field of new.target.fields) {
      const value = fields[field] ?? (field === 'headers' ? {} : null)
      Object.defineProperty(this, field, {
        value,
        enumerable: !UNPRINTED.has(field),
        writable: true,
        configurable: true,
      })
    }
  }

  /** Name, message and the fields that may be printed; for logs that write JSON. */
  toJSON() {
    return { name: this.name, message: this.message, ...this }
  }
}

/**
 * Gives a generated class its name and its own fields.
 *
 * @param {typeof BaseError} Class
 * @param {string[]} fields
 */
function describe(Class, fields) {
  Class.fields = [...Object.getPrototypeOf(Class).fields, ...fields]
  Object.defineProperty(Class.prototype, 'name', { value: Class.name, writable: true, configurable: true })
}

module.exports = { BaseError, describe }
