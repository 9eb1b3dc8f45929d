// Payments that no crash makes twice: `journal.mjs payglot|by-hand URL SECONDS IN_FLIGHT STORE`.
//
// STORE is a folder, for a file of SQLite, or `postgresql://…/`, a server in which databases may be made. Every payment
// has a name of its own. Prints the latency at 50 and 99 per cent too, in microseconds. At the end the store must have
// as many payments as were made.

import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import pg from 'pg'

import { isPostgres, rate } from './common.mjs'

const PROGRAMS = { payglot: './journal_payglot.mjs', 'by-hand': './journal_by_hand.mjs' }

const [who, url, seconds, inFlight, store] = process.argv.slice(2)

/** Gives a store with nothing in it, and what removes it at the end. */
async function fresh() {
  if (!isPostgres(store)) {
    const folder = mkdtempSync(join(store, 'bench-'))
    return [join(folder, 'journal.db'), () => rmSync(folder, { recursive: true })]
  }
  const server = new pg.Client(`${store}postgres`)
  await server.connect()
  const settings = "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit"
  const { fsync, commit } = (await server.query(settings)).rows[0]
  if (fsync !== 'on' || commit !== 'on') {
    throw new Error('a server that does not flush what it commits')
  }
  const name = `bench_${process.pid}`
  await server.query(`CREATE DATABASE ${name}`)
  const remove = async () => {
    await server.query(`DROP DATABASE ${name} WITH (FORCE)`)
    await server.end()
  }
  return [store + name, remove]
}

const { open, written } = await import(PROGRAMS[who])
const [empty, remove] = await fresh()
const { pay, close } = await open(url, empty, Number(inFlight))
const latencies = []
let begun = 0
const measured = await rate(
  async () => {
    begun += 1
    const started = performance.now()
    await pay(`payout-${begun}`)
    latencies.push((performance.now() - started) * 1000)
    return 1
  },
  Number(seconds),
  Number(inFlight),
)
const sorted = latencies.slice(-measured).sort((one, other) => one - other)
console.log(...[50, 99].map((share) => sorted[Math.floor((measured * share) / 100)]))
await close()
const count = await written(empty)
if (latencies.length !== count) {
  throw new Error(`${latencies.length} payments were made, ${count} are written down`)
}
await remove()
process.exit()
