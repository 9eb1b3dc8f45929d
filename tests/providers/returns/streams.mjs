// Plays server-sent events and downloads with the npm package that was generated for the document beside it.
//
// Usage: node streams.mjs PACKAGE

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'

const payglot = createRequire(import.meta.url)(resolve(process.argv[2], 'index.cjs'))

/** A server that sends each step: text, bytes, a time in milliseconds, or that it breaks off. */
async function serve(steps, { status = 200, headers = { 'content-type': 'text/event-stream' } } = {}) {
  const [requests, bodies] = [[], []]
  let gone
  const isGone = new Promise((fulfil) => {
    gone = fulfil
  })
  const server = createServer(async (request, response) => {
    requests.push(request.headers)
    const chunks = []
    for await (const chunk of request) {
      chunks.push(chunk)
    }
    bodies.push(Buffer.concat(chunks).toString())
    response.on('close', gone)
    response.writeHead(status, headers)
    for (const step of steps) {
      if (step === 'break') {
        await sleep(20)
        response.destroy()
        return
      }
      if (typeof step === 'number') {
        await Promise.race([sleep(step, undefined, { ref: false }), isGone])
      } else {
        response.write(step)
      }
    }
    response.end()
  })
  server.listen(0, '127.0.0.1').unref()
  await once(server, 'listening')
  const baseUrl = `http://127.0.0.1:${server.address().port}`
  const client = (options) => new payglot.Returns({ baseUrl, ...options })
  return { client, requests, bodies, isGone }
}

const EVENTS = [
  '\ufeff: hello\n\nid: 1\ndata: {"name":"a","amo',
  50,
  'unt":0.10}\r',
  '\n\r\nevent: x\nretry: 1500\ndata: {"name":\ndata: "b"}\n\n',
  'data: [DONE]\n\ndata: cut off',
]

async function all(stream) {
  const events = []
  for await (const { event, id, retry, data } of stream) {
    events.push({ event, id, retry, data })
  }
  return events
}

