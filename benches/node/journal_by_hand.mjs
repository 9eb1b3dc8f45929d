// Payments written down by hand: what a careful program does that has no journal.
//
// A payment's name and a fingerprint are committed before it is sent, and its response after. undici sends, over a
// connection for each payment in flight. SQLite has one connection, whose calls do not return before the disk has
// flushed; PostgreSQL has a pool with a connection for each payment in flight.

import { createHash } from 'node:crypto'

import Database from 'better-sqlite3'
import pg from 'pg'
import { Pool } from 'undici'

import { ID, PAYMENT, checkPayment, isPostgres, signed } from './common.mjs'

const TABLE = `CREATE TABLE IF NOT EXISTS intents
  (name text PRIMARY KEY, state text NOT NULL, fingerprint text NOT NULL, response text)`
const BEGIN = "INSERT INTO intents (name, state, fingerprint) VALUES ($1, 'sending', $2) ON CONFLICT DO NOTHING"
const END = "UPDATE intents SET state = 'succeeded', response = $1 WHERE name = $2"
const COUNT = "SELECT count(*) AS count FROM intents WHERE state = 'succeeded'"

/** A file with a write-ahead log, flushed to the disk at every commit; each statement is a transaction. */
function openSqlite(store) {
  const database = new Database(store)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec(TABLE)
  const [begin, end] = [BEGIN, END].map((sql) => database.prepare(sql.replace('$1', '?').replace('$2', '?')))
  return {
    begin: (name, fingerprint) => begin.run(name, fingerprint).changes,
    end: (name, response) => end.run(response, name),
    count: () => database.prepare(COUNT).get().count,
    close: () => database.close(),
  }
}

/** Connections to a server, which lets those that commit at the same time share a flush. */
async function openPostgres(store, inFlight) {
  const pool = new pg.Pool({ connectionString: store, max: inFlight })
  // Its last connections may still be closing when the database is dropped.
  pool.on('error', () => {})
  await pool.query(TABLE)
  return {
    begin: async (name, fingerprint) =>
      (await pool.query({ name: 'begin', text: BEGIN, values: [name, fingerprint] })).rowCount,
    end: (name, response) => pool.query({ name: 'end', text: END, values: [response, name] }),
    count: async () => Number((await pool.query(COUNT)).rows[0].count),
    close: () => pool.end(),
  }
}

function openStore(store, inFlight) {
  return isPostgres(store) ? openPostgres(store, inFlight) : openSqlite(store)
}

/** Gives what makes a payment of a name. */
export async function open(url, store, inFlight) {
  const opened = await openStore(store, inFlight)
  const client = new Pool(url, { connections: inFlight })
  return {
    async pay(name) {
      const payment = {
        user_id: ID,
        payee_id: ID,
        amount: 10.1,
        payment_method: 'WALLET',
        invoice_no: name,
        receiving_method: 'WALLET',
      }
      const sent = JSON.stringify(payment)
      if ((await opened.begin(name, createHash('sha256').update(sent).digest('hex'))) !== 1) {
        throw new Error('a name that was used before')
      }
      const headers = { ...signed('POST', PAYMENT, sent), 'Content-Type': 'application/json' }
      const { statusCode, body } = await client.request({ path: PAYMENT, method: 'POST', headers, body: sent })
      const response = await body.text()
      if (statusCode !== 200) {
        throw new Error(`status ${statusCode}`)
      }
      await opened.end(name, response)
      checkPayment(JSON.parse(response).data)
    },
    close: () => opened.close(),
  }
}

/** How many payments are written down. */
export async function written(store) {
  const opened = await openStore(store, 1)
  const count = await opened.count()
  await opened.close()
  return count
}
