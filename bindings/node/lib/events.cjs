'use strict'

// Responses that are read while they come: server-sent events, asked for one by one, and files.

const { fileURLToPath } = require('node:url')
const { inspect } = require('node:util')
const { calls, run } = require('./calls.cjs')
const { invalid } = require('./error-mapping.cjs')
const { shownAs } = require('./models.cjs')

const LAST_STREAM = 0xffffffff
let lastStream = 0
const same = (value) => value

/** Streams that nobody reads any more are closed. */
const abandoned = new FinalizationRegistry((stream) => calls.closeEvents(stream))

/** One event; its data and text may be sensitive, and are not printed. */
class Event {
  constructor({ event, id, retry, text, data }) {
    this.event = event
    this.id = id
    this.retry = retry
    Object.defineProperty(this, 'text', { value: text, enumerable: false })
    this.data = data
  }

  [inspect.custom]() {
    return shownAs('Event', { event: this.event, id: this.id })
  }
}

/** The events of a call, in the order in which they come. It ends with the response, and is never resumed by itself. */
class EventStream {
  #client
  #signal
  #read
  #begin
  #stream
  #opened
  #head
  #handle = {}
  #hasEnded = false
  #turn = Promise.resolve()

  /**
   * @param {object} client
   * @param {number} operation its position in the native part's table
   * @param {() => { request: string, signal: AbortSignal | undefined, withFiles?: () => Promise<{ request: string, contents: Buffer[] }> }} prepare
   * @param {(value: any) => any} read reads the data of an event
   */
  constructor(client, operation, prepare, read) {
    lastStream = lastStream === LAST_STREAM ? 1 : lastStream + 1
    this.#client = client
    this.#stream = lastStream
    this.#read = read
    this.#begin = async () => {
      const { request: plain, signal, withFiles } = prepare()
      this.#signal = signal
      const { request, contents } = withFiles === undefined ? { request: plain, contents: [] } : await withFiles()
      if (this.#hasEnded) {
        // It was closed while its files were read: nothing is sent.
        throw new DOMException('The stream was closed', 'AbortError')
      }
      const begin = (id) => calls.openEvents(client, id, operation, this.#stream, request, contents)
      return run({ client, begin }, same, signal, this.#handle)
    }
    abandoned.register(this, this.#stream, this)
  }

  /** HTTP status; undefined before the response has begun. */
  get status() {
    return this.#head?.status
  }

  get headers() {
    return this.#head?.headers
  }

  get requestId() {
    return this.#head?.requestId
  }

  next() {
    // One after the other, also where several are asked for at once.
    const next = this.#turn.then(() => this.#next())
    this.#turn = next.catch(() => {})
    return next
  }

  async #next() {
    if (this.#hasEnded) {
      return { value: undefined, done: true }
    }
    try {
      this.#opened ??= this.#begin()
      this.#head ??= await this.#opened
      const begin = (id) => calls.nextEvent(this.#client, id, this.#stream)
      const event = await run({ client: this.#client, begin }, same, this.#signal, this.#handle)
      if (event === null || this.#hasEnded) {
        this.close()
        return { value: undefined, done: true }
      }
      const { data } = event
      const isRecord = typeof data === 'object' && data !== null
      return { value: new Event({ ...event, data: isRecord ? this.#read(data) : data }), done: false }
    } catch (error) {
      const wasClosed = this.#hasEnded
      this.close()
      if (wasClosed) {
        return { value: undefined, done: true }
      }
      throw error
    }
  }

  /** Closes the response: no event follows. */
  close() {
    if (!this.#hasEnded) {
      this.#hasEnded = true
      abandoned.unregister(this)
      this.#handle.cancel?.()
      calls.closeEvents(this.#stream)
    }
  }

  async return(value) {
    this.close()
    return { value, done: true }
  }

  async throw(error) {
    this.close()
    throw error
  }

  [Symbol.asyncIterator]() {
    return this
  }

  [inspect.custom]() {
    return shownAs('EventStream', { status: this.status, requestId: this.requestId })
  }
}

/** Makes a call, and writes its response to a file. */
async function download(client, operation, { request: plain, signal, withFiles }, file) {
  const { request, contents } = withFiles === undefined ? { request: plain, contents: [] } : await withFiles()
  const begin = (id) => calls.download(client, id, operation, file, request, contents)
  return run({ client, begin }, same, signal)
}

/** The path of a file. */
function pathOf(file) {
  if (file instanceof URL && file.protocol === 'file:') {
    return fileURLToPath(file)
  }
  if (typeof file !== 'string' || file === '' || file.includes('\0')) {
    throw invalid('file', 'must be the path of a file, or its file: URL')
  }
  return file
}

module.exports = { Event, EventStream, download, pathOf }
