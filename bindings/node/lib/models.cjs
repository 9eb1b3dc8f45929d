'use strict'

// Gives the objects of responses what plain JSON lacks: helpers, and printing without sensitive values. Only models that
// have either get a prototype; all others stay as `JSON.parse` made them.

const { inspect } = require('node:util')

/** Printed instead of a value, and written instead of it. */
const placeholder = (words) => ({ [inspect.custom]: () => words, toJSON: () => words })
const REDACTED = placeholder('[redacted]')
const UNKNOWN = placeholder('[unknown]')

/** A model's fields as they may be shown, for {@link redact}. */
const PRINTABLE = Symbol('payglot.printable')
/** An object that contains itself would never end. */
const MAX_DEPTH = 64

/** When a response arrived, for helpers that count from there. */
const receivedAt = new WeakMap()

/**
 * A helper that is true when any of the fields is.
 *
 * @param {...string} fields
 */
const anyOf = (...fields) => ({ get: (object) => fields.some((field) => object[field] === true) })

/**
 * A helper that is true when the text of a field is one of these.
 *
 * @param {string} field
 * @param {string[]} values
 */
const textIn = (field, values) => ({ get: (object) => values.includes(object[field]) })

/**
 * A helper that gives a time some minutes after the response arrived; null on a copy of the object.
 *
 * @param {number} minutes
 */
const minutesAfterReceived = (minutes) => ({
  stamps: true,
  get: (object) => (receivedAt.has(object) ? new Date(receivedAt.get(object) + minutes * 60_000) : null),
})

/**
 * Makes the readers of a provider's models.
 *
 * @param {Record<string, { fields: string[], hidden?: string[], helpers?: object, nested?: object }>} table
 * @returns {Record<string, (value: any) => any>}
 */
function defineModels(table) {
  const readers = {}
  for (const [name, model] of Object.entries(table)) {
    readers[name] = reader(classOf(name, model), model, readers)
  }
  return readers
}

/** Reads a value: an object of the model, or a list of them, which stays the same object. */
function reader(Model, { helpers = {}, nested = {} }, readers) {
  const prototype = Model?.prototype
  const children = Object.entries(nested)
  const stamps = Object.values(helpers).some((helper) => helper.stamps)
  // What `recordsOf` has to know: the class of records, and whether it is all that they need.
  return Object.assign(read, { Model, isComplete: children.length === 0 && !stamps })

  function read(value) {
    if (Array.isArray(value)) {
      value.forEach(read)
    } else if (typeof value === 'object' && value !== null) {
      for (const [field, model] of children) {
        if (typeof model === 'string') {
          readers[model](value[field])
        } else {
          readEach(readers[model.of], value[field])
        }
      }
      if (prototype !== undefined && Object.getPrototypeOf(value) !== prototype) {
        Object.setPrototypeOf(value, prototype)
      }
      if (stamps) {
        receivedAt.set(value, Date.now())
      }
    }
    return value
  }
}

/** Reads the values of an object with any names, or of a list of those. */
function readEach(read, value) {
  if (Array.isArray(value)) {
    value.forEach((item) => readEach(read, item))
  } else if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(read)
  }
}

/** The class of a model's objects; undefined where plain ones do. */
function classOf(name, { fields, hidden = [], helpers = {} }) {
  const entries = Object.entries(helpers)
  if (hidden.length === 0 && entries.length === 0) {
    return undefined
  }
  const Model = classNamed(name)
  for (const [helper, { get }] of entries) {
    Object.defineProperty(Model.prototype, helper, {
      configurable: true,
      get() {
        return get(this)
      },
    })
  }
  if (hidden.length > 0) {
    const known = new Map(fields.map((field) => [field, hidden.includes(field)]))
    Object.defineProperty(Model.prototype, inspect.custom, {
      configurable: true,
      value() {
        return shownAs(name, redacted(this, known))
      },
    })
    Object.defineProperty(Model.prototype, PRINTABLE, {
      configurable: true,
      value() {
        return redacted(this, known)
      },
    })
  }
  return Model
}

/** A class that exists for its printed name alone. */
function classNamed(name) {
  return { [name]: class {} }[name]
}

/** Fields as an object that is printed under this name. */
function shownAs(name, fields) {
  return Object.assign(new (classNamed(name))(), fields)
}

/** The fields as they may be shown. A field that this version does not know may be sensitive too. */
function redacted(object, known) {
  const show = ([field, value]) => {
    if (value === null || known.get(field) === false) {
      return [field, value]
    }
    return [field, known.has(field) ? REDACTED : UNKNOWN]
  }
  return Object.fromEntries(Object.entries(object).map(show))
}

/**
 * A value as JSON types without what must not be shown.
 *
 * @param {unknown} value
 */
function redact(value) {
  return printable(value, 0)
}

function printable(value, depth) {
  if (typeof value === 'bigint') {
    return String(value)
  }
  if (typeof value !== 'object' || value === null) {
    return value
  }
  if (depth > MAX_DEPTH) {
    return '[nested too deeply]'
  }
  if (value === REDACTED || value === UNKNOWN) {
    return value.toJSON()
  }
  const within = (item) => printable(item, depth + 1)
  if (Array.isArray(value)) {
    return value.map(within)
  }
  if (ArrayBuffer.isView(value)) {
    return `[${value.byteLength} bytes]`
  }
  const fields = (object) => Object.fromEntries(Object.entries(object).map(([name, item]) => [name, within(item)]))
  if (value instanceof Error) {
    const { name, message, stack, cause } = value
    return { name, message, ...fields(value), stack, ...(cause === undefined ? {} : { cause: within(cause) }) }
  }
  if (PRINTABLE in value) {
    return fields(value[PRINTABLE]())
  }
  return typeof value.toJSON === 'function' ? within(value.toJSON()) : fields(value)
}

module.exports = { anyOf, defineModels, minutesAfterReceived, redact, shownAs, textIn }
