package chart

// CSS styles the classes that charts use. Its colours are those of Okabe and Ito,
// which people with any colour vision tell apart, darkened or lightened until
// each has a contrast of 3:1 at least against the page (WCAG 2.2, 1.4.11). Lines
// differ by their dashes too.
const CSS = `
.chart,.sheet{--ink:#1d2329;--faint:#5d6873;--line:#d5dae0;--shade:#8892a026;--halo:#fff;
--c0:#0060a8;--c1:#b84a00;--c2:#00795a;--c3:#a3427a;--c4:#7a5f00;--c5:#3f5068;
font-family:system-ui,-apple-system,"Segoe UI","Noto Sans","Noto Sans CJK JP",sans-serif}
@media(prefers-color-scheme:dark){.chart,.sheet{--ink:#e8ebee;--faint:#a3adb8;--line:#39424c;
--shade:#9aa6b52b;--halo:#14181c;--c0:#5eb3f0;--c1:#f08a3c;--c2:#2fc295;--c3:#e08bbb;--c4:#e0c04a;--c5:#a9b8cc}}
.chart text,.sheet text{font-size:12px;fill:var(--ink)}
.chart .x,.sheet .x{text-anchor:middle}.chart .y,.sheet .y{text-anchor:end}
.chart .x,.chart .y,.chart .unit,.sheet .x,.sheet .y,.sheet .unit{fill:var(--faint)}
.chart .unit,.sheet .unit{font-size:11px}
.chart .label,.sheet .label{paint-order:stroke;stroke:var(--halo);stroke-width:3px;stroke-linejoin:round}
.grid{stroke:var(--line);fill:none}.tick,.axis{stroke:var(--faint);fill:none}
.shade{fill:var(--shade)}.mark{fill:var(--ink)}
.s0,.s1,.s2,.s3,.s4,.s5{fill:none;stroke-width:2;stroke-linejoin:round}
.s0{stroke:var(--c0)}.s1{stroke:var(--c1);stroke-dasharray:7 3}
.s2{stroke:var(--c2);stroke-dasharray:2 2.5}.s3{stroke:var(--c3);stroke-dasharray:9 3 2 3}
.s4{stroke:var(--c4);stroke-dasharray:4 4}.s5{stroke:var(--c5);stroke-dasharray:12 5}
.edge{stroke-width:1.5;stroke-dasharray:none}.dim{stroke-width:1.2;opacity:.75}
.a0{fill:var(--c0)}.a1{fill:var(--c1)}.a2{fill:var(--c2)}.a3{fill:var(--c3)}.a4{fill:var(--c4)}
.a5{fill:var(--c5)}.a0,.a1,.a2,.a3,.a4,.a5{fill-opacity:.22}
.h0,.h1,.h2,.h3,.h4,.h5{fill:none;stroke-width:1.4;opacity:.7}
.h0{stroke:var(--c0)}.h1{stroke:var(--c1)}.h2{stroke:var(--c2)}.h3{stroke:var(--c3)}
.h4{stroke:var(--c4)}.h5{stroke:var(--c5)}
.b0,.b1,.b2,.b3,.b4,.b5{fill:none;stroke:var(--faint);stroke-width:1;opacity:.55}
.lane{fill:var(--shade)}.laneline{stroke:var(--faint);stroke-width:1}
`

// sheetCSS is what a file of its own needs besides.
const sheetCSS = `
.paper{fill:#fff}@media(prefers-color-scheme:dark){.paper{fill:#14181c}}
.sheet .head{font-size:17px;font-weight:650}.sheet .said{font-size:13px;fill:var(--faint)}
.sheet .subhead{font-size:13.5px;font-weight:650}
`
