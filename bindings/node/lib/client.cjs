'use strict'

// What the generated clients and their resources share: from a method's arguments to a call and back.

const { inspect } = require('node:util')
const { Batch } = require('./batch.cjs')
const { calls, run } = require('./calls.cjs')
const { CREDENTIAL, keepReceivers, writeCredentials } = require('./credentials.cjs')
const { invalid, nameOperations, naming } = require('./error-mapping.cjs')
const { Event, EventStream, download, pathOf } = require('./events.cjs')
const { readFiles, takeFiles } = require('./files.cjs')
const { Hooks } = require('./hooks.cjs')
const { paramsToJson, pathToJson, toJson } = require('./input.cjs')
const { CLIENT, coreOf } = require('./journal.cjs')
const { logLike, loggerOfEnvironment, openWith, warn } = require('./logger.cjs')
const { shownAs } = require('./models.cjs')
const native = require('./native.cjs')
const { recordsOf } = require('./records.cjs')
const {
  callOptions,
  clientOptions,
  configurationError,
  defaultsOf,
  optionNames,
  wrongCredential,
} = require('./options.cjs')
const { Page, PagePromise } = require('./page.cjs')
const { queryPairs } = require('./query.cjs')

const REPLAY = ['read', 'idempotent', 'keyed', 'create', 'money']

/** How a generated method reaches its call; a symbol, so that it is no public name. */
const CALL = Symbol('payglot.call')
/** The same for a method whose response is events. */
const EVENTS = Symbol('payglot.events')
/** The same for a method that writes its response to a file. */
const DOWNLOAD = Symbol('payglot.download')
/** What a generated class says of its provider. */
const PROVIDER = Symbol('payglot.provider')
/** What a generated class says of its provider's events. */
const WEBHOOKS = Symbol('payglot.webhooks')
const same = (value) => value

/** A response: its status, headers and text, and its data. */
class RawResponse {
  constructor({ status, headers, message, requestId, isReplay, text, data }) {
    this.status = status
    this.headers = headers
    this.message = message
    this.requestId = requestId
    this.isReplay = isReplay
    // The text may hold what the printed data hides.
    Object.defineProperty(this, 'text', { value: text, enumerable: false })
    this.data = data
  }

  [inspect.custom]() {
    const { status, message, requestId, isReplay, data } = this
    return shownAs('RawResponse', { status, message, requestId, isReplay, data })
  }
}

/** A group of operations. */
class Resource {
  #client
  #isRaw

  constructor(client, isRaw) {
    this.#client = client
    this.#isRaw = isRaw
  }

  /**
   * @param {{ index: number, name: string, path: string[], read?: (value: any) => any, list?: boolean, paged?: boolean, files?: boolean, bytes?: boolean, several?: [number, number, (value: any) => any][] }} operation
   * @param {unknown[]} path
   * @param {unknown} params
   * @param {unknown} options
   */
  [CALL](operation, path, params, options) {
    const fetch = (walk, handle) => this.#fetch(operation, path, params, options, walk, handle)
    return operation.paged && !this.#isRaw ? new PagePromise(fetch) : fetch('')
  }

