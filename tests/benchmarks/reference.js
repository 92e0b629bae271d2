'use strict'
// Segment's runtime as the other side of a benchmark: JSON lines in, JSON lines out; see reference.py.
process.env.TZ = 'UTC'
console.log = console.warn = console.info = () => {} // standard output is for answers alone

const fs = require('node:fs')
const path = require('node:path')

// The package's `exports` name only some of its modules: the others are loaded by file, beside its entry.
const core = path.dirname(require.resolve('@segment/actions-core'))
const fetchModule = require(path.join(core, 'fetch.js'))
const { Destination, transform } = require('@segment/actions-core')
const definition = require('@segment/action-destinations/dist/destinations/absmartly').default

let sent = []
let kept = 0 // as many as are in flight: a pile of them would be a test of the allocator
let place = 0
fetchModule.default = async (request) => {
  sent[place++ % kept] = [request.method, request.url, [...request.headers], await request.buffer()]
  return new fetchModule.Response('{}', { status: 200, headers: { 'content-type': 'application/json' } })
}

const destination = new Destination(definition)

// Time on the core, as on the other side, so that what else runs on the machine does not count.
function seconds(begin) {
  const { user, system } = process.cpuUsage(begin)
  return (user + system) / 1e6
}

async function deliver({ events, settings }, keep) {
  ;[sent, kept, place] = [[], keep, 0]
  const begin = process.cpuUsage()
  for (const event of events) {
    await destination.onEvent(event, settings)
    destination.responses = []
  }
  return seconds(begin)
}

function map({ events, mapping }) {
  const begin = process.cpuUsage()
  for (const event of events) transform(mapping, event)
  return seconds(begin)
}

let work = {}
const OPS = {
  load: ({ file }) => (work = JSON.parse(fs.readFileSync(file, 'utf8'))) && null,
  deliver: ({ keep }) => deliver(work, keep),
  sent: () => sent.map(([method, url, headers, body]) => [method, url, headers, body.toString('base64')]),
  map: () => map(work),
  mapped: () => work.events.map((event) => JSON.stringify(transform(work.mapping, event)))
}

async function main() {
  let rest = ''
  process.stdin.setEncoding('utf8')
  for await (const chunk of process.stdin) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()
    for (const line of lines) {
      const { op, args } = JSON.parse(line)
      process.stdout.write(`${JSON.stringify({ answer: await OPS[op](args) })}\n`)
    }
  }
}

main()