const tests = {
  async 'events are read one by one'() {
    const { client, requests } = await serve(EVENTS)
    const stream = client().chats.createStream({ amount: '10.10' })
    assert.equal(requests.length, 0)
    const events = await all(stream)
    assert.deepEqual(JSON.parse(JSON.stringify(events)), [
      { event: 'message', id: '1', retry: null, data: { name: 'a', amount: '0.10' } },
      { event: 'x', id: '1', retry: 1500, data: { name: 'b' } },
      { event: 'message', id: '1', retry: 1500, data: '[DONE]' },
    ])
    assert.equal(stream.status, 200)
    assert.equal(stream.headers['content-type'], 'text/event-stream')
    assert.equal(requests.length, 1)
    assert.equal(requests[0].accept, 'text/event-stream')
    assert.equal(requests[0]['accept-encoding'], 'identity')
  },
  async 'events of text are text'() {
    const { client } = await serve(['data: {"a":1}\n\n'])
    const stream = client().feed.get()
    const { value } = await stream.next()
    assert.equal(value.data, '{"a":1}')
    assert.equal(value.text, '{"a":1}')
    assert.equal(inspect(value).includes('{"a":1}'), false)
    assert.equal((await stream.next()).done, true)
  },
  async 'events of several types are read as what they are'() {
    const made = 'data: {"type":"made","amount":0.10}\n\n'
    const { client } = await serve([`${made}data: {"type":"gone","why":"w"}\n\ndata: [DONE]\n\n`])
    const data = (await all(client().feed.kinds())).map((event) => event.data)
    assert.deepEqual(JSON.parse(JSON.stringify(data)), [
      { type: 'made', amount: '0.10' },
      { type: 'gone', why: 'w' },
      '[DONE]',
    ])
  },
  async 'leaving early closes the response'() {
    const { client, isGone } = await serve(['data: a\n\n', 10_000])
    for await (const event of client().feed.get()) {
      assert.equal(event.data, 'a')
      break
    }
    await isGone
  },
  async 'closing ends a wait'() {
    const { client, isGone } = await serve(['data: a\n\n', 10_000])
    const stream = client().feed.get()
    await stream.next()
    const next = stream.next()
    setTimeout(() => stream.close(), 50)
    assert.equal((await next).done, true)
    await isGone
  },
  async 'a signal stops a stream'() {
    const { client, isGone } = await serve(['data: a\n\n', 10_000])
    const stream = client().feed.get({ signal: AbortSignal.timeout(200) })
    await stream.next()
    await assert.rejects(stream.next(), { name: 'TimeoutError' })
    await isGone
  },
  async 'a broken stream of a payment is not known to have ended'() {
    const { client, requests } = await serve(['data: {"name":"a"}\n\n', 'break'])
    const stream = client().chats.createStream({ amount: '10.10' })
    assert.equal((await stream.next()).value.data.name, 'a')
    await assert.rejects(stream.next(), payglot.OutcomeUnknownError)
    assert.equal((await stream.next()).done, true)
    assert.equal(requests.length, 1)
  },
  async 'a broken stream of a read is a connection error'() {
    const { client } = await serve(['data: a\n\n', 'break'])
    const stream = client().feed.get()
    await stream.next()
    await assert.rejects(stream.next(), payglot.APIConnectionError)
  },
  async 'too long a silence is a timeout'() {
    const { client } = await serve(['data: a\n\n', 10_000])
    const stream = client().feed.get({ timeout: 300 })
    await stream.next()
    await assert.rejects(stream.next(), payglot.APITimeoutError)
  },
  async 'a file goes out with a call whose response is events'() {
    const { client, bodies } = await serve(EVENTS)
    const stream = client().transcripts.create({ language: 'en', file: new Blob(['RIFF'], { type: 'audio/wav' }) })
    assert.equal((await all(stream)).length, 3)
    assert.match(
      bodies[0],
      /name="language"\r\n\r\nen\r\n--[^]*name="file"; filename="file"\r\nContent-Type: audio\/wav\r\n\r\nRIFF\r\n/,
    )
    const broken = client().transcripts.create({ file: Readable.from([7]) })
    await assert.rejects(broken.next(), { name: 'InvalidRequestError', message: /transcripts.create: `file`/ })
    let read
    const slow = client().transcripts.create({
      file: Readable.from(
        (async function* () {
          yield await new Promise((resolve) => {
            read = resolve
          })
        })(),
      ),
    })
    const next = slow.next()
    await sleep(50)
    slow.close()
    read('late')
    assert.equal((await next).done, true)
    await sleep(50)
    assert.equal(bodies.length, 1)
  },
  async 'a file goes out with a call whose response is written to a file'() {
    const { client, bodies } = await serve(['%PDF'], { headers: { 'content-type': 'application/pdf' } })
    const folder = mkdtempSync(join(tmpdir(), 'payglot-'))
    try {
      const file = join(folder, 'a.pdf')
      assert.equal(await client().conversions.createToFile(file, { file: Buffer.from('TXT') }), 4)
      assert.equal(readFileSync(file, 'utf8'), '%PDF')
      assert.match(bodies[0], /name="file"; filename="file"\r\n[^]*\r\n\r\nTXT\r\n/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
  async 'a wrong argument is refused by the first event'() {
    const { client, requests } = await serve([])
    await assert.rejects(client().chats.createStream({ amount: 'ten' }).next(), payglot.InvalidRequestError)
    assert.equal(requests.length, 0)
  },
  async 'a file appears when it is complete'() {
    const large = Buffer.alloc(1024 * 1024, Buffer.from(Array.from({ length: 256 }, (_, at) => at)))
    const headers = { 'content-type': 'application/pdf', 'content-length': large.length }
    const folder = mkdtempSync(join(tmpdir(), 'payglot-'))
    try {
      const file = join(folder, 'export.pdf')
      const { client } = await serve([large.subarray(0, 1000), 100, large.subarray(1000)], { headers })
      const small = client({ maxResponseBytes: 10 })
      assert.equal(await small.exports.getPdfToFile(pathToFileURL(file), { from: 'a' }), large.length)
      assert.deepEqual(readFileSync(file), large)
      const broken = await serve([large.subarray(1000), 'break'], { headers })
      const once = broken.client({ maxRetries: 0 })
      await assert.rejects(once.exports.getPdfToFile(file), payglot.APIConnectionError)
      assert.deepEqual(readFileSync(file), large)
      assert.deepEqual(readdirSync(folder), ['export.pdf'])
      const unsent = await serve([large], { headers })
      const nowhere = join(folder, 'none', 'export.pdf')
      await assert.rejects(unsent.client().exports.getPdfToFile(nowhere), payglot.InvalidRequestError)
      await assert.rejects(unsent.client().exports.getPdfToFile(7), payglot.InvalidRequestError)
      assert.equal(unsent.requests.length, 0)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

for (const [name, test] of Object.entries(tests)) {
  try {
    await test()
  } catch (error) {
    console.log(`returns: ${name}: ${error.stack}`)
    process.exitCode = 1
  }
}
console.log(`returns: ${Object.keys(tests).length} tests of streams in Node`)
process.exit()
