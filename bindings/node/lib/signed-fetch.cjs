'use strict'

// Authenticates what `fetch` sends, for programs that have an HTTP client of their own.

const { PROVIDER } = require('./client.cjs')
const { errorOf, invalid, naming } = require('./error-mapping.cjs')
const native = require('./native.cjs')
const { authOptions, configurationError, optionNames } = require('./options.cjs')

/**
 * Makes a `fetch` that authenticates; see the types for what it takes.
 *
 * @param {unknown} Client
 * @param {unknown} [options]
 */
function signedFetch(Client, options) {
  const provider = naming('signedFetch', providerOf, Client)
  const { json, fetch } = authOptions(provider, options)
  const authenticator = native.openAuthenticator(provider.name, json)
  if (typeof authenticator === 'string') {
    throw configurationError(provider.credentials, authenticator)
  }
  return async function signedFetch(input, init) {
    const request = naming('signedFetch', authenticated, authenticator, input, init ?? {})
    return (fetch ?? globalThis.fetch)(...request)
  }
}

function providerOf(Client) {
  const provider = Client?.[PROVIDER]
  if (provider === undefined) {
    throw invalid('Client', 'must be the class of a client, such as PaywintPlatform')
  }
  return provider
}

/** The arguments of a `fetch` whose request is authenticated. */
function authenticated(authenticator, input, init) {
  const given = input instanceof Request ? input : undefined
  if (given?.body && init.body === undefined) {
    throw invalid('input', 'is a Request with a body, which is a stream; pass the body in the second argument')
  }
  const url = urlOf(given?.url ?? input)
  const method = String(init.method ?? given?.method ?? 'GET').toUpperCase()
  const target = url.pathname + url.search
  const result = JSON.parse(authenticator.authenticate(method, url.origin, target, bytesOf(init.body)))
  if (result.error !== undefined) {
    throw errorOf(result.error, optionNames)
  }
  const headers = new Headers(init.headers ?? given?.headers)
  for (const [name, value] of result.headers) {
    headers.set(name, value)
  }
  // Joined as text: a path that begins with two slashes is no other host.
  let resource = url.origin + result.target
  if (given !== undefined) {
    resource = result.target === target ? given : new Request(resource, given)
  }
  return [resource, { ...init, method, headers, redirect: redirectOf(init, given) }]
}

function urlOf(input) {
  if (!URL.canParse(input)) {
    throw invalid('input', 'must be a whole URL, or a Request')
  }
  return new URL(input)
}

/** The bytes that `fetch` makes of a body. */
function bytesOf(body) {
  if (body === undefined || body === null) {
    return Buffer.alloc(0)
  }
  if (typeof body === 'string' || body instanceof URLSearchParams) {
    return Buffer.from(String(body))
  }
  if (body instanceof ArrayBuffer) {
    return Buffer.from(body)
  }
  if (ArrayBuffer.isView(body)) {
    return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  }
  throw invalid('body', 'must be a string, bytes or URLSearchParams: a stream cannot be signed. Nothing was sent')
}

/** Credentials in headers of the vendor's own would go along to any host, so no redirect is followed. */
function redirectOf(init, given) {
  if (init.redirect === 'follow') {
    throw invalid('redirect', "must be 'manual' or 'error': credentials would go along to any host")
  }
  return init.redirect ?? (given?.redirect === 'error' ? 'error' : 'manual')
}

module.exports = { signedFetch }
