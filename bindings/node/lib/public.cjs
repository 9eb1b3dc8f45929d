'use strict'

const { version } = require('../package.json')
const { Batch } = require('./batch.cjs')
const { Event, EventStream, Page, PagePromise, RawResponse } = require('./client.cjs')
const { FilePath } = require('./files.cjs')
const { Intent, Journal } = require('./journal.cjs')
const { redact } = require('./models.cjs')
const { reconcile } = require('./reconcile.cjs')
const { requestIdOf } = require('./request-id.cjs')
const { sign } = require('./sign.cjs')
const { signedFetch } = require('./signed-fetch.cjs')

module.exports = {
  Batch,
  Event,
  EventStream,
  FilePath,
  Intent,
  Journal,
  Page,
  PagePromise,
  RawResponse,
  reconcile,
  redact,
  requestIdOf,
  sign,
  signedFetch,
  version,
}
