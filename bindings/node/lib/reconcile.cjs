'use strict'

// Whether the journal, the vendor's lists and the user's ledger agree.

const { CLIENT, Journal, replyOf, coreOf, wrong } = require('./journal.cjs')

const COLUMNS = ['id', 'intent', 'amount', 'status']

async function reconcile(client, journal, since, { ledger = [], given = {} } = {}) {
  const native = client?.[CLIENT]
  if (native === undefined) {
    throw wrong('client', 'must be a client')
  }
  if (!(journal instanceof Journal)) {
    throw wrong('journal', 'must be a Journal')
  }
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string') throw wrong(name, 'must be a string')
  }
  if (typeof ledger?.[Symbol.iterator] !== 'function') {
    throw wrong('ledger', 'must be an array of rows')
  }
  const question = { since: timeOf(since), ledger: Array.from(ledger, rowOf), given }
  const shown = replyOf(await coreOf(journal).reconcile(native, JSON.stringify(question)))
  const { breaks, not_compared: notCompared, compared } = shown
  return Object.freeze({ breaks, notCompared, compared })
}

function timeOf(since) {
  if (since instanceof Date && !Number.isNaN(since.getTime())) {
    return since.toISOString()
  }
  if (typeof since !== 'string') {
    throw wrong('since', 'must be a Date or a string with a zone')
  }
  return since
}

/** What a row leaves out is not compared; other columns are not looked at. */
function rowOf(row, at) {
  const given = COLUMNS.map((name) => [name, row?.[name]]).filter(([, value]) => value != null && value !== '')
  for (const [name, value] of given) {
    if (typeof value !== 'string') {
      const wanted = name === 'amount' ? "a string, such as '150.75': a number is not exact" : 'a string'
      throw wrong('ledger', `has a row (${at}) whose ${name} must be ${wanted}`)
    }
  }
  return Object.fromEntries(given)
}

module.exports = { reconcile }
