'use strict'

// Calls the sandbox's interface for tests; its operations are generated from the document of the interface.

const { request } = require('node:http')

/** The sandbox did not start, or a call of its interface for tests failed. */
class SandboxError extends Error {
  get name() {
    return 'SandboxError'
  }
}

/** Milliseconds for a call of the interface. */
const TIMEOUT = 30_000

/**
 * Calls an operation. Resolves to its response, or to one field of it; with `null` as the field to nothing.
 * Not with `fetch`, whose connections would keep a process, and its sandbox, alive for seconds.
 */
async function send(sandbox, method, path, body, field) {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers = { authorization: `Bearer ${sandbox.token}` }
  if (body !== undefined) {
    Object.assign(headers, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  }
  const { status, received } = await new Promise((resolve, reject) => {
    const options = { method, headers, agent: false, signal: AbortSignal.timeout(TIMEOUT) }
    const sent = request(`${sandbox.baseUrl}/_sandbox/api/${path}`, options, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode, received: Buffer.concat(chunks).toString() }))
    })
    sent.on('error', reject)
    sent.end(text)
  }).catch((cause) => {
    throw new SandboxError(`the sandbox does not respond: ${cause.message}`, { cause })
  })
  if (status !== 200) {
    throw new SandboxError(`${method} ${path}: the sandbox responded with ${status}: ${received}`)
  }
  if (field === null) {
    return undefined
  }
  const response = JSON.parse(received)
  return field === undefined ? response : response[field]
}

module.exports = { SandboxError, send }
