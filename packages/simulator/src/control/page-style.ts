// The page's style: the colors of the user's theme, and wide tables that scroll on their own.
export const style = `
:root { color-scheme: light dark; --line: color-mix(in srgb, CanvasText 18%, Canvas); --soft: color-mix(in srgb, CanvasText 60%, Canvas);
  --good: light-dark(#1a7f37, #56d364); --bad: light-dark(#cf222e, #ff7b72); --busy: light-dark(#9a6700, #e3b341); }
* { box-sizing: border-box }
body { font: 14px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 78rem; padding: 0 1.25rem 3rem; color: CanvasText; background: Canvas }
header { display: flex; flex-wrap: wrap; gap: 0 2rem; align-items: baseline; justify-content: space-between; border-bottom: 1px solid var(--line); padding: 1rem 0 .25rem }
h1 { font-size: 1.25rem; margin: 0 } h2 { font-size: 1rem; margin: 1.75rem 0 .5rem } small, #version, .hint, .soft { color: var(--soft); font-weight: normal }
header p { margin: .25rem 0 } code { font: 12.5px ui-monospace, monospace }
#live::before, .dot::before { content: ''; display: inline-block; width: .6em; height: .6em; border-radius: 50%; background: var(--soft); margin-right: .4em }
#live.on::before, .running::before, .online::before, .ok::before { background: var(--good) }
#live.off::before, .failed::before, .offline::before, .refusing::before { background: var(--bad) }
.working::before, .locked::before { background: var(--busy) }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .75rem }
.card { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem } .card b { display: block }
section { overflow-x: auto } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; white-space: nowrap }
td.wide { white-space: normal; overflow-wrap: anywhere; min-width: 16rem } th { color: var(--soft); font-weight: 500 } .number { text-align: right; font-variant-numeric: tabular-nums }
.tag { border: 1px solid var(--line); border-radius: 1em; padding: 0 .55em; margin-right: .25em } .error { color: var(--bad) }
input, button { font: inherit; color: inherit; background: Canvas; border: 1px solid var(--line); border-radius: .35rem; padding: .2rem .5rem } label { color: var(--soft); display: inline-block; margin-bottom: .5rem }
`
