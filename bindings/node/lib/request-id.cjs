'use strict'

// The request id of results: a property that no comparison, JSON, copy or spread sees.

/**
 * Puts the request id on a result that is an object, unless it has a field of that name.
 *
 * @template T
 * @param {T} result
 * @param {string | null} requestId
 * @returns {T}
 */
function withRequestId(result, requestId) {
  if (requestId !== null && typeof result === 'object' && result !== null && !('requestId' in result)) {
    Object.defineProperty(result, 'requestId', { value: requestId, configurable: true, writable: true })
  }
  return result
}

/** The identifier of the request that a result came from; null where the API sent none, and on a copy. */
function requestIdOf(result) {
  const id = typeof result === 'object' && result !== null ? result.requestId : undefined
  return typeof id === 'string' ? id : null
}

module.exports = { requestIdOf, withRequestId }
