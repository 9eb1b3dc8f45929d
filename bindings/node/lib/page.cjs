'use strict'

// Lists that come page by page. The next page is prefetched while the current one is read; the native part decides for
// each page whether another one follows.

const { InvalidRequestError } = require('../generated/errors.cjs')

/** One page of records; iterating it goes on over all pages that follow. */
class Page {
  #fetch
  #next

  /**
   * @param {{ total: number | null, number: number, size: number, next: string | null }} page
   * @param {any[]} records
   * @param {(next: string, handle?: object) => Promise<Page>} fetch
   */
  constructor({ total, number, size, next }, records, fetch) {
    this.records = records
    this.total = total
    this.number = number
    this.size = size
    this.#next = next
    this.#fetch = fetch
  }

  hasNext() {
    return this.#next !== null
  }

  async nextPage() {
    return this.#next === null ? null : this.#fetch(this.#next)
  }

  pages() {
    return Page.walk(async () => this)
  }

  autoPagingToArray(options) {
    return gather(this, options)
  }

  /** Pages from the first on. Stopping early cancels the page that is prefetched. */
  static async *walk(first) {
    let page = await first()
    while (page !== null) {
      const handle = {}
      const next = page.hasNext() ? page.#fetch(page.#next, handle) : null
      // It is awaited only when its turn comes; until then an error is no unhandled rejection.
      next?.catch(() => {})
      let isRead = false
      try {
        yield page
        isRead = true
      } finally {
        if (!isRead) {
          handle.cancel?.()
        }
      }
      page = await next
    }
  }

  [Symbol.asyncIterator]() {
    return new Records(this.pages())
  }
}

/** A paged call: awaited it gives its first page, iterated the records of all pages. */
class PagePromise {
  #fetch
  #first

  /** @param {(walk: string, handle?: object) => Promise<Page>} fetch without a page, the one that was asked for */
  constructor(fetch) {
    this.#fetch = fetch
  }

  #page() {
    this.#first ??= this.#fetch('')
    return this.#first
  }

  then(onFulfilled, onRejected) {
    return this.#page().then(onFulfilled, onRejected)
  }

  catch(onRejected) {
    return this.#page().catch(onRejected)
  }

  finally(onSettled) {
    return this.#page().finally(onSettled)
  }

  pages() {
    return Page.walk(() => this.#page())
  }

  autoPagingToArray(options) {
    return gather(this, options)
  }

  [Symbol.asyncIterator]() {
    return new Records(this.pages())
  }

  get [Symbol.toStringTag]() {
    return 'PagePromise'
  }
}

/** The first records of a list, at most as many as the limit says. Without one a long list could fill the memory. */
async function gather(records, options) {
  const limit = options?.limit
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new InvalidRequestError('`limit` must be a whole number above 0', { argument: 'limit' })
  }
  const gathered = []
  for await (const record of records) {
    gathered.push(record)
    if (gathered.length === limit) {
      break
    }
  }
  return gathered
}

/** Records of pages. A generator would be simpler, at several times the cost per record. */
class Records {
  #pages
  #records = []
  #at = 0
  #turning = null

  constructor(pages) {
    this.#pages = pages
  }

  next() {
    if (this.#turning === null && this.#at < this.#records.length) {
      this.#at += 1
      return Promise.resolve({ value: this.#records[this.#at - 1], done: false })
    }
    const turning = this.#turnPage(this.#turning)
    this.#turning = turning
    const turned = () => {
      if (this.#turning === turning) {
        this.#turning = null
      }
    }
    turning.then(turned, turned)
    return turning
  }

  async return(value) {
    this.#records = []
    this.#at = 0
    await this.#pages.return()
    return { value, done: true }
  }

  [Symbol.asyncIterator]() {
    return this
  }

  async #turnPage(earlier) {
    // Callers that do not await each record get theirs in the order of their calls.
    await earlier?.catch(() => {})
    while (this.#at >= this.#records.length) {
      const { value: page, done } = await this.#pages.next()
      if (done) {
        return { value: undefined, done: true }
      }
      this.#records = page.records
      this.#at = 0
    }
    this.#at += 1
    return { value: this.#records[this.#at - 1], done: false }
  }
}

module.exports = { Page, PagePromise }
