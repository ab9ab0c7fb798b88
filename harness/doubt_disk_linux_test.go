package harness

import (
	"os"
	"syscall"
	"testing"

	"github.com/hansei-mail/hansei/harness/check"
)

// TestARealDiskThatIsFull plays runs in a file system that is too small for
// them: nothing that the relay then does is told as its own.
func TestARealDiskThatIsFull(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can mount a small file system")
	}
	for _, size := range []string{"512k", "6m"} {
		t.Run(size, func(t *testing.T) {
			small := t.TempDir()
			if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "mode=0700,size="+size); err != nil {
				t.Skipf("mounting a small file system: %v", err)
			}
			t.Cleanup(func() {
				if err := syscall.Unmount(small, syscall.MNT_DETACH); err != nil {
					t.Errorf("unmounting: %v", err)
				}
			})
			r := &replayed{t: t, scenario: situation(t, "reset"), driver: honest(), scale: 1}
			r.within = small
			j := r.inMemory()
			t.Logf("%s: %v", j.Outcome, r.err)
			if j.Outcome != check.Inconclusive {
				t.Errorf("%s on a disk of %s: %v", j.Outcome, size, r.err)
				tell(t, j)
			}
		})
	}
}
