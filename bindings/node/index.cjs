'use strict'

const exported = {
  ...require('./generated/exports.cjs'),
  ...require('./lib/public.cjs'),
  webhooks: require('./generated/webhooks.cjs'),
}

// By name, and once for all: of a literal, Node's loader of ES modules would read every file again for its names.
module.exports = exported
