'use strict'

// Before anything that an older Node does not understand.
if (Number(process.versions.node.split('.')[0]) < 20) {
  throw new Error(`payglot needs Node 20 or later; this is Node ${process.versions.node}`)
}

const exported = {
  ...require('./generated/exports.cjs'),
  ...require('./lib/public.cjs'),
  webhooks: require('./generated/webhooks.cjs'),
}

// By name, and once for all: of a literal, Node's loader of ES modules would read every file again for its names.
module.exports = exported
