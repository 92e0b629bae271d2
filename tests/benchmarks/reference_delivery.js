'use strict'
// Delivers a file of events with Segment's runtime over its own fetch, so many at once; prints seconds, CPU seconds and events.
// node reference_delivery.js FILE.ndjson SETTINGS.json CONCURRENCY WARM_UP
process.env.TZ = 'UTC'
const print = console.log
console.log = console.warn = console.info = () => {}

const fs = require('node:fs')
const readline = require('node:readline')

const { Destination } = require('@segment/actions-core')
const definition = require('@segment/action-destinations/dist/destinations/absmartly').default

const [file, settingsFile, concurrency, warmUp] = process.argv.slice(2)
const settings = JSON.parse(fs.readFileSync(settingsFile, 'utf8'))
const destination = new Destination(definition)

async function deliver(limit) {
  const lines = readline.createInterface({ input: fs.createReadStream(file), crlfDelay: Infinity })[Symbol.asyncIterator]()
  let delivered = 0
  let taken = 0
  async function sender() {
    while (taken < limit) {
      taken++
      const { value, done } = await lines.next()
      if (done) return
      await destination.onEvent(JSON.parse(value), settings)
      destination.responses = []
      delivered++
    }
  }
  await Promise.all(Array.from({ length: Number(concurrency) }, sender))
  return delivered
}

async function main() {
  await deliver(Number(warmUp))
  const before = process.cpuUsage()
  const begin = process.hrtime.bigint()
  const events = await deliver(Infinity)
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9
  const used = process.cpuUsage(before)
  print(JSON.stringify({ seconds, cpu: (used.user + used.system) / 1e6, events }))
  process.exit(0)
}

main()
