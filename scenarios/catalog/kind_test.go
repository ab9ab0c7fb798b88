package catalog

import (
	"io/fs"
	"path"
	"testing"
)

// One name is one scenario, whatever folder it is in, and each has a kind.
func TestNamesAreUniqueOverFoldersAndHaveAKind(t *testing.T) {
	seen := map[string]string{}
	err := fs.WalkDir(files, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		base := path.Base(file)
		if before, again := seen[base]; again {
			t.Errorf("%s and %s have one name", before, file)
		}
		seen[base] = file
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Names() {
		if KindOf(name) == "" {
			t.Errorf("%s lies in a folder of no kind", name)
		}
		if file, text, ok := File(name); !ok || len(text) == 0 || path.Base(file) != name+".yaml" {
			t.Errorf("the file of %s is %q", name, file)
		}
	}
	if got := KindOf("ex196121"); got != Incident {
		t.Errorf("ex196121 is %q", got)
	}
	if got := KindOf("nowhere"); got != "" {
		t.Errorf("what is not there is %q", got)
	}
}
