// Issue 12.16: a name with two addresses, of which the first is silent.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

/** The exit status of a world that cannot be made. */
const NO_WORLD = 77

test('issue 12.16: the second address is tried while the first is silent', (t) => {
  const world = `${process.env.PAYGLOT_CONTRACT}/../addresses/world.py`
  const script = fileURLToPath(new URL('two-addresses.mjs', import.meta.url))
  const ran = spawnSync('python3', [world, process.execPath, script], { encoding: 'utf8' })
  if (ran.error || ran.status === NO_WORLD) return t.skip('names cannot be given addresses here')
  assert.equal(ran.status, 0, ran.stderr)
})