  [EVENTS](operation, path, params, options) {
    const prepared = () => prepareCall(operation, path, params, options)
    return new EventStream(this.#client, operation.index, prepared, operation.read ?? same)
  }

  async [DOWNLOAD](operation, path, file, params, options) {
    const target = naming(operation.name, pathOf, file)
    return download(this.#client, operation.index, prepareCall(operation, path, params, options), target)
  }

  #fetch(operation, path, params, options, walk, handle) {
    let prepared
    try {
      prepared = prepareCall(operation, path, params, options)
    } catch (error) {
      return Promise.reject(error)
    }
    const { request, signal, withFiles } = prepared
    const { index, read: readRecord } = operation
    const call = { client: this.#client, operation: index, isRaw: this.#isRaw, walk, request, readRecord }
    const read = operation.paged ? this.#pageReader(operation, path, params, options) : readerOf(operation)
    const readResult = this.#isRaw ? rawReader(read) : read
    if (withFiles === undefined) {
      return run(call, readResult, signal, handle)
    }
    return withFiles().then((ready) => run({ ...call, ...ready }, readResult, signal, handle))
  }

  #pageReader(operation, path, params, options) {
    // Pages that follow are pages, also where the first one came as a raw response.
    const follow = (walk, handle) => plain.#fetch(operation, path, params, options, walk, handle)
    const plain = this.#isRaw ? new Resource(this.#client, false) : this
    const read = readerOf(operation)
    return (page) => {
      warn(this.#client, page.warning)
      return new Page(page, read(page), follow)
    }
  }
}

/**
 * Gives each operation of a provider its position in the native part's table.
 *
 * @template {Record<string, { name: string }>} Operations
 * @param {string} provider
 * @param {Operations} operations
 */
function defineOperations(provider, operations) {
  const names = native.operations(provider)
  const entries = Object.entries(operations)
  nameOperations(names)
  return Object.fromEntries(
    entries.map(([key, operation]) => [key, { index: names.indexOf(operation.name), ...operation }]),
  )
}

/** Reads the payload of an operation: a value, a list of records, bytes, or what the status says. */
function readerOf({ read = same, list, bytes, several }) {
  if (bytes) {
    return (payload) => Buffer.from(payload, 'base64')
  }
  if (several !== undefined) {
    return ({ status, data }) => readUnder(several, status)(data)
  }
  // What came instead of a list is there as it came.
  return list ? (payload) => (Object.hasOwn(payload, 'other') ? payload.other : recordsOf(payload, read)) : read
}

/** What reads the payload of a success. */
function readUnder(several, status) {
  const found = several.find(([first, last]) => first <= status && status <= last)
  return found === undefined ? same : found[2]
}

/** The arguments of a call of an operation; where there are files among them, with a function that reads these. */
function prepareCall(operation, path, params, options) {
  const { name } = operation
  const { rest, files } = operation.files ? naming(name, takeFiles, params) : { rest: params, files: [] }
  const prepared = naming(name, prepare, operation.path, path, rest, options)
  return files.length === 0 ? prepared : { ...prepared, withFiles: () => filesOf(name, prepared.request, files) }
}

/** Reads the files of a call: its request describes them, and their contents come beside it. */
async function filesOf(operation, request, files) {
  let ready
  try {
    ready = await readFiles(files)
  } catch (error) {
    naming(operation, () => {
      throw error
    })
  }
  const described = JSON.stringify(ready.described)
  return { request: `${request.slice(0, -1)},"files":${described}}`, contents: ready.contents }
}

/** The arguments of a call as JSON for the native part, and its signal. */
function prepare(names, path, params, options) {
  const { json, signal } = callOptions(options)
  const request = `{"path":${pathToJson(names, path)},"params":${paramsToJson(params)},"options":${json}}`
  return { request, signal }
}

function rawReader(read) {
  return (response) => new RawResponse({ ...response, data: read(response.data) })
}

/** A native client that is there already. */
class Opened {
  constructor(client) {
    this.client = client
  }
}

/** Opens the native client of a provider. */
function open(provider, options) {
  const { json, functions, logger, journal } = clientOptions(provider, options)
  const core = coreOf(journal)
  const opened = openWith(
    (number) => native.open(calls, provider.name, json, number, core),
    logger ?? loggerOfEnvironment(),
  )
  keepReceivers(opened, functions)
  if (typeof opened === 'string') {
    throw configurationError(provider.credentials, opened)
  }
  return opened
}

/** Credentials by the provider's names. */
function credentialsOf(names, credentials) {
  if (credentials === null || typeof credentials !== 'object') {
    throw invalid('credentials', 'must be an object')
  }
  const given = {}
  for (const [name, value] of Object.entries(credentials)) {
    if (!Object.hasOwn(names, name)) {
      throw invalid(name, `is no credential; there are ${Object.keys(names).join(', ')}`)
    }
    if (!CREDENTIAL.is(value)) {
      throw invalid(name, `must be ${CREDENTIAL.wanted}`)
    }
    given[names[name]] = value
  }
  return given
}

/** Base of the generated clients. */
class BaseClient {
  #hooks = new Hooks()
  #native
  #resources
  #withRawResponse

  /** @type {{ name: string, credentials: Record<string, string>, resources: Record<string, typeof Resource> }} */
  static [PROVIDER]

  /** @param {unknown} options */
  constructor(options) {
    const provider = new.target[PROVIDER]
    this.#native = options instanceof Opened ? options.client : open(provider, options)
    this.#resources = provider.resources
    Object.assign(this, this.#resourcesOf(false))
  }

  /** For a journal that looks an intent up. */
  get [CLIENT]() {
    return this.#native
  }

  get withRawResponse() {
    this.#withRawResponse ??= this.#resourcesOf(true)
    return this.#withRawResponse
  }

  withOptions(options) {
    return this.#derived(this.#native.withOptions(defaultsOf(options)))
  }

  withCredentials(credentials) {
    const provider = this.constructor[PROVIDER]
    const given = naming('withCredentials', credentialsOf, provider.credentials, credentials)
    const { credentials: written, numbers } = writeCredentials(given, wrongCredential(provider), true)
    const opened = this.#native.withCredentials(calls, JSON.stringify(written))
    keepReceivers(opened, numbers)
    return this.#derived(opened)
  }

  async rotate(credentials = {}) {
    const provider = this.constructor[PROVIDER]
    const given = naming('rotate', credentialsOf, provider.credentials, credentials)
    const { credentials: written, numbers } = writeCredentials(given, wrongCredential(provider), false)
    keepReceivers(this.#native, numbers)
    const json = JSON.stringify(written)
    const begin = (id) => calls.rotate(this.#native, id, json)
    const read = () => undefined
    try {
      await run({ client: this.#native, begin }, read, undefined)
    } catch (error) {
      error.message = optionNames(error.message, provider.credentials)
      throw error
    }
  }

  batch(name, rows, options) {
    return naming('batch', () => new Batch(this.#native, name, rows, options))
  }

  on(event, listener) {
    return this.#hooks.add(this.#native, event, listener)
  }

  #derived(opened) {
    const { credentials } = this.constructor[PROVIDER]
    if (typeof opened === 'string') {
      throw configurationError(credentials, opened)
    }
    logLike(opened, this.#native)
    // Without the constructors of classes that extend the client: there is nothing left to be told.
    const client = Reflect.construct(BaseClient, [new Opened(opened)], this.constructor)
    client.#hooks = this.#hooks.copiedTo(opened)
    return client
  }

  async request(method, path, options) {
    const { request, signal } = naming('request', rawRequest, method, path, options)
    return run({ client: this.#native, request }, rawReader(same), signal)
  }

  #resourcesOf(isRaw) {
    const resources = {}
    for (const [name, Class] of Object.entries(this.#resources)) {
      resources[name] = new Class(this.#native, isRaw)
    }
    return resources
  }
}

/** A call outside the document as JSON for the native part, and its signal. */
function rawRequest(method, path, given = {}) {
  if (given === null || typeof given !== 'object') {
    throw invalid('options', 'must be an object')
  }
  const { query, json, replay = 'money', ...options } = given
  for (const [name, value] of Object.entries({ method, path })) {
    if (typeof value !== 'string') {
      throw invalid(name, 'must be a string')
    }
  }
  if (!REPLAY.includes(replay)) {
    throw invalid('replay', `must be one of ${REPLAY.join(', ')}`)
  }
  const call = callOptions(options)
  const fields = {
    method: toJson(method, 'method'),
    path: toJson(path, 'path'),
    query: toJson(queryPairs(query, 'query'), 'query'),
    json: json === undefined ? 'null' : toJson(json, 'json'),
    replay: toJson(replay, 'replay'),
    options: call.json,
  }
  const text = Object.entries(fields).map(([name, value]) => `"${name}":${value}`)
  return { request: `{${text.join(',')}}`, signal: call.signal }
}

module.exports = {
  BaseClient,
  CALL,
  DOWNLOAD,
  EVENTS,
  Event,
  EventStream,
  PROVIDER,
  Page,
  PagePromise,
  RawResponse,
  Resource,
  WEBHOOKS,
  defineOperations,
}
