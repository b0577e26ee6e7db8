"""How the report looks: light and dark on the screen, always light on paper."""

__all__ = ["STYLE"]

_LIGHT = (
    "--pale:.5;--ink:#1f2933;--muted:#5f6b76;--grid:#e3e7eb;--paper:#ffffff;--card:#f7f8fa;--red:#c62828;--amber:#96590a;"
    "--chance:#c3cad2;--parameters:#7d97b3;--structure:#b5651d;--forms:#6d5a9c;color-scheme:light"
)
_DARK = (
    "--pale:.72;--ink:#e8ebee;--muted:#9aa5b1;--grid:#333c46;--paper:#0e1117;--card:#171c24;--red:#ff6b6b;--amber:#ffb74d;"
    "--chance:#56616e;--parameters:#5b7fa6;--structure:#c77a35;--forms:#8f7cc0;color-scheme:dark"
)

STYLE = (
    f":root{{{_LIGHT}}}"
    f"@media screen and (prefers-color-scheme:dark){{:root:not([data-scheme=light]){{{_DARK}}}}}"
    f"@media screen{{:root[data-scheme=dark]{{{_DARK}}}}}"
    """
*{box-sizing:border-box}
html{background:var(--paper);color:var(--ink);font:16px/1.5 "Source Sans 3","Source Sans Pro",system-ui,sans-serif}
body{max-width:1040px;margin:0 auto;padding:2rem 2rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:.1rem 0 .4rem}
h2{font-size:1.3rem;margin:2.6rem 0 .6rem;padding-bottom:.25rem;border-bottom:1px solid var(--grid)}
h3,h4,h5{margin:1.3rem 0 .35rem;font-size:1rem}
h5{font-size:.92rem;margin-top:.8rem}
h3{margin-top:0}
p{margin:.35rem 0}
ul{margin:.35rem 0;padding-left:1.2rem}
li{margin:.18rem 0}
.brand{letter-spacing:.06em;text-transform:uppercase;font-size:.78rem;color:var(--muted)}
.note,.plain{color:var(--muted);font-size:.88rem;font-weight:400}
.muted{color:var(--muted)}
.red{color:var(--red)}
.amber{color:var(--amber)}
.lead{font-size:1.2rem;line-height:1.45;margin:.4rem 0 .8rem}
.stops{border-left:3px solid var(--amber);padding-left:.7rem}
.ends .end{margin-right:1.6rem}
.ends b{font-weight:600;color:var(--muted);font-size:.85rem;margin-right:.2rem}
.who{white-space:normal;font-weight:600}
.whos .who{margin-right:1.2rem;white-space:nowrap}.even{table-layout:fixed}
.chip{display:inline-block;min-width:1.45em;padding:0 .35em;border-radius:.3em;text-align:center;color:#fff;
background:var(--own);font-weight:600;line-height:1.45;font-size:.92em;text-shadow:0 0 2px rgb(0 0 0/.45);
-webkit-print-color-adjust:exact;print-color-adjust:exact}
.tie{color:var(--muted)}
nav{font-size:.88rem;margin:1rem 0 0;line-height:1.9}
nav a{color:inherit;margin-right:1rem;white-space:nowrap}
a{color:inherit}
.legend{font-size:.85rem;color:var(--muted)}
.legend span{margin-right:1.1rem;white-space:nowrap}
.key{-webkit-print-color-adjust:exact;print-color-adjust:exact}
.key{display:inline-block;width:26px;height:0;border-top:3px solid var(--muted);vertical-align:middle;
margin-right:.2rem}
.key.strong{border-top-width:6px}.key.dashed{border-top-style:dashed}.key.grey{opacity:.45;border-top-width:2px}
.key.shared{opacity:var(--pale)}.key.denied{border-top:3px dotted var(--red)}
.key[class*=share-]{height:.8em;border:0;width:1.1em;border-radius:2px}
.cards{display:grid;grid-template-columns:minmax(0,1fr);gap:1rem}
.cards.two{grid-template-columns:repeat(2,minmax(0,1fr))}
.card{border:1px solid var(--grid);border-radius:.6rem;padding:.8rem;overflow-x:auto}
.card p{font-size:.9rem;color:var(--muted)}
figure{margin:.8rem 0 1rem}
figcaption{font-size:.88rem;color:var(--muted)}
figcaption b{color:var(--ink);font-size:1rem}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{font-family:inherit;fill:var(--ink);font-size:13px}
.strip{display:inline-block;width:150px;min-width:110px;vertical-align:middle}
.strip .made{fill:var(--muted);opacity:.45}.strip .seen{stroke:var(--ink);stroke-width:2.5}
svg .tick,svg .axis{fill:var(--muted);font-size:12.5px}
svg .label{font-size:14px;paint-order:stroke;stroke:var(--paper);stroke-width:5px;stroke-linejoin:round}
svg .strong{font-weight:600}
svg .muted{fill:var(--muted)}svg .amber{fill:var(--amber)}
.grid{stroke:var(--grid);stroke-width:1}
.zero{stroke:var(--muted);stroke-width:1;stroke-dasharray:2 3}
.bar90{stroke:var(--own,var(--muted));stroke-width:2.5}.bar50{stroke:var(--own,var(--muted));stroke-width:7}
.dot{fill:var(--own,var(--muted));stroke:var(--paper);stroke-width:1.5}
.frontier{fill:none;stroke:var(--muted);stroke-width:1.5}
.share-chance{fill:var(--chance);background:var(--chance)}
.share-parameters{fill:var(--parameters);background:var(--parameters)}
.share-structure{fill:var(--structure);background:var(--structure)}
.share-forms{fill:var(--forms);background:var(--forms)}
svg .on{font-size:12.5px}svg .on-structure,svg .on-parameters,svg .on-forms{fill:#fff}
.graph .node{fill:var(--paper);stroke:var(--muted);stroke-width:1.4}
.graph .node.exposure,.graph .node.outcome{stroke:var(--own);stroke-width:2.6}
.graph .node.latent{stroke-dasharray:5 4}
.graph .name{font-size:14px}.graph .name.latent{font-style:italic;fill:var(--muted)}
.graph .under{font-size:12px;fill:var(--muted)}
.graph .background{fill:var(--grid);opacity:.6}
.graph .arrow{fill:none;stroke:var(--own)}.graph .arrow.dashed{stroke-dasharray:8 5}
.graph .arrow.grey{stroke:var(--muted);opacity:.6}.graph .head{fill:var(--own)}.graph .head.grey{fill:var(--muted)}
.graph .arrow.shared,.graph .head.shared{opacity:var(--pale)}
.graph .arc{fill:none;stroke:var(--own);stroke-width:1.5}
.graph .denied{fill:none;stroke:var(--red);stroke-width:2;stroke-dasharray:2 5;stroke-linecap:round}
.graph .on-arrow,.graph .denied-label{font-size:12.5px}.graph .under-label{fill:var(--paper)}
.graph .on-arrow.shared{fill:var(--muted)}.graph .denied-label{fill:var(--red)}
.wide{overflow-x:auto;margin:.6rem 0 1rem}
table{border-collapse:collapse;width:100%;font-size:.86rem;line-height:1.4}
caption{text-align:left;color:var(--muted);padding-bottom:.3rem}
th,td{padding:.3rem .6rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--grid);
font-weight:400}
th{color:var(--muted);vertical-align:bottom}
.num{text-align:right}td.num{font-variant-numeric:tabular-nums;white-space:nowrap}
td.num small{white-space:normal}.pair,.pair .who{white-space:nowrap}
td .who{font-weight:400}
small{display:block;color:var(--muted);font-size:.92em}
.formula{font-family:ui-monospace,monospace;font-size:.88rem;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.2rem;font-size:.9rem}
dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
blockquote{margin:.6rem 0;padding:.8rem 1rem;background:var(--card);border-radius:.6rem;user-select:all}
.works{font-size:.86rem}
.on-narrow{display:none}
@media screen{.graph{min-width:var(--least)}}
@media screen and (max-width:980px){.cards.two{grid-template-columns:minmax(0,1fr)}}
@media screen and (max-width:760px){.on-wide{display:none}.on-narrow{display:block}}
@media (max-width:760px){
body{padding:1.2rem 1rem 3rem}dl{grid-template-columns:1fr}
}
@media print{
@page{size:A4;margin:16mm 14mm}
html{font-size:10.5pt;background:#fff}
body{max-width:none;padding:0}
.cards,.cards.two{display:block}.card{margin-bottom:.8rem;overflow:visible}
nav{display:none}
h2{break-after:avoid;margin-top:1.6rem}h3,h4,h5,figcaption,caption{break-after:avoid}
figure,.card,tr,li{break-inside:avoid}
svg{break-inside:avoid}.legend,thead{break-after:avoid}tbody tr:first-child{break-before:avoid}
.wide{overflow:visible}
table{font-size:8.6pt}th,td{padding-right:.4rem;overflow-wrap:break-word}td.num{white-space:normal}
thead{display:table-header-group}
a{text-decoration:none}
}
"""
)
