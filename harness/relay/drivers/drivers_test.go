package drivers_test

import (
	"testing"

	"github.com/hansei-mail/hansei/harness/relay/drivers"
)

func TestEveryDriverAnswersToItsName(t *testing.T) {
	all := drivers.All()
	if len(all) == 0 {
		t.Fatal("no relay at all")
	}
	for name, driver := range all {
		if got := driver.Name(); got != name {
			t.Errorf("the driver listed as %q calls itself %q", name, got)
		}
	}
}
