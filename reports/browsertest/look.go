package browsertest

import "github.com/chromedp/chromedp"

// Seen is what a page looks like, measured.
type Seen struct {
	Title string
	// Overflow is how much wider than the window the page is, in pixels.
	Overflow int
	// Clipped counts texts that leave their chart, Contrast those that contrast
	// less than 4.5:1 (WCAG 2.2, 1.4.3) with what is behind; Worst is one.
	Charts, Clipped, Contrast int
	Worst                     string
	// Closed and Open count witnesses.
	Closed, Open int
	Background   string
}

// lookAround measures the page.
const lookAround = `(() => {
  const light = c => { const v = c.map(x => { x /= 255;
    return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4 });
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2] };
  // rgb() and rgba() count to 255, color(srgb ...), which color-mix makes, to 1.
  const rgb = s => { const v = (s.match(/[\d.]+/g) || []).map(Number);
    return s.startsWith("color(") ? v.map((x, i) => i < 3 ? x * 255 : x) : v };
  const behind = e => { for (; e; e = e.parentElement) {
    const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length && !(c.length === 4 && c[3] === 0)) return c.slice(0, 3) } return [255, 255, 255] };
  let bad = 0, worst = "", clipped = 0;
  for (const e of document.querySelectorAll("h1,h2,h3,p,td,th,a,summary,dt,dd,span,code,text")) {
    if (!e.textContent.trim() || !e.getClientRects().length || e.className === "skip") continue;
    const style = getComputedStyle(e);
    const ink = rgb(e.tagName === "text" ? style.fill : style.color);
    const a = light(ink), b = light(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) { bad++; worst = e.tagName + ": " + e.textContent.slice(0, 40) + " " + ratio }
  }
  for (const svg of document.querySelectorAll("svg.chart[id]")) {
    const box = svg.getBoundingClientRect();
    for (const t of svg.querySelectorAll("text")) {
      const r = t.getBoundingClientRect();
      if (r.width && (r.left < box.left - 2 || r.right > box.right + 2)) {
        clipped++; worst = svg.id + ": " + t.textContent } } }
  return { Title: document.title,
    Overflow: Math.max(0, document.documentElement.scrollWidth - window.innerWidth),
    Clipped: clipped, Charts: document.querySelectorAll("svg.chart[id]").length,
    Closed: document.querySelectorAll("details.witness:not([open])").length,
    Open: document.querySelectorAll("details.witness[open]").length,
    Contrast: bad, Worst: worst, Background: getComputedStyle(document.body).backgroundColor };
})()`

// Look measures the page.
func (p *Tab) Look() Seen {
	p.t.Helper()
	return Value(p, chromedp.Evaluate[Seen](lookAround))
}
