package process

import (
	"context"
	"testing"
	"time"
)

func TestDemandTellsABusyTreeFromAnIdleOne(t *testing.T) {
	needTrees(t)
	for _, c := range []struct {
		name, script string
		busy         bool
	}{
		{"idle", "sleep 60", false},
		{"busy", "while :; do :; done", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			tree, err := New(ctx, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer tree.Kill(context.WithoutCancel(ctx))
			go func() { _, _ = tree.Run(ctx, Shell("/", c.script, nil)) }()
			var d Demand
			look := func() float64 {
				share, err := d.Look(tree)
				if err != nil {
					t.Fatal(err)
				}
				return share
			}
			if first := look(); first != 0 {
				t.Errorf("the first look sees %g", first)
			}
			// Its own start takes a moment, and on a full machine more than one.
			var seen []float64
			for range 50 {
				<-time.After(100 * time.Millisecond)
				share := look()
				seen = append(seen, share)
				if c.busy == (share >= 0.5) {
					break
				}
			}
			if last := seen[len(seen)-1]; c.busy != (last >= 0.5) {
				t.Errorf("it never looked %s: %.2f of a processor", c.name, seen)
			}
			if err := tree.Kill(ctx); err != nil {
				t.Fatal(err)
			}
			if after := look(); after != 0 {
				t.Errorf("a tree that is gone wants %g", after)
			}
		})
	}
}
