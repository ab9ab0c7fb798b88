// Package browsertest owns the browser of tests: a Chromium without a window in
// which pages are opened as their readers open them, and looked at.
//
// It must not know what the pages tell; and where there is no Chromium it skips
// the test by name, unless HANSEI_REQUIRE names chromium.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience bounds one action: a browser on a busy machine is slow, not dead.
const patience = 90 * time.Second

// Tab is an open page.
type Tab struct {
	t   testing.TB
	ctx context.Context
	mu  sync.Mutex
	// said is what the console says.
	said []string
}

// Open starts a browser with one tab; both end with the test.
func Open(t testing.TB) *Tab {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if slices.Contains(strings.Split(os.Getenv("HANSEI_REQUIRE"), ","), "chromium") {
			t.Fatal("chromium is required but not installed (apt-get install chromium)")
		}
		t.Skip("chromium is not installed (apt-get install chromium)")
	}
	if testing.Short() {
		t.Skip("a browser takes a while")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-sync", true))
	ctx, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stopAllocator)
	tab := &Tab{t: t}
	ctx, stop := chromedp.NewContext(ctx, chromedp.WithListener(tab.hear))
	t.Cleanup(stop)
	tab.ctx = ctx
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting chromium: %v", err)
	}
	return tab
}

// hear keeps what a page complains of.
func (p *Tab) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		p.said = append(p.said, fmt.Sprintf("console.%s", e.Type))
	case *runtime.EventExceptionThrown:
		p.said = append(p.said, e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		p.said = append(p.said, e.Entry.Text+" "+e.Entry.URL)
	}
}

// Complaints are all that the console said so far.
func (p *Tab) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.said)
}

// Do performs steps, each within patience.
func (p *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	for i, step := range steps {
		ctx, stop := context.WithTimeout(p.ctx, patience)
		err := chromedp.Do(ctx, step)
		stop()
		if err != nil {
			p.t.Fatalf("step %d in the browser: %v", i+1, err)
		}
	}
}

// Value performs a step that reads something.
func Value[T any](p *Tab, step chromedp.Action[T]) T {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	v, err := chromedp.Run(ctx, step)
	if err != nil {
		p.t.Fatalf("reading in the browser: %v", err)
	}
	return v
}

// Window sets the window's size and the colour scheme, light or dark.
func (p *Tab) Window(width, height int64, scheme string) {
	p.t.Helper()
	p.Do(
		chromedp.EmulateViewport(width, height),
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
			})
			return err
		}),
	)
}

// Screenshot keeps the whole page as a picture where HANSEI_SCREENSHOTS names a
// folder.
func (p *Tab) Screenshot(name string) {
	p.t.Helper()
	folder := os.Getenv("HANSEI_SCREENSHOTS")
	if folder == "" {
		return
	}
	picture := Value(p, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644); err != nil {
		p.t.Fatal(err)
	}
}
