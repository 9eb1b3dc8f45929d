'use strict'

const { naming, refusal } = require('./failure.cjs')
const native = require('./native.cjs')

/** Signs a request for use with any HTTP client; see the types for what each field is. */
function sign(input) {
  return naming('sign', () => signed(input))
}

function signed({ secret, method, path, query = '', body = '', emptyBody = 'hash' } = {}) {
  for (const [name, value] of Object.entries({ method, path, query, emptyBody })) {
    if (typeof value !== 'string') {
      throw refusal(name, 'must be a string')
    }
  }
  const signature = native.sign(bytes('secret', secret), method, path, query, bytes('body', body), emptyBody)
  if (signature === null) {
    throw refusal('emptyBody', "must be 'hash' or 'omit'")
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
  throw refusal(name, 'must be a string or bytes')
}

module.exports = { sign }
