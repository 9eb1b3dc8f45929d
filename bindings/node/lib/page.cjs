'use strict'

// Lists that come page by page. The next page is prefetched while the current one is read; the native part decides for
// each page whether another one follows.

/** One page of records; iterating it goes on over all pages that follow. */
class Page {
  #fetch
  #hasNext

  /**
   * @param {{ total: number | null, number: number, size: number, hasNext: boolean }} page
   * @param {any[]} records
   * @param {(number: number, handle?: object) => Promise<Page>} fetch
   */
  constructor({ total, number, size, hasNext }, records, fetch) {
    this.records = records
    this.total = total
    this.number = number
    this.size = size
    this.#hasNext = hasNext
    this.#fetch = fetch
  }

  hasNext() {
    return this.#hasNext
  }

  async nextPage() {
    return this.#hasNext ? this.#fetch(this.number + 1) : null
  }

  pages() {
    return walk(async () => this, this.#fetch)
  }

  [Symbol.asyncIterator]() {
    return new Records(this.pages())
  }
}

/** A paged call: awaited it gives its first page, iterated the records of all pages. */
class PagePromise {
  #fetch
  #first

  /** @param {(number: number, handle?: object) => Promise<Page>} fetch page 0 is the one asked for */
  constructor(fetch) {
    this.#fetch = fetch
  }

  #page() {
    this.#first ??= this.#fetch(0)
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
    return walk(() => this.#page(), this.#fetch)
  }

  [Symbol.asyncIterator]() {
    return new Records(this.pages())
  }

  get [Symbol.toStringTag]() {
    return 'PagePromise'
  }
}

/** Pages from the first on. Stopping early cancels the page that is prefetched. */
async function* walk(first, fetch) {
  let page = await first()
  while (page !== null) {
    const handle = {}
    const next = page.hasNext() ? fetch(page.number + 1, handle) : null
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
