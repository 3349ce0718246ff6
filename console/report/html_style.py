"""How a report looks as a page, on screen and printed."""

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #eef1f4; color: #1f2933;
  font: 14px/1.5 "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; }
main { max-width: 52rem; margin: 1.5rem auto; padding: 3rem 3.4rem; background: #fff;
  border: 1px solid #d5dce2; overflow-wrap: anywhere; }
header { border-bottom: 3px solid #1d4e79; padding-bottom: 1rem; margin-bottom: 1.4rem; }
header p.kind { margin: 0; color: #1d4e79; font-weight: 600; letter-spacing: .04em; }
h1 { margin: .1rem 0 .5rem; font-size: 2rem; line-height: 1.2; }
header p.about { margin: 0; color: #5b6b7a; }
h2 { margin: 2.6rem 0 .8rem; padding-bottom: .3rem; font-size: 1.35rem; line-height: 1.25; color: #1d4e79;
  border-bottom: 1px solid #c9d2da; }
h3 { margin: 1.6rem 0 .5rem; font-size: 1.12em; line-height: 1.3; }
p { margin: .45rem 0; white-space: pre-line; }
.good { color: #2f7d4f; } .open { color: #8a6400; } .bad { color: #b3261e; }
.muted { color: #5b6b7a; } p.muted { font-size: .92em; }
p.good, p.bad { font-weight: 600; }
.tiles { display: flex; gap: .8rem; margin: 1.1rem 0; }
.tiles div { flex: 1; padding: .75rem 1rem; background: #f5f7f9; border-left: 4px solid #1d4e79; }
.tiles div.good { border-color: #2f7d4f; } .tiles div.open { border-color: #d9a300; }
.tiles div.bad { border-color: #b3261e; }
.tiles b { display: block; font-size: 1.6rem; line-height: 1.2; }
.tiles span { color: #5b6b7a; }
table { width: 100%; margin: .5rem 0 .9rem; border-collapse: collapse; table-layout: fixed; font-size: .92em;
  hyphens: auto; font-variant-numeric: tabular-nums; }
th { text-align: left; color: #5b6b7a; font-weight: 600; border-bottom: 1.5px solid #8fa3b5; }
th, td { padding: .32rem .6rem .32rem 0; vertical-align: top; }
td { border-bottom: 1px solid #e6ebef; color: #1f2933; }
tr.good td:first-child { color: #2f7d4f; } tr.open td:first-child { color: #8a6400; }
tr.bad td:first-child { color: #b3261e; }
tr.good td:first-child, tr.open td:first-child, tr.bad td:first-child { font-weight: 600; }
.right { text-align: right; } th.right, td.right { padding-right: 0; padding-left: .6rem; }
dl { display: grid; grid-template-columns: 10.4em 1fr; column-gap: 1em; margin: 0; padding: .55rem 0 .6rem;
  border-top: 1px solid #dbe2e8; color: #1f2933; }
dt { grid-column: 1; font-size: .88em; line-height: 1.7; color: #5b6b7a; }
dd { grid-column: 2; margin: 0; white-space: pre-line; }
dt.good { color: #2f7d4f; } dt.open { color: #8a6400; } dt.bad { color: #b3261e; }
dt.good, dt.open, dt.bad { font-weight: 600; }
dd.about { font-size: .85em; color: #5b6b7a; }
svg { display: block; width: 100%; height: auto; margin: .4rem 0; }
figure { margin: 1.1rem 0; } figcaption { font-weight: 600; margin-bottom: .35rem; }
img { display: block; max-width: 100%; height: auto; border: 1px solid #c9d2da; }
pre { margin: 0; padding: .6rem .8rem; background: #f5f7f9; font: .86em/1.45 Consolas, Menlo, monospace;
  white-space: pre-wrap; }
.signatures { display: flex; gap: 3rem; margin-top: 1.6rem; }
.signatures section { flex: 1; } .signatures p { margin: 0; }
.signatures p.line { margin-top: 3.2rem; padding-top: .2rem; border-top: 1px solid #1f2933; color: #5b6b7a; }
@media (max-width: 40rem) {
  main { margin: 0; padding: 1.2rem; } .tiles { flex-wrap: wrap; } .tiles div { flex: 1 0 40%; }
  dl { grid-template-columns: 7em 1fr; }
}
@media print {
  @page { size: A4; margin: 21mm 20mm 19mm; }
  html { font-size: 11.5px; }
  body { background: #fff; font-size: 9pt; line-height: 1.4; }
  main { max-width: none; margin: 0; padding: 0; border: 0; }
  h3 { margin-top: 1.3rem; }
  th, td { padding: .2rem .6rem .22rem 0; } dl { padding: .3rem 0 .35rem; }
  h2.fresh { margin-top: 0; break-before: page; } h2, h3 { break-after: avoid; }
  dl, tr, svg, figure, .tiles, .signatures { break-inside: avoid; } p { orphans: 3; widows: 3; }
  thead { display: table-header-group; }
  img { max-height: 190mm; width: auto; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
