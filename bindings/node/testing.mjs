import lib from './lib/testing.cjs'

export const { Sandbox, SandboxError } = lib
