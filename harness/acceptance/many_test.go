package acceptance

import (
	"context"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/hansei-mail/hansei/harness/relay/drivers"
)

// host is what of the machine itself a run could leave changed, beside remains:
// how many of each there are. What is named is ours; what is counted may be
// somebody else's, so it must only come back to what it was.
type host struct {
	remains
	// Memory are shared memory segments and files, Links network interfaces, and
	// Namespaces named ones of ip-netns(8).
	Memory, Links, Namespaces []string
}

func lookAround(runs string) host {
	h := host{remains: look(runs)}
	segments, _ := os.ReadFile("/proc/sysvipc/shm")
	h.Memory = strings.Split(strings.TrimSpace(string(segments)), "\n")
	for pattern, to := range map[string]*[]string{
		"/dev/shm/*": &h.Memory, "/sys/class/net/*": &h.Links, "/run/netns/*": &h.Namespaces,
	} {
		found, _ := filepath.Glob(pattern)
		*to = append(*to, found...)
	}
	return h
}

// ready are the relays that this machine has, with a scenario for each kind of
// thing that could be left: a queue, and a file system for it. Those in containers
// have a test of their own, in package container.
func ready(ctx context.Context) (relays []string) {
	all := drivers.All()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if name != "external" && !strings.HasPrefix(name, "container") && all[name].Ready(ctx) == nil {
			relays = append(relays, name)
		}
	}
	return relays
}

// oneOf draws from a list.
func oneOf[T any](draw *rand.Rand, list ...T) T { return list[draw.IntN(len(list))] }

// moment is when a run is killed: half of them within the first second, in which
// all is set up, the others within a dozen.
func moment(draw *rand.Rand) time.Duration {
	longest := oneOf(draw, time.Second, 12*time.Second)
	return time.Duration(draw.Int64N(int64(longest)))
}

// Half of many runs end by themselves, the other half by a signal at a moment
// drawn from the seed; after the next start nothing is left of any.
var _ = Describe("many runs in a row", Label("leftovers"), Serial, func() {
	It("leave nothing behind, half of them killed at some moment", func(ctx SpecContext) {
		dir := GinkgoT().TempDir()
		hansei, runs := filepath.Join(dir, "hansei"), filepath.Join(dir, "runs")
		out, err := exec.Command("go", "build", "-o", hansei, "../../cmd/hansei").CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(out))
		relays, before := ready(ctx), lookAround(runs)
		Expect(relays).To(ContainElement("reference"))

		count, seed := 6, uint64(1)
		if os.Getenv("HANSEI_SOAK") != "" {
			count = 50
		}
		draw := rand.New(rand.NewPCG(seed, 50))
		killed := 0
		for n := range count {
			args := []string{
				"run", oneOf(draw, "ex196121", "ex196121/disk-full", "ex196121/kill"), "--runs", runs,
				"--scale", "0.02", "--relay", relays[n/2%len(relays)],
			}
			if syscall.Geteuid() == 0 && draw.IntN(3) == 0 {
				args = append(args, "--apart")
			}
			end, at := oneOf(draw, syscall.SIGKILL, syscall.SIGINT, syscall.SIGTERM), moment(draw)
			if n%2 == 0 {
				args[1], end = "testdata/minute.yaml", 0 // short, to be lived through
			}
			GinkgoWriter.Printf("%d: hansei %s; signal %d after %s\n", n+1, strings.Join(args, " "), end, at)
			if endsBy(hansei, args, end, at) {
				killed++
			}
			Expect(os.RemoveAll(runs)).To(Succeed())
			// Whatever a run was killed in, its relay's processes end by themselves.
			Eventually(func() []string { return look(runs).Processes }, time.Minute,
				50*time.Millisecond).Should(Equal(before.Processes), "processes after run %d", n+1)
		}
		Expect(killed).To(BeNumerically(">=", count/3), "too few were ended by their signal")
		last := exec.Command(hansei, "run", "testdata/minute.yaml", "--runs", runs)
		_ = last.Run() // a busy machine may leave it in doubt
		Expect(last.ProcessState.ExitCode()).To(Or(Equal(0), Equal(3)))
		Expect(os.RemoveAll(runs)).To(Succeed())
		Expect(lookAround(runs)).To(Equal(before))
	})
})

// endsBy makes a run and ends it by a signal at some moment, if one is given; it
// returns whether the run was still going on.
func endsBy(hansei string, args []string, end syscall.Signal, at time.Duration) (killed bool) {
	GinkgoHelper()
	cmd := exec.Command(hansei, args...)
	cmd.Stderr, cmd.Stdout = GinkgoWriter, GinkgoWriter
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	Expect(cmd.Start()).To(Succeed())
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	if end == 0 {
		Eventually(done, 5*time.Minute).Should(Receive())
		Expect(cmd.ProcessState.ExitCode()).To(Or(Equal(0), Equal(1), Equal(3)))
		return false
	}
	select {
	case <-done:
		return false
	case <-time.After(at):
	}
	Expect(syscall.Kill(-cmd.Process.Pid, end)).To(Succeed()) // its whole process group
	Eventually(done, 2*time.Minute).Should(Receive())
	return true
}
