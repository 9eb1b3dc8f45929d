// Plays the deliveries of `deliveries.json` beside each document with the npm package that was generated for it.
//
// Usage: node deliver.mjs PACKAGE PROVIDER... Each delivery is verified and read; those with `stored` go through an inbox too,
// twice, and are handled once.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

const [folder, ...providers] = process.argv.slice(2)
const { webhooks } = createRequire(import.meta.url)(resolve(folder, 'index.cjs'))

const SECRET = 'whsec'
const SCHEME = { timestampHeader: null }

const camel = (name) => name.replace(/[-_](\w)/g, (_, letter) => letter.toUpperCase())
const plain = (value) => JSON.parse(JSON.stringify(value ?? null))
const shown = ({ kind, event, id, data, generatedAt }) =>
  plain({ kind, event, id, data: data ?? null, time: generatedAt })

/** What a case expects here, where classes are kinds and times are `Date`s. */
function expectedOf({ class: name, event, id, data, time }) {
  const kind = name === 'UnknownEvent' ? 'unknown' : event
  return { kind, event, id, data, time: time === null ? null : new Date(time).toJSON() }
}

/** What is wrong; undefined where all is right. */
async function play(module, test, store) {
  const signed = { 'x-webhook-signature': webhooks.sign({ body: test.body, timestamp: 0, secret: SECRET, ...SCHEME }) }
  const headers = { ...test.headers, ...signed }
  let event
  try {
    event = module.constructEvent(test.body, headers, SECRET, SCHEME)
    const pairs = new Map(Object.entries(headers)).entries()
    if (module.constructEvent(test.body, pairs, SECRET, SCHEME).id !== event.id) return 'pairs are read otherwise'
  } catch (error) {
    if (error.name === test.error && error.message.includes(test.message)) return undefined
    return String(error)
  }
  if (test.error !== undefined) return 'was not refused'
  const expected = expectedOf(test.event)
  if (!isDeepStrictEqual(shown(event), expected)) return `${JSON.stringify(shown(event))} was read`
  if (Object.keys(event).includes('body') || !isDeepStrictEqual(Object.keys(event).slice(0, 2), ['event', 'id'])) {
    return `${Object.keys(event)} are its fields`
  }
  if (Object.keys(event.body).join() !== Object.keys(JSON.parse(test.body)).join()) return 'the body is another'
  const guard = new webhooks.ReplayGuard()
  const handled = [await guard.handling(event.id, () => {}), await guard.handling(event.id, () => {})]
  if (handled.join() !== 'true,false') return 'the guard does not know it'
  if (test.stored === undefined) return undefined

  const seen = []
  const inbox = new module.Inbox(store, SECRET, { scheme: SCHEME })
  inbox.on('*', (one) => seen.push(shown(one)))
  const statuses = [await inbox.receive(test.body, headers), await inbox.receive(test.body, headers)]
  if (statuses.join() !== '200,200') return `${statuses} instead of being stored`
  if ((await inbox.receive(test.body, test.headers)) !== 401) return 'was stored without a signature'
  await inbox.workOff()
  if (!isDeepStrictEqual(seen, [{ ...expected, data: test.stored }])) return `${JSON.stringify(seen)} was handled`
  const row = await inbox.get(event.id)
  const object = test.object ?? `event ${event.id}`
  return row?.state === 'handled' && row.object === object ? undefined : `${JSON.stringify(row)} was stored`
}

let failed = 0
for (const provider of providers) {
  const cases = JSON.parse(readFileSync(new URL(`${provider}/deliveries.json`, import.meta.url), 'utf8'))
  const module = webhooks[camel(provider)]
  const store = mkdtempSync(join(tmpdir(), 'deliveries-'))
  for (const [position, test] of cases.entries()) {
    const problem = await play(module, test, join(store, `${position}.db`))
    if (problem !== undefined) {
      console.log(`${provider}: ${test.name}: ${problem}`)
      failed += 1
    }
  }
  rmSync(store, { recursive: true })
  for (const name of new Set(
    cases.flatMap(({ event }) => (event?.class === 'UnknownEvent' ? [] : (event?.event ?? []))),
  )) {
    const { body, headers } = module.sampleDelivery(name, SECRET)
    const event = module.constructEvent(body, headers, SECRET)
    if (event.kind !== name || event.data === undefined) {
      console.log(`${provider}: the sample of ${name}: ${JSON.stringify(shown(event))}`)
      failed += 1
    }
  }
  console.log(`${provider}: ${cases.length} deliveries in Node, ${failed} failed`)
  failed += cases.length === 0 ? 1 : 0
}
process.exitCode = failed === 0 ? 0 : 1
