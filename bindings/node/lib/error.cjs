'use strict'

// What all error classes share; the classes themselves are generated.

/** Fields that can be read but are never printed: they may hold personal data. */
const UNPRINTED = new Set(['body', 'detail', 'headers', 'record'])

/** The generated classes by their names. */
const CLASSES = new Map()

/** Base of the generated error classes. */
class BaseError extends Error {
  /** Fields of the class with its parents, and their values where nothing is known; the generated classes set it. */
  static fields = {}

  /**
   * @param {string} [message]
   * @param {Record<string, unknown>} [fields]
   * @param {{ cause?: unknown }} [options]
   */
  constructor(message, fields = {}, options = undefined) {
    super(message, options)
    for (const [field, unknown] of Object.entries(new.target.fields)) {
      // An object of its own for each error: somebody may change it.
      const value = fields[field] ?? (typeof unknown === 'object' && unknown !== null ? { ...unknown } : unknown)
      Object.defineProperty(this, field, {
        value,
        enumerable: !UNPRINTED.has(field),
        writable: true,
        configurable: true,
      })
    }
  }

  /** The error of a plain form, as `toJSON` gives it; null where it is none. An error stays what it is. */
  static from(value) {
    if (value instanceof BaseError) {
      return value
    }
    const Class = CLASSES.get(value?.name)
    return Class === undefined ? null : new Class(String(value.message ?? ''), value)
  }

  /** Name, message and the fields that may be printed; for logs that write JSON, and for other threads. */
  toJSON() {
    return { name: this.name, message: this.message, ...this }
  }
}

/**
 * Gives a generated class its name and its own fields.
 *
 * @param {typeof BaseError} Class
 * @param {Record<string, unknown>} fields
 */
function describe(Class, fields) {
  Class.fields = { ...Object.getPrototypeOf(Class).fields, ...fields }
  CLASSES.set(Class.name, Class)
  Object.defineProperty(Class.prototype, 'name', { value: Class.name, writable: true, configurable: true })
}

module.exports = { BaseError, describe }
