package acceptance

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/hansei-mail/hansei/harness/relay/postfix"
)

// remains is everything that a run could leave on the machine outside of its
// run folder.
type remains struct {
	Processes, Mounts, Sockets, Folders []string
}

// look takes stock of what belongs to hansei: processes with the run folder or
// our spool in their command line or environment, mounts, sockets on the
// addresses of the world, and folders in the places for temporary things. What
// somebody else's run is using meanwhile is left out.
func look(runs string) remains {
	var r remains
	procs, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range procs {
		cmd, _ := os.ReadFile(p + "/cmdline")
		env, _ := os.ReadFile(p + "/environ")
		text := string(cmd) + string(env)
		if strings.Contains(text, runs) || slices.ContainsFunc(
			[]string{"/hansei-postfix-", "/hansei-exim-", "/hansei-opensmtpd-"},
			func(spool string) bool { return strings.Contains(text, spool) },
		) && !othersUse(text) {
			r.Processes = append(r.Processes, p+" "+strings.ReplaceAll(string(cmd), "\x00", " "))
		}
	}
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	for line := range strings.Lines(string(mounts)) {
		if strings.Contains(line, "hansei") {
			r.Mounts = append(r.Mounts, line)
		}
	}
	// Local addresses 127.25.0.0/16 to 127.28.0.0/16, in state LISTEN (0A), as
	// the kernel prints them: in hexadecimal, last octet first.
	tcp, _ := os.ReadFile("/proc/net/tcp")
	for line := range strings.Lines(string(tcp)) {
		f := strings.Fields(line)
		if len(f) > 3 && f[3] == "0A" &&
			slices.Contains([]string{"197F", "1A7F", "1B7F", "1C7F"}, f[1][4:8]) {
			r.Sockets = append(r.Sockets, f[1])
		}
	}
	for _, pattern := range []string{
		"/tmp/hansei-*", "/var/tmp/hansei-*", "/dev/shm/hansei*", "/run/hansei-held/*",
	} {
		found, _ := filepath.Glob(pattern)
		r.Folders = append(r.Folders, slices.DeleteFunc(found, othersUse)...)
	}
	return r
}

// maker is the number of the process that made a folder or a lease, in its name.
var maker = regexp.MustCompile(`/(?:hansei-[a-z]+-|hansei-held/)([0-9]+)-`)

// othersUse says that a path in the text was made by a process that still lives and
// is none of ours.
func othersUse(text string) bool {
	m := maker.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	pid, ours := m[1], strconv.Itoa(os.Getpid())
	for pid != "0" && pid != "1" {
		if pid == ours {
			return false
		}
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil {
			return false // gone: what it left is looked at
		}
		f := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		pid = f[1] // the state, then the parent, proc(5)
	}
	return true
}

// Whatever ends a run, nothing is left of it: an orderly end, Ctrl-C, and
// SIGKILL of hansei, after the next start.
var _ = Describe("what a run leaves behind", Label("postfix"), Serial, Ordered, func() {
	var hansei, runs string
	var before remains // what others left, or are using
	BeforeAll(func() {
		need("postfix", postfix.Driver{}.Ready(context.Background()))
		dir := GinkgoT().TempDir()
		hansei, runs = filepath.Join(dir, "hansei"), filepath.Join(dir, "runs")
		out, err := exec.Command("go", "build", "-o", hansei, "../../cmd/hansei").CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(out))
		before = look(runs)
	})

	start := func(args ...string) *exec.Cmd {
		cmd := exec.Command(hansei, append([]string{"run", "--runs", runs}, args...)...)
		cmd.Stderr, cmd.Stdout = GinkgoWriter, GinkgoWriter
		Expect(cmd.Start()).To(Succeed())
		return cmd
	}
	underWay := func() {
		GinkgoHelper()
		Eventually(func() []string {
			found, _ := filepath.Glob(runs + "/*/*/relay/log/maillog")
			return found
		}, time.Minute, 50*time.Millisecond).ShouldNot(BeEmpty())
		Eventually(func() []string { return look(runs).Processes },
			time.Minute, 50*time.Millisecond).Should(ContainElement(ContainSubstring("qmgr")))
	}
	AfterEach(func() { Expect(os.RemoveAll(runs)).To(Succeed()) })

	It("is nothing after an error at the start", func() {
		bad := filepath.Join(GinkgoT().TempDir(), "main.cf")
		Expect(os.WriteFile(bad, []byte("minimal_backoff_time = banana\n"), 0o644)).To(Succeed())
		cmd := start("ex196121", "--relay", "postfix", "--relay-config", bad)
		Expect(cmd.Wait()).NotTo(Succeed())
		Expect(cmd.ProcessState.ExitCode()).To(Or(Equal(64), Equal(70)))
		Expect(look(runs)).To(Equal(before))
	})

	It("is nothing after Ctrl-C", func() {
		cmd := start("ex196121", "--relay", "postfix")
		underWay()
		Expect(cmd.Process.Signal(os.Interrupt)).To(Succeed())
		Expect(cmd.Wait()).NotTo(Succeed())
		Expect(look(runs)).To(Equal(before))
		found, _ := filepath.Glob(runs + "/ex196121/*/manifest.json")
		Expect(found).To(HaveLen(1), "the evidence up to the interrupt is kept")
	})

	It("is nothing of a queue with a file system of its own either", func() {
		for _, end := range []os.Signal{os.Interrupt, syscall.SIGKILL} {
			cmd := start("ex196121/disk-full", "--relay", "postfix")
			underWay()
			Expect(look(runs).Mounts).To(Equal(before.Mounts), "it is mounted in private")
			Expect(cmd.Process.Signal(end)).To(Succeed())
			Expect(cmd.Wait()).NotTo(Succeed())
			Eventually(func() []string { return look(runs).Processes }, time.Minute,
				50*time.Millisecond).Should(Equal(before.Processes))
			Expect(os.RemoveAll(runs)).To(Succeed())
		}
		next := start("ex196121", "--scale", "0.05", "--relay", "reference")
		_ = next.Wait() // a tiny run may well be inconclusive
		Expect(look(runs)).To(Equal(before))
	})

	It("is nothing after kill -9 of hansei and its next start", func() {
		cmd := start("ex196121", "--relay", "postfix")
		underWay()
		Expect(cmd.Process.Signal(syscall.SIGKILL)).To(Succeed())
		Expect(cmd.Wait()).NotTo(Succeed())
		next := start("ex196121", "--scale", "0.05", "--relay", "reference")
		_ = next.Wait() // a tiny run may well be inconclusive
		Expect(next.ProcessState.ExitCode()).To(Or(Equal(0), Equal(3)))
		Expect(look(runs)).To(Equal(before))
	})
})
