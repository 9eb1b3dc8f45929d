'use strict'

// Files among the arguments of a call: taken out before the others are written as JSON, and read before the call begins.

const { readFile, stat } = require('node:fs/promises')
const { basename } = require('node:path')
const { inspect } = require('node:util')
const { invalid } = require('./error-mapping.cjs')

/** Most bytes of all files of a call, as in the native part. */
const MOST = 256 * 1024 * 1024
const TOO_LARGE = `is larger than ${MOST / 1024 / 1024} MiB, the most that is held in memory. Nothing was sent`

/** The file at a path; it is read when a call is made. */
class FilePath {
  /**
   * @param {string | URL} path
   * @param {{ name?: string, contentType?: string }} [options]
   */
  constructor(path, { name, contentType } = {}) {
    this.path = path
    this.name = name ?? basename(typeof path === 'string' ? path : path.pathname)
    this.contentType = contentType
    Object.defineProperty(this, 'path', { enumerable: false })
  }

  [inspect.custom]() {
    return 'FilePath {}'
  }
}

/** Whether a value is the contents of a file. */
function isContent(value) {
  return (
    value !== null &&
    typeof value === 'object' &&
    (value instanceof FilePath ||
      ArrayBuffer.isView(value) ||
      value instanceof ArrayBuffer ||
      typeof value.arrayBuffer === 'function' ||
      typeof value[Symbol.asyncIterator] === 'function')
  )
}

/** Contents with name and type, of any form that a file is given in; undefined for what is no file. */
function fileOf(value) {
  if (isContent(value)) {
    // A Blob has an empty type where it has none.
    const text = (given) => (typeof given === 'string' && given !== '' ? given : undefined)
    return { data: value, name: text(value.name), contentType: text(value.contentType) ?? text(value.type) }
  }
  if (value !== null && typeof value === 'object' && isContent(value.data)) {
    const inner = fileOf(value.data)
    return { ...inner, name: value.name ?? inner.name, contentType: value.contentType ?? inner.contentType }
  }
  return undefined
}

/**
 * Takes the files out of the arguments of a call.
 *
 * @param {unknown} params
 */
function takeFiles(params) {
  const rest = {}
  const files = []
  if (params === null || typeof params !== 'object' || Array.isArray(params)) {
    return { rest: params, files }
  }
  for (const [field, value] of Object.entries(params)) {
    const isList = Array.isArray(value) && value.some((item) => fileOf(item) !== undefined)
    if (isList || fileOf(value) !== undefined) {
      const items = isList ? value : [value]
      items.forEach((item, position) => {
        const at = isList ? `${field}[${position}]` : field
        const file = fileOf(item)
        if (file === undefined) {
          throw invalid(at, 'must be a file, as the others of the list are')
        }
        for (const name of ['name', 'contentType']) {
          if (file[name] !== undefined && (typeof file[name] !== 'string' || !file[name].isWellFormed())) {
            throw invalid(at, `must have text as its ${name}`)
          }
        }
        files.push({ ...file, field, isList, at })
      })
    } else {
      rest[field] = value
    }
  }
  return { rest, files }
}

/**
 * Reads files, and says what each is.
 *
 * @param {ReturnType<typeof takeFiles>['files']} files
 */
async function readFiles(files) {
  const contents = []
  let left = MOST
  for (const { data, at } of files) {
    const bytes = await read(data, at, left)
    left -= bytes.byteLength
    if (left < 0) {
      throw invalid(at, TOO_LARGE)
    }
    contents.push(bytes)
  }
  const described = files.map(({ field, isList, name, contentType }) => ({ field, isList, name, contentType }))
  return { contents, described }
}

async function read(data, at, most) {
  if (ArrayBuffer.isView(data)) {
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  }
  if (data instanceof ArrayBuffer) {
    return Buffer.from(data)
  }
  try {
    if (data instanceof FilePath) {
      if ((await stat(data.path)).size > most) {
        throw invalid(at, TOO_LARGE)
      }
      return await readFile(data.path)
    }
    if (typeof data.arrayBuffer === 'function') {
      if (data.size > most) {
        throw invalid(at, TOO_LARGE)
      }
      return Buffer.from(await data.arrayBuffer())
    }
    return await collect(data, at, most)
  } catch (error) {
    // The error says what went wrong and not where: a path may say what is in the file.
    throw error instanceof Error ? invalid(at, `cannot be read: ${error.code ?? error.name}. Nothing was sent`) : error
  }
}

/** All that a stream gives. */
async function collect(stream, at, most) {
  const chunks = []
  let size = 0
  for await (const chunk of stream) {
    if (typeof chunk !== 'string' && !ArrayBuffer.isView(chunk)) {
      throw invalid(at, 'must be a stream of bytes')
    }
    const bytes = Buffer.from(chunk)
    size += bytes.byteLength
    if (size > most) {
      throw invalid(at, TOO_LARGE)
    }
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

module.exports = { FilePath, readFiles, takeFiles }
