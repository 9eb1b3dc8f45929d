'use strict'

const { invalid, naming } = require('./error-mapping.cjs')
const native = require('./native.cjs')

/** Signs a request for use with any HTTP client; see the types for what each field is. */
function sign(input) {
  return naming('sign', () => signed(input))
}

function signed({ secret, method, path, query = '', body = '', emptyBody = 'hash' } = {}) {
  for (const [name, value] of Object.entries({ method, path, query, emptyBody })) {
    if (typeof value !== 'string') {
      throw invalid(name, 'must be a string')
    }
  }
  const signature = native.sign(bytes('secret', secret), method, path, query, bytes('body', body), emptyBody)
  if (signature === null) {
    throw invalid('emptyBody', "must be 'hash' or 'omit'")
  }
  return signature
}

function bytes(name, value) {
  if (typeof value === 'string') {
    return Buffer.from(value)
  }
  if (value instanceof Uint8Array) {
    return value
  }
  throw invalid(name, 'must be a string or bytes')
}

module.exports = { sign }
