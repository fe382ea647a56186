// The page's script in the browser: loads the state once a second and redraws changes. It never builds markup from
// text, so that names from clients cannot become code.
export const script = `
'use strict'
const byId = (id) => document.getElementById(id)
const make = (name, options = {}, ...children) => {
  const element = Object.assign(document.createElement(name), options)
  element.append(...children)
  return element
}
const cell = (content, className = '') => make('td', { className }, content ?? '')
const time = (milliseconds) => new Date(milliseconds).toLocaleTimeString()
const size = (bytes) => {
  let value = bytes
  for (const unit of ['B', 'KiB', 'MiB', 'GiB', 'TiB']) {
    if (value < 1024) return (value < 10 && unit !== 'B' ? value.toFixed(1) : Math.round(value)) + ' ' + unit
    value /= 1024
  }
  return Math.round(value) + ' PiB'
}
const state = (text, kind) => make('span', { className: 'dot ' + kind, textContent: text })
const taskKind = (status) => (status === 'running' ? 'working' : /^(OK|WARNINGS)/.test(status) ? 'ok' : 'failed')

const short = (path) => path.replace(/UPID:[^/]*?:([a-z]+:[^:/]*):[^/]*/, 'UPID:…:$1:…')
// The one that waits for a task asks the same again and again: one row for all of that.
const folded = (requests) => {
  const groups = []
  for (const entry of requests) {
    const last = groups.at(-1)
    const isSame = last && ['method', 'path', 'status', 'user'].every((key) => last[key] === entry[key])
    if (isSame) last.times += 1
    else groups.push({ ...entry, times: 1 })
  }
  return groups
}

const rows = {
  storages: (entry) => [cell(entry.id), cell(entry.type), cell(entry.content.join(', '), 'wide'), cell(entry.shared ? 'yes' : 'no'), cell(size(entry.avail), 'number')],
  machines: (entry) => [
    cell(String(entry.vmid), 'number'), cell(entry.name), cell(entry.node),
    cell(entry.lock ? state(entry.status + ', locked: ' + entry.lock, 'locked') : state(entry.status, entry.status)),
    cell(make('span', {}, ...entry.tags.split(/[;, ]+/).filter(Boolean).map((tag) => make('span', { className: 'tag', textContent: tag })))),
    cell(String(entry.cores), 'number'), cell(size(entry.memoryBytes), 'number'), cell(entry.diskBytes ? size(entry.diskBytes) : '–', 'number'),
  ],
  tasks: (entry) => [cell(time(entry.startTime * 1000)), cell(entry.node), cell((entry.type + ' ' + entry.id).trim()), cell(entry.user), cell(state(entry.status === 'running' ? 'running: ' + entry.lastLine : entry.status, taskKind(entry.status)), 'wide')],
  requests: (entry) => [cell(time(entry.time)), cell(make('span', { title: entry.path, textContent: entry.method + ' ' + short(entry.path) + (entry.times > 1 ? '  ×' + entry.times : '') }), 'wide'), cell(entry.user || '–'), cell(entry.status + ' ' + entry.reason, entry.status === 200 ? 'wide' : 'wide error'), cell(String(entry.elapsedMs), 'number')],
  faults: (entry) => [
    cell(String(entry.id), 'number'), cell(entry.action + (entry.reason ? ': ' + entry.reason : ''), 'wide'),
    cell((entry.method ?? 'any') + ' ' + (entry.path ?? 'path') + (entry.count ? ', ' + entry.count + ' times' : '')), cell(String(entry.met), 'number'),
    cell(make('button', { type: 'button', textContent: 'Remove', onclick: () => fetch('/faults/' + entry.id, { method: 'DELETE' }).then(refresh) })),
  ],
}
const drawn = new Map()
const draw = (name, entries) => {
  const text = JSON.stringify(entries)
  if (drawn.get(name) === text) return
  drawn.set(name, text)
  const body = byId(name).tBodies[0]
  body.replaceChildren(...entries.map((entry) => make('tr', {}, ...rows[name](entry))))
  if (entries.length === 0) body.append(make('tr', {}, make('td', { colSpan: 9, className: 'soft', textContent: 'none' })))
}
const shownMachines = 200
const drawMachines = (machines) => {
  const wanted = byId('filter').value.trim().toLowerCase()
  const found = machines.filter((entry) => [entry.vmid, entry.name, entry.node, entry.tags, entry.status].join(' ').toLowerCase().includes(wanted))
  byId('machine-count').textContent = found.length === machines.length ? String(machines.length) : found.length + ' of ' + machines.length
  draw('machines', found.slice(0, shownMachines).map(({ uptimeSeconds, ...entry }) => entry))
}
let last
const show = (now) => {
  last = now
  byId('version').textContent = now.version + (now.quorate ? '' : ', no quorum')
  byId('endpoint').textContent = now.endpoint
  byId('request-count').textContent = String(now.requests.total)
  const nodes = JSON.stringify(now.nodes)
  if (drawn.get('nodes') !== nodes) {
    drawn.set('nodes', nodes)
    byId('nodes').replaceChildren(...now.nodes.map((node) =>
      make('div', { className: 'card' }, make('b', {}, state(node.name, node.state)),
        make('span', { className: 'soft', textContent: node.state + ' · ' + node.running + ' of ' + node.machines + ' running' }))))
  }
  draw('storages', now.storages)
  drawMachines(now.machines)
  draw('tasks', now.tasks.slice(0, 25))
  draw('requests', folded(now.requests.recent).slice(0, 40))
  draw('faults', now.faults)
}
const live = (isOn) => {
  byId('live').className = isOn ? 'on' : 'off'
  byId('live').textContent = isOn ? 'live' : 'not answering'
}
const refresh = () => fetch('/state.json').then((answer) => answer.json()).then(show).then(() => live(true), () => live(false))
byId('control').textContent = location.origin
byId('filter').addEventListener('input', () => last && drawMachines(last.machines))
const loop = () => refresh().then(() => setTimeout(loop, 1000))
loop()
`
