// Runs many processes that end with calls in flight: none may abort, hang or end with another status than 0.
//
//   node scripts/exits.mjs [how many, 1000 where it is not said]

import { runExits } from '../test/exits.mjs'

const { runs, failures, slowest } = await runExits(Number(process.argv[2] ?? 1000))
for (const problem of failures) {
  console.error(problem)
}
console.log(`exits: ${runs} processes ended with calls in flight, ${failures.length} failed, slowest ${slowest} ms`)
process.exitCode = failures.length > 0 ? 1 : 0
