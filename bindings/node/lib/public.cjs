'use strict'

const { version } = require('../package.json')
const { Page, PagePromise, RawResponse } = require('./client.cjs')
const { FilePath } = require('./files.cjs')
const { Intent, Journal } = require('./journal.cjs')
const { redact } = require('./models.cjs')
const { sign } = require('./sign.cjs')
const { signedFetch } = require('./signed-fetch.cjs')

module.exports = { FilePath, Intent, Journal, Page, PagePromise, RawResponse, redact, sign, signedFetch, version }
