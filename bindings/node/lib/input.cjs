'use strict'

// Writes arguments as JSON for the native part. `JSON.stringify` would silently change some values (NaN and invalid
// dates become null, large numbers lose digits, functions are dropped); here they are errors that name the argument.

const { invalid } = require('./error-mapping.cjs')
const { camelCase } = require('./logger.cjs')

/** Deeper values are a mistake, or contain themselves. */
const MAX_DEPTH = 32

/**
 * A value as JSON text.
 *
 * @param {unknown} value
 * @param {string} at name of the argument, for messages
 * @param {number} depth
 * @returns {string}
 */
function toJson(value, at, depth = 0) {
  switch (typeof value) {
    case 'string':
      return text(value, at)
    case 'number':
      return number(value, at)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'bigint':
      return value.toString()
    case 'object':
      return value === null ? 'null' : object(value, at, depth)
    default:
      throw invalid(at, `must not be ${value === undefined ? 'undefined' : `a ${typeof value}`}`)
  }
}

function text(value, at) {
  // A lone half of a surrogate pair has no UTF-8.
  if (!value.isWellFormed()) {
    throw invalid(at, 'is not well-formed Unicode text')
  }
  return JSON.stringify(value)
}

function number(value, at) {
  if (!Number.isFinite(value)) {
    throw invalid(at, 'must be a finite number')
  }
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw invalid(at, 'is too large to be exact as a number; pass a BigInt or text')
  }
  return JSON.stringify(value)
}

function object(value, at, depth) {
  if (depth > MAX_DEPTH) {
    throw invalid(at, 'is nested too deeply')
  }
  if (value instanceof Date && Number.isNaN(value.getTime())) {
    throw invalid(at, 'is not a valid Date')
  }
  if (typeof value.toJSON === 'function') {
    return toJson(value.toJSON(), at, depth + 1)
  }
  if (Array.isArray(value)) {
    return `[${value.map((item, position) => toJson(item, `${at}[${position}]`, depth + 1)).join(',')}]`
  }
  if (ArrayBuffer.isView(value) || value instanceof Map || value instanceof Set || value instanceof ArrayBuffer) {
    throw invalid(at, `must not be a ${value.constructor.name}`)
  }
  return fields(value, at === '' ? '' : `${at}.`, depth)
}

/** The own fields of an object; those that are undefined are left out. */
function fields(value, prefix, depth) {
  let json = '{'
  for (const name of Object.keys(value)) {
    const field = value[name]
    if (field === undefined) {
      continue
    }
    json += `${json.length > 1 ? ',' : ''}${text(name, `${prefix}${name}`)}:`
    json += toJson(field, `${prefix}${name}`, depth + 1)
  }
  return `${json}}`
}

/**
 * The object of query and body fields, or null where it was left out.
 *
 * @param {unknown} params
 */
function paramsToJson(params) {
  if (params === undefined) {
    return 'null'
  }
  if (params === null || typeof params !== 'object' || Array.isArray(params)) {
    throw invalid('params', 'must be an object')
  }
  return object(params, '', 0)
}

/**
 * The positional arguments of a call.
 *
 * @param {readonly string[]} names
 * @param {readonly unknown[]} values
 */
function pathToJson(names, values) {
  let json = ''
  for (let position = 0; position < names.length; position += 1) {
    const value = values[position]
    const name = names[position]
    if (value === undefined || value === null) {
      throw invalid(camelCase(name), 'is missing')
    }
    if (typeof value !== 'string' && typeof value !== 'bigint' && !Number.isSafeInteger(value)) {
      throw invalid(camelCase(name), 'must be a string')
    }
    const given = String(value)
    // Its name is made for an error alone: making it takes longer than the rest.
    json += `${position > 0 ? ',' : ''}${given.isWellFormed() ? JSON.stringify(given) : text(given, camelCase(name))}`
  }
  return `[${json}]`
}

module.exports = { paramsToJson, pathToJson, toJson }
