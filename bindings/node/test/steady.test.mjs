// What stays the same over many clients and many calls: memory and file descriptors.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { promisify } from 'node:util'

import { OTHER, envelope } from './support.mjs'

const run = promisify(execFile)
const MEBIBYTE = 1024 * 1024
/** Less than 0.9 KB for each of 10,000 calls. */
const LIMIT = 8 * MEBIBYTE

/** Responses from bytes that are made once: this test is about the client. */
async function startFast(t) {
  const { body } = envelope('{"card_id":"1"}')
  const response = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  const sockets = new Set()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)))
    socket.on('data', () => socket.write(response))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    sockets.forEach((socket) => socket.destroy())
    server.close()
  })
  return `http://127.0.0.1:${server.address().port}`
}

/** Runs code in a process of its own that can collect garbage; gives the least that a further round adds. */
async function grow(code) {
  const script = `
    const { readdirSync } = require('node:fs')
    const { setTimeout: sleep } = require('node:timers/promises')
    const { PaywintPlatform } = require('payglot')
    const open = (options) => new PaywintPlatform({ platformId: 'a', secretKey: 'b', ...options })
    const measure = async () => {
      for (let i = 0; i < 5; i += 1) { await sleep(20); global.gc() }
      const files = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0
      return { memory: process.memoryUsage().rss, heap: process.memoryUsage().heapUsed, files }
    }
    const main = async (round) => {
      await round()
      let before = await measure()
      let least
      // A leak grows in every round; an allocator that settles does not.
      for (let rounds = 0; rounds < 4; rounds += 1) {
        await round()
        const after = await measure()
        const grown = Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - before[name]]))
        if (least === undefined || grown.memory < least.memory) least = grown
        if (least.memory < ${LIMIT}) break
        before = after
      }
      console.log(JSON.stringify(least))
    }
    ${code}`
  const { stdout } = await run(process.execPath, ['--expose-gc', '--eval', script], {
    cwd: import.meta.dirname ?? new URL('.', import.meta.url),
    timeout: 120_000,
  })
  return JSON.parse(stdout)
}

test('10,000 calls leave nothing behind', async (t) => {
  const baseUrl = await startFast(t)
  const grown = await grow(`
    const client = open({ baseUrl: '${baseUrl}', logger: { debug() {} } })
    const controller = new AbortController()
    main(async () => {
      let left = 10_000
      const work = async () => {
        while (left-- > 0) await client.cards.get('${OTHER}', left % 2 ? { signal: controller.signal } : undefined)
      }
      await Promise.all(Array.from({ length: 16 }, work))
    })`)
  assert.ok(grown.memory < LIMIT, JSON.stringify(grown))
  assert.ok(grown.heap < MEBIBYTE, JSON.stringify(grown))
  assert.ok(grown.files <= 4, JSON.stringify(grown))
})

test('clients that are dropped leave nothing behind', async (t) => {
  const baseUrl = await startFast(t)
  const grown = await grow(`
    main(async () => {
      for (let i = 0; i < 300; i += 1) {
        const client = open({ baseUrl: '${baseUrl}', logger: { debug() {} } })
        if (i % 3 === 0) await client.cards.get('${OTHER}')
        if (i % 50 === 0) { await sleep(1); global.gc() }
      }
    })`)
  assert.ok(grown.memory < LIMIT, JSON.stringify(grown))
  assert.ok(grown.heap < MEBIBYTE, JSON.stringify(grown))
  assert.ok(grown.files <= 8, JSON.stringify(grown))
})
