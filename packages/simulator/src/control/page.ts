// The page at `/` of the control port: one document without external resources, redrawn every second.
import { createHash } from 'node:crypto'
import { script } from './page-script.ts'
import { style } from './page-style.ts'

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Allows only this page's own script and style, and only requests to this port. */
export const policy = [
  "default-src 'none'",
  `script-src ${hashOf(script)}`,
  `style-src ${hashOf(style)}`,
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

export const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Simulated Proxmox VE</title>
<style>${style}</style>
</head>
<body>
<header>
  <h1>Simulated Proxmox VE <span id="version"></span></h1>
  <p><code id="endpoint"></code> <span id="live" role="status">connecting…</span></p>
</header>
<main>
  <section aria-labelledby="nodes-title"><h2 id="nodes-title">Nodes</h2><div id="nodes" class="cards"></div></section>
  <section aria-labelledby="storages-title"><h2 id="storages-title">Storages</h2>
    <table id="storages"><thead><tr><th>Storage<th>Type<th>Content<th>Shared<th class="number">Free</thead><tbody></tbody></table></section>
  <section aria-labelledby="machines-title"><h2 id="machines-title">Machines <small id="machine-count"></small></h2>
    <label>Filter <input id="filter" type="search" placeholder="name, ID, node or tag" autocomplete="off"></label>
    <table id="machines"><thead><tr><th class="number">ID<th>Name<th>Node<th>Status<th>Tags<th class="number">Cores<th class="number">Memory<th class="number">Disk</thead><tbody></tbody></table></section>
  <section aria-labelledby="tasks-title"><h2 id="tasks-title">Tasks</h2>
    <table id="tasks"><thead><tr><th>Start<th>Node<th>Task<th>User<th>Status</thead><tbody></tbody></table></section>
  <section aria-labelledby="faults-title"><h2 id="faults-title">Faults</h2>
    <table id="faults"><thead><tr><th class="number">No.<th>Fault<th>Requests<th class="number">Triggered<th></thead><tbody></tbody></table>
    <p class="hint">Add one: <code>curl -H 'Content-Type: application/json' -d '{"action":"fail","method":"POST","path":"/nodes/*/qemu","count":1}' <span id="control"></span>/faults</code></p></section>
  <section aria-labelledby="requests-title"><h2 id="requests-title">Requests <small id="request-count"></small></h2>
    <table id="requests"><thead><tr><th>Time<th>Request<th>User<th>Answer<th class="number">ms</thead><tbody></tbody></table></section>
</main>
<script>${script}</script>
</body>
</html>
`
