// Whether anything grows: memory and open files over many clients and many calls.
//
//   node --expose-gc lifetime.mjs clients|calls URL COUNT
//
// Prints a line for each tenth: how many, KB of memory, open files. Calls are made 32 at a time.

import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { PaywintPlatform } from 'payglot'

import { ID, PLATFORM_ID, SECRET } from './common.mjs'

const AT_ONCE = 32
const [what, baseUrl, count] = process.argv.slice(2)
const open = () => new PaywintPlatform({ platformId: PLATFORM_ID, secretKey: SECRET, baseUrl })

async function report(done) {
  // Clients that were dropped go when the collector finds them, and their connections a moment later.
  for (let i = 0; i < 3; i += 1) {
    globalThis.gc()
    await sleep(20)
  }
  console.log(done, Math.round(process.memoryUsage.rss() / 1024), readdirSync('/proc/self/fd').length)
}

const kinds = {
  async calls(tenth) {
    const client = open()
    return async () => {
      let left = tenth
      const work = async () => {
        while (left-- > 0) {
          await client.cards.get(ID)
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work))
    }
  },
  async clients(tenth) {
    return async () => {
      for (let number = 0; number < tenth; number += 1) {
        await open().cards.get(ID)
        if (number % 100 === 0) {
          globalThis.gc()
          await sleep(1)
        }
      }
    }
  },
}

const tenth = Math.floor(Number(count) / 10)
const round = await kinds[what](tenth)
for (let number = 1; number <= 10; number += 1) {
  await round()
  await report(tenth * number)
}
process.exit()
