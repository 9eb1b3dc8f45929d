// A proxy that passes every byte on as it came, and has Prism judge each exchange afterwards.
//
// Prism's own proxy writes JSON anew: `10.10` becomes `10.1`, which breaks signatures and hides digits. So each
// request is sent to Prism a second time, with this program as Prism's upstream, which gives the recorded response.
//
// node recorder.mjs PRISM UPSTREAM DOCUMENT...: prints its URL; when its input ends, what it saw, as JSON.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, request as send } from 'node:http'
import { createInterface } from 'node:readline'

const [prismProgram, upstream, ...files] = process.argv.slice(2)
const HOST = '127.0.0.1'
/** What belongs to a connection or to an encoding of the body, not to the message. */
const HOP = ['connection', 'content-length', 'transfer-encoding', 'accept-encoding', 'keep-alive', 'expect']

const seen = { exchanges: 0, succeeded: 0, statuses: {}, operations: {}, violations: [] }

async function listen(handler) {
  const server = createServer(handler)
  server.listen(0, HOST)
  await once(server, 'listening')
  return server
}

async function bytes(stream) {
  const chunks = []
  for await (const chunk of stream) {
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Sends a request, and gives the response with its body. */
async function exchange(base, { method, url, headers, body }) {
  const outgoing = send(new URL(base), { method, path: url, headers })
  outgoing.end(body)
  const [incoming] = await once(outgoing, 'response')
  const { statusCode: status, headers: given, rawHeaders } = incoming
  return { status, headers: given, rawHeaders, body: await bytes(incoming) }
}

const kept = (headers) => Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP.includes(name)))

/** Prism for one document, with responses of record as its upstream. */
class Judge {
  static async start(file) {
    const judge = new Judge()
    const { paths } = JSON.parse(readFileSync(file, 'utf8'))
    judge.templates = Object.entries(paths).map(([path, item]) => [
      path,
      new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{[^}]*\}/g, '[^/]+')}$`),
      item,
    ])
    judge.record = await listen(async (incoming, outgoing) => {
      await bytes(incoming)
      judge.wasAsked = true
      const { status, headers, body } = judge.response
      outgoing.writeHead(status, { ...kept(headers), 'content-length': body.length }).end(body)
    })
    const free = await listen(() => {})
    const { port } = free.address()
    free.close()
    await once(free, 'close')
    judge.url = `http://${HOST}:${port}`
    const words = ['proxy', '--port', port, '--host', HOST, '--errors=false', file]
    const responses = `http://${HOST}:${judge.record.address().port}`
    judge.prism = spawn(process.execPath, [prismProgram, ...words, responses], { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface({ input: judge.prism.stdout })
    for await (const line of lines) {
      if (line.includes('listening')) {
        break
      }
    }
    judge.prism.stdout.resume()
    judge.queue = Promise.resolve()
    return judge
  }

  /** The operation of a request, where this document has it. */
  operation({ method, url }) {
    const path = url.split('?')[0]
    const fitting = this.templates.find(([, pattern]) => pattern.test(path))
    return fitting && `${method} ${fitting[0]}`
  }

  /** Exchanges are judged one after the other: the response of record is the current one's. */
  judge(request, response, operation) {
    this.queue = this.queue.then(async () => {
      this.response = response
      this.wasAsked = false
      const headers = { ...kept(request.headers), 'content-length': request.body.length }
      const verdict = await exchange(this.url, { ...request, headers })
      const violations = JSON.parse(verdict.headers['sl-violations'] ?? '[]')
      if (!this.wasAsked) {
        violations.push({ location: ['request'], message: verdict.body.toString() })
      }
      for (const { location, message } of violations) {
        // Names of places, never values.
        seen.violations.push(`${operation} ${response.status}: ${location.join('.')}: ${message}`)
      }
    })
  }

  async stop() {
    await this.queue
    this.prism.kill()
    this.record.close()
  }
}

const judges = await Promise.all(files.map((file) => Judge.start(file)))

const proxy = await listen(async (incoming, outgoing) => {
  const { method, url, headers } = incoming
  const request = { method, url, headers, body: await bytes(incoming) }
  const response = await exchange(upstream, request)
  outgoing.writeHead(response.status, response.rawHeaders).end(response.body)
  for (const judge of judges) {
    const operation = judge.operation(request)
    if (operation) {
      seen.exchanges += 1
      seen.succeeded += response.status === 200 ? 1 : 0
      seen.operations[operation] = (seen.operations[operation] ?? 0) + 1
      seen.statuses[response.status] = (seen.statuses[response.status] ?? 0) + 1
      judge.judge(request, response, operation)
    }
  }
})

console.log(`http://${HOST}:${proxy.address().port}`)
process.stdin.resume()
await once(process.stdin, 'end')
await Promise.all(judges.map((judge) => judge.stop()))
console.log(JSON.stringify(seen))
process.exit(0)
