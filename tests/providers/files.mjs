// Files of the cases: as bytes, Blob, File, path or stream; and the bodies that they make.

import { Blob, File } from 'node:buffer'
import { createHash, createHmac } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'

/** Arguments with files where a case describes them. */
export function withFiles(value, FilePath) {
  if (value === null || typeof value !== 'object') {
    return value
  }
  if (Array.isArray(value)) {
    return value.map((item) => withFiles(item, FilePath))
  }
  if (value.$file !== undefined) {
    return file(value.$file, FilePath)
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withFiles(item, FilePath)]))
}

function file({ as = 'bytes', text, hex, name, content_type: contentType }, FilePath) {
  if (as === 'missing') {
    return new FilePath(join(tmpdir(), 'payglot-no-such-file'))
  }
  if (as === 'broken') {
    return Readable.from(
      (async function* () {
        yield Buffer.from('a')
        throw new Error('broken')
      })(),
    )
  }
  const data = hex === undefined ? Buffer.from(text) : Buffer.from(hex, 'hex')
  if (as === 'path') {
    const path = join(mkdtempSync(join(tmpdir(), 'payglot-')), name)
    writeFileSync(path, data)
    return new FilePath(path)
  }
  if (as === 'stream') {
    return Readable.from([data.subarray(0, 2), data.subarray(2)])
  }
  if (contentType !== undefined) {
    return { data: new Blob([data]), name, contentType }
  }
  return name === undefined ? data : new File([data], name)
}

/** Headers and body that must arrive: with the boundary that came, and signed as it came. */
export function expectedOf(sent, line, arrived) {
  const headers = { ...sent.headers }
  let body = sent.body_hex === undefined ? Buffer.from(sent.body ?? '') : Buffer.from(sent.body_hex, 'hex')
  if (headers['content-type']?.includes('$boundary')) {
    const boundary = arrived['content-type']?.split('boundary=')[1] ?? ''
    body = Buffer.from(sent.body.replaceAll('$boundary', boundary))
    headers['content-type'] = headers['content-type'].replace('$boundary', boundary)
  }
  for (const [name, value] of Object.entries(headers)) {
    if (value?.startsWith('$hmac:')) {
      const text = line.replace(' ', '') + createHash('sha256').update(body).digest('hex')
      headers[name] = createHmac('sha256', value.slice('$hmac:'.length)).update(text).digest('hex')
    }
  }
  return { headers, body }
}
