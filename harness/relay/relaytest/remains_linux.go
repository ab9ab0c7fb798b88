package relaytest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// remains is all that a relay of this test program could leave on the machine:
// processes below this one, mounts, folders of instances, entries of the
// register. It compares with ==.
func remains(t *testing.T) string {
	t.Helper()
	me := strconv.Itoa(os.Getpid())
	var found []string
	for _, pattern := range []string{
		"/var/tmp/hansei-*-" + me + "-*", "/tmp/hansei-*-" + me + "-*", "/dev/shm/hansei*" + me + "*",
		"/run/hansei-held/" + me + "-*",
	} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, names...)
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if strings.Contains(line, "hansei-") && strings.Contains(line, "-"+me+"-") {
			found = append(found, "mount "+line)
		}
	}
	children, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range children {
		if data, err := os.ReadFile(path); err == nil && len(data) > 0 {
			found = append(found, fmt.Sprintf("children %s", data))
		}
	}
	slices.Sort(found)
	return strings.Join(found, "\n")
}
