'use strict'

// Query parameters that no document knows.

const { invalid } = require('./error-mapping.cjs')
const { toJson } = require('./input.cjs')

/** Query parameters as pairs of text; a list repeats its name. */
function queryPairs(query = {}, at) {
  if (query === null || typeof query !== 'object') {
    throw invalid(at, 'must be an object')
  }
  const textOf = (name, value) => {
    if (typeof value === 'string') {
      return value
    }
    if (value instanceof Date || ['number', 'bigint', 'boolean'].includes(typeof value)) {
      return toJson(value, `${at}.${name}`).replace(/^"|"$/g, '')
    }
    throw invalid(`${at}.${name}`, 'must be text, a number, a boolean or a Date')
  }
  return Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [value].flat().map((item) => [name, textOf(name, item)]))
}

module.exports = { queryPairs }
